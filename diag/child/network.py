"""Re-routes the host names of simulated venues and refuses every other way out.

Three layers, because none alone is tight: names (`socket.getaddrinfo` and kin) answer an address of
198.18.0.0/15 (RFC 2544, routed nowhere) for a simulated host, so a leak fails closed; connections
(`socket.socket.connect`, `sendto`, ...) lead that address to the venue's port on loopback; an audit
hook refuses what goes around both (`_socket`, functions bound early). An audit hook cannot be removed.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import traceback
from typing import Any, Callable

from . import processes
from .after_import import Masked
from .channel import Channel, Counted
from .settings import Settings

Address = tuple[str, int]

# The originals, bound before anything is replaced.
_getaddrinfo = socket.getaddrinfo
_own_name = socket.gethostname().lower()
_OWN_NAMES = frozenset((_own_name, "localhost.localdomain", "ip6-localhost"))  # answered here


class Refused(ConnectionRefusedError):
    """A connection that would have left the simulation."""


class RefusedName(socket.gaierror):
    """A host name that nobody simulates; it is not looked up."""


class Network:
    def __init__(self, settings: Settings, channel: Channel) -> None:
        self._channel = channel
        self._refusals = Counted(channel)  # a program may try again as fast as it can
        self._venues: dict[str, Address] = {}  # synthetic IP -> where the venue listens
        self._synthetic: dict[str, str] = {}  # host name -> synthetic IP
        self._hosts: dict[str, str] = {}
        for number, (host, where) in enumerate(sorted(settings.routes.items()), 1):
            synthetic = f"198.18.{number >> 8}.{number & 255}"
            self._venues[synthetic] = where
            self._synthetic[host] = synthetic
            self._hosts[synthetic] = host

    # names

    def resolve(
        self, host: object, port: object, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> Any:
        name = _text(host)
        if name in self._synthetic:
            return self._answer(self._synthetic[name], port, family, type, proto)
        if name in _OWN_NAMES:
            return self._answer("127.0.0.1", port, family, type, proto)
        if name and not _is_literal(name) and not _is_local_name(name):
            raise self._refuse_name(name)
        return _getaddrinfo(host, port, family, type, proto, flags)  # type: ignore[arg-type]

    def _answer(self, address: str, port: object, family: int, type: int, proto: int) -> Any:
        if family == socket.AF_INET6:
            raise socket.gaierror(socket.EAI_NONAME, "simulated hosts have IPv4 addresses only")
        # The port may be a service name: let the library read it; nothing is looked up for a number.
        return _getaddrinfo(address, port, socket.AF_INET, type, proto, socket.AI_NUMERICHOST)  # type: ignore[arg-type]

    def by_name(self, host: object) -> str:
        found = self.resolve(host, None, socket.AF_INET, socket.SOCK_STREAM)
        return str(found[0][4][0])

    def by_name_ex(self, host: object) -> tuple[str, list[str], list[str]]:
        return _text(host), [], [self.by_name(host)]

    def by_address(self, host: object) -> tuple[str, list[str], list[str]]:
        address = self.by_name(host)
        return self._hosts.get(address, "localhost"), [], [address]

    def name_info(self, address: tuple[Any, ...], flags: int) -> tuple[str, str]:
        """Without asking anybody: a simulated host has its name, everything else its numbers."""
        host, port = _text(address[0]), address[1]
        if not _is_literal(host):
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        if not flags & socket.NI_NUMERICHOST:
            host = "localhost" if _is_loopback(host) else self._hosts.get(host, host)
        return host, str(port)

    # connections

    def way(self, family: int, address: Any) -> Any:
        """Where a connection to `address` goes: itself for loopback, the venue for its host, else refused."""
        if family not in (socket.AF_INET, socket.AF_INET6):
            if family in _OTHER_FAMILIES:
                return address
            raise self._refuse(address)
        host, port = _text(address[0]), address[1]
        host = self._synthetic.get(host, host)
        if host in self._venues:
            venue = self._venues[host]
            self._channel.send("routed", host=self._hosts[host], port=port, address=f"{venue[0]}:{venue[1]}")
            return venue
        if _is_loopback(host):
            return address
        if host in _OWN_NAMES:
            return ("127.0.0.1", port)
        if not _is_literal(host) and not _is_local_name(host):
            raise self._refuse_name(host, port)
        raise self._refuse(address)

    def place(self, family: int, address: Any) -> Any:
        """Where a server or a socket of its own address stands: on loopback, where nobody else reaches it."""
        host = _text(address[0]) if family in (socket.AF_INET, socket.AF_INET6) else None
        if host in _EVERYWHERE:
            return ("127.0.0.1" if family == socket.AF_INET else "::1", *address[1:])
        return address

    def audit_bind(self, event: str, arguments: tuple[Any, ...]) -> None:
        connection, address = arguments
        if connection.family in (socket.AF_INET, socket.AF_INET6) and _text(address[0]) in _EVERYWHERE:
            raise self._refuse(address)
        self.audit(event, arguments)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The last line: whatever reaches the operating system without passing `way` or `resolve`."""
        if (
            event == "socket.getaddrinfo"
            or event == "socket.gethostbyname"
            or event == "socket.gethostbyaddr"
        ):
            host = _text(arguments[0])
            if host and not _is_literal(host) and not _is_local_name(host):
                raise self._refuse_name(host)
        elif event == "socket.getnameinfo":
            raise self._refuse(arguments[0])
        else:
            connection, address = arguments
            if address is None or connection.family in _OTHER_FAMILIES:
                return
            if connection.family not in (socket.AF_INET, socket.AF_INET6) or not _is_loopback(
                _text(address[0])
            ):
                raise self._refuse(address)

    # refusals

    def _refuse(self, address: object) -> Refused:
        self._tell(repr(address))
        return Refused(f"diag: simulation refuses every connection that is not loopback: {address!r}")

    def _refuse_name(self, host: str, port: object = None) -> RefusedName:
        self._tell(host if port is None else f"{host}:{port}")
        return RefusedName(
            socket.EAI_NONAME, f"diag: no simulated venue is called {host!r}; it is not looked up"
        )

    def _tell(self, target: str) -> None:
        stack = _stack()
        self._refusals.send((target, *stack[-1:]), "refused", target=target, stack=stack)


