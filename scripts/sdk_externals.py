"""What the analysis of an SDK needs to know of code outside it: return types of well-known calls.

Facts of the standard library and of the leaf packages that SDKs are built on. `json` stands for whatever a
JSON document decodes to. Sources: typeshed, and the packages' own annotations.
"""


def _all(names: str, kind: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_VERBS = "get post put patch delete head options request"

RETURNS: dict[str, str] = {
    "json.loads": "json",
    "json.load": "json",
    "json.dumps": "str",
    "orjson.loads": "json",
    "orjson.dumps": "bytes",
    "ujson.loads": "json",
    "ujson.dumps": "str",
    "simplejson.loads": "json",
    "simplejson.dumps": "str",
    "time.time": "float",
    "time.time_ns": "int",
    "time.monotonic": "float",
    "time.monotonic_ns": "int",
    "time.perf_counter": "float",
    "time.sleep": "None",
    "time.strftime": "str",
    "uuid.uuid4": "uuid.UUID",
    "os.getenv": "str | None",
    "os.urandom": "bytes",
    "random.randint": "int",
    "random.random": "float",
    "random.getrandbits": "int",
    "secrets.token_hex": "str",
    "secrets.randbits": "int",
    "hmac.new": "hmac.HMAC",
    "hmac.HMAC.hexdigest": "str",
    "hmac.HMAC.digest": "bytes",
    "hashlib.sha256": "hashlib._Hash",
    "hashlib.sha512": "hashlib._Hash",
    "hashlib._Hash.hexdigest": "str",
    "hashlib._Hash.digest": "bytes",
    "base64.b64encode": "bytes",
    "base64.b64decode": "bytes",
    "base64.urlsafe_b64encode": "bytes",
    "urllib.parse.urlencode": "str",
    "urllib.parse.quote": "str",
    "urllib.parse.quote_plus": "str",
    "urllib.parse.urljoin": "str",
    "logging.getLogger": "logging.Logger",
    "copy.copy": "",
    "datetime.datetime.now": "datetime.datetime",
    "datetime.datetime.utcnow": "datetime.datetime",
    "datetime.datetime.timestamp": "float",
    "datetime.datetime.isoformat": "str",
    "datetime.datetime.strftime": "str",
    "dataclasses.asdict": "dict[str, typing.Any]",
    "asyncio.sleep": "typing.Coroutine[typing.Any, typing.Any, None]",
    "asyncio.create_task": "asyncio.Task",
    "asyncio.ensure_future": "asyncio.Task",
    "asyncio.gather": "asyncio.Future",
    "asyncio.shield": "asyncio.Future",
    "asyncio.wait_for": "typing.Coroutine",
    "asyncio.wait": "typing.Coroutine",
    "asyncio.to_thread": "typing.Coroutine",
    "asyncio.run_coroutine_threadsafe": "concurrent.futures.Future",
    "asyncio.get_event_loop": "asyncio.AbstractEventLoop",
    "asyncio.get_running_loop": "asyncio.AbstractEventLoop",
    "asyncio.new_event_loop": "asyncio.AbstractEventLoop",
    "asyncio.AbstractEventLoop.create_task": "asyncio.Task",
    "asyncio.AbstractEventLoop.create_future": "asyncio.Future",
    "asyncio.AbstractEventLoop.run_in_executor": "asyncio.Future",
    "asyncio.AbstractEventLoop.time": "float",
    "asyncio.Queue.get": "typing.Coroutine",
    "asyncio.Queue.put": "typing.Coroutine[typing.Any, typing.Any, None]",
    "asyncio.Event.wait": "typing.Coroutine[typing.Any, typing.Any, bool]",
    "asyncio.Event.set": "None",
    "requests.session": "requests.Session",
    "requests.Response.json": "json",
    "requests.Response.raise_for_status": "None",
    "requests.Session.send": "requests.Response",
    "requests.Session.close": "None",
    "httpx.Client.send": "httpx.Response",
    "httpx.Response.json": "json",
    "httpx.Response.raise_for_status": "httpx.Response",
    "httpx.Client.close": "None",
    "httpx.AsyncClient.aclose": "typing.Coroutine[typing.Any, typing.Any, None]",
    "aiohttp.ClientResponse.json": "typing.Coroutine[typing.Any, typing.Any, json]",
    "aiohttp.ClientResponse.text": "typing.Coroutine[typing.Any, typing.Any, str]",
    "aiohttp.ClientResponse.read": "typing.Coroutine[typing.Any, typing.Any, bytes]",
    "aiohttp.ClientResponse.raise_for_status": "None",
    "aiohttp.ClientSession.close": "typing.Coroutine[typing.Any, typing.Any, None]",
    "aiohttp.ClientSession.ws_connect": "aiohttp.client._WSRequestContextManager",
    "websocket.create_connection": "websocket._core.WebSocket",
}
for _verb in _VERBS.split():
    RETURNS[f"requests.{_verb}"] = RETURNS[f"requests.Session.{_verb}"] = "requests.Response"
    RETURNS[f"httpx.{_verb}"] = RETURNS[f"httpx.Client.{_verb}"] = "httpx.Response"
    RETURNS[f"httpx.AsyncClient.{_verb}"] = "typing.Coroutine[typing.Any, typing.Any, httpx.Response]"
    RETURNS[f"aiohttp.ClientSession.{_verb}"] = "aiohttp.client._RequestContextManager"

# What `await` or `async with` of an instance gives, and the attributes of some classes.
AWAITED: dict[str, str] = {
    "aiohttp.client._RequestContextManager": "aiohttp.ClientResponse",
    "aiohttp.client._WSRequestContextManager": "aiohttp.ClientWebSocketResponse",
}
ATTRIBUTES: dict[str, str] = {
    "requests.Response.text": "str",
    "requests.Response.content": "bytes",
    "requests.Response.status_code": "int",
    "requests.Response.ok": "bool",
    "requests.Response.headers": "requests.structures.CaseInsensitiveDict",
    "httpx.Response.text": "str",
    "httpx.Response.content": "bytes",
    "httpx.Response.status_code": "int",
    "aiohttp.ClientResponse.status": "int",
    "os.environ": "os._Environ",
}

# Methods of builtin types; an empty string stands for "depends on the contents".
METHODS: dict[str, dict[str, str]] = {
    "str": {
        **_all(
            "format format_map join lower upper strip lstrip rstrip replace title capitalize zfill ljust",
            "str",
        ),
        **_all("rjust center removeprefix removesuffix casefold swapcase translate", "str"),
        **_all("split rsplit splitlines", "list[str]"),
        **_all("startswith endswith isdigit isalpha isnumeric isupper islower isidentifier", "bool"),
        **_all("find rfind index count", "int"),
        "encode": "bytes",
    },
    "bytes": {"decode": "str", "hex": "str"},
    "dict": {
        **_all("update clear", "None"),
        "copy": "dict",
        "keys": "typing.KeysView",
        "items": "typing.ItemsView",
    },
    "list": {
        **_all("append extend insert remove clear sort reverse", "None"),
        **_all("index count", "int"),
        "copy": "list",
    },
    "set": _all("add discard remove clear update", "None"),
    "int": {"to_bytes": "bytes", "bit_length": "int"},
    "float": {"is_integer": "bool", "hex": "str"},
}

# Builtin functions and classes that give the same type for any argument.
BUILTINS: dict[str, str] = {
    **{
        name: name
        for name in _set("str int float bool dict list tuple set frozenset bytes bytearray complex")
    },
    **_all("len hash id ord", "int"),
    **_all("isinstance issubclass callable hasattr all any", "bool"),
    **_all("repr chr hex bin oct format ascii input", "str"),
    **{name: name for name in _set("range enumerate zip map filter object")},
    **_all("print setattr", "None"),
    "sorted": "list",
    "divmod": "tuple",
    "open": "typing.IO[typing.Any]",
    "dir": "list[str]",
    "vars": "dict[str, typing.Any]",
}

# Names of the typing vocabulary and their plain builtin.
GENERICS: dict[str, str] = {
    "typing.Dict": "dict",
    "typing.List": "list",
    "typing.Tuple": "tuple",
    "typing.Set": "set",
    "typing.FrozenSet": "frozenset",
    "typing.Type": "type",
    "typing.Text": "str",
    "typing.DefaultDict": "collections.defaultdict",
    "typing.OrderedDict": "collections.OrderedDict",
    "typing.Deque": "collections.deque",
    "typing.Counter": "collections.Counter",
    "pydantic.StrictStr": "str",
    "pydantic.StrictInt": "int",
    "pydantic.StrictFloat": "float",
    "pydantic.StrictBool": "bool",
    "pydantic.StrictBytes": "bytes",
    "pydantic.types.StrictStr": "str",
    "asyncio.futures.Future": "asyncio.Future",
    "asyncio.tasks.Task": "asyncio.Task",
}

# Decorators that keep the colour and the result of what they decorate.
TRANSPARENT = _set(
    "abstractmethod overload final override deprecated wraps lru_cache cache retry on_exception on_predicate"
    " validate_call validate_arguments runtime_checkable no_type_check typechecked beartype experimental"
    " register"
    " singledispatch singledispatchmethod"
)

# Classes with a lower-case name: calling one gives an instance of it.
CLASSES = _set(
    "datetime.datetime datetime.date datetime.timedelta collections.deque collections.defaultdict"
    " socket.socket functools.partial itertools.count"
)

# HTTP clients whose verbs are looked up by name: `getattr(session, method.lower())(url)`.
HTTP_CLIENTS = _set("requests requests.Session httpx httpx.Client httpx.AsyncClient aiohttp.ClientSession")
