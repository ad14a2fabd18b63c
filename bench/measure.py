"""One run of a program: how long it took, and how much memory it and its children held at once."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.01


@dataclass(frozen=True)
class Run:
    """`seconds` of wall time; `peak` bytes, None where not measured; `trouble` is '' when it worked."""

    seconds: float
    peak: int | None = None
    trouble: str = ""


def run(command: list[str], folder: Path, *, memory: bool = False, limit: float = 300) -> Run:
    """Run a checker (exit code 0 or 1 is success) in `folder`, for at most `limit` seconds.

    With `memory`, the processes are watched while they run; that costs time, so such a run is not timed.
    """
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "MYPYPATH")}
    environment["NO_COLOR"] = "1"
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            return Run(0.0, trouble=f"{type(error).__name__}: {error}")
        # A wait with a time limit looks only every 50 ms; this one ends when the process does.
        alarm = threading.Timer(limit, end, [process])
        alarm.start()
        try:
            peak = watch(process) if memory else None
            code = process.wait()
        except BaseException:
            end(process)
            raise
        finally:
            alarm.cancel()
        seconds = time.perf_counter() - start
        if code in (0, 1):
            return Run(seconds, peak)
        output.seek(max(0, output.tell() - 400))
        last = (output.read().decode(errors="replace").strip().splitlines() or [""])[-1]
        what = f"not done after {limit:.0f} s" if seconds >= limit else f"exit code {code}"
        return Run(seconds, peak, f"{what}: {last}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def watch(process: subprocess.Popen[bytes]) -> int | None:
    """The highest sum of memory over the process and all below it until it ends; None without /proc."""
    peak = None
    while process.poll() is None:
        sizes = [size for pid in family(process.pid) if (size := memory_of(pid)) is not None]
        if sizes:
            peak = max(peak or 0, sum(sizes))
        time.sleep(SAMPLE_SECONDS)
    return peak


def family(pid: int) -> list[int]:
    """The process and its descendants (Linux)."""
    found = [pid]
    for parent in found:
        # A process may end while it is being looked at.
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
    return found


def memory_of(pid: int) -> int | None:
    """Bytes. A page that processes share (workers what they were forked from) counts once over all (PSS)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return None
