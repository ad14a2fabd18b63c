"""Makes TLS clients trust the throw-away CA of the simulated venues; verification stays on.

Environment variables such as SSL_CERT_FILE do not reach clients that name a bundle of their own
(certifi), so the CA is added to each context just before a client's handshake.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet


def install(ssl: Any, ca_file: str, hosts: frozenset[str]) -> None:
    """Wrap the two ways into a TLS session of the module `ssl`, for the simulated hosts only."""
    trusting: WeakSet[Any] = WeakSet()
    wrap_socket, wrap_bio = ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio

    def trust(context: Any, server_side: bool, name: Any) -> None:
        if isinstance(name, bytes):
            name = name.decode("ascii", "replace")
        if (
            not server_side
            and (name is None or name.lower().rstrip(".") in hosts)
            and context not in trusting
        ):
            context.load_verify_locations(cafile=ca_file)
            trusting.add(context)

    def wrap_socket_here(
        self: Any,
        sock: Any,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: Any = None,
        session: Any = None,
    ) -> Any:
        trust(self, server_side, server_hostname)
        return wrap_socket(
            self, sock, server_side, do_handshake_on_connect, suppress_ragged_eofs, server_hostname, session
        )

    def wrap_bio_here(
        self: Any,
        incoming: Any,
        outgoing: Any,
        server_side: bool = False,
        server_hostname: Any = None,
        session: Any = None,
    ) -> Any:
        trust(self, server_side, server_hostname)
        return wrap_bio(self, incoming, outgoing, server_side, server_hostname, session)

    ssl.SSLContext.wrap_socket = wrap_socket_here
    ssl.SSLContext.wrap_bio = wrap_bio_here
