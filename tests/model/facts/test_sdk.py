"""The bundled facts of SDKs: well-formed, true, chosen by version, and regenerated the same every time."""

import ast
import builtins
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from textwrap import dedent

import pytest

import diag.model.facts.sdk as loader
from diag.model.facts import sdk
from diag.model.facts.blocking import BLOCKING, primitive, public_name
from diag.model.facts.sdk import Facts, distributions, entries, fact, facts_of, parse, pins_of
from diag.model.facts.sdk_stub import stub_source, write_stub

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(loader.__file__).with_name("sdk")  # of the installed package, where that is what is tested
COLOURS = {
    "def",
    "async def",
    "generator",
    "async generator",
    "property",
    "async property",
    "context manager",
    "async context manager",
    "unknown",
}


def modules_of(distribution: str) -> list[str]:
    return list(json.loads((DATA / f"{distribution}.json").read_bytes())["modules"])


# -- the data ------------------------------------------------------------------------------------------


def test_the_sdks_that_the_project_promises_are_there() -> None:
    promised = {
        *(
            "grvt-pysdk",
            "ccxt",
            "bpx-py",
            "lighter-sdk",
            "paradex-py",
            "hyperliquid-python-sdk",
            "async-hyperliquid",
        ),
        *("edgex-python-sdk", "x10-python-trading-starknet", "apexomni", "nado-protocol", "python-binance"),
        *("requests", "aiohttp", "websockets", "websocket-client", "httpx", "urllib3", "redis"),
    }
    assert promised <= set(distributions())


@pytest.mark.parametrize("distribution", distributions())
def test_every_entry_is_well_formed(distribution: str) -> None:
    document = json.loads((DATA / f"{distribution}.json").read_bytes())
    assert document["distribution"] == distribution
    assert len(set(document["sampled"])) == len(document["sampled"]) >= 1
    seen = 0
    for qualname, text in entries(distribution):
        entry, _, span = text.partition(" @ ")
        _, colour, returns, way = parse(entry)
        assert colour in COLOURS, (qualname, text)
        if returns:
            ast.parse(returns, mode="eval")
        if way:
            assert way[-1] in BLOCKING, (qualname, text)
        first, _, last = span.partition("..")
        assert not span or document["sampled"].index(first) <= document["sampled"].index(last)
        seen += 1
    assert seen > 10


@pytest.mark.parametrize("distribution", distributions())
def test_every_stub_parses_and_every_name_in_it_is_in_reach(distribution: str) -> None:
    for module in modules_of(distribution):
        # A module of two distributions is that of the pinned one.
        source = stub_source(module, {distribution: facts_newest(distribution)})
        if source is None:
            continue  # gone from the newest release
        tree = ast.parse(source)
        assert list(out_of_reach(tree)) == [], module


def facts_newest(distribution: str) -> str:
    sampled: list[str] = json.loads((DATA / f"{distribution}.json").read_bytes())["sampled"]
    return sampled[-1]


def out_of_reach(tree: ast.Module) -> Iterator[str]:
    """Names in annotations and bases that are neither bound by the stub nor builtin, or hidden by a class."""
    bound: set[str] = set()
    for node in tree.body:
        bound |= names_bound(node)
    for node in tree.body:
        yield from check_scope(node, bound, set())


def check_scope(node: ast.AST, bound: set[str], hidden: set[str]) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        for base in node.bases:
            yield from check_names(base, bound, set())
        own = set().union(*(names_bound(child) for child in node.body))
        nested = {child.name for child in node.body if isinstance(child, ast.ClassDef)}
        for child in node.body:
            yield from check_scope(child, bound | nested, own - nested)
    elif isinstance(node, ast.AnnAssign):
        yield from check_names(node.annotation, bound, hidden)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        yield from check_names(node.returns, bound, hidden)


def check_names(node: ast.expr, bound: set[str], hidden: set[str]) -> Iterator[str]:
    for name in (n.id for n in ast.walk(node) if isinstance(n, ast.Name)):
        if name in hidden or not (name in bound or hasattr(builtins, name)):
            yield name


