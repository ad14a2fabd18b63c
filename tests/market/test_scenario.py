"""Scenarios are data files: what they say is what the venue does, and what is wrong in them is all named."""

import re
import tomllib
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.market.dynamics import Dynamics
from probes.market.faults import Action, Fault, Faults, actions_on
from probes.market.fees import ProportionalFees
from probes.market.latency import Latency, LatencyModel
from probes.market.operations import EVENTS, NO_NAMES, Feed, Operation, WireNames
from probes.market.queue_models import QueueModel
from probes.market.scenario import (
    Scenario,
    ScenarioError,
    VenueModel,
    load,
    names,
    parse,
)
from probes.venues.grvt import streams
from probes.venues.grvt.names import NAMES
from probes.venues.grvt.simulator.rpcs import rpcs
from scripts.probe_tables import TABLES, written

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")
HEAD = 'about = "x"\nexpects = "success"\n'


def errors(text: str, venue: WireNames = NO_NAMES) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "mine", "mine.toml", venue)
    return str(caught.value).splitlines()


def faults(text: str) -> Faults:
    return Faults(parse(HEAD + text, "mine", "mine.toml", NAMES).faults, NAMES)


def latency(text: str, seed: int = 0) -> LatencyModel:
    return LatencyModel(parse(HEAD + text, "mine", "mine.toml", NAMES).latency, NAMES, seed)


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_is_read_and_says_what_it_shows(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert len(scenario.about) > 40
    assert scenario.about.endswith(".")


def test_a_dozen_scenarios_ship_the_default_first() -> None:
    assert names()[0] == "calm"
    assert len(names()) >= 12
    assert load("calm").faults == ()
    assert {load(name).expects for name in names()} == {"success", "safe_failure"}


def test_the_shipped_scenarios_use_every_action_that_a_client_can_work_on_through() -> None:
    used = {fault.action for name in names() for fault in load(name).faults}
    assert set(Action) - used <= {Action.REFUSE, Action.LOSE_REQUEST, Action.LIQUIDATE, Action.MUTE}


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(ScenarioError, match=r'^unknown scenario "lost-ack" \(did you mean "lost-acks"\?\)'):
        load("lost-ack")
    with pytest.raises(ScenarioError, match=r'^unknown scenario "qqq"; known are calm, '):
        load("qqq")


def test_a_scenario_of_ones_own_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + "[dynamics]\nspread_ticks = 7\n")
    assert load(path) == Scenario("mine", "x", "success", dynamics=Dynamics(spread_ticks=7))
    with pytest.raises(ScenarioError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ScenarioError, match=r"mine\.toml: is not UTF-8 text"):
        load(path)
    path.write_text("about = ")
    with pytest.raises(ScenarioError, match=r"mine\.toml: not valid TOML: "):
        load(path)


def test_everything_wrong_with_a_file_is_reported_at_once() -> None:
    assert errors("""
        expects = "sucess"
        name = "other"
        weather = 1

        [dynamics]
        kind = "statc"
        spred_ticks = 3
        level_size = "much"

        [latency]
        plce = { ms = 5 }
        ticker_query = { ms = true }
        book_query = { ms = -1 }

        [venue]
        ended_orders_found = 1

        [[faults]]
        on = "plaec"
        action = "lose_akc"

        [[faults]]
        on = "canel"
        action = "fail"

        [[faults]]
        on = "place"
        action = "drop"
        nth = -1

        [[faults]]
        action = "drop"
        nth = 2.5
        """) == [
        "mine.toml: name: a scenario is named by its file",
        'mine.toml: expects: unknown "sucess" (did you mean "success"?)',
        "mine.toml: weather: unknown key; known are about, expects, dynamics, queue, fees, latency, "
        "rate_limit, venue, faults",
        'mine.toml: dynamics.kind: unknown "statc" (did you mean "static"?)',
        'mine.toml: dynamics.spred_ticks: unknown key (did you mean "spread_ticks"?)',
        "mine.toml: dynamics.level_size: must be a number, not a string",
        "mine.toml: latency.ticker_query.ms: must be a number, not true or false",
        "mine.toml: latency.book_query: ms and jitter_ms must be between 0 and 60000",
        "mine.toml: venue.ended_orders_found: must be true or false, not an integer",
        'mine.toml: faults[1].action: unknown "lose_akc" (did you mean "lose_ack"?)',
        "mine.toml: faults[3]: nth must not be negative; "
        '"drop" cannot happen on "place"; these can: reject, refuse, fail, rate_limit, lose_request, '
        "lose_ack, cut_answer, false_gzip, null_result, gateway_error, redirect, liquidate, expire_session, "
        "lag, disconnect",
        "mine.toml: faults[4].nth: must be an integer, not a number",
        "mine.toml: faults[4].on: is missing",
        "mine.toml: about: is missing",
        'mine.toml: latency: unknown operation "plce" (did you mean "place"?)',
        'mine.toml: faults[1].on: unknown event "plaec" (did you mean "place"?)',
        'mine.toml: faults[2].on: unknown event "canel" (did you mean "cancel"?)',
    ]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("mid = 1e30", "dynamics: mid must be at most 1000000000"),
        ("mids = { ETH = 1e30 }", "dynamics: mids.ETH must be at most 1000000000"),
        ("level_size = inf", "dynamics.level_size: must be a finite number"),
    ],
)
def test_numbers_beyond_all_markets_are_refused(number: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(said)):
        parse(f'about = "x"\nexpects = "success"\n[dynamics]\nkind = "static"\n{number}', "mine", "mine.toml")


