"""Venues are found by name, and nothing but their own folders names them."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.record.trading import Origin
from probes.venue import GROUP, SHIPPED, VenueError, load, names
from probes.venues.grvt.errors import ERRORS, REJECT_REASONS

SOURCE = Path(__file__).parents[2]

MINE = """\
from probes.venue import Venue

class Mine(Venue):
    name = "mine"
    title = "Mine"
    about = "Made up."
    hosts = ("mine.example",)
    client_order_ids = range(1, 10)

    @property
    def variables(self):
        return ()

    def simulator(self, scenario, seed, journal, *, step_ms=None, clock=None):
        raise AssertionError

    def at_simulator(self, url, ca_file, credentials):
        raise AssertionError
"""


@pytest.fixture
def package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """An installed distribution that brings the venue `mine` along."""
    (tmp_path / "a_mine.py").write_text(getattr(request, "param", MINE))
    info = tmp_path / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nmine = a_mine:Mine\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("a_mine", None)


def test_what_is_shipped_is_an_entry_point_too() -> None:
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]
    assert project["entry-points"][GROUP] == SHIPPED


def test_a_shipped_venue_is_found_without_metadata_and_without_the_extra() -> None:
    code = (
        "import sys; from probes.venue import load; venue = load('grvt'); venue.hosts, venue.environments\n"
        "costly = {'importlib.metadata', 'aiohttp', 'coincurve', 'Crypto', 'orjson', 'trustme'}\n"
        "print(sorted(costly & {*sys.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=SOURCE, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.usefixtures("package")
def test_an_installed_package_brings_its_own() -> None:
    assert names() == ("grvt", "mine")
    mine = load("mine")
    assert (mine.title, mine.hosts, mine.environments) == ("Mine", ("mine.example",), ())
    with pytest.raises(VenueError, match=r'^unknown venue "mime" \(did you mean "mine"\?\)$'):
        load("mime")
    with pytest.raises(VenueError, match=r'^unknown venue "zzzzz"; known are grvt, mine$'):
        load("zzzzz")


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ("1 / 0", "importing a_mine failed: ZeroDivisionError: division by zero"),
        ("Mine = 1", "a_mine has no subclass of probes.venue.Venue named Mine"),
        ("class Mine: pass", "a_mine has no subclass of probes.venue.Venue named Mine"),
        (MINE.replace("def at_simulator", "def at_other"), "Mine does not implement at_simulator"),
        (
            MINE.replace('    title = "Mine"\n', "").replace("hosts", "ghosts"),
            "Mine: it lacks title; it lacks hosts",
        ),
        (
            MINE.replace('"mine"', '"yours"'),
            'Mine: its name must be that of its entry point, in lower case, not "yours"',
        ),
        (
            MINE + "\n    def __init__(self): raise OSError('no')\n",
            "Mine cannot be made without arguments: no",
        ),
    ],
    indirect=["package"],
)
@pytest.mark.usefixtures("package")
def test_what_is_wrong_with_one_is_one_line(message: str) -> None:
    with pytest.raises(VenueError) as error:
        load("mine")
    assert error.value.errors == (f'entry point "mine = a_mine:Mine" of diag.venues: {message}',)


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_but_its_own_folder_names_a_venue(name: str) -> None:
    own = SOURCE / "probes" / "venues" / name
    rooms = ("diag/cli", "diag/child", "diag/observe", "diag/record", "diag/report", "probes")
    files = [file for room in rooms for file in (SOURCE / room).rglob("*.py")]
    files += (SOURCE / "diag").glob("*.py")
    named = [
        f"{file.relative_to(SOURCE)}: {line.strip()}"
        for file in files
        if own not in file.parents
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(name, line, re.IGNORECASE) and f'"{SHIPPED[name]}"' not in line
    ]
    assert len(files) > 100
    assert named == []


def test_every_code_of_grvt_says_whose_making_it_is() -> None:
    refusals = load("grvt").refusals
    assert {*refusals} == {*map(str, ERRORS), *REJECT_REASONS.values()}
    assert all(refusal.meaning for refusal in refusals.values())
    of = {code: refusals[code].origin for code in ("2064", "2012", "1006", "1002", "2060", "FOK_CANCEL")}
    assert of == {
        "2064": Origin.CLIENT,
        "2012": Origin.CLIENT,
        "1006": Origin.CLIENT,
        "1002": Origin.VENUE,
        "2060": Origin.MARKET,
        "FOK_CANCEL": Origin.MARKET,
    }


def test_an_instrument_is_found_by_its_name_its_base_and_what_libraries_call_it() -> None:
    from probes.venues.grvt.instruments import LISTINGS

    listed = [listing.instrument for listing in LISTINGS.values()]
    grvt = load("grvt")
    for ticker in ("ETH", "eth", "ETH_USDT_Perp", "eth_usdt_perp", "ETH/USDT:USDT"):
        found = grvt.lookup(ticker, listed)
        assert found is not None
        assert found.name == "ETH_USDT_Perp"
    assert grvt.lookup("ETHX", listed) is None
