"""The run record, through the two calls that everyone uses: append, and read back."""

import json
import threading
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.record import EVENTS, VERSION, Event, Journal, RecordError, read
from diag.record.kinds import child, client, probe, venue

pytestmark = pytest.mark.slow

texts = st.text(st.characters(), max_size=20)  # lone surrogates and line separators included
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def request(number: int = 0, name: str = "grvt") -> venue.Request:
    return venue.Request(venue=name, endpoint="order", data={"number": number})


def quote(via: str = "ticker") -> venue.Quote:
    one = Decimal("3000.05")
    return venue.Quote(
        venue="grvt", instrument="ETH", via=via, bid_price=one, bid_size=one, ask_price=None, ask_size=one
    )


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    claim = client.Claim(
        venue="grvt",
        account=None,
        instrument="ETH",
        success=True,
        filled=Decimal("1E+3"),
        average_price=None,
        iterations=3,
    )
    with Journal(tmp_path / "a/b") as journal:
        assert journal.append(quote()) == 1
        assert journal.append(claim) == 1
        assert journal.append(request()) == 2
        assert journal.append(request(name="backpack")) == 1
    events = list(read(tmp_path / "a/b").events())
    assert [(event.where, event.kind) for event in events] == [
        ("grvt:1", "quote"),
        ("client:1", "claim"),
        ("grvt:2", "request"),
        ("backpack:1", "request"),
    ]
    assert events[0].values() == quote().values()
    assert events[1].values() == claim.values()
    stamps = [event.monotonic_ns for event in events]
    assert stamps == sorted(stamps)
    assert events[0].utc_ns > 1_600_000_000_000_000_000


@given(st.dictionaries(texts, values, max_size=4), texts, st.none() | texts)
def test_any_json_value_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, object], name: str, account: str | None
) -> None:
    folder = tmp_path_factory.mktemp("record")
    with Journal(folder) as journal:
        journal.append(venue.Request(venue=name, endpoint=name, account=account, data=data))
    (event,) = read(folder).events(venue.Request)
    assert (event.venue, event.endpoint, event.account, event.data) == (name, name, account, data)


def test_only_the_kinds_that_are_asked_for_are_read(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(request())
        journal.append(quote("mini"))
        journal.append(child.Stdout(text="hello"))
    assert [event.via for event in read(tmp_path).events(venue.Quote)] == ["mini"]
    both = read(tmp_path).events(venue.VenueEvent, child.Stdout)
    assert [event.where for event in both] == ["grvt:1", "grvt:2", "child:1"]


def test_each_line_is_an_object_with_the_fields_of_its_kind(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(probe.Ask(venue="grvt", instrument="ETH", via="bbo"))
    first, line = (tmp_path / EVENTS).read_text().splitlines()
    assert json.loads(first)["record"] == VERSION
    document = json.loads(line)
    assert document.pop("seq") == 1
    assert document.pop("monotonic_ns") < document.pop("utc_ns")
    said = {"source": "probe", "kind": "ask", "venue": "grvt", "instrument": "ETH", "via": "bbo"}
    assert document == said


@pytest.mark.parametrize("keep", [1, 30, -1])
def test_a_torn_last_line_is_dropped_and_reported(tmp_path: Path, keep: int) -> None:
    with Journal(tmp_path) as journal:
        for number in range(3):
            journal.append(request(number))
    path = tmp_path / EVENTS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:keep])
    record = read(tmp_path)
    assert [event.data["number"] for event in record.events(venue.Request)] == [0, 1]
    assert record.torn == 4


@pytest.mark.parametrize("keep", [0, 1, 12])
def test_a_run_that_was_killed_before_its_first_line_is_an_empty_record(tmp_path: Path, keep: int) -> None:
    Journal(tmp_path).close()
    path = tmp_path / EVENTS
    path.write_bytes(path.read_bytes()[:keep])
    record = read(tmp_path)
    assert list(record.events()) == []
    assert record.torn == 1


