"""The recipe of docs/grvt-simulator.md: the venue's SDK, unmodified, ends up at the simulator."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from diag.record import Journal
from probes.embedded import embedded
from probes.venues.grvt.simulator.app import Simulator
from tests.venues.grvt.trader import QUIET

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[3] / "docs" / "grvt-simulator.md"
CLIENT = """
import asyncio
import aiohttp
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv

client = GrvtCcxt(GrvtEnv.PROD, parameters={"api_key": os.environ["GRVT_API_KEY"]})
print(client.fetch_ticker("ETH_USDT_Perp")["best_bid_price"])

async def mini():
    url = "https://market-data.grvt.io/full/v1/mini"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"instrument": "ETH_USDT_Perp"}) as answer:
            print((await answer.json())["result"]["best_bid_price"])

asyncio.run(mini())
"""


def test_the_sdk_ends_up_at_the_simulator(tmp_path: Path) -> None:
    found = re.search(
        r"<!-- recipe -->\n```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    script = tmp_path / "client.py"
    script.write_text(found[1] + CLIENT)
    with (
        Journal(tmp_path / "run") as journal,
        embedded(Simulator(QUIET, 1, journal), tls=True) as venue,
    ):
        given = {
            "SIMULATOR_PORT": str(venue.port),
            "SSL_CERT_FILE": str(venue.ca_file),
            "REQUESTS_CA_BUNDLE": str(venue.ca_file),
            "GRVT_API_KEY": venue.simulator.credentials[0].api_key,
        }
        done = subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, **given},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        quote = venue.call(lambda: venue.simulator.exchange.quote("ETH_USDT_Perp"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(quote.bid_price)] * 2
