"""One observed run: start the program, record what it reports and prints, end it, say how it ended."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from diag.observe import isolate
from diag.observe.command import BOOT, Command, CommandError
from diag.observe.naming import is_named
from diag.observe.orphans import adopt, below
from diag.observe.pipe import Pipe
from diag.observe.scrub import Scrubber
from diag.observe.secrets import in_file
from diag.record import Journal
from diag.record.kinds import KINDS, child

_BOOT_S = 30.0  # a program that has not reported by then runs without hooks
_GRACE_S = 5.0
_PROMPT_S = 0.05  # that a part of a line waits for its end before it is shown
_LINE_LIMIT = 8192
_LINE_READ = (
    _LINE_LIMIT + 4096
)  # cut to the limit when the secrets are out: a part of one is not known for one
_OUTPUT_LIMIT = 50_000  # recorded lines of output, logs and files; what is over is counted
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
_PASSED_ON = (*_STOPPING, signal.SIGUSR1, signal.SIGUSR2)

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
    """How the program ended. `code` is its exit code, negative for a signal.

    `signal` is the one that ended the run, if one did: that the program got from us.
    """

    code: int
    how: How
    isolated: bool
    signal: int = 0


@dataclass
class Run:
    """`environment` is what the program starts with; the hooks' variables are added, proxies taken away.

    In the `foreground`, the program's output goes on to ours without its secrets (all of it to stderr if
    this process `keeps_stdout` to itself), and input and signals that reach us to it.
    """

    command: Command
    folder: Path
    environment: Mapping[str, str]
    roots: Sequence[Path]
    journal: Journal
    scrubber: Scrubber
    simulation: Simulation | None = None
    stall_ms: float = 50.0
    timeout_s: float | None = None
    foreground: bool = True
    keeps_stdout: bool = False
    cache: Path = field(default_factory=lambda: _cache())

    async def __call__(self) -> Ended:
        adopt()
        self._before = below(os.getpid())  # none of the program's
        with scratch_folder() as scratch:
            self._scratch = Path(scratch)
            self._booted = asyncio.Event()
            self._reporting: dict[asyncio.Task[None], int] = {}  # who has a connection open, and its pid
            self._recorded: Counter[str] = Counter()
            self._signal = 0
            server = await asyncio.start_unix_server(self._reports, self._scratch / "channel", limit=1 << 20)
            async with server:
                return await self._run()

    async def _run(self) -> Ended:
        ours, theirs = socket.socketpair()
        with ours, theirs, await Pipe.open() as stdout, await Pipe.open() as stderr:
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
                asyncio.create_task(self._tap(stdout.reader, "stdout")),
                asyncio.create_task(self._tap(stderr.reader, "stderr")),
            ]
            try:
                how = await self._until_end(process)
            finally:
                if process.returncode is None:
                    _kill(process, signal.SIGKILL)
                    await process.wait()
                if isolated and (tried := await asyncio.to_thread(_tried_ways_out, ours)):
                    self.journal.append(child.NoWayOut(attempts=tried))
                await self._end_the_rest(process)
                await asyncio.wait(taps, timeout=1.0)
                for tap in taps:
                    tap.cancel()
                # What is still in the sockets is read before the end is told.
                reports = list(self._reporting)
                if reports:
                    await asyncio.wait(reports, timeout=1.0)
        for kind, lines in self._recorded.items():
            if lines > _OUTPUT_LIMIT:
                self.journal.append(child.Dropped(stream=kind, lines=lines - _OUTPUT_LIMIT))
        code = process.returncode if process.returncode is not None else -signal.SIGKILL
        self.journal.append(child.Exit(code=code, how=how))
        return Ended(code, how, isolated, self._signal)

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
        if not self.foreground or os.isatty(0):
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
        command = tuple(self.scrubber.text(word) for word in self.command.argv)
        self.journal.append(child.Started(command=command, isolated=isolated))
        control.sendall(b"!")
        return isolated

    # while it runs

    async def _until_end(self, process: asyncio.subprocess.Process) -> How:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()

        def pass_on(number: signal.Signals) -> None:
            if number in _STOPPING:
                stop.set()
                self._signal = self._signal or number
            _kill(process, number)

        passed_on = [
            number
            for number in (_PASSED_ON if self.foreground else ())
            if signal.getsignal(number) is not signal.SIG_IGN  # under nohup
        ]
        for number in passed_on:
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
            for number in passed_on:
                loop.remove_signal_handler(number)

    async def _end_the_rest(self, process: asyncio.subprocess.Process) -> None:
        """End the processes that the program left behind, as a person would: they may hold orders, too."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + (_GRACE_S if number == signal.SIGTERM else 1.0)
            is_left = self._tell_the_rest(process, number)
            while is_left and time.monotonic() < until:
                await asyncio.sleep(0.02)
                is_left = self._tell_the_rest(process, 0)

    def _tell_the_rest(self, process: asyncio.subprocess.Process, number: int) -> bool:
        """Whether there is anybody to tell: in the program's group, with a connection to us, or below us."""
        is_left = _kill(process, number)
        started = below(os.getpid()) - self._before
        for pid in (started | set(self._reporting.values())) - {process.pid, os.getpid(), 0}:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
                is_left = True
        return is_left

    async def _tap(self, pipe: asyncio.StreamReader, name: str) -> None:
        """Each line without its secrets to the record and onward; a part of one waits for the rest."""
        strike = self.scrubber.stream()
        rest, passed = b"", 0  # bytes of it that went onward already
        try:
            while True:
                try:
                    reading = pipe.read(1 << 16)
                    chunk = await asyncio.wait_for(reading, _PROMPT_S if len(rest) > passed else None)
                except TimeoutError:  # a prompt, a bar of progress
                    self._onward(name, _struck(self.scrubber.text, rest[passed:]))
                    passed = len(rest)
                    continue
                if not chunk:
                    break
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._said(name, strike, line, passed, b"\n")
                    passed = 0
                if len(rest) > _LINE_READ:
                    self._onward(name, _struck(self.scrubber.text, rest[passed:]))
                    rest = rest[:_LINE_READ]
                    passed = len(rest)
        finally:
            if rest:
                self._said(name, strike, rest, passed, b"")

    def _said(self, name: str, strike: Callable[[str], str], line: bytes, passed: int, end: bytes) -> None:
        told = _struck(strike, line)
        self._onward(name, (_struck(self.scrubber.text, line[passed:]) if passed else told) + end)
        text = told[: 4 * _LINE_LIMIT].decode("utf-8", "replace").rstrip("\r")
        if text and self._has_room(name):
            kind = child.Stdout if name == "stdout" else child.Stderr
            self.journal.append(kind(text=text[:_LINE_LIMIT]))

    def _onward(self, name: str, told: bytes) -> None:
        if self.foreground:
            stream = sys.stdout if name == "stdout" and not self.keeps_stdout else sys.stderr
            with contextlib.suppress(OSError):
                stream.buffer.write(told)
                stream.buffer.flush()

    def _has_room(self, kind: str) -> bool:
        self._recorded[kind] += 1
        return self._recorded[kind] <= _OUTPUT_LIMIT

    async def _reports(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Events of one process of the program; a torn last line of a killed one is left out."""
        task = asyncio.current_task()
        assert task is not None
        self._reporting[task] = _peer(writer)
        try:
            while line := await reader.readline():
                try:
                    report = self._report(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    self.journal.append(child.Torn(bytes=len(line)))
                    continue
                if report is None:
                    continue
                if isinstance(report, child.Said):
                    if not self._has_room(report.kind):
                        continue
                    report = replace(report, text=report.text[:_LINE_LIMIT])
                elif isinstance(report, child.Taken):
                    report = replace(report, is_named=is_named(report.error, report.through))
                self.journal.append(report)
                if isinstance(report, child.Boot):
                    self._booted.set()
        except (ValueError, ConnectionError):  # a line over the limit, a reset
            self.journal.append(child.Torn(bytes=0))
        finally:
            del self._reporting[task]
            writer.close()

    def _report(self, message: Mapping[str, Any]) -> child.ChildEvent | None:
        """The event of what the hooks sent; raises ValueError, KeyError or TypeError where it is none.

        That the program is about to read a file of settings is for us alone: what is in there is a secret.
        """
        if message["kind"] == "opening":
            self.scrubber.learn(in_file(self.folder / message["data"]["path"]))
            return None
        kind = KINDS["child", message["kind"]]
        if not issubclass(kind, child.Report):
            raise ValueError(f"{kind.kind} is not for the hooks to report")
        data = self.scrubber.data(message["data"])
        return kind.parsed({"pid": message["pid"], "at_ns": message["monotonic_ns"], **data})


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for sockets, whose paths may not be long: in /tmp if the temporary folder's own is."""
    is_long = len(os.fsencode(tempfile.gettempdir())) > _SOCKET_PATH - 32
    return tempfile.TemporaryDirectory(prefix="diag-", dir="/tmp" if is_long else None)


_SOCKET_PATH = 104  # sockaddr_un, on the system that gives it least


def _cache() -> Path:
    """Where rewritten code is kept from one run to the next; the hooks take it from no folder of others."""
    try:
        return Path.home() / ".cache" / "exchange-diag" / "child"
    except RuntimeError:  # no HOME, and no such user
        return Path(os.devnull)


def _struck(strike: Callable[[str], str], line: bytes) -> bytes:
    return strike(line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _peer(writer: asyncio.StreamWriter) -> int:
    """The process at the other end of a local socket; 0 where the system does not tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return 0
    told = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int(struct.unpack("3i", told)[0])


def _tried_ways_out(control: socket.socket) -> int:
    """How often something in the namespace wanted to get out of it and found no way; 0 if nobody knows."""
    try:
        control.settimeout(2.0)
        control.sendall(b"?")
        return int(control.recv(64))
    except (OSError, ValueError):
        return 0


def _kill(process: asyncio.subprocess.Process, number: int) -> bool:
    """Signal the program's group; whether there still is one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
        return True
    return False
