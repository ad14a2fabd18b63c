"""A program whose tests replace what it is made of."""

import sys
from pathlib import Path

from client import Client, Desk, Keeper, Manager


async def main():
    assert (await Manager().place())["sent"]
    assert Keeper(Client()).best() == Desk(Client()).keeper.best()
    sys.path.insert(0, str(Path(__file__).parent / "tests"))
    import checks

    await checks.main()
