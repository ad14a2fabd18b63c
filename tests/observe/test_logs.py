"""Logging, output and log files are recorded in order, and no secret with them."""

from diag.observe.scrub import Scrubber
from tests.observe.conftest import Watch


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
    assert logs[0]["where"].endswith("bot.py:6")
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
    everything = repr([event.data for event in seen.events])
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
