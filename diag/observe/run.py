"""One observed run: start the program, record what it reports and prints, end it, say how it ended."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, Self

from diag.observe import isolate
from diag.observe.command import BOOT, Command, CommandError
from diag.observe.scrub import Scrubber
from diag.record import Journal

_BOOT_S = 30.0  # a program that has not reported by then runs without hooks
_GRACE_S = 5.0
_LINE_LIMIT = 8192
_OUTPUT_LIMIT = 50_000  # recorded lines of output; what is over is passed on and counted

How = Literal["exited", "timed out", "interrupted", "no hooks"]
Listen = Callable[[Sequence[socket.socket]], Mapping[str, tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a simulated run needs: `listeners` sockets are handed to `serve`, which answers the routes.

    `serve` starts the venues on these sockets (or, given none, on loopback ports of their own) and
    returns for each host name the address on loopback that it leads to. `listeners` of -1 asks for a
    run without a namespace, as on a system that has none.
    """

    listeners: int
    serve: Listen
    ca_file: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """How the program ended. `code` is its exit code, negative for a signal."""

    code: int
    how: How
    isolated: bool


@dataclass
class Run:
    """`environment` is what the program starts with; the hooks' variables are added, proxies taken away."""

    command: Command
    folder: Path
    environment: Mapping[str, str]
    roots: Sequence[Path]
    journal: Journal
    scrubber: Scrubber
    simulation: Simulation | None = None
    stall_ms: float = 50.0
    timeout_s: float | None = None
    echo: bool = True
    cache: Path = field(default_factory=lambda: Path.home() / ".cache" / "exchange-diag" / "child")

    async def __call__(self) -> Ended:
        with tempfile.TemporaryDirectory(prefix="diag-") as scratch:
            self._scratch = Path(scratch)
            self._booted = asyncio.Event()
            server = await asyncio.start_unix_server(self._reports, self._scratch / "channel", limit=1 << 20)
            async with server:
                return await self._run()

    async def _run(self) -> Ended:
        ours, theirs = socket.socketpair()
        with ours, theirs, await _Pipe.open() as stdout, await _Pipe.open() as stderr:
            process = await asyncio.create_subprocess_exec(
                *self._argv(theirs.fileno()),
                cwd=self.folder,
                env=self._variables(),
                stdin=self._input(),
                stdout=stdout.write,
                stderr=stderr.write,
                pass_fds=(theirs.fileno(),),
                process_group=0,  # a signal to us goes to the program once, by us
            )
            theirs.close()
            stdout.close_write()
            stderr.close_write()
            try:
                isolated = await asyncio.to_thread(self._set_out, ours)
            except BaseException:  # the program has not started; what was to become it goes
                _kill(process, signal.SIGKILL)
                await process.wait()
                raise
            taps = [
                asyncio.create_task(self._tap(stdout.reader, "stdout", sys.stdout.buffer)),
                asyncio.create_task(self._tap(stderr.reader, "stderr", sys.stderr.buffer)),
            ]
            try:
                how = await self._until_end(process)
            finally:
                if process.returncode is None:
                    _kill(process, signal.SIGKILL)
                    await process.wait()
                # A process that the program left behind may hold the pipes open: it is not waited for.
                await asyncio.wait(taps, timeout=1.0)
                _kill(process, signal.SIGKILL)
                for tap in taps:
                    tap.cancel()
        await asyncio.sleep(0)  # reports that are in the socket are read by now
        code = process.returncode if process.returncode is not None else -signal.SIGKILL
        self.journal.append("child", "exit", {"code": code, "how": how})
        return Ended(code, how, isolated)

    # starting

    def _argv(self, control: int) -> list[str]:
        count = self.simulation.listeners if self.simulation is not None else -1
        return [sys.executable, "-I", isolate.__file__, str(control), str(count), *self.command.argv]

    def _variables(self) -> dict[str, str]:
        variables = dict(self.environment)
        if self.simulation is not None:
            for name in list(variables):
                if name.lower() in ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy"):
                    del variables[name]
            for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
                variables[name] = str(self.simulation.ca_file)  # for children that are no Python
        inherited = variables.get("PYTHONPATH")
        variables["PYTHONPATH"] = str(BOOT) + (os.pathsep + inherited if inherited else "")
        variables["PYTHONUNBUFFERED"] = "1"  # what is printed arrives in order with what is reported
        variables["DIAG_CHILD"] = str(self._scratch / "settings.json")
        return variables

    def _input(self) -> int | None:
        """Ours, if a person gave one. Not a terminal: it stops whoever reads it from the background."""
        if not self.echo or os.isatty(0):
            return asyncio.subprocess.DEVNULL
        return None

    def _set_out(self, control: socket.socket) -> bool:
        """Take the namespace's sockets, start the venues on them, write the settings, let the program go."""
        control.settimeout(_BOOT_S)
        answer, descriptors, _, _ = socket.recv_fds(control, 4096, 64)
        isolated = answer.startswith(b"isolated")
        if self.simulation is not None and not isolated and not self.command.is_python:
            raise CommandError(
                f"{self.command.argv[0]}: no network namespace can be made here, so only Python programs "
                "may be simulated: their hooks refuse what would get out"
            )
        listeners = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        routes: Mapping[str, tuple[str, int]] = {}
        if self.simulation is not None:
            routes = self.simulation.serve(listeners)
        settings = {
            "channel": str(self._scratch / "channel"),
            "simulated": self.simulation is not None,
            "isolated": isolated,
            "routes": dict(routes),
            "ca_file": str(self.simulation.ca_file) if self.simulation is not None else None,
            "roots": [str(root) for root in (*self.roots, self.command.root) if root is not None],
            "cache": str(self.cache),
            "stall_ms": self.stall_ms,
        }
        (self._scratch / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        self.journal.append(
            "child",
            "started",
            {"command": [self.scrubber.text(word) for word in self.command.argv], "isolated": isolated},
        )
        control.sendall(b"!")
        return isolated

    # while it runs

    async def _until_end(self, process: asyncio.subprocess.Process) -> How:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()

        def pass_on(number: int) -> None:
            stop.set()
            _kill(process, number)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, pass_on, number)
        ended = asyncio.create_task(process.wait())
        try:
            booted = asyncio.create_task(self._booted.wait())
            await asyncio.wait({ended, booted}, timeout=_BOOT_S, return_when=asyncio.FIRST_COMPLETED)
            booted.cancel()
            if not ended.done() and not self._booted.is_set():
                return "no hooks"
            done, _ = await asyncio.wait({ended}, timeout=self.timeout_s)
            if done:
                return "interrupted" if stop.is_set() else "exited"
            # As a person would stop it: the program may still cancel its orders.
            for number in (signal.SIGINT, signal.SIGTERM):
                _kill(process, number)
                if (await asyncio.wait({ended}, timeout=_GRACE_S))[0]:
                    break
            return "timed out"
        finally:
            ended.cancel()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def _tap(self, pipe: asyncio.StreamReader, name: str, onward: BinaryIO) -> None:
        recorded, dropped, rest = 0, 0, b""
        while chunk := await pipe.read(1 << 16):
            if self.echo:
                with contextlib.suppress(OSError):
                    onward.write(chunk)
                    onward.flush()
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()[-_LINE_LIMIT:]
            for line in lines:
                if recorded < _OUTPUT_LIMIT:
                    recorded += 1
                    self._said(name, line)
                else:
                    dropped += 1
        if rest:
            self._said(name, rest)
        if dropped:
            self.journal.append("child", "dropped", {"stream": name, "lines": dropped})

    def _said(self, name: str, line: bytes) -> None:
        text = self.scrubber.text(line[:_LINE_LIMIT].decode("utf-8", "replace").rstrip("\r"))
        if text:
            self.journal.append("child", name, {"text": text})

    async def _reports(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Events of one process of the program; a torn last line of a killed one is left out."""
        try:
            while line := await reader.readline():
                try:
                    report = json.loads(line)
                    data = {"pid": report["pid"], "at_ns": report["monotonic_ns"], **report["data"]}
                except (ValueError, KeyError, TypeError):
                    self.journal.append("child", "torn", {"bytes": len(line)})
                    continue
                if report["kind"] == "boot":
                    self._booted.set()
                self.journal.append("child", str(report["kind"]), self.scrubber.data(data))
        except (ValueError, ConnectionError):  # a line over the limit, a reset
            self.journal.append("child", "torn", {"bytes": 0})
        finally:
            writer.close()


@dataclass
class _Pipe:
    """A pipe of our own: asyncio's would make the end of the program wait for all who hold its other end."""

    reader: asyncio.StreamReader
    transport: asyncio.ReadTransport
    write: int

    @classmethod
    async def open(cls) -> Self:
        read, write = os.pipe()
        reader = asyncio.StreamReader(limit=1 << 20)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb", 0)
        )
        return cls(reader, transport, write)

    def close_write(self) -> None:
        if self.write >= 0:
            os.close(self.write)
            self.write = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_write()
        self.transport.close()


def _kill(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
