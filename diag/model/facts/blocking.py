"""Calls that stop the thread they run in: on an event loop they stop everything else.

The table holds leaves only, under their public names; that a function of a project or of an SDK ends at
one of them is for the model to find. `is_told_not_to` knows the arguments with which some of them do not.
Left out on purpose: file input and output, and calls that block only in some states (`Future.result`,
`select.select`, `os.waitpid`).

Sources: the standard library's documentation; the sources of the named packages.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Primitive:
    """A call that blocks: whether it waits for the network, and what to use in async code instead."""

    network: bool
    advice: str


def _net(advice: str) -> Primitive:
    return Primitive(network=True, advice=advice)


def _local(advice: str) -> Primitive:
    return Primitive(network=False, advice=advice)


_SLEEP = _local("use await asyncio.sleep(...)")
_PROCESS = _local("use await asyncio.create_subprocess_exec(...)")
_WAIT = _local("use await asyncio.to_thread(...)")
_PROMPT = _local("read it before the loop starts, or use await asyncio.to_thread(...)")
_THREAD = _net("use await asyncio.to_thread(...)")
_SOCKET = _net("use asyncio.open_connection(...) or the loop's sock_* methods")
_NAME = _net("use await loop.getaddrinfo(...)")
_URL = _net("use aiohttp or httpx.AsyncClient, or await asyncio.to_thread(...)")
_HTTPX = _net("use httpx.AsyncClient")
_WEBSOCKET = _net("use websockets.connect(...) or aiohttp's ws_connect(...)")
_REDIS = _net("use redis.asyncio")
_POSTGRES = _net("use asyncpg or psycopg.AsyncConnection")
_MYSQL = _net("use aiomysql or asyncmy")
_LOCK = _local("use asyncio.Lock, or await asyncio.to_thread(...)")
_QUEUE = _local("use asyncio.Queue, or await asyncio.to_thread(...)")
_SQLITE = _local("use aiosqlite, or a thread that opens the database and keeps it")
_SQLALCHEMY = _net("use sqlalchemy.ext.asyncio")
_SESSION = "execute scalar scalars commit flush rollback refresh"
_MONGO = _net("use pymongo.AsyncMongoClient")

# owner, names of its functions or methods, what they are
_TABLE: tuple[tuple[str, str, Primitive], ...] = (
    # standard library
    ("time", "sleep", _SLEEP),
    ("builtins", "input", _PROMPT),
    ("getpass", "getpass", _PROMPT),
    ("os", "system wait", _PROCESS),
    ("subprocess", "run call check_call check_output getoutput getstatusoutput", _PROCESS),
    ("subprocess.Popen", "wait communicate", _PROCESS),
    ("signal", "pause sigwait", _local("use loop.add_signal_handler(...)")),
    ("threading.Thread", "join", _WAIT),
    ("multiprocessing.Process", "join", _WAIT),
    ("multiprocessing.context.Process", "join", _WAIT),
    ("socket", "create_connection", _SOCKET),
    ("socket", "getaddrinfo gethostbyname gethostbyname_ex gethostbyaddr getfqdn getnameinfo", _NAME),
    ("socket.socket", "connect accept recv recv_into recvfrom recvmsg sendall sendfile", _SOCKET),
    ("ssl", "get_server_certificate", _THREAD),
    ("ssl.SSLSocket", "connect accept recv recv_into read write sendall do_handshake unwrap", _SOCKET),
    ("urllib.request", "urlopen urlretrieve", _URL),
    ("urllib.request.OpenerDirector", "open", _URL),
    ("http.client.HTTPConnection", "connect request endheaders send getresponse", _URL),
    ("http.client.HTTPSConnection", "connect request endheaders send getresponse", _URL),
    ("socketserver.BaseServer", "serve_forever handle_request", _THREAD),
    ("ftplib.FTP", "connect login cwd nlst dir retrbinary retrlines storbinary storlines quit", _THREAD),
    ("smtplib.SMTP", "connect helo ehlo starttls login sendmail send_message quit", _THREAD),
    ("smtplib.SMTP_SSL", "connect helo ehlo login sendmail send_message quit", _THREAD),
    ("imaplib.IMAP4", "login select search fetch store append logout", _THREAD),
    ("imaplib.IMAP4_SSL", "login select search fetch store append logout", _THREAD),
    ("poplib.POP3", "user pass_ stat list retr dele quit", _THREAD),
    ("telnetlib.Telnet", "open read_until read_all read_some expect interact", _THREAD),
    ("xmlrpc.client.Transport", "request", _THREAD),
    # HTTP clients
    ("requests", "request get post put patch delete head options", _URL),
    ("requests.Session", "request get post put patch delete head options send", _URL),
    ("httpx", "request get post put patch delete head options stream", _HTTPX),
    ("httpx.Client", "request get post put patch delete head options stream send", _HTTPX),
    ("urllib3", "request", _URL),
    ("urllib3.PoolManager", "request request_encode_url request_encode_body urlopen", _URL),
    ("urllib3.ProxyManager", "request request_encode_url request_encode_body urlopen", _URL),
    ("urllib3.HTTPConnectionPool", "request request_encode_url request_encode_body urlopen", _URL),
    ("urllib3.HTTPSConnectionPool", "request request_encode_url request_encode_body urlopen", _URL),
    # WebSocket clients
    ("websocket", "create_connection", _WEBSOCKET),
    (
        "websocket.WebSocket",
        "connect recv recv_data recv_data_frame recv_frame send send_bytes send_text ping pong close",
        _WEBSOCKET,
    ),
    ("websocket.WebSocketApp", "run_forever", _WEBSOCKET),
    ("websockets.sync.client", "connect unix_connect", _WEBSOCKET),
    ("websockets.sync.client.ClientConnection", "recv recv_streaming send close ping pong", _WEBSOCKET),
    ("queue.Queue", "get join", _QUEUE),
    ("multiprocessing.queues.Queue", "get", _QUEUE),
    ("threading.Lock", "acquire", _LOCK),
    ("threading.RLock", "acquire", _LOCK),
    ("threading.Semaphore", "acquire", _LOCK),
    ("threading.Event", "wait", _local("use asyncio.Event")),
    ("threading.Condition", "wait wait_for", _local("use asyncio.Condition")),
    ("threading.Barrier", "wait", _local("use asyncio.Barrier")),
    ("fcntl", "flock lockf", _WAIT),
    ("filelock.FileLock", "acquire", _local("use filelock.AsyncFileLock")),
    # databases and stores
    ("sqlite3.Connection", "execute executemany executescript commit", _SQLITE),
    ("sqlite3.Cursor", "execute executemany executescript", _SQLITE),
    ("sqlalchemy.orm.Session", _SESSION, _SQLALCHEMY),
    ("sqlalchemy.orm.sessionmaker", _SESSION, _SQLALCHEMY),
    ("sqlalchemy.Engine", "connect begin", _SQLALCHEMY),
    ("sqlalchemy.create_engine", "connect begin", _SQLALCHEMY),
    ("sqlalchemy.Connection", "execute scalar scalars commit", _SQLALCHEMY),
    ("sqlalchemy.create_engine.connect", "execute scalar scalars commit", _SQLALCHEMY),
    ("redis.Redis", "execute_command", _REDIS),
    ("redis.client.Pipeline", "execute", _REDIS),
    ("psycopg2", "connect", _POSTGRES),
    ("psycopg2.extensions.connection", "commit rollback", _POSTGRES),
    ("psycopg2.extensions.cursor", "execute executemany callproc copy_expert", _POSTGRES),
    ("psycopg", "connect", _POSTGRES),
    ("psycopg.Connection", "connect execute commit rollback", _POSTGRES),
    ("psycopg.Cursor", "execute executemany", _POSTGRES),
    ("pymysql", "connect", _MYSQL),
    ("pymysql.connections.Connection", "connect ping commit rollback query", _MYSQL),
    ("pymysql.cursors.Cursor", "execute executemany callproc", _MYSQL),
    (
        "pymongo.collection.Collection",
        "insert_one insert_many update_one update_many replace_one delete_one delete_many find_one"
        " find_one_and_update find_one_and_replace find_one_and_delete count_documents"
        " estimated_document_count distinct bulk_write create_index create_indexes drop_index drop",
        _MONGO,
    ),
    ("pymongo.database.Database", "command create_collection drop_collection list_collection_names", _MONGO),
)

# Where a package defines what it publishes: defining module or class -> public name.
_HOMES: dict[str, str] = {
    "requests.api": "requests",
    "requests.sessions": "requests",
    "httpx._api": "httpx",
    "httpx._client": "httpx",
    "urllib3.poolmanager": "urllib3",
    "urllib3.connectionpool": "urllib3",
    "urllib3._request_methods.RequestMethods": "urllib3.PoolManager",
    "urllib3.request.RequestMethods": "urllib3.PoolManager",
    "websocket._core": "websocket",
    "websocket._app": "websocket",
    "websockets.sync.connection.Connection": "websockets.sync.client.ClientConnection",
    "_thread.lock": "threading.Lock",
    "_thread.LockType": "threading.Lock",
    "_thread.RLock": "threading.RLock",
    "threading._RLock": "threading.RLock",
    "sqlalchemy.orm.session": "sqlalchemy.orm",
    "sqlalchemy.engine.base": "sqlalchemy",
    "sqlalchemy.engine.create": "sqlalchemy",
    "filelock._api.BaseFileLock": "filelock.FileLock",
    "redis.client.Redis": "redis.Redis",
    "redis.StrictRedis": "redis.Redis",
    "psycopg.connection": "psycopg",
    "psycopg.cursor": "psycopg",
    "psycopg2._psycopg": "psycopg2.extensions",
    "pymongo.synchronous.collection": "pymongo.collection",
    "pymongo.synchronous.database": "pymongo.database",
    "_socket": "socket",
    "_socket.socket": "socket.socket",
    "multiprocessing.process.BaseProcess": "multiprocessing.Process",
}

BLOCKING: dict[str, Primitive] = {
    f"{owner}.{name}": primitive for owner, names, primitive in _TABLE for name in names.split()
}


@cache
def public_name(qualname: str) -> str:
    """The name a person imports: `requests.sessions.Session.get` is `requests.Session.get`."""
    for home in _prefixes(qualname):
        if home in _HOMES:
            return _HOMES[home] + qualname[len(home) :]
    return qualname


@cache
def primitive(qualname: str) -> Primitive | None:
    """What blocks under this full name (public or defining), or None when it is not known to block."""
    return BLOCKING.get(qualname) or BLOCKING.get(public_name(qualname))


# Where the database is kept in memory nothing waits for it.
IN_MEMORY = ("sqlite3.", "sqlalchemy.")
# What says of a lock or queue that nothing has to be waited for, if it stands in the same function.
ASKED = {
    "queue.Queue.get": (b".empty(", b".qsize(", b".put("),
    "multiprocessing.queues.Queue.get": (b".empty(", b".qsize("),
    "threading.Event.wait": (b".is_set(",),
    "threading.Lock.acquire": (b".locked(",),
}
_MAY_NOT_WAIT = {
    *ASKED, "threading.RLock.acquire", "threading.Semaphore.acquire", "threading.Condition.wait",
    "threading.Condition.wait_for", "threading.Barrier.wait", "filelock.FileLock.acquire",
}  # fmt: skip
_FLAGS = {"LOCK_NB", "LOCK_UN"}


def is_told_not_to(name: str, call: ast.Call) -> bool:
    """A call of a primitive whose arguments tell it not to wait, or may do so: `lock.acquire(False)`."""
    if name in ("fcntl.flock", "fcntl.lockf"):
        operation = call.args[1] if len(call.args) > 1 else call
        parts = [n for n in ast.walk(operation) if isinstance(n, (ast.Name, ast.Attribute))]
        names = {n.attr if isinstance(n, ast.Attribute) else n.id for n in parts}
        return bool(_FLAGS & names) or not names & {"LOCK_EX", "LOCK_SH"}
    if name not in _MAY_NOT_WAIT:
        return False
    condition = name.startswith("threading.Condition.wait_for")
    given = [
        *(call.args[1:] if condition else call.args),
        *(k.value for k in call.keywords if k.arg != "predicate"),
    ]
    return any(not isinstance(each, ast.Constant) or each.value in (False, 0) for each in given)


def _prefixes(qualname: str) -> Iterator[str]:
    """The dotted prefixes of a name, longest first: `a.b.c` -> `a.b.c`, `a.b`, `a`."""
    while qualname:
        yield qualname
        qualname = qualname.rpartition(".")[0]
