"""A venue over TLS ends at once and wholly, whatever its clients leave open."""

import gc

import requests

from tests.venues.grvt.simulated import ETH, grvt


def test_a_venue_ends_with_connections_open(tmp_path):
    """A transport that stays open warns when it is collected, and warnings are errors here."""
    with requests.Session() as session:
        with grvt(tmp_path / "run", tls=True) as venue:
            url = f"{venue.embedded.url}/full/v1/ticker"
            assert (
                session.post(url, json={"instrument": ETH}, verify=venue.embedded.ca_file).status_code == 200
            )
        gc.collect()
