"""Where no network namespace holds the program, its hooks alone do: no gap lies between them."""

import textwrap
from dataclasses import replace

import pytest

from diag.observe.run import Simulation
from tests.observe.conftest import Watch, interpreter

pytestmark = pytest.mark.slow

# Each would run code without hooks that exits with 7, or would ask a resolver, or would be heard outside.
GAPS = {
    "a flag behind a flag with a value": """
        import subprocess, sys
        sys.exit(subprocess.call([sys.executable, "-W", "error", "-I", "-c", "raise SystemExit(7)"]))
        """,
    "exec without the variables": """
        import os, sys
        os.environ.clear()
        os.execv(sys.executable, [sys.executable, "-c", "raise SystemExit(7)"])
        """,
    "another program by the function of multiprocessing": """
        import os, sys
        from multiprocessing.util import spawnv_passfds
        pid = spawnv_passfds(b"/bin/sh", ["sh", "-c", "exit 7"], [])
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """,
    "a name of an address": "import _socket; _socket.getnameinfo(('192.0.2.1', 80), 0)",
    "a name with a colon": "import socket; socket.getaddrinfo('api:exchange.example', 443)",
    "a name behind an address": "import socket; socket.getaddrinfo('127.0.0.1 exchange.example', 443)",
    "a server for everybody": "import _socket; _socket.socket().bind(('0.0.0.0', 0))",
    "a server at an address outside": "import socket; socket.socket().bind(('192.0.2.1', 0))",
}


@pytest.fixture
def held_by_hooks(nothing_simulated: Simulation) -> Simulation:
    return replace(nothing_simulated, listeners=-1)


@pytest.mark.parametrize("gap", GAPS)
def test_the_hooks_leave_no_gap(watch: Watch, held_by_hooks: Simulation, gap: str) -> None:
    seen = watch(GAPS[gap], simulation=held_by_hooks)
    assert not seen.ended.isolated
    assert seen.ended.code == 1
    assert len(seen.of("refused")) == 1


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_multiprocessing_takes_the_hooks_along(watch: Watch, held_by_hooks: Simulation, method: str) -> None:
    program = f"""
        import multiprocessing
        if __name__ == "__main__":
            process = multiprocessing.get_context({method!r}).Process(target=print, args=("out",))
            process.start(); process.join()
        """
    assert "out" in watch(program, simulation=held_by_hooks).output()


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_multiprocessing_of_an_isolated_python_is_refused(
    watch: Watch, held_by_hooks: Simulation, method: str
) -> None:
    seen = watch(
        f"""
        import multiprocessing
        if __name__ == "__main__":
            process = multiprocessing.get_context({method!r}).Process(target=print, args=("out",))
            process.start(); process.join()
        """,
        command=("python", "-I", "bot.py"),
        simulation=held_by_hooks,
    )
    assert "out" not in seen.output()
    assert seen.of("refused")


@pytest.mark.parametrize("env", ["None", "{}"])
def test_a_process_gets_the_hooks_though_the_program_clears_its_environment(
    watch: Watch, held_by_hooks: Simulation, env: str
) -> None:
    seen = watch(
        f"""
        import os, subprocess, sys
        os.environ.clear()
        code = "import socket; socket.socket().connect(('192.0.2.1', 80))"
        subprocess.run([sys.executable, "-c", code], env={env})
        """,
        simulation=held_by_hooks,
    )
    assert seen.ended.code == 0
    assert [data["target"] for data in seen.of("refused")] == ["('192.0.2.1', 80)"]


def test_servers_stand_on_loopback(watch: Watch, held_by_hooks: Simulation) -> None:
    seen = watch(
        """
        import asyncio, socket
        for family, host in ((socket.AF_INET, ""), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            with socket.socket(family) as server:
                server.bind((host, 0))
                print(server.getsockname()[0])
        async def main():
            server = await asyncio.start_server(print, "0.0.0.0", 0)
            print(server.sockets[0].getsockname()[0])
        asyncio.run(main())
        """,
        simulation=held_by_hooks,
    )
    assert seen.output().split() == ["127.0.0.1", "127.0.0.1", "::1", "127.0.0.1"]
    assert seen.of("refused") == []


def test_c_network_stacks_stay_hidden_from_finders_of_the_programs_own(
    watch: Watch, held_by_hooks: Simulation
) -> None:
    seen = watch(
        """
        import importlib.machinery, sys
        sys.meta_path[:] = [importlib.machinery.PathFinder]
        open("uvloop.py", "w").close()
        try:
            import uvloop
        except ImportError as error:
            print(error)
        """,
        simulation=held_by_hooks,
    )
    assert "hidden in simulation" in seen.output()


def test_addresses_have_their_names_without_a_question(watch: Watch, held_by_hooks: Simulation) -> None:
    seen = watch(
        "import socket\nprint(socket.getnameinfo(('127.0.0.1', 80), 0), socket.getnameinfo(('192.0.2.1', 80), 0))",
        simulation=held_by_hooks,
    )
    assert "('localhost', '80') ('192.0.2.1', '80')" in seen.output()
    assert seen.of("refused") == []


def test_a_refusal_in_a_tight_loop_is_counted(watch: Watch, held_by_hooks: Simulation) -> None:
    seen = watch(
        """
        import socket
        for _ in range(2000):
            try:
                socket.create_connection(("192.0.2.1", 80))
            except OSError:
                pass
        """,
        simulation=held_by_hooks,
    )
    assert [data["count"] for data in seen.of("refused")] == [1, 2, 3, 10, 100, 1000]


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7", "3.8"])
def test_a_python_too_old_for_the_hooks_is_ended(
    watch: Watch, held_by_hooks: Simulation, version: str
) -> None:
    python = interpreter(version)
    program = textwrap.dedent(
        f"import subprocess\nprint(subprocess.call([{python!r}, '-c', 'print(1 + 1)']))\n"
    )
    seen = watch(program, simulation=held_by_hooks)
    assert seen.output() == "70"
    again = watch(program, record="again")  # nothing simulated: not our business
    assert again.output().split() == ["2", "0"]
