"""Re-routes the host names of simulated venues and refuses every other way out.

Three layers, because none alone is tight: names (`socket.getaddrinfo` and kin) answer an address of
198.18.0.0/15 (RFC 2544, routed nowhere) for a simulated host, so a leak fails closed; connections
(`socket.socket.connect`, `sendto`, ...) lead that address to the venue's port on loopback; an audit
hook refuses what goes around both (`_socket`, functions bound early). An audit hook cannot be removed.
"""

from __future__ import annotations

import os
import socket
import sys
import traceback
from typing import Any, Callable

from . import processes
from .channel import Channel
from .settings import Settings

Address = tuple[str, int]

# The originals, bound before anything is replaced.
_getaddrinfo = socket.getaddrinfo
_getnameinfo = socket.getnameinfo
_own_name = socket.gethostname().lower()


class Refused(ConnectionRefusedError):
    """A connection that would have left the simulation."""


class RefusedName(socket.gaierror):
    """A host name that nobody simulates; it is not looked up."""


class Network:
    def __init__(self, settings: Settings, channel: Channel) -> None:
        self._channel = channel
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
        if name == _own_name:
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
        if address[0] in self._hosts and not flags & socket.NI_NUMERICHOST:
            return self._hosts[address[0]], str(address[1])
        return _getnameinfo(address, flags | socket.NI_NUMERICHOST)

    # connections

    def way(self, family: int, address: Any) -> Any:
        """Where a connection to `address` goes: itself for loopback, the venue for its host, else refused."""
        if family not in (socket.AF_INET, socket.AF_INET6):
            if family in _OTHER_FAMILIES:
                return address
            raise self._refuse(address)
        host, port = _text(address[0]), address[1]
        if host in self._synthetic:
            host = self._synthetic[host]
        if host in self._venues:
            self._channel.send("routed", host=self._hosts[host], port=port, venue=self._venues[host])
            return self._venues[host]
        if _is_loopback(host):
            return address
        if not _is_literal(host) and not _is_local_name(host) and host != _own_name:
            raise self._refuse_name(host, port)
        raise self._refuse(address)

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
        elif event != "socket.getnameinfo":
            connection, address = arguments
            if address is None or connection.family in _OTHER_FAMILIES:
                return
            if connection.family not in (socket.AF_INET, socket.AF_INET6) or not _is_loopback(
                _text(address[0])
            ):
                raise self._refuse(address)

    # refusals

    def _refuse(self, address: object) -> Refused:
        self._channel.send("refused", target=repr(address), stack=_stack())
        return Refused(f"diag: simulation refuses every connection that is not loopback: {address!r}")

    def _refuse_name(self, host: str, port: object = None) -> RefusedName:
        self._channel.send("refused", target=host if port is None else f"{host}:{port}", stack=_stack())
        return RefusedName(
            socket.EAI_NONAME, f"diag: no simulated venue is called {host!r}; it is not looked up"
        )


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
        socket.inet_aton(host)
        return True
    except OSError:
        return ":" in host


def _is_local_name(host: str) -> bool:
    return host in ("", "localhost", "localhost.localdomain", "ip6-localhost", "<broadcast>")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host == "":
        return True
    if ":" in host:
        host = host.partition("%")[0]
        try:
            packed = socket.inet_pton(socket.AF_INET6, host)
        except OSError:
            return False
        return packed == b"\0" * 15 + b"\1" or packed[:13] == b"\0" * 10 + b"\xff\xff\x7f"
    try:
        return socket.inet_aton(host)[0] == 127
    except OSError:
        return False


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

    refuse_process: Callable[[str, tuple[Any, ...]], None] | None = None
    if not settings.isolated:
        refuse_process = processes.Guard(channel).audit
    handlers: dict[str, Callable[[str, tuple[Any, ...]], None]] = dict.fromkeys(_SOCKET_EVENTS, network.audit)
    if refuse_process is not None:
        handlers.update(dict.fromkeys(processes.EVENTS, refuse_process))
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
)


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