@pytest.mark.parametrize("text", ["dynamics = 1", "faults = {}", "latency = []", "faults = [1]"])
def test_values_of_another_kind_are_one_line(text: str) -> None:
    assert len(errors(HEAD + text)) == 1


@pytest.mark.slow
@example("a\n\x85b", "c\nd")
@given(st.text(max_size=30), st.recursive(st.integers() | st.booleans() | st.text(max_size=5), st.lists))
def test_any_key_with_any_value_is_read_or_refused_in_clear_lines(key: str, value: object) -> None:
    def toml(item: object) -> str:
        if isinstance(item, list):
            return f"[{', '.join(map(toml, item))}]"
        return str(item).lower() if isinstance(item, (bool, int)) else f'"{quoted(str(item))}"'

    def quoted(text: str) -> str:
        return "".join(f"\\U{ord(char):08x}" for char in text)

    for table in ("", "[dynamics]\n", "[latency]\n", "[venue]\n", "[[faults]]\n"):
        text = f'{HEAD if table else ""}{table}"{quoted(key)}" = {toml(value)}\n'
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError:  # a surrogate has no place in TOML
            continue
        try:
            parse(text, "mine", "mine.toml")
            lines = []
        except ScenarioError as error:
            lines = str(error).splitlines()
        assert lines or key.isidentifier()
        assert all(line.startswith("mine.toml: ") for line in lines)


@pytest.mark.parametrize(
    ("trigger", "fired"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("nth = 3", [3]),
        ("nth = 3\ntimes = 2", [3, 4]),
        ("every = 4", [4, 8, 12]),
        ("every = 4\ntimes = 2", [4, 8]),
        ("times = 3", [1, 2, 3]),
    ],
)
def test_a_fault_fires_at_the_events_it_names(trigger: str, fired: list[int]) -> None:
    counted = faults(f'[[faults]]\non = "create_order"\naction = "lose_ack"\n{trigger}')
    seen = []
    for number in range(1, 13):
        assert counted.on_request("ticker") is None
        fault = counted.on_request("create_order")
        if fault is not None:
            assert fault.action is Action.LOSE_ACK
            seen.append(number)
    assert seen == fired


def test_the_wider_events_count_the_narrower_ones() -> None:
    def happened(on: str, action: str) -> list[bool]:
        counted = faults(f'[[faults]]\non = "{on}"\naction = "{action}"')
        calls = (counted.on_request, counted.on_message)
        told = [call(name) is not None for call in calls for name in ("order", "book")]
        return [*told, counted.on_fill() is not None]

    assert happened("request", "fail") == [True, True, False, False, False]
    assert happened("stream", "drop") == [False, False, True, True, False]
    assert happened("quote", "empty_quote") == [False, True, False, True, False]
    assert happened("stream.order", "swap") == [False, False, True, False, False]
    assert happened("fill", "disconnect") == [False, False, False, False, True]


def test_of_two_faults_at_one_event_the_first_acts_and_both_have_counted() -> None:
    counted = faults(
        '[[faults]]\non = "order"\naction = "fail"\nnth = 2\n'
        '[[faults]]\non = "order"\naction = "lag"\nevery = 2'
    )
    actions = [fault and fault.action for fault in (counted.on_request("order") for _ in range(4))]
    assert actions == [None, Action.FAIL, None, Action.LAG]


def test_latency_is_drawn_for_each_endpoint_from_its_own_series() -> None:
    text = "[latency]\ndefault = { ms = 5, jitter_ms = 10 }\nbook = { ms = 2 }"
    alone = [latency(text, 7).response_s("ticker")] + [0.0] * 9
    one, two, other = latency(text, 7), latency(text, 7), latency(text, 8)
    drawn = [one.response_s("ticker") for _ in range(10)]
    mixed = []
    for _ in range(10):
        two.response_s("order")
        mixed.append(two.response_s("ticker"))
    assert drawn == mixed
    assert drawn[0] == alone[0]
    assert drawn != [other.response_s("ticker") for _ in range(10)]
    assert len(set(drawn)) == 10
    assert all(0.005 <= seconds <= 0.015 for seconds in drawn)
    assert one.response_s("book") == 0.002
    assert latency("").response_s("ticker") == 0


def test_latency_of_an_endpoint_goes_before_that_of_its_operation_and_that_before_the_default() -> None:
    model = latency("[latency]\ndefault = { ms = 1 }\nticker_query = { ms = 2 }\nmini = { ms = 3 }")
    assert [model.response_s(each) * 1000 for each in ("create_order", "ticker", "mini")] == [1, 2, 3]


