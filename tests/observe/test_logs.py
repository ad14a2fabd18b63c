"""Logging, output and log files are recorded in order, and no secret with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.observe.scrub import Scrubber
from diag.observe.secrets import Named
from tests.observe.conftest import Watch
from tests.observe.secret_forms import FORMS, KEYS, telling


def test_log_records_are_told_with_level_logger_and_line(watch: Watch) -> None:
    seen = watch(
        """
        import logging
        log = logging.getLogger("hedge.grvt")
        log.propagate = False
        log.addHandler(logging.NullHandler())
        log.warning("BBO fetch failed: %s", KeyError("bid"))
        log.debug("below the level")
        try:
            1 / 0
        except ZeroDivisionError:
            log.exception("order")
        log.warning("%d", "no number")
        """
    )
    logs = seen.of("log")
    assert [(log["level"], log["logger"], log["text"]) for log in logs[:2]] == [
        ("WARNING", "hedge.grvt", "BBO fetch failed: 'bid'"),
        ("ERROR", "hedge.grvt", "order"),
    ]
    assert logs[0]["place"].endswith("bot.py:6")
    assert logs[1]["exception"] == "ZeroDivisionError('division by zero')"
    assert len(logs) == 3


def test_files_that_the_program_logs_to_are_told_once_and_written_as_before(watch: Watch) -> None:
    seen = watch(
        """
        import csv, logging, pathlib
        logging.basicConfig(filename="bot.log", level="INFO")
        logging.info("through logging")
        with open("trades.csv", "w", newline="") as file:
            csv.writer(file).writerow(["ETH", "0.5"])
            print("by print", file=file)
        open("a.log", "a").write("never closed\\n")
        pathlib.Path("notes.txt").write_text("by pathlib\\n", encoding="utf-8")
        open("data.json", "w").write("{}")
        print(open("trades.csv").read(), open("a.log").read(), open("bot.log").read())
        """
    )
    assert [data["text"] for data in seen.of("file")] == [
        "ETH,0.5\r",
        "by print",
        "never closed",
        "by pathlib",
    ]
    assert [data["text"] for data in seen.of("log")] == ["through logging"]
    assert (seen.folder / "trades.csv").read_bytes() == b"ETH,0.5\r\nby print\n"
    assert "never closed" in seen.output()
    assert "INFO:root:through logging" in seen.output()


def test_secrets_of_the_environment_are_struck_out_everywhere(watch: Watch) -> None:
    secret = "sk-4f9a77aa10b2"
    seen = watch(
        """
        import logging, os, sys
        key = os.environ["GRVT_API_KEY"]
        logging.warning("key %s", key)
        print("key", key)
        print("cookie: gravity=abcdef0123456789; Path=/", file=sys.stderr)
        open("x.log", "w").write(key + "\\n")
        try:
            {}[key]
        except KeyError:
            pass
        raise ValueError(key)
        """,
        environment={"GRVT_API_KEY": secret},
    )
    everything = repr([event.values() for event in seen.events])
    assert secret not in everything
    assert "abcdef0123456789" not in everything
    assert "‹GRVT_API_KEY›" in seen.of("log")[0]["text"]


def test_what_looks_like_a_secret_is_struck_out_and_plain_words_are_not() -> None:
    scrub = Scrubber({"PRIVATE_KEY": "short", "SSH_AUTH_SOCK": "/dev/null", "SECRET": "ab/cd+ef/gh="}).text
    assert scrub("/dev/null is ab/cd+ef/gh=") == "/dev/null is ‹SECRET›"
    assert scrub("X-API-Key: abc123def456") == "X-API-Key: ‹secret›"
    assert scrub('{"r": "0x' + "a" * 64 + '", "size": "0.5"}') == '{"r": "‹secret›", "size": "0.5"}'
    assert scrub("0x" + "12" * 32) == "‹secret›"
    assert scrub('{"api_key":"2xKq8Zr4","x":1}') == '{"api_key":"‹secret›","x":1}'
    for plain in (
        "short cut",
        "order 0x00010203040506 filled",
        "price 3000.05",
        '{"s": "0.5"}',
        "/usr/bin/something",
    ):
        assert scrub(plain) == plain


PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nQEFAASCBKcwggSjAgEAAo\n-----END KEY-----"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (PEM, "MIIEvQIBADANBgkqhkiG9w0B"),
        (PEM, repr(PEM)),
        (PEM.replace("\n", "\\n"), "QEFAASCBKcwggSjAgEAAo"),
        ("ab/cd+ef/gh==", "GET /?key=ab%2Fcd%2Bef%2Fgh%3D%3D&x=1"),
        ("ab/cd+ef/gh==", '"ab/cd+ef/gh=="'),
        ('quo"ted\\pass', '"quo\\"ted\\\\pass"'),
        ("0x" + "AB" * 32, "ab" * 32),
        ("cd" * 32, "0x" + "cd" * 32),
        ("pass word phrase", "pass+word+phrase"),
        ("hunt3r", "with hunt3r."),
    ],
)
def test_a_secret_is_struck_out_in_every_form(value: str, said: str) -> None:
    told = Scrubber({"VENUE_SECRET": value}).text(said)
    assert "‹VENUE_SECRET›" in told
    for part in said.replace("\\n", "\n").split():
        if len(part) >= 20:
            assert part not in told


@pytest.mark.parametrize("value", ["true", "1234", "eth", "3000.05", "hunt3r"])
def test_short_values_do_not_eat_plain_words(value: str) -> None:
    text = "it is true that 12345 at 3000.05 is no hunt3rs price for eth"
    assert Scrubber({"USE_KEY": value}).text(text) == text


def test_a_secret_at_the_cut_of_a_long_line_does_not_show_in_part(watch: Watch) -> None:
    secret = "s3cret-" + "abcdefgh" * 8
    seen = watch(
        """
        import logging, os
        key = os.environ["VENUE_SECRET"]
        for place in (8150, 8190):
            print("x" * place + key)
            logging.warning("x" * place + key)
        """,
        environment={"VENUE_SECRET": secret},
    )
    texts = [data["text"] for data in seen.of("stdout") + seen.of("log")]
    assert len(texts) == 4
    assert not any("s3" in text for text in texts)


def test_what_cannot_be_shown_stops_no_program(watch: Watch) -> None:
    seen = watch(
        """
        import logging
        logging.raiseExceptions = False
        class Odd:
            def __repr__(self):
                raise ValueError
        logging.warning("%s", Odd())
        logging.warning(Odd())
        try:
            raise KeyError(Odd())
        except Exception:
            logging.exception("x")
        print("alive")
        """
    )
    assert "alive" in seen.output()
    assert len(seen.of("log")) == 3
    assert len(seen.of("caught")) == 1


@pytest.mark.parametrize("value", KEYS)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_struck_out_of_each_line(form: str, value: str) -> None:
    strike = Scrubber({"VENUE_SECRET": value}).stream()
    assert telling(value, "\n".join(map(strike, FORMS[form](value).split("\n")))) == []


@given(
    value=st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=16, max_size=70).filter(
        lambda value: len(set(value)) > 8
    ),
    form=st.sampled_from([form for form in FORMS if not form.startswith(("wrapped", "cut", "quoted twice"))]),
)
def test_whatever_the_secret_is(value: str, form: str) -> None:
    told = Scrubber({}, [Named("a test", "VENUE_SECRET", value)]).text(FORMS[form](value))
    assert telling(value, told) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("api_key: hunter2x", "api_key: ‹secret›"),
        ("GET /x?apiKey=Ab12Cd34&signature=deadbeef01&x=1", "GET /x?apiKey=‹secret›&signature=‹secret›&x=1"),
        (PEM.replace("KEY-", "PRIVATE KEY-"), "-----BEGIN PRIVATE KEY-----‹secret›-----END PRIVATE KEY-----"),
        ("key " + "ab12" * 16, "key ‹secret›"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: ‹secret›"),
        ("sent Bearer abcdef1234567890abc to", "sent Bearer ‹secret› to"),
        ("legal winner thank year wave sausage worth useful legal winner thank yellow", "‹secret›"),
        ("wss://me:p4ss@h/db", "wss://me:‹secret›@h/db"),
        ("{'OK-ACCESS-PASSPHRASE': 'myphrase1'}", "{'OK-ACCESS-PASSPHRASE': '‹secret›'}"),
        ("X-MBX-APIKEY: q8Jd72kLmNx01PzTvW4s", "X-MBX-APIKEY: ‹secret›"),
        ("X-BAPI-SIGN: " + "9f3c1ab2" * 4, "X-BAPI-SIGN: ‹secret›"),
        (
            "cookies={'gravity': 'x'}, Set-Cookie: gravity=MTc1; Path=/",
            "cookies={'gravity': 'x'}, Set-Cookie: ‹secret›",
        ),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP", "‹secret›"),
    ],
)
def test_what_nobody_named_is_known_by_its_shape(said: str, told: str) -> None:
    assert Scrubber({}).text(said) == told


@pytest.mark.parametrize(
    "plain",
    [
        "KeyError: 'key'",
        "key: ETH_USDT_Perp_2025_long",
        "missing api_key: not set",
        "token: USDC, side: buy",
        "signature: invalid",
        "password is wrong",
        "order 0x01010105034e69be00000000a5b8c3d4 filled",
        "client_order_id: 1234567890123456789 at 1764370000123456789",
        "the order was sent again while the first one was still not answered by the venue today",
        "book of 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "Basic functionality of the bearer of this message",
        "https://edge.grvt.io:443/full/v1/ticker",
        "the session_id=abc, author: John, keyboard: us",
    ],
)
def test_what_is_no_secret_stays(plain: str) -> None:
    assert Scrubber({"GIT_AUTHOR_NAME": "John", "VENUE_SECRET": KEYS[0]}).text(plain) == plain


def test_the_id_of_an_order_stays_though_it_looks_like_a_key() -> None:
    order = {"order_id": "0x" + "ab12" * 16, "reason": "0x" + "ab12" * 16}
    assert Scrubber({}).data(order) == {"order_id": "0x" + "ab12" * 16, "reason": "‹secret›"}


def test_the_lines_of_a_private_key_are_struck_out_one_by_one() -> None:
    strike = Scrubber({}).stream()
    said = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0B",
        "abc=",
        "-----END RSA PRIVATE KEY-----",
        "on",
    ]
    assert [strike(line) for line in said][1:3] == ["‹secret›", "‹secret›"]
    assert strike("MIIEvQ") == "MIIEvQ"