def names_bound(node: ast.AST) -> set[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {alias.asname or alias.name.split(".")[0] for alias in names}
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def test_the_data_stays_small_and_the_index_is_complete() -> None:
    assert sum(path.stat().st_size for path in DATA.glob("*.json")) < 1_700_000
    index = json.loads((DATA / "index.json").read_bytes())
    for distribution in distributions():
        for module in modules_of(distribution):
            assert distribution in index[module.split(".")[0]]


# -- what the facts say --------------------------------------------------------------------------------


def test_the_synchronous_grvt_client_and_its_twin() -> None:
    ticker = fact("pysdk.grvt_ccxt.GrvtCcxt.fetch_ticker")
    assert ticker is not None
    assert (ticker.distribution, ticker.colour, ticker.returns) == ("grvt-pysdk", "def", "dict")
    assert (ticker.blocks, ticker.network) == ("requests.Session.post", True)
    assert ticker.via == ("GrvtCcxt._auth_and_post",)
    assert ticker.twin == "pysdk.grvt_ccxt_pro.GrvtCcxtPro.fetch_ticker"
    assert ticker.versions == "0.1.13..0.2.1"
    twin = fact(ticker.twin)
    assert twin is not None
    assert (twin.colour, twin.returns, twin.blocks, twin.twin) == ("async def", "dict", "", "")
    client = fact("pysdk.grvt_ccxt.GrvtCcxt")
    assert client is not None
    assert (client.colour, client.twin) == ("class", "pysdk.grvt_ccxt_pro.GrvtCcxtPro")


def test_a_method_that_a_base_class_defines_is_found_and_does_no_input_or_output() -> None:
    found = fact("pysdk.grvt_ccxt.GrvtCcxt.get_trading_account_id")
    assert found is not None
    assert (found.colour, found.blocks, found.network) == ("def", "", False)
    assert found.qualname == "pysdk.grvt_ccxt.GrvtCcxt.get_trading_account_id"


def test_a_subclass_overrides_what_it_inherits() -> None:
    """The WebSocket client inherits the coroutine functions of the asynchronous one."""
    found = fact("pysdk.grvt_ccxt_ws.GrvtCcxtWS.fetch_ticker")
    assert found is not None
    assert found.colour == "async def"


@pytest.mark.parametrize("exchange", ["binance", "kraken", "hyperliquid", "grvt", "binanceusdm"])
def test_ccxt_has_each_exchange_in_two_colours(exchange: str) -> None:
    plain, coroutine = (
        fact(f"ccxt.{exchange}.create_order"),
        fact(f"ccxt.async_support.{exchange}.create_order"),
    )
    assert plain is not None
    assert coroutine is not None
    assert (plain.colour, plain.blocks, plain.network) == ("def", "requests.Session.request", True)
    assert plain.returns == "ccxt.base.types.Order"
    assert (coroutine.colour, coroutine.blocks) == ("async def", "")
    assert plain.twin == f"ccxt.async_support.{exchange}.{exchange}.create_order"
    streaming = fact(f"ccxt.pro.{exchange}.create_order")
    assert streaming is not None
    assert streaming.colour == "async def"


def test_ccxt_helpers_are_plain_in_both_colours() -> None:
    for name in ("ccxt.binance.price_to_precision", "ccxt.async_support.binance.price_to_precision"):
        found = fact(name)
        assert found is not None
        assert (found.colour, found.blocks) == ("def", "")


def test_a_plain_function_that_returns_a_coroutine_is_awaitable() -> None:
    """redis shares its commands between the colours; which one `get` has depends on the class."""
    plain, coroutine = fact("redis.Redis.get"), fact("redis.asyncio.Redis.get")
    assert plain is not None
    assert coroutine is not None
    assert (plain.colour, plain.blocks) == ("def", "redis.Redis.execute_command")
    assert "Coroutine" not in plain.returns
    assert plain.twin == "redis.asyncio.client.Redis.get"
    assert coroutine.colour == "def"
    assert coroutine.returns.startswith("typing.Coroutine[")


def test_awaitable_classes_keep_their_protocols() -> None:
    session = stub_source("aiohttp.client")
    assert session is not None
    assert {"__await__", "__aenter__", "__aexit__"} <= methods(session, "_BaseRequestContextManager")
    get = fact("aiohttp.ClientSession.get")
    assert get is not None
    response = "aiohttp.client_reqrep.ClientResponse"
    assert (get.colour, get.returns) == ("def", f"aiohttp.client._BaseRequestContextManager[{response}]")
    for version in ("12.0", "15.0.1"):
        connect = fact("websockets.connect", {"websockets": version})
        assert connect is not None
        home, _, name = connect.qualname.rpartition(".")
        stub = stub_source(home, {"websockets": version})
        assert stub is not None
        assert {"__await__", "__aenter__", "__aexit__", "__aiter__"} <= methods(stub, name)


def methods(stub: str, name: str) -> set[str]:
    classes = {node.name: node for node in ast.parse(stub).body if isinstance(node, ast.ClassDef)}
    return {n.name for n in classes[name].body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_a_coroutine_function_that_blocks_says_so() -> None:
    """bpx-py has an `async def` among the plain methods of its synchronous client; it calls requests."""
    found = fact("bpx.public.Public.get_all_mark_prices")
    assert found is not None
    assert (found.colour, found.blocks) == ("async def", "requests.get")


def test_twins_of_other_packages() -> None:
    expected = {
        "bpx.account.Account": "bpx.async_.account.Account",
        "httpx.Client": "httpx._client.AsyncClient",
        "redis.Redis": "redis.asyncio.client.Redis",
        "binance.client.Client": "binance.async_client.AsyncClient",
        "hyperliquid.info.Info": "",
    }
    assert {name: found.twin for name in expected if (found := fact(name)) is not None} == expected


def test_unknown_names_have_no_facts() -> None:
    for name in (
        "pysdk.grvt_ccxt.GrvtCcxt.no_such",
        "pysdk.no_such.X",
        "no_such_package.thing",
        "requests",
        "",
    ):
        assert fact(name) is None
    assert stub_source("no_such_package") is None
    assert stub_source("pysdk.no_such") is None


def test_a_package_without_facts_of_its_own_has_an_empty_open_stub() -> None:
    source = stub_source("bpx")
    assert source is not None
    assert [type(node) for node in ast.parse(source).body] == [ast.Import, ast.FunctionDef]
    assert "__getattr__" in source


def test_the_stub_of_the_grvt_client() -> None:
    source = stub_source("pysdk.grvt_ccxt")
    assert source is not None
    assert "import pysdk.grvt_ccxt_base\n" in source
    assert "from pysdk.grvt_ccxt_env import GrvtEnv as GrvtEnv\n" in source
    assert "class GrvtCcxt(pysdk.grvt_ccxt_base.GrvtCcxtBase):\n" in source
    assert "    def fetch_ticker(self, *args: typing.Any, **kwargs: typing.Any) -> dict: ...\n" in source
    twin = stub_source("pysdk.grvt_ccxt_pro")
    assert twin is not None
    assert "    async def fetch_ticker(self, *args: typing.Any, **kwargs: typing.Any) -> dict: ...\n" in twin
    assert "    _session: aiohttp.ClientSession\n" in twin


def test_a_builtin_that_a_class_hides_is_named_in_full() -> None:
    """`redis.Redis` has a method `set`; an annotation `set` beside it would mean that method."""
    source = stub_source("redis.client")
    assert source is not None
    assert "import builtins\n" in source
    assert re.search(r"def smembers\(.*\) -> .*builtins\.set", source)


@pytest.mark.parametrize(
    ("qualname", "expected"),
    [
        ("requests.sessions.Session.get", "requests.Session.get"),
        ("requests.get", "requests.get"),
        ("httpx._client.Client.post", "httpx.Client.post"),
        ("urllib3._request_methods.RequestMethods.request", "urllib3.PoolManager.request"),
        ("redis.client.Redis.execute_command", "redis.Redis.execute_command"),
    ],
)
def test_primitives_are_found_where_packages_define_them(qualname: str, expected: str) -> None:
    assert public_name(qualname) == expected
    found = primitive(qualname)
    assert found is BLOCKING[expected]
    assert found.network
    assert found.advice


def test_sleeping_blocks_without_network_and_files_do_not_count() -> None:
    assert not BLOCKING["time.sleep"].network
    assert primitive("builtins.open") is None
    assert primitive("requestsx.get") is None


# -- versions ------------------------------------------------------------------------------------------


def test_a_pin_chooses_the_release() -> None:
    """python-binance moved its asynchronous client to a module of its own."""
    old = fact("binance.AsyncClient", {"python-binance": "1.0.17"})
    new = fact("binance.AsyncClient", {"python-binance": "1.0.37"})
    assert old is not None
    assert new is not None
    assert old.qualname == "binance.client.AsyncClient"
    assert new.qualname == fact_name("binance.AsyncClient") == "binance.async_client.AsyncClient"


def fact_name(qualname: str) -> str:
    found = fact(qualname)
    assert found is not None
    return found.qualname


def test_a_pin_older_than_every_sample_has_no_facts_and_a_newer_one_the_newest() -> None:
    name = "pysdk.grvt_ccxt.GrvtCcxt.fetch_ticker"
    assert fact(name, {"grvt-pysdk": "0.0.1"}) is None
    assert stub_source("pysdk.grvt_ccxt", {"grvt-pysdk": "0.0.1"}) is None
    assert fact(name, {"grvt-pysdk": "99.0"}) == fact(name)


def test_what_a_release_lacks_is_not_said_of_it() -> None:
    name = "pysdk.grvt_ccxt.GrvtCcxt.set_derisk_mm_ratio"
    assert fact(name, {"grvt-pysdk": "0.1.13"}) is None
    assert fact(name, {"grvt-pysdk": "0.2.1"}) is not None


def document(*runs: str) -> dict[str, object]:
    """A distribution with one function, whose text is given for each range of its three releases."""
    functions = dict.fromkeys(runs, "f")
    return {
        "distribution": "acme",
        "sampled": ["1.0", "1.5", "2.0"],
        "modules": {"acme": {"functions": functions}},
    }


@pytest.mark.parametrize(
    ("pin", "colour", "doubtful"),
    [
        ("1.0", "def", False),
        ("1.2", "def", False),
        ("1.5", "def", False),
        ("1.7", None, True),
        ("2.0", "async def", False),
        ("2.0.0", "async def", False),
        ("3.1", "async def", False),
        (None, None, True),
    ],
)
def test_releases_that_disagree_on_the_colour(pin: str | None, colour: str | None, doubtful: bool) -> None:
    facts = Facts(document("def -> dict @ 1.0..1.5", "async def -> dict @ 2.0..2.0"), pin)
    module = facts.module("acme")
    assert module is not None
    entry = module.functions["f"]
    assert entry.doubtful is doubtful
    stub = write_stub(facts, "acme", module)
    assert f"f{'(' if not doubtful else ': typing.Any'}" in stub
    if colour is not None:
        assert parse(entry.text)[1] == colour
        assert f"\n{colour} f(" in stub


def test_releases_that_disagree_on_the_type_alone_are_not_doubtful() -> None:
    facts = Facts(document("def -> list @ 1.0..1.5", "def -> dict @ 2.0..2.0"), None)
    module = facts.module("acme")
    assert module is not None
    assert not module.functions["f"].doubtful
    assert module.functions["f"].text == "def -> dict"


def test_a_coroutine_function_and_a_function_that_returns_a_coroutine_agree() -> None:
    returning = "def -> typing.Coroutine[typing.Any, typing.Any, dict] @ 2.0..2.0"
    facts = Facts(document("async def -> dict @ 1.0..1.5", returning), None)
    module = facts.module("acme")
    assert module is not None
    assert not module.functions["f"].doubtful


def test_pins_are_read_from_the_files_of_a_project(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "# comment\ngrvt-pysdk==0.1.32\nccxt>=4.0\nPython_Binance == 1.0.17 ; python_version > '3.8'\n"
        "httpx[http2]==0.27.2  # why\nrequests==2.*\nredis==5.0.8\n",
        encoding="utf-8",
    )
    (tmp_path / "requirements-dev.txt").write_text("redis==6.4.0\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["aiohttp==3.9.5", "web3>=6"]\n'
        'optional-dependencies.x = ["bpx-py==2.0.5"]\n',
        encoding="utf-8",
    )
    (tmp_path / "uv.lock").write_text(
        '[[package]]\nname = "websockets"\nversion = "13.1"\n', encoding="utf-8"
    )
    assert pins_of(tmp_path) == {
        "grvt-pysdk": "0.1.32",
        "python-binance": "1.0.17",
        "httpx": "0.27.2",
        "aiohttp": "3.9.5",
        "bpx-py": "2.0.5",
        "websockets": "13.1",
    }  # redis has two different pins


@pytest.mark.parametrize(
    "text", ["dependencies = [", "project = 1", '[project]\ndependencies = "x==1"', "\x00=="]
)
def test_a_broken_project_file_has_no_pins(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text + " # ==", encoding="utf-8")
    assert pins_of(tmp_path) == {}
    assert pins_of(tmp_path / "no-such-folder") == {}


# -- regeneration --------------------------------------------------------------------------------------

CLIENT = """
    import json
    import time
    from functools import cached_property, wraps
    from typing import Dict, List, Optional

    import aiohttp
    import requests
    from contextlib import asynccontextmanager, contextmanager

    from ._base import Base, retrying


    class Client(Base):
        def __init__(self, key: str) -> None:
            self.session = requests.Session()
            self.key = key

        def _send(self, path):
            answer = self.session.post(path)
            return answer.json()

        def ticker(self, symbol) -> dict:
            return self._send(symbol)

        def orders(self) -> "List[Order]":
            return [Order() for _ in self._send("orders")]

        def pause(self):
            time.sleep(1)

        @retrying
        def retried(self) -> int:
            return 1

        @property
        def name(self) -> str:
            return self.key

        @contextmanager
        def locked(self):
            yield self

        def pages(self):
            yield self._send("page")

        @staticmethod
        def parse(text: str):
            return json.loads(text)


    class AsyncClient(Base):
        def __init__(self):
            self.session = aiohttp.ClientSession()

        async def _send(self, path):
            async with self.session.post(path) as answer:
                return await answer.json()

        async def ticker(self, symbol) -> dict:
            return await self._send(symbol)

        def orders(self) -> list:
            return self._send("orders")

        @property
        def ready(self):
            return self._send("ready")

        async def pages(self):
            yield 1

        @asynccontextmanager
        async def locked(self):
            yield self


    class Order:
        def cancel(self) -> Optional[Dict[str, str]]:
            return None


    def connect(key) -> Client:
        return Client(key)


    def mystery(thing):
        return thing.unknown()
"""
BASE = """
    from functools import wraps


    def retrying(function):
        @wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper


    class Base:
        def everything(self):
            return self._send("everything")

        def _send(self, path):
            raise NotImplementedError
"""


def acme(folder: Path, client: str) -> Path:
    package = folder / "acme"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "from .client import Client, AsyncClient as Aio, connect\n", encoding="utf-8"
    )
    (package / "client.py").write_text(dedent(client), encoding="utf-8")
    (package / "_base.py").write_text(dedent(BASE), encoding="utf-8")
    (package / "broken.py").write_text("print 'Python 2'\n", encoding="utf-8")
    (package / "bomb.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    return folder


def regenerate(out: Path, *sources: tuple[str, Path], seed: str) -> Path:
    command = [sys.executable, str(ROOT / "scripts" / "sdk_facts.py"), "--only", "acme", "--out", str(out)]
    for version, folder in sources:
        command += ["--source", f"acme=={version}={folder}"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return out


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder = tmp_path_factory.mktemp("acme")
    first = acme(
        folder / "1",
        CLIENT.replace("async def ticker", "def ticker").replace("await self._send(symbol)", "{}"),
    )
    second = acme(folder / "2", CLIENT)
    one = regenerate(folder / "a", ("1.0", first), ("2.0", second), seed="1")
    two = regenerate(folder / "b", ("1.0", first), ("2.0", second), seed="2")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()
    assert {path.name for path in one.iterdir()} == {"acme.json", "index.json"}
    assert json.loads((one / "index.json").read_bytes()) == {"acme": ["acme"]}
    return Facts(json.loads((one / "acme.json").read_bytes()), "2.0")


def text(facts: Facts, cls: str, name: str) -> str:
    module = facts.module("acme.client")
    assert module is not None
    return module.methods(cls)[name].text


@pytest.mark.parametrize(
    ("cls", "name", "expected"),
    [
        ("Client", "_send", "def -> json ! requests.Session.post"),
        ("Client", "ticker", "def -> dict[str, json] ! Client._send > requests.Session.post"),
        ("Client", "orders", "def -> list[acme.client.Order] ! Client._send > requests.Session.post"),
        ("Client", "pause", "def -> None ! time.sleep"),
        ("Client", "retried", "def -> int"),
        ("Client", "name", "property -> str"),
        ("Client", "locked", "context manager -> contextlib.AbstractContextManager"),
        ("Client", "pages", "generator -> typing.Iterator"),
        ("Client", "parse", "staticmethod def -> json"),
        ("Client", "everything", "def -> json ! Client._send > requests.Session.post"),
        ("AsyncClient", "_send", "async def -> json"),
        ("AsyncClient", "ticker", "async def -> dict[str, json]"),
        ("AsyncClient", "orders", "def -> typing.Coroutine[typing.Any, typing.Any, json]"),
        ("AsyncClient", "ready", "async property -> typing.Coroutine[typing.Any, typing.Any, json]"),
        ("AsyncClient", "pages", "async generator -> typing.AsyncIterator"),
        ("AsyncClient", "locked", "async context manager -> contextlib.AbstractAsyncContextManager"),
        ("AsyncClient", "everything", "def -> typing.Coroutine[typing.Any, typing.Any, json]"),
        ("Order", "cancel", "def -> dict[str, str] | None"),
    ],
)
def test_a_body_is_believed_before_its_annotation(
    generated: Facts, cls: str, name: str, expected: str
) -> None:
    assert text(generated, cls, name) == expected


def test_functions_attributes_imports_and_twins_are_recorded(generated: Facts) -> None:
    client, package = generated.module("acme.client"), generated.module("acme")
    assert client is not None
    assert package is not None
    assert client.functions["connect"].text == "def -> acme.client.Client"
    assert client.functions["mystery"].text == "def"
    assert client.attributes("Client")["session"].text == "requests.Session"
    assert client.attributes("AsyncClient")["session"].text == "aiohttp.ClientSession"
    assert client.twin("Client") == "acme.client.AsyncClient"
    assert sdk.imported("Aio", package.imports["Aio"].text) == "acme.client.AsyncClient"
    assert generated.module("acme.broken") is None


def test_the_colour_that_changed_between_releases_is_kept_for_each(generated: Facts) -> None:
    raw = generated._modules["acme.client"]["classes"]["AsyncClient"]["methods"]
    assert "ticker" in raw["def -> dict @ 1.0..1.0"]
    assert "ticker" in raw["async def -> dict[str, json] @ 2.0..2.0"]


def test_the_stub_of_generated_facts_reads_like_the_source(generated: Facts) -> None:
    module = generated.module("acme.client")
    assert module is not None
    stub = write_stub(generated, "acme.client", module)
    assert list(out_of_reach(ast.parse(stub))) == []
    arguments = "*args: typing.Any, **kwargs: typing.Any"
    for line in (
        f"def mystery({arguments}): ...",
        f"def connect({arguments}) -> Client: ...",
        "class Client(acme._base.Base):",
        f"    async def ticker(self, {arguments}) -> dict[str, ",
        f"    def orders(self, {arguments}) -> list[Order]: ...",
        "    @staticmethod\n    def parse(*args",
        "    @property\n    def ready(self) -> typing.Coroutine[",
        f"    def pages(self, {arguments}) -> typing.AsyncIterator: ...",
    ):
        assert line in stub


def test_an_unknown_distribution_is_refused() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "sdk_facts.py"), "--only", "no-such-sdk"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no-such-sdk is not in sdk_releases.toml" in done.stderr


# -- the installed SDK ---------------------------------------------------------------------------------


def test_the_colours_of_grvt_pysdk_are_those_of_the_installed_distribution() -> None:
    try:
        version = metadata.version("grvt-pysdk")
    except metadata.PackageNotFoundError:
        pytest.skip("grvt-pysdk is not installed here; its facts are compared where it is")
    pins = {"grvt-pysdk": version}
    compared = 0
    for module_name, class_name in (("pysdk.grvt_ccxt", "GrvtCcxt"), ("pysdk.grvt_ccxt_pro", "GrvtCcxtPro")):
        cls = getattr(importlib.import_module(module_name), class_name)
        facts = facts_of(module_name, pins)
        assert facts is not None
        for name, member in inspect.getmembers(cls, inspect.isfunction):
            found = fact(f"{module_name}.{class_name}.{name}", pins)
            if found is not None:
                assert (found.colour == "async def") == inspect.iscoroutinefunction(member), name
                compared += 1
    assert compared > 40
