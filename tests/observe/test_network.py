"""A simulated host name leads to the venue over verified TLS; nothing else leads anywhere."""

import contextlib
import socket
import ssl
import subprocess
import textwrap
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from diag.observe.command import CommandError
from diag.observe.run import Simulation
from tests.observe.conftest import Seen, Watch

pytestmark = pytest.mark.slow

HOST = "trades.venue.example"
OUTSIDE = "192.0.2.1"  # RFC 5737: documentation only


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"venue heard {self.headers['Host']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Simulation]:
    """One TLS venue on whatever socket the run hands over."""
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    servers: list[ThreadingHTTPServer] = []

    def serve(listeners: Sequence[socket.socket]) -> dict[str, tuple[str, int]]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler, bind_and_activate=not listeners)
        if listeners:
            server.socket.close()
            server.socket = listeners[0]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(context)
        port = server.socket.getsockname()[1]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return {HOST: ("127.0.0.1", port)}

    yield Simulation(1, serve, ca_file)
    for server in servers:
        server.shutdown()
        server.server_close()


CLIENTS = {
    "requests": "import requests; print(requests.get(URL).text)",
    "requests without environment": """
        import requests
        session = requests.Session(); session.trust_env = False
        print(session.get(URL).text)
        """,
    "urllib3": "import urllib3; print(urllib3.PoolManager().request('GET', URL).data.decode())",
    "urllib": "import urllib.request; print(urllib.request.urlopen(URL).read().decode())",
    "http.client": """
        import http.client
        connection = http.client.HTTPSConnection(HOST); connection.request("GET", "/")
        print(connection.getresponse().read().decode())
        """,
    "aiohttp": """
        import aiohttp, asyncio
        async def main():
            async with aiohttp.ClientSession() as session, session.get(URL) as response:
                print(await response.text())
        asyncio.run(main())
        """,
    "aiohttp with a bundle of its own": """
        import aiohttp, asyncio, certifi, ssl
        async def main():
            context = ssl.create_default_context(cafile=certifi.where())
            connector = aiohttp.TCPConnector(ssl=context)
            async with aiohttp.ClientSession(connector=connector) as session, session.get(URL) as response:
                print(await response.text())
        asyncio.run(main())
        """,
    "asyncio streams": """
        import asyncio
        async def main():
            reader, writer = await asyncio.open_connection(HOST, 443, ssl=True)
            writer.write(b"GET / HTTP/1.1\\r\\nHost: " + HOST.encode() + b"\\r\\nConnection: close\\r\\n\\r\\n")
            print((await reader.read()).decode().splitlines()[-1])
            writer.close()
        asyncio.run(main())
        """,
    "a raw socket under ssl": """
        import socket, ssl
        with socket.create_connection((HOST, 443)) as raw:
            with ssl.create_default_context().wrap_socket(raw, server_hostname=HOST) as tls:
                tls.sendall(b"GET / HTTP/1.0\\r\\nHost: " + HOST.encode() + b"\\r\\n\\r\\n")
                print(tls.makefile().read().splitlines()[-1])
        """,
    "httpx": "import httpx; print(httpx.get(URL).text)",
    "httpx async": """
        import asyncio, httpx
        async def main():
            async with httpx.AsyncClient() as client:
                print((await client.get(URL)).text)
        asyncio.run(main())
        """,
    "a Python that the program starts": """
        import subprocess, sys
        code = "import urllib.request; print(urllib.request.urlopen('%s').read().decode())" % URL
        print(subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True).stdout)
        """,
    "multiprocessing spawn": """
        import multiprocessing, urllib.request
        def fetch(url):
            return urllib.request.urlopen(url).read().decode()
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.apply(fetch, (URL,)))
        """,
}


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_reaches_the_venue_over_verified_tls(
    watch: Watch, venue: Simulation, client: str
) -> None:
    for library in ("httpx", "requests", "urllib3", "aiohttp"):
        if library in CLIENTS[client]:
            pytest.importorskip(library)
    # Proxies would lead half of the clients elsewhere: they are taken away.
    seen = watch(
        f"HOST = {HOST!r}; URL = 'https://' + HOST + '/'\n" + textwrap.dedent(CLIENTS[client]),
        simulation=venue,
        environment={"HTTPS_PROXY": "http://192.0.2.7:3128", "https_proxy": "http://192.0.2.7:3128"},
    )
    errors = "\n".join(str(data["text"]) for data in seen.of("stderr"))
    assert f"venue heard {HOST}" in seen.output(), errors
    assert seen.of("refused") == []
    assert seen.of("routed")[0]["host"] == HOST