_EVERYWHERE = frozenset(("", "0.0.0.0", "::"))
_SPACE = frozenset(" \t\n\r\v\f\0")
_OTHER_FAMILIES = frozenset(
    getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)
)


def _text(host: object) -> str:
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    return host.lower().rstrip(".") if isinstance(host, str) else ""


def _is_literal(host: str) -> bool:
    """Whether `host` is an address; what inet_aton takes ("127.1") counts: resolvers take it too."""
    try:
        if ":" in host:
            socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
        else:
            socket.inet_aton(host)
        return not set(host) & _SPACE  # inet_aton takes what resolvers would look up: "127.0.0.1 name"
    except OSError:
        return False


def _is_local_name(host: str) -> bool:
    return host in ("", "localhost", "<broadcast>")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host == "":
        return True
    if not _is_literal(host):
        return False
    if ":" in host:
        host = host.partition("%")[0]
        packed = socket.inet_pton(socket.AF_INET6, host)
        return packed == b"\0" * 15 + b"\1" or packed[:13] == b"\0" * 10 + b"\xff\xff\x7f"
    return socket.inet_aton(host)[0] == 127


def _stack() -> list[str]:
    """Where in the program this happens, innermost last, without our own frames."""
    here = os.path.dirname(os.path.abspath(__file__))
    frames = traceback.extract_stack()
    return [f"{f.filename}:{f.lineno} {f.name}" for f in frames if not f.filename.startswith(here)][-40:]


def install(settings: Settings, channel: Channel) -> None:
    network = Network(settings, channel)
    sockets: Any = socket
    sockets.getaddrinfo = network.resolve
    sockets.gethostbyname = network.by_name
    sockets.gethostbyname_ex = network.by_name_ex
    sockets.gethostbyaddr = network.by_address
    sockets.getnameinfo = network.name_info
    sockets.getfqdn = lambda name="": _text(name) or _own_name
    _replace_methods(network)

    handlers: dict[str, Callable[[str, tuple[Any, ...]], None]] = dict.fromkeys(_SOCKET_EVENTS, network.audit)
    handlers["import"] = _refuse_masked
    if not settings.isolated:
        _bind_on_loopback(network)
        handlers["socket.bind"] = network.audit_bind
        guard = processes.Guard(channel)
        handlers.update(dict.fromkeys(processes.EVENTS, guard.audit))
        with contextlib.suppress(ImportError):  # Windows
            import _posixsubprocess

            guard.watch_fork_exec(_posixsubprocess)
    find = handlers.get

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        handler = find(event)
        if handler is not None:
            handler(event, arguments)

    sys.addaudithook(hook)


_SOCKET_EVENTS = (
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
)


def _refuse_masked(event: str, arguments: tuple[Any, ...]) -> None:
    """A program may have put its own finders in the place of ours."""
    Masked().find_spec(str(arguments[0]))


def _bind_on_loopback(network: Network) -> None:
    kind: Any = socket.socket
    bind = kind.bind

    def bind_here(self: socket.socket, address: Any) -> Any:
        return bind(self, network.place(self.family, address))

    kind.bind = bind_here


def _replace_methods(network: Network) -> None:
    kind: Any = socket.socket
    connect, connect_ex = kind.connect, kind.connect_ex
    sendto, sendmsg = kind.sendto, kind.sendmsg

    def connect_here(self: socket.socket, address: Any) -> Any:
        return connect(self, network.way(self.family, address))

    def connect_ex_here(self: socket.socket, address: Any) -> Any:
        return connect_ex(self, network.way(self.family, address))

    def sendto_here(self: socket.socket, data: Any, *rest: Any) -> Any:
        return sendto(self, data, *rest[:-1], network.way(self.family, rest[-1]))

    def sendmsg_here(self: socket.socket, buffers: Any, *rest: Any) -> Any:
        if len(rest) >= 3 and rest[2] is not None:
            rest = (*rest[:2], network.way(self.family, rest[2]))
        return sendmsg(self, buffers, *rest)

    kind.connect, kind.connect_ex = connect_here, connect_ex_here
    kind.sendto, kind.sendmsg = sendto_here, sendmsg_here