def test_a_whole_record_is_not_torn(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(request())
    record = read(tmp_path)
    assert len(list(record.events())) == 1
    assert record.torn == 0


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ('{"record":3,"diag":"9.0","more":[]}', "a record of version 3; this diag reads version 2: read it"),
        ('{"record":1}', "a record of version 1; this diag reads version 2"),
        ('{"source":"venue","seq":1,"kind":"quote","data":{}}', "its first line names no version"),
        ('{"record":true}', "its first line names no version"),
        ("[]", "its first line names no version"),
        ("no json", "its first line names no version"),
    ],
)
def test_a_record_of_another_version_is_refused_in_one_line(tmp_path: Path, first: str, said: str) -> None:
    (tmp_path / EVENTS).write_text(f'{first}\n{{"source":"venue","kind":"of the future"}}\n')
    with pytest.raises(RecordError, match=said) as refused:
        list(read(tmp_path).events())
    assert "\n" not in str(refused.value)


GOOD = '{"seq":1,"monotonic_ns":1,"utc_ns":1,"source":"child","kind":"stdout","text":"x"}'


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[1]",
        "not json",
        '{"source":"venue","seq":1}',
        GOOD.replace("stdout", "whispered"),
        GOOD.replace('"text":"x"', '"text":1'),
        GOOD.replace('"text":"x"', '"texts":"x"'),
        GOOD.replace('"text":"x"', '"text":"x","more":1'),
        GOOD.replace('"seq":1', '"seq":"1"'),
    ],
)
def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path, line: str) -> None:
    Journal(tmp_path).close()
    path = tmp_path / EVENTS
    path.write_text(f"{path.read_text()}{GOOD}\n{line}\n")
    with pytest.raises(RecordError, match=r"events\.jsonl:3: not an event"):
        list(read(tmp_path).events())


def test_a_price_that_is_no_number_is_no_event(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(quote())
    path = tmp_path / EVENTS
    path.write_text(path.read_text().replace('"bid_price":"3000.05"', '"bid_price":"dear"'))
    with pytest.raises(RecordError, match=r"events\.jsonl:2: not an event"):
        list(read(tmp_path).events())


def test_threads_write_side_by_side_and_every_speaker_counts_without_a_gap(tmp_path: Path) -> None:
    events: dict[str, Event] = {
        "grvt": request(),
        "client": client.Answer(venue="grvt", endpoint="order", has_quote=False),
        "probe": probe.Ask(venue="grvt", instrument="ETH", via="bbo"),
    }
    with Journal(tmp_path) as journal:
        heard: list[Event] = []
        journal.listen(heard.append)

        def write(event: Event) -> None:
            for _ in range(700):
                journal.append(event)

        threads = [threading.Thread(target=write, args=(event,)) for event in [*events.values()] * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    written = list(read(tmp_path).events())
    assert len(written) == len(heard) == 4200
    assert sorted(heard, key=lambda event: event.where) == sorted(written, key=lambda event: event.where)
    for speaker in events:
        assert [event.seq for event in written if event.speaker == speaker] == list(range(1, 1401))
    stamps = [event.monotonic_ns for event in written]
    assert stamps == sorted(stamps)


def test_memory_does_not_grow_with_the_run(tmp_path: Path) -> None:
    def grow(events: int) -> None:
        for _ in range(events):
            journal.append(quote())

    with Journal(tmp_path) as journal:
        grow(1_000)
        for _ in journal.events():
            pass
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
        journal.append(request())
        assert [event.seq for event in journal.events()] == [1]
        journal.append(request())
        assert [event.seq for event in journal.events()] == [1, 2]


@pytest.mark.parametrize("value", [object(), b"bytes", float("nan"), {1, 2}])
def test_what_is_not_json_is_refused_where_it_is_appended_and_harms_nothing(
    tmp_path: Path, value: object
) -> None:
    with Journal(tmp_path) as journal:
        with pytest.raises((TypeError, ValueError)):
            journal.append(venue.Request(venue="grvt", endpoint="order", data={"value": value}))
        journal.append(request())
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
    journal.append(request())
    journal.close()
    journal.close()
    with pytest.raises(RecordError, match="closed"):
        journal.append(request())
    assert len(list(read(tmp_path).events())) == 1


def test_without_a_folder_events_are_counted_and_not_kept() -> None:
    with Journal(None) as journal:
        assert [journal.append(request()) for _ in range(1_000)] == list(range(1, 1_001))
        with pytest.raises(RecordError, match="no run record here"):
            list(journal.events())