def test_a_certificate_of_another_name_is_not_trusted(watch: Watch, venue: Simulation) -> None:
    seen = watch(
        f"""
        import socket, ssl
        raw = socket.create_connection(({HOST!r}, 443))
        try:
            ssl.create_default_context().wrap_socket(raw, server_hostname="other.venue.example")
        except ssl.SSLCertVerificationError as error:
            print("refused:", error.verify_message)
        """,
        simulation=venue,
    )
    assert "refused:" in seen.output()


WAYS_OUT = {
    "requests": "import requests; requests.get('https://OUTSIDE', timeout=2)",
    "urllib": "import urllib.request; urllib.request.urlopen('http://OUTSIDE', timeout=2)",
    "urllib3": "import urllib3; urllib3.PoolManager(retries=False).request('GET', 'http://OUTSIDE', timeout=2)",
    "http.client": "import http.client; http.client.HTTPConnection('OUTSIDE', timeout=2).request('GET', '/')",
    "aiohttp": """
        import aiohttp, asyncio
        async def main():
            async with aiohttp.ClientSession() as session, session.get("http://OUTSIDE"):
                pass
        asyncio.run(main())
        """,
    "websockets": """
        import asyncio, websockets
        async def main():
            async with websockets.connect("ws://OUTSIDE"):
                pass
        asyncio.run(main())
        """,
    "asyncio streams": "import asyncio; asyncio.run(asyncio.open_connection('OUTSIDE', 80))",
    "socket": "import socket; socket.create_connection(('OUTSIDE', 80), 2)",
    "connect_ex": "import socket; socket.socket().connect_ex(('OUTSIDE', 80))",
    "a name nobody simulates": "import socket; socket.getaddrinfo('api.exchange.example', 443)",
    "gethostbyname": "import socket; socket.gethostbyname('api.exchange.example')",
    "a name given to connect": "import socket; socket.socket().connect(('api.exchange.example', 443))",
    "IPv6": "import socket; socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "an IPv4 address inside IPv6": "import socket; socket.socket(socket.AF_INET6).connect(('::ffff:OUTSIDE', 80))",
    "an address as a number": "import socket; socket.socket().connect(('3221225985', 80))",
    "UDP sendto": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('OUTSIDE', 53))",
    "UDP sendto with flags": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', 0, ('OUTSIDE', 53))",
    "UDP sendmsg": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('OUTSIDE', 53))",
    "UDP connect": "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('OUTSIDE', 53))",
    "_socket": "import _socket; _socket.socket().connect(('OUTSIDE', 80))",
    "_socket names": "import _socket; _socket.getaddrinfo('api.exchange.example', 443)",
    "the original under the patch": "import socket; super(socket.socket, socket.socket()).connect(('OUTSIDE', 80))",
    "a thread": """
        import socket, threading
        thread = threading.Thread(target=lambda: socket.create_connection(("OUTSIDE", 80), 2))
        thread.start(); thread.join()
        """,
    "a fork": """
        import os, socket
        if os.fork() == 0:
            try:
                socket.create_connection(("OUTSIDE", 80), 2)
            finally:
                os._exit(0)
        os.wait()
        """,
    "multiprocessing spawn": """
        import multiprocessing, socket
        if __name__ == "__main__":
            process = multiprocessing.get_context("spawn").Process(
                target=socket.create_connection, args=(("OUTSIDE", 80), 2))
            process.start(); process.join()
        """,
    "a Python with a clean environment": """
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "import socket; socket.create_connection(('OUTSIDE', 80), 2)"], env={})
        """,
    "functions put back": """
        import importlib, socket
        importlib.reload(socket)
        socket.create_connection(("OUTSIDE", 80), 2)
        """,
}


def _tried(watch: Watch, simulation: Simulation, way: str) -> Seen:
    seen = watch(textwrap.dedent(way).replace("OUTSIDE", OUTSIDE), simulation=simulation, timeout_s=20.0)
    assert seen.ended.how == "exited"
    return seen


@pytest.mark.parametrize("way", WAYS_OUT)
def test_every_way_out_is_refused_and_recorded(watch: Watch, nothing_simulated: Simulation, way: str) -> None:
    for library in ("requests", "urllib3", "aiohttp", "websockets"):
        if library == way:
            pytest.importorskip(library)
    seen = _tried(watch, nothing_simulated, WAYS_OUT[way])
    assert seen.of("refused"), seen.of("stderr")


