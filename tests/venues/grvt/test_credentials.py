"""Credentials come from the environment or a .env file, are checked, and never show themselves."""

import pickle

import pytest

from probes import credentials
from probes.credentials import CredentialsError, Secret
from probes.venues.grvt.credentials import VARIABLES, Credentials

API_KEY, PRIVATE_KEY, SUB_ACCOUNT = "sesame", "0x" + "5a" * 32, "123456789"
ENVIRON = {"GRVT_API_KEY": API_KEY, "GRVT_PRIVATE_KEY": PRIVATE_KEY, "GRVT_TRADING_ACCOUNT_ID": SUB_ACCOUNT}


def load(environ, dotenv):
    found = credentials.load(VARIABLES, environ, dotenv)
    return found and Credentials.read(found)


def test_the_environment_goes_before_the_file(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("GRVT_API_KEY=other\nGRVT_TRADING_ACCOUNT_ID='77' # mine\nexport UNRELATED=1\n")
    found = load({"GRVT_API_KEY": API_KEY, "GRVT_PRIVATE_KEY": PRIVATE_KEY}, dotenv)
    assert (found.api_key.reveal(), found.sub_account_id) == (API_KEY, "77")
    assert load(ENVIRON, dotenv).sub_account_id == SUB_ACCOUNT


def test_no_credentials_at_all_is_none(tmp_path):
    assert load({}, tmp_path / ".env") is None
    assert load({}, None) is None


def test_missing_ones_are_named():
    with pytest.raises(CredentialsError, match=r"^GRVT_PRIVATE_KEY and GRVT_TRADING_ACCOUNT_ID missing"):
        load({"GRVT_API_KEY": API_KEY}, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRVT_PRIVATE_KEY", "5a" * 31),
        ("GRVT_PRIVATE_KEY", "0x" + "zz" * 32),
        ("GRVT_PRIVATE_KEY", "00" * 32),
        ("GRVT_TRADING_ACCOUNT_ID", "0x1234"),
        ("GRVT_TRADING_ACCOUNT_ID", "9" * 21),
        ("GRVT_TRADING_ACCOUNT_ID", "18446744073709551616"),
        ("GRVT_API_KEY", "with blank"),
        ("GRVT_API_KEY", "käse"),
    ],
)
def test_a_wrong_form_is_one_line_without_the_value(name, value):
    with pytest.raises(CredentialsError) as error:
        load({**ENVIRON, name: value}, None)
    text = str(error.value)
    assert text.startswith(name)
    assert value not in text
    assert "\n" not in text
    assert error.value.__cause__ is None


def test_an_unreadable_file_is_one_line(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"GRVT_API_KEY=\xff\xfe\n")
    with pytest.raises(CredentialsError, match="cannot be read"):
        load({}, dotenv)


def test_they_never_show_themselves():
    found = load(ENVIRON, None)
    for text in (repr(found), str(found), f"{found.api_key}", repr(found.wallet), f"{found.api_key!r:>40}"):
        assert API_KEY not in text
        assert "5a5a" not in text
    assert SUB_ACCOUNT in repr(found)
    for secret in (found, found.api_key, found.wallet):
        with pytest.raises(TypeError):
            pickle.dumps(secret)
    assert Secret("a").reveal() == "a"
