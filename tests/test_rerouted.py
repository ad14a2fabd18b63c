"""Re-routing fails closed: only the named hosts, only to loopback, by whichever way one asks."""

import _socket
import asyncio
import os
import socket
import ssl
import threading
import urllib.request

import aiohttp
import pytest
import requests

from probes.tls import issue
from tests.rerouted import rerouted

HOST, OTHER = "edge.grvt.io", "other.example"


@pytest.fixture
def rerouting(tmp_path):
    """A TLS server on loopback that says hello, under HOST."""
    certificates = issue([HOST])
    ca_file = certificates.write_ca(tmp_path / "ca.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    with certificates.server.wrap_socket(connection, server_side=True) as secure:
                        secure.recv(65536)
                        secure.sendall(
                            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
                        )
                except OSError:
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with rerouted(listening.getsockname()[1], ca_file) as refused:
            yield refused
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


async def _aiohttp(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.text()


WAYS = {
    "requests": lambda url: requests.get(url, timeout=5).text,
    "urllib": lambda url: urllib.request.urlopen(url, timeout=5).read().decode(),
    "aiohttp": lambda url: asyncio.run(_aiohttp(url)),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_named_host_is_reached_over_verified_tls(rerouting, way):
    assert WAYS[way](f"https://{HOST}/") == "hello"
    assert rerouting == []


@pytest.mark.parametrize("way", WAYS)
def test_any_other_host_is_refused(rerouting, way):
    with pytest.raises((OSError, aiohttp.ClientError)):
        WAYS[way](f"https://{OTHER}/")
    assert rerouting != []


@pytest.mark.parametrize("way", WAYS)
def test_an_address_that_is_not_loopback_is_refused(rerouting, way):
    with pytest.raises((OSError, aiohttp.ClientError)):
        WAYS[way]("https://192.0.2.1/")
    assert rerouting != []


def test_nothing_gets_around(rerouting):
    """The C level and datagrams, which the patches do not see."""
    with pytest.raises(OSError):
        _socket.getaddrinfo(OTHER, 443)
    with pytest.raises(OSError):
        _socket.gethostbyname(OTHER)
    raw = _socket.socket()
    with pytest.raises(ConnectionRefusedError):
        raw.connect(("192.0.2.1", 443))
    raw.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        with pytest.raises(ConnectionRefusedError):
            datagrams.sendto(b"", ("192.0.2.1", 53))
        with pytest.raises(ConnectionRefusedError):
            datagrams.connect_ex(("192.0.2.1", 53))


def test_certificates_of_others_and_wrong_names_still_fail(rerouting, tmp_path):
    with socket.create_connection((HOST, 443)) as plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="trades.grvt.io")


def test_everything_is_put_back(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    before = (socket.getaddrinfo, ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio)
    with rerouted(9, tmp_path / "no.pem"):
        assert "HTTPS_PROXY" not in os.environ
        assert socket.getaddrinfo is not before[0]
    assert (socket.getaddrinfo, ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio) == before
    assert "connect" not in vars(socket.socket)
    assert os.environ["HTTPS_PROXY"] == "http://127.0.0.1:9"
