"""The bench of the simulator: that it loads what it says, and reports it. Nothing is timed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not (ROOT / "bench").is_dir(), reason="the bench is part of the checkout only"
)


def test_it_prints_a_row_for_each_request(capsys):
    from bench.simulator.__main__ import BARS, throughput

    throughput("rest", rounds=1, count=16)

    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[0] for row in rows] == list(BARS)
    for row in rows:
        venue, bare, ratio = (float(row[at].replace(",", "")) for at in (1, 2, 3))
        assert venue > 0
        assert ratio == pytest.approx(venue / bare, abs=0.01)
        assert row[5] == ("met" if ratio >= float(row[4]) else "MISSED")


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="memory is read from /proc")
def test_it_prints_memory(capsys):
    from bench.simulator.__main__ import memory

    memory(400)

    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r" +400 requests: \d+\.\d MiB", lines[-2])
    assert lines[-1].startswith("after the first tenth: from ")


def test_a_refused_request_ends_the_load():
    from bench.simulator.__main__ import server
    from bench.simulator.load import post

    with server("calm") as venue, pytest.raises(ValueError, match=r"refused: .*1000"):
        venue.load([post("/full/v1/open_orders", b"{}")])
