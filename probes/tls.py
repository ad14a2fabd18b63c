"""Certificates of a simulated venue, by a CA of its own that lives as long as the venue."""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """`server` is for the listening side; clients have to trust the CA."""

    server: ssl.SSLContext
    ca_pem: bytes

    def write_ca(self, path: Path) -> Path:
        path.write_bytes(self.ca_pem)
        return path


def issue(hosts: Iterable[str]) -> Certificates:
    """Certificates for these host names and for loopback."""
    import trustme

    authority = trustme.CA(organization_name="diag simulated venue (throw-away)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*LOOPBACK, *hosts).configure_cert(context)
    return Certificates(context, authority.cert_pem.bytes())