# What Python code in this process cannot see: only the namespace holds these.
UNSEEN = {
    "python -I": "import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', CODE], check=True)",
    "python -E": "import subprocess, sys; subprocess.run([sys.executable, '-E', '-c', CODE], check=True)",
    "python -S": "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', CODE], check=True)",
    "os.execve with a clean environment": "import os, sys; os.execve(sys.executable, [sys.executable, '-c', CODE], {})",
    "os.system": "import os, sys; sys.exit(os.system(f'{sys.executable} -I -c \"{CODE}\"') >> 8)",
    "os.posix_spawn": """
        import os, sys
        pid = os.posix_spawn(sys.executable, [sys.executable, "-I", "-c", CODE], {})
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """,
    "a system call by ctypes": """
        import ctypes, socket, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = libc.socket(2, 1, 0)
        address = struct.pack("!HH4s8x", 0x0200, 80, socket.inet_aton(OUTSIDE))
        sys.exit(libc.connect(descriptor, address, 16) and 1)
        """,
}


def _namespaces() -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
    return False


@pytest.mark.skipif(not _namespaces(), reason="no network namespace can be made here")
@pytest.mark.parametrize("way", UNSEEN)
def test_what_python_cannot_see_is_held_by_the_namespace(
    watch: Watch, nothing_simulated: Simulation, way: str
) -> None:
    code = f"import socket; s = socket.socket(); s.settimeout(2); s.connect(('{OUTSIDE}', 80))"
    seen = _tried(
        watch,
        nothing_simulated,
        f"CODE = {code!r}\n" + textwrap.dedent(UNSEEN[way]).replace("OUTSIDE", repr(OUTSIDE)),
    )
    assert seen.ended.isolated
    assert seen.ended.code != 0
    assert [told["attempts"] for told in seen.of("no_way_out")] == [1]


@pytest.mark.skipif(not _namespaces(), reason="no network namespace can be made here")
def test_what_stays_inside_is_no_way_out(watch: Watch, nothing_simulated: Simulation) -> None:
    seen = _tried(
        watch,
        nothing_simulated,
        "import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))\n"
        f"try:\n    socket.create_connection(({OUTSIDE!r}, 80))\nexcept OSError:\n    pass\n",
    )
    assert seen.of("refused")
    assert seen.of("no_way_out") == []


@pytest.mark.parametrize("way", [way for way in UNSEEN if way != "a system call by ctypes"])
def test_without_a_namespace_only_a_python_with_the_hooks_may_start(
    watch: Watch, nothing_simulated: Simulation, way: str
) -> None:
    code = "raise SystemExit(7)"  # it runs nothing that could go out
    seen = _tried(
        watch, replace(nothing_simulated, listeners=-1), f"CODE = {code!r}\n" + textwrap.dedent(UNSEEN[way])
    )
    assert not seen.ended.isolated
    assert seen.ended.code == 1
    [refused] = seen.of("refused")
    assert refused["target"].startswith("process ")


def test_without_a_namespace_another_program_is_not_even_started(
    watch: Watch, nothing_simulated: Simulation
) -> None:
    with pytest.raises(CommandError, match="only Python programs"):
        watch("", command=("sh", "-c", "echo out"), simulation=replace(nothing_simulated, listeners=-1))


def test_loopback_and_local_sockets_stay_open(watch: Watch, nothing_simulated: Simulation) -> None:
    seen = watch(
        """
        import asyncio, socket
        async def main():
            async def hello(reader, writer):
                writer.write(b"hello"); writer.close()
            server = await asyncio.start_server(hello, "localhost", 0)
            port = server.sockets[0].getsockname()[1]
            for host in ("127.0.0.1", "localhost"):
                reader, writer = await asyncio.open_connection(host, port)
                print(await reader.read()); writer.close()
        asyncio.run(main())
        a, b = socket.socketpair(); a.sendall(b"x"); print(b.recv(1))
        socket.gethostbyname(socket.gethostname()); socket.getfqdn()
        """,
        simulation=nothing_simulated,
    )
    assert seen.output().count("b'hello'") == 2
    assert seen.of("refused") == []


def test_without_a_simulation_nothing_is_re_routed(watch: Watch) -> None:
    seen = watch("import socket; print(socket.socket.connect is socket._socket.socket.connect)")
    assert seen.ended.code == 0
    assert "True" in seen.output()
    assert not seen.ended.isolated


def test_c_network_stacks_are_hidden(watch: Watch, nothing_simulated: Simulation) -> None:
    seen = watch(
        "try:\n    import uvloop\nexcept ImportError as error:\n    print(error)\n",
        simulation=nothing_simulated,
    )
    assert "hidden in simulation" in seen.output()
