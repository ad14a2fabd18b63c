"""The run record, through the two calls that everyone uses: append, and read back."""

import json
import threading
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.record import EVENTS, Event, Journal, RecordError, read

pytestmark = pytest.mark.slow

texts = st.text(st.characters(), max_size=20)  # lone surrogates and line separators included
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    with Journal(tmp_path / "a/b") as journal:
        assert journal.append("venue", "quote", {"bid_price": Decimal("3000.05"), "n": 1}) == 1
        assert journal.append("client", "claim", {"success": True, "average_price": None}) == 1
        assert journal.append("venue", "fill", {"sizes": [Decimal("0E-9"), Decimal("1E+3")]}) == 2
    events = list(read(tmp_path / "a/b").events())
    assert [(event.where, event.kind) for event in events] == [
        ("venue:1", "quote"),
        ("client:1", "claim"),
        ("venue:2", "fill"),
    ]
    assert events[0].data == {"bid_price": "3000.05", "n": 1}
    assert events[2].data == {"sizes": ["0.000000000", "1000"]}
    assert events[0].monotonic_ns <= events[1].monotonic_ns <= events[2].monotonic_ns
    assert events[0].utc_ns > 1_600_000_000_000_000_000


@given(st.dictionaries(texts, values, max_size=4), texts)
def test_any_json_value_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, object], kind: str
) -> None:
    folder = tmp_path_factory.mktemp("record")
    with Journal(folder) as journal:
        journal.append("child", kind, data)
    (event,) = read(folder).events()
    assert (event.kind, event.data) == (kind, data)


def test_each_line_is_an_object_with_the_fields_of_an_event(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append("probe", "run", {"seed": 7})
    (line,) = (tmp_path / EVENTS).read_text().splitlines()
    document = json.loads(line)
    assert list(document) == ["source", "seq", "monotonic_ns", "utc_ns", "kind", "data"]
    assert Event(**document).data == {"seed": 7}


@pytest.mark.parametrize("keep", [1, 30, -1])
def test_a_torn_last_line_is_dropped_and_reported(tmp_path: Path, keep: int) -> None:
    with Journal(tmp_path) as journal:
        for number in range(3):
            journal.append("venue", "request", {"number": number})
    path = tmp_path / EVENTS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:keep])
    record = read(tmp_path)
    assert [event.data["number"] for event in record.events()] == [0, 1]
    assert record.torn == 3


def test_a_whole_record_is_not_torn(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append("venue", "request", {})
    record = read(tmp_path)
    assert len(list(record.events())) == 1
    assert record.torn == 0


@pytest.mark.parametrize("line", ["{}", "[1]", "not json", '{"source":"venue","seq":1}'])
def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path, line: str) -> None:
    with Journal(tmp_path) as journal:
        journal.append("venue", "request", {})
    path = tmp_path / EVENTS
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(RecordError, match=r"events\.jsonl:2: not an event"):
        list(read(tmp_path).events())


def test_threads_write_side_by_side_and_every_source_counts_without_a_gap(tmp_path: Path) -> None:
    sources = ("venue", "client", "probe")
    with Journal(tmp_path) as journal:
        heard: list[Event] = []
        journal.listen(heard.append)

        def write(source: str) -> None:
            for _ in range(700):
                journal.append(source, "tick", {})  # type: ignore[arg-type]

        threads = [threading.Thread(target=write, args=(source,)) for source in sources * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    events = list(read(tmp_path).events())
    assert len(events) == len(heard) == 4200
    for source in sources:
        assert [event.seq for event in events if event.source == source] == list(range(1, 1401))
    stamps = [event.monotonic_ns for event in events]
    assert stamps == sorted(stamps)


def test_memory_does_not_grow_with_the_run(tmp_path: Path) -> None:
    def grow(events: int) -> None:
        for number in range(events):
            journal.append("venue", "quote", {"number": number, "bid_price": Decimal("3000.05")})

    with Journal(tmp_path) as journal:
        grow(1_000)
        tracemalloc.start()
        grow(20_000)
        now, _ = tracemalloc.get_traced_memory()
        for _ in journal.events():
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert now < 200_000
    assert peak < 500_000


def test_events_can_be_read_while_the_run_goes_on(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append("venue", "quote", {})
        assert [event.seq for event in journal.events()] == [1]
        journal.append("venue", "quote", {})
        assert [event.seq for event in journal.events()] == [1, 2]


@pytest.mark.parametrize("value", [object(), b"bytes", float("nan"), {1, 2}])
def test_what_is_not_json_is_refused_where_it_is_appended_and_harms_nothing(
    tmp_path: Path, value: object
) -> None:
    with Journal(tmp_path) as journal:
        with pytest.raises((TypeError, ValueError)):
            journal.append("venue", "quote", {"value": value})
        journal.append("venue", "quote", {})
    assert [event.seq for event in read(tmp_path).events()] == [1]


def test_a_record_is_never_overwritten(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    with pytest.raises(RecordError, match="holds a run record already"):
        Journal(tmp_path)


def test_where_no_record_can_be_or_is_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot write the run record"):
        Journal(tmp_path / "file/run")
    with pytest.raises(RecordError, match=r"no run record here \(events.jsonl is missing\)"):
        read(tmp_path / "nowhere")


def test_a_closed_journal_takes_no_more(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("venue", "quote", {})
    journal.close()
    journal.close()
    with pytest.raises(RecordError, match="closed"):
        journal.append("venue", "quote", {})
    assert len(list(read(tmp_path).events())) == 1


def test_without_a_folder_events_are_counted_and_not_kept() -> None:
    with Journal(None) as journal:
        assert [journal.append("venue", "request", {}) for _ in range(1_000)] == list(range(1, 1_001))
        with pytest.raises(RecordError, match="no run record here"):
            list(journal.events())
