"""Every kind of event: documented, frozen, and read back as it was written."""

import dataclasses
import inspect
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diag.child
from diag.record import Event, Journal, writer
from diag.record.event import ENVELOPE
from diag.record.kinds import KINDS, child, venue
from scripts.record_kinds import PAGE, written

ROOT = Path(__file__).parent.parent.parent
texts = st.text(st.characters(), max_size=8)
st.register_type_strategy(str, texts)
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=9))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(
    Mapping, lambda _: st.dictionaries(texts, st.none() | st.integers() | texts, max_size=2)
)

ALL = sorted(KINDS.values(), key=lambda kind: (kind.source, kind.kind))
every_kind = pytest.mark.parametrize("kind", ALL, ids=lambda kind: f"{kind.source}.{kind.kind}")


@every_kind
def test_it_comes_back_as_it_was_written(kind: type[Event], tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=20)
    @given(event=st.from_type(kind))
    def check(event: Event) -> None:
        read_back = type(event).parsed(json.loads('{"seq":0,' + event.tail()))
        assert read_back.values() == event.values()

    check()


@every_kind
def test_it_is_frozen_has_slots_and_says_what_it_is(kind: type[Event]) -> None:
    assert dataclasses.fields(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)
    assert inspect.getdoc(kind) != inspect.getdoc(kind.__mro__[1])
    assert not set(kind.__slots__) & {"where", "speaker", "source", "kind"}  # type: ignore[attr-defined]


@every_kind
def test_it_names_its_venue_unless_it_is_the_programs_own(kind: type[Event]) -> None:
    names = {field.name for field in dataclasses.fields(kind)}
    assert ("venue" in names) is (kind.source != "child")


def test_the_page_is_made_from_the_classes() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert text == written(text), "run `make readme`"
    for kind in ALL:
        assert f"### {kind.source} {kind.kind}\n" in text


def test_whatever_the_hooks_report_is_a_kind_of_event() -> None:
    code = "\n".join(path.read_text() for path in Path(diag.child.__file__).parent.rglob("*.py"))
    told = set(re.findall(r'(?:send|send_text)\(\s*(?:\([^()]*(?:\([^()]*\))?[^()]*\),\s*)?"(\w+)"', code))
    reports = {kind.kind for kind in ALL if issubclass(kind, child.Report)}
    assert told == reports


@dataclasses.dataclass
class Held:
    """Part of what a trade says, as a market may hold it."""

    instrument: str
    price: Decimal
    size: Decimal
    trade_id: str = "held"


def test_a_writer_takes_fields_from_objects_constants_and_arguments(tmp_path: Path) -> None:
    held = Held('E"T\\H\u2028\ud800', Decimal("0E-9"), Decimal("1E+3"))
    write = writer(venue.Trade, Held, venue="it's '''mine'''", trade_id=...)
    with Journal(tmp_path) as journal:
        assert journal.append_encoded("x", write(held, trade_id="given", side="buy")) == 1
        (trade,) = journal.events(venue.Trade)
    assert trade.venue == "it's '''mine'''"
    assert (trade.instrument, trade.price, trade.size) == (held.instrument, 0, 1000)
    assert (trade.trade_id, trade.side) == ("given", "buy")
    assert set(trade.values()) | set(ENVELOPE) == {field.name for field in dataclasses.fields(venue.Trade)}
