"""Secrets reach nothing that a run writes: not the record, not a report, not stdout or stderr."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.observe.secret_forms import KEYS, telling

pytestmark = pytest.mark.slow

# Tells each form in each way that programs have; the values come from where a test has put them.
TELLER = """\
import json, logging, os, sys, urllib.request, warnings
from secret_forms import FORMS

VALUES = [PLACE]
logging.basicConfig(level="INFO", format="%(name)s %(message)s")
log = logging.getLogger("bot")

def request(url, data=None, headers={}):
    try:
        urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=5).read()
    except Exception as error:
        log.warning("request failed: %s", error)

for value in VALUES:
    for name, form in FORMS.items():
        told = form(value)
        print("printed", name, told)
        print("to stderr", told, file=sys.stderr)
        log.info("logged %s", told)
        logging.getLogger(told[:40].replace(".", "-") or "x").info("by a logger of that name")
        try:
            raise ValueError(told)
        except Exception as error:
            log.exception("failed")
        try:
            {}[told]
        except KeyError:
            pass
        with open("bot.log", "a") as file:
            file.write(told + "\\n")
    request("https://edge.grvt.io/full/v1/" + FORMS["quoted"](value), b"{}")
    request("https://edge.grvt.io/full/v1/ticker?apiKey=" + FORMS["quoted"](value), b"{}")
    body = json.dumps({"instrument": value, "api_key": value}).encode()
    request("https://trades.grvt.io/full/v1/create_order", body, {"Content-Type": "application/json"})
    request("https://edge.grvt.io/auth/api_key/login", body, {"X-Api-Key": value.encode().hex()})
    open(value.encode().hex()[:60] + ".log", "w").write("a file of that name\\n")
print("told all")
raise RuntimeError(VALUES[0])
"""


def put_in_environment(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    return 'os.environ["MY_BOT_API_SECRET"]', {"MY_BOT_API_SECRET": value}, []


def put_under_any_name(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    return 'os.environ["ZAPHOD"]', {"ZAPHOD": value}, []


def put_beside_the_script(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    (folder / "bot" / ".env").write_text(f"ACCESS_TOKEN='{value}'\n")
    return 'open("bot/.env").read().split("=", 1)[1].strip()[1:-1]', {}, []


def put_above(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    (folder.parent / ".env").write_text(f"export SIGNING_KEY='{value}'\n")
    return 'open("../.env").read().split("=", 1)[1].strip()[1:-1]', {}, []


def put_in_env_file(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    (folder.parent / "far.env").write_text(f"BOT_PASSPHRASE='{value}'\n")
    return 'os.environ["BOT_PASSPHRASE"]', {}, ["--env-file", "../far.env"]


def put_in_settings(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    (folder / "config").mkdir()
    (folder / "config" / "live.json").write_text(json.dumps({"exchange": {"apiSecret": value}}))
    return 'json.load(open("config/live.json"))["exchange"]["apiSecret"]', {}, []


def put_far_away(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    """Only the program knows this file."""
    far = folder.parent / "elsewhere" / "deep"
    far.mkdir(parents=True)
    (far / "accounts.yaml").write_text(f"main:\n  api_secret: '{value}'\n")
    return f'open("{far}/accounts.yaml").read().split("\'")[1]', {}, []


def put_in_a_key_file(folder: Path, value: str) -> tuple[str, dict[str, str], list[str]]:
    (folder / "token").write_text(value + "\n")
    return 'open("token").read().strip()', {}, []


PLACES = (
    put_in_environment,
    put_beside_the_script,
    put_above,
    put_in_env_file,
    put_in_settings,
    put_far_away,
    put_in_a_key_file,
)


def tell(
    tmp_path: Path, place, value: str, *options: str, argv: tuple[str, ...] = ()
) -> tuple[int, bytes, Path]:
    """Every byte that a run has written, and its exit code."""
    folder = tmp_path / "project"
    (folder / "bot").mkdir(parents=True)
    (folder / ".git").mkdir()
    expression, variables, more = place(folder, value)
    (folder / "bot" / "bot.py").write_text(TELLER.replace("PLACE", expression, 1))
    forms = Path(__file__).parent.parent / "observe" / "secret_forms.py"
    (folder / "bot" / "secret_forms.py").write_text(forms.read_text())
    written = tmp_path / "written"
    written.mkdir()
    reports = [
        word for name in ("json", "junit", "github", "concise") for word in ("-o", f"{name}:{written / name}")
    ]
    environment = {
        name: value for name, value in os.environ.items() if "KEY" not in name and "TOKEN" not in name
    }
    command = [
        sys.executable,
        "-m",
        "diag",
        "run",
        *options,
        *more,
        "--record",
        str(written / "record"),
        *reports,
    ]
    done = subprocess.run(
        [*command, "--", "python", "bot/bot.py", *argv],
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        timeout=120,
    )
    files = b"\n".join(file.read_bytes() for file in sorted(written.rglob("*")) if file.is_file())
    return done.returncode, done.stdout + b"\n" + done.stderr + b"\n" + files, written


@pytest.mark.parametrize(("place", "value"), list(zip(PLACES, KEYS * 2, strict=False)))
def test_no_secret_is_written_whatever_its_form_and_wherever_it_came_from(tmp_path, place, value) -> None:
    code, written, _ = tell(tmp_path, place, value)
    assert code == 1
    assert b"told all" in written
    assert telling(value, written.decode("utf-8", "replace")) == []


@pytest.mark.parametrize("value", KEYS[:2])
def test_no_secret_is_written_by_a_simulated_venue(tmp_path, value) -> None:
    code, written, _ = tell(
        tmp_path,
        put_under_any_name,
        value,
        "--sim",
        "grvt",
        "--allow-real-credentials",
        argv=(value, f"--api-secret={value}"),
    )
    assert code == 1, written
    assert b"told all" in written
    assert b'"kind":"request"' in written
    assert telling(value, written.decode("utf-8", "replace")) == []


def test_records_and_reports_are_the_users_alone(tmp_path) -> None:
    _, _, written = tell(tmp_path, put_in_environment, KEYS[0])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in written.rglob("*")}
    assert modes == {
        "record": 0o700,
        "events.jsonl": 0o600,
        "json": 0o600,
        "junit": 0o600,
        "github": 0o600,
        "concise": 0o600,
    }


def test_json_on_stdout_is_json_whatever_the_program_prints(tmp_path) -> None:
    (tmp_path / "bot.py").write_text("print('{}')\nimport sys\nprint('no end', end='')\n")
    done = subprocess.run(
        [sys.executable, "-m", "diag", "run", "-o", "json", "--", "python", "bot.py"],
        capture_output=True,
        cwd=tmp_path,
        text=True,
    )
    assert json.loads(done.stdout)["outcome"] == "pass"
    assert "{}\nno end" in done.stderr


def test_what_is_printed_without_an_end_of_line_is_seen_at_once(tmp_path) -> None:
    (tmp_path / "bot.py").write_text("print('Sure? ', end='', flush=True)\nprint('said', input())\n")
    with subprocess.Popen(
        [sys.executable, "-m", "diag", "run", "--record", "rec", "--", "python", "bot.py"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.read(6) == b"Sure? "
        out, _ = process.communicate(b"yes\n", timeout=60)
    assert b"said yes\n" in out
