"""The bench of the order book: both books do the same work. Nothing is timed."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not (ROOT / "bench").is_dir(), reason="the bench is part of the checkout only"
)


@pytest.mark.parametrize("width", [3, 30, 300])
def test_both_books_and_the_exchange_are_given_the_same_and_give_the_same(
    monkeypatch: pytest.MonkeyPatch, width: int
):
    monkeypatch.syspath_prepend(str(ROOT))
    from bench.book import play_book, play_exchange, play_plain, workload
    from probes.market.order import Order

    fills = play_book(workload(3_000, width))
    assert fills == play_plain(workload(3_000, width))
    assert len(fills) > 10
    orders = workload(3_000, width)
    play_plain(orders)
    cancelled = {one for one in orders if isinstance(one, int)}
    resting = [
        one
        for number, one in enumerate(orders)
        if isinstance(one, Order) and one.remaining and one.time_in_force == "GTT" and number not in cancelled
    ]
    assert play_exchange(workload(3_000, width)) == len(resting)


def test_it_prints_a_ratio_for_each_width(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(ROOT))
    from bench.book import main

    assert main(["--operations", "300", "--runs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("at least 1.0 x plain: " in line and "whole exchange" in line for line in lines)
