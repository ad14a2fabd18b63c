"""python -m bench.simulator.serve calm|rest|bare [SIZE]: a server in a process of its own.

Prints one line of JSON when it listens, then, for each line of its standard input, the seconds of processor
time that it has used. Ends when its standard input does.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from aiohttp import web

from diag.record import Journal
from probes.market.scenario import load, parse
from probes.venues.grvt.simulator.app import Simulator

AT_REST = """
about = "Nobody trades but the client."
expects = "success"
[dynamics]
kind = "static"
taker_every = 0
"""


async def venue(kind: str) -> None:
    """The simulator as `diag probe` embeds it, its ledger written to disk: calm, or in a market at rest."""
    scenario = load("calm") if kind == "calm" else parse(AT_REST, "rest", "AT_REST")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Journal(Path(folder, "run")) as journal:
        simulator = Simulator(scenario, 1, journal)
        port = await simulator.start()
        own = simulator.credentials[0]
        await _until_told(
            {
                "port": port,
                "api_key": own.api_key,
                "private_key": own.private_key,
                "sub_account_id": own.sub_account_id,
            }
        )
        await simulator.close()


async def bare(size: int) -> None:
    """A handler that reads what it is sent and answers with a body of this many bytes."""
    body = b"x" * size

    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_post("/", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await _until_told({"port": runner.addresses[0][1]})
    await runner.cleanup()


async def _until_told(ready: dict[str, object]) -> None:
    print(json.dumps(ready), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(time.process_time(), flush=True)


if __name__ == "__main__":
    asyncio.run(bare(int(sys.argv[2])) if sys.argv[1] == "bare" else venue(sys.argv[1]))
