"""Credentials that look real are found wherever they stand, for whichever exchange; nothing else is."""

import json
from pathlib import Path

import pytest

from diag.observe.secrets import around, in_environment
from probes.credentials import RealCredentialsError, refuse_real, throw_away_hex_key
from probes.venue import SHIPPED

TOKEN = "q8Jd72kLmNx01PzTvW4sRb6YcUe3"
KEY = "9f3c1ab27de045886f1b2c3d4e5f607182c3a4b5c6d7e8f90a1b2c3d4e5f6071"
WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBkg4LV3Wb2bcQ0Y\n-----END EC PRIVATE KEY-----"


def refused(environment: dict[str, str], folder: Path, *words: str) -> str:
    with pytest.raises(RealCredentialsError) as error:
        refuse_real([*in_environment(environment), *around([folder], words)], SHIPPED)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRVT_API_KEY", TOKEN),
        ("BACKPACK_API_SECRET", "Y2hlY2stdGhpcy1vdXQtMTIzNDU2Nzg5MDEyMzQ1Njc4OQ=="),
        ("BINANCE_API_KEY", TOKEN),
        ("API_KEY", TOKEN),
        ("apiSecret", TOKEN),
        ("PRIVATE_KEY", "0x" + KEY),
        ("WALLET_PRIVATE_KEY", KEY.upper()),
        ("MNEMONIC", WORDS),
        ("CDP_API_KEY_PRIVATE_KEY", PEM),
        ("KUCOIN_PASSPHRASE", "a rather long passphrase of mine"),
        ("KUCOIN_API_SECRET", "3f2b8c1e-9d47-4a60-b1f5-7e0c2d94a8b3"),
    ],
)
def test_it_is_refused_for_every_venue(tmp_path: Path, name: str, value: str) -> None:
    assert f"the environment holds {name}" in refused({name: value}, tmp_path)
    assert value not in refused({name: value}, tmp_path)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".env", f"API_SECRET={TOKEN}\n"),
        (".env.production", f"API_SECRET='{TOKEN}'\n"),
        ("../.env", f"export API_SECRET={TOKEN}\n"),
        ("../../.env.local", f"API_SECRET={TOKEN}\n"),
        ("config.json", json.dumps({"exchange": {"apiSecret": TOKEN}})),
        ("config/live.yaml", f"okx:\n  api_secret: {TOKEN}  # mine\n"),
        ("settings.toml", f'[venue]\napi_secret = "{TOKEN}"\n'),
        ("bot.ini", f"[venue]\napi_secret = {TOKEN}\n"),
        ("config.py", f'API_SECRET = "{TOKEN}"\n'),
        ("secrets/keys.json", json.dumps([{"secret": "0x" + KEY}])),
    ],
)
def test_it_is_refused_in_every_file(tmp_path: Path, file: str, text: str) -> None:
    folder = tmp_path / "above" / "bot"
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    said = refused({}, folder)
    assert Path(file).name in said
    assert TOKEN not in said
    assert KEY not in said


def test_it_is_refused_on_the_command_line_and_in_files_that_it_names(tmp_path: Path) -> None:
    assert "the command line" in refused({}, tmp_path, "python", "bot.py", "--api-secret", TOKEN)
    assert "the command line" in refused({}, tmp_path, "python", "bot.py", f"--private-key=0x{KEY}")
    far = tmp_path / "far.conf"
    far.write_text(f"api_secret = {TOKEN}\n")
    assert "far.conf" in refused({}, tmp_path / "bot", "python", "bot.py", "--config", str(far))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRVT_API_KEY", "your-api-key-goes-here-please"),
        ("GRVT_API_KEY", "short"),
        ("GRVT_PRIVATE_KEY", throw_away_hex_key(KEY)),
        ("PRIVATE_KEY", "0x" + "1" * 64),
        ("MNEMONIC", "test test test test test test test test test test test junk"),
        ("OPENAI_API_KEY", "sk-" + TOKEN),
        ("GITHUB_TOKEN", "ghp_" + TOKEN),
        ("TELEGRAM_BOT_TOKEN", "123456:" + TOKEN),
        ("AWS_SECRET_ACCESS_KEY", TOKEN),
        ("INVOCATION_ID", "8d1f0c8f2b7a4f4c9d3e5a6b7c8d9e0f"),
        ("USDC_ADDRESS", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
        ("SSH_AUTH_SOCK", "/tmp/ssh-x8Jd72kLmNx01PzTvW4sRb6YcUe3/agent.1"),
    ],
)
def test_what_is_worth_nothing_to_an_exchange_is_not_refused(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / ".env").write_text(f"{name}={value}\n")
    refuse_real([*in_environment({name: value}), *around([tmp_path])])


def test_files_that_cannot_be_read_are_left_alone(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "config.json")
    (tmp_path / ".env").mkdir()
    (tmp_path / "keys.yaml").write_bytes(b"\0" * 100)
    (tmp_path / "latin.ini").write_bytes(b"name = M\xfcller\n")
    (tmp_path / "big.json").write_text("{" + '"api_secret": "x",' * 100_000 + "}")
    refuse_real(around([tmp_path], ["x" * 5000, "a\0b", ""]))
