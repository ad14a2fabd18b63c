"""Host names of a venue lead to its simulator on loopback, in this process; everything else is refused.

For clients that nobody here wrote and that know their venue by its real names. Name resolution, connects
and TLS trust of Python's socket and ssl modules are patched while the block runs. What does not come
through them is stopped by an audit hook: it fails closed, and nothing but loopback is ever contacted.
Verification of certificates and host names stays on.
"""

import contextlib
import ipaddress
import os
import socket
import ssl
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

GRVT_HOSTS = tuple(
    f"{gateway}.{domain}"
    for domain in ("grvt.io", "testnet.grvt.io", "staging.gravitymarkets.io", "dev.gravitymarkets.io")
    for gateway in ("edge", "trades", "market-data")
)
_FIRST = ipaddress.ip_address("198.18.0.1")  # RFC 2544: routed nowhere, so that a leak would fail as well
_active = False


@contextlib.contextmanager
def rerouted(port: int, ca_file: Path | str, hosts: Sequence[str] = GRVT_HOSTS) -> Iterator[list[str]]:
    """Lead `hosts` to 127.0.0.1:`port` and trust `ca_file`. Yields what was refused, as it happens."""
    global _active
    addresses = {host: str(_FIRST + number) for number, host in enumerate(hosts)}
    ours = frozenset(addresses.values())
    refused: list[str] = []
    true_getaddrinfo = socket.getaddrinfo
    true_connect, true_connect_ex = socket.socket.connect, socket.socket.connect_ex
    true_wrap_socket, true_wrap_bio = ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio

    def getaddrinfo(host, *args, **kwargs):
        name = host.decode() if isinstance(host, bytes) else host
        if name in addresses:
            return true_getaddrinfo(addresses[name], *args, **kwargs)
        if not _is_loopback(name) and name not in ours:
            refused.append(f"getaddrinfo {name}")
            raise socket.gaierror(socket.EAI_NONAME, f"{name}: names are re-routed, and this one is unknown")
        return true_getaddrinfo(host, *args, **kwargs)

    def gethostbyname(host):
        return getaddrinfo(host, 0, socket.AF_INET)[0][4][0]

    def gethostbyname_ex(host):
        return host, [], [gethostbyname(host)]

    def target(self, address):
        if self.family not in (socket.AF_INET, socket.AF_INET6):
            return address
        if address[0] in ours:
            return ("127.0.0.1", port)
        if not _is_loopback(address[0]):
            refused.append(f"connect {address}")
            raise ConnectionRefusedError(f"{address}: only loopback is open")
        return address

    def connect(self, address):
        return true_connect(self, target(self, address))

    def connect_ex(self, address):
        return true_connect_ex(self, target(self, address))

    def wrap_socket(self, sock, server_side=False, **kwargs):
        if not server_side:
            self.load_verify_locations(ca_file)
        return true_wrap_socket(self, sock, server_side=server_side, **kwargs)

    def wrap_bio(self, incoming, outgoing, server_side=False, **kwargs):
        if not server_side:
            self.load_verify_locations(ca_file)
        return true_wrap_bio(self, incoming, outgoing, server_side=server_side, **kwargs)

    patched = (
        mock.patch.multiple(
            socket, getaddrinfo=getaddrinfo, gethostbyname=gethostbyname, gethostbyname_ex=gethostbyname_ex
        ),
        mock.patch.multiple(socket.socket, connect=connect, connect_ex=connect_ex, create=True),
        mock.patch.multiple(ssl.SSLContext, wrap_socket=wrap_socket, wrap_bio=wrap_bio),
        mock.patch.dict(os.environ),
    )
    with contextlib.ExitStack() as stack:
        for patch in patched:
            stack.enter_context(patch)
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            del os.environ[name]
        _active = True
        try:
            yield refused
        finally:
            _active = False


def _is_loopback(host: object) -> bool:
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _is_number(host: object) -> bool:
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return True


def _audit(event: str, args: tuple) -> None:
    """The last line: sees every socket of the process, those of C extensions aside."""
    if not _active or not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise ConnectionRefusedError(f"{address}: only loopback is open")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
        if host is not None and not _is_number(host) and not _is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, f"{host}: names are re-routed, and this one is unknown")


sys.addaudithook(_audit)