def test_what_a_venue_calls_its_endpoints_and_streams_is_known_where_the_venue_is() -> None:
    text = HEAD + '[latency]\nmini = { ms = 3 }\n[[faults]]\non = "create_order"\naction = "reject"\n'
    text += '[[faults]]\non = "stream.mini"\naction = "empty_quote"'
    assert [fault.on for fault in parse(text, "mine", "mine.toml", NAMES).faults] == [
        "create_order",
        "stream.mini",
    ]
    assert errors(text) == [
        'mine.toml: latency: unknown operation "mini"; see docs/scenarios.md',
        'mine.toml: faults[1].on: unknown event "create_order" (did you mean "stream.order"?)',
        'mine.toml: faults[2].on: unknown event "stream.mini" (did you mean "stream.fill"?)',
    ]
    assert errors(text.replace("create_order", "creat_order"), NAMES) == [
        'mine.toml: faults[1].on: unknown event "creat_order" (did you mean "create_order"?)'
    ]
    assert errors(text.replace("reject", "drop").replace("stream.mini", "stream.state"), NAMES) == [
        'mine.toml: faults[1]: "drop" cannot happen on "create_order"; these can: reject, refuse, fail, '
        "rate_limit, lose_request, lose_ack, cut_answer, false_gzip, null_result, gateway_error, redirect, "
        "liquidate, expire_session, lag, disconnect",
        'mine.toml: faults[2]: "empty_quote" cannot happen on "stream.state"; these can: drop, duplicate, '
        "swap, mute, disconnect",
    ]


def test_an_operation_counts_all_its_endpoints_an_endpoint_only_itself() -> None:
    def fired(on: str, requests: list[str]) -> list[bool]:
        counted = faults(f'[[faults]]\non = "{on}"\naction = "fail"\nevery = 2')
        return [counted.on_request(endpoint) is not None for endpoint in requests]

    requests = ["mini", "ticker", "book", "mini", "ticker"]
    assert fired("ticker_query", requests) == [False, True, False, False, True]
    assert fired("mini", requests) == [False, False, False, True, False]
    assert fired("request", requests) == [False, True, False, True, False]


@pytest.mark.parametrize("names", [NAMES, NO_NAMES])
def test_a_venue_may_use_the_common_words_on_its_wire(names: WireNames) -> None:
    for operation in Operation:
        assert {operation.value, "request"} <= set(names.of_request(operation))
        assert ("quote" in names.of_request(operation)) == operation.endswith(("ticker_query", "book_query"))
    for feed in Feed:
        assert {f"stream.{feed}", "stream"} <= set(names.of_message(feed))


def test_each_event_has_an_action() -> None:
    assert all(actions_on(event, NAMES) for event in NAMES.events)


def test_the_table_of_shipped_scenarios_is_what_the_files_say() -> None:
    for path in TABLES:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert text == written(path, text), "run `make readme`"


def test_the_document_has_every_key_with_its_default_every_event_and_every_action() -> None:
    for kind in (Dynamics, ProportionalFees, VenueModel, Fault):
        assert is_dataclass(kind)
        for item in fields(kind):
            default = "" if item.default in (MISSING, None) else str(item.default)
            default = default.lower() if item.type in (bool, "bool") else default
            default = f'"{default}"' if isinstance(item.default, str) else default
            assert f"| `{item.name}` | {f'`{default}`' if default else ''}".rstrip() in DOCUMENT, item.name
    assert all(f"`{item.name}`" in DOCUMENT for item in fields(Latency))
    first = re.findall(r"^\| (`.*?`(?:, `.*?`)*) \|", DOCUMENT, re.MULTILINE)
    named = set(re.findall(r"`([\w.-]+)`", " ".join(first)))
    assert set(EVENTS) | set(Action) <= named
    assert all(f'| `"{model}"` |' in DOCUMENT for model in QueueModel)


def test_grvt_has_a_name_for_each_endpoint_and_stream_that_is_simulated_and_for_no_others() -> None:
    assert {rpc.endpoint for rpc in rpcs.values()} | {"login"} == set(NAMES.endpoints)
    transfers = {"deposit", "transfer", "withdrawal"}  # of which the simulator has none
    assert {name.split(".")[1] for name in streams.STREAMS} - transfers == set(NAMES.streams)


def test_the_document_of_grvt_says_what_it_calls_what() -> None:
    document = (ROOT / "docs/grvt-simulator.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (`[\w.]+`|none) \| (`.*`) \|$", document, re.MULTILINE))
    written = {
        (name, event.strip("`")) for event, names in rows.items() for name in re.findall("`([^`]+)`", names)
    }
    own = {(name, str(operation or "none")) for name, operation in NAMES.endpoints.items()}
    own |= {(f"stream.{name}", f"stream.{feed}") for name, feed in NAMES.streams.items()}
    assert written == {(name, event) for name, event in own if name != event}


def test_the_example_of_the_document_is_a_scenario() -> None:
    example = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example
    scenario = parse(example[1], "mine", "mine.toml")
    assert [fault.action for fault in scenario.faults] == [Action.LOSE_REQUEST, Action.LOSE_ACK]
