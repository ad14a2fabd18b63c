"""Runs a command in a network namespace that has loopback alone (Linux, where the system permits it).

    python isolate.py CONTROL LISTENERS COMMAND...      (LISTENERS -1: run it as it is)

CONTROL is the descriptor of a stream socket to the parent. Inside the namespace LISTENERS sockets listen
on 127.0.0.1; their descriptors go to the parent, which serves on them from outside: a socket belongs to
the namespace that it was made in. The answer is a line `isolated` or `not isolated: WHY`; the command
starts when the parent has written a byte. In a namespace, a second byte is answered with the number of
attempts to get out of it. Standard library only; see unshare(2), user_namespaces(7).
"""

import contextlib
import ctypes
import os
import re
import signal
import socket
import struct
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def enter() -> None:
    """Move this process, which must have one thread, into a new namespace; raises OSError if it may not."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    # The same user as before: files keep their owners.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _loopback_up()


def _loopback_up() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(probe, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | _IFF_UP))


def _end_with_parent() -> None:
    """Have the system ask the program to stop when the observer is gone, even if it was killed (Linux)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def _stay(control: socket.socket) -> None:
    """Leave a process in the namespace that says, when asked, how often something wanted to get out of it."""
    before = ways_out_tried()
    if os.fork():
        return
    try:
        os.setsid()
        for descriptor in (0, 1, 2):  # whoever reads the program's output waits for its end
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        if control.recv(1):
            control.sendall(b"%d" % (ways_out_tried() - before))
    finally:
        os._exit(0)


def ways_out_tried() -> int:
    """What was to be sent and had no route, as the network namespace of this process counts it (snmp(7))."""
    count = 0
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/self/net/snmp").read_text().splitlines()
        for names, values in zip(lines[::2], lines[1::2], strict=True):
            told = dict(zip(names.split(), values.split(), strict=True))
            count += int(told.get("OutNoRoutes", 0))
            if _asks_here():
                count += int(told.get("NoPorts", 0))
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/net/snmp6").read_text().splitlines():
            name, value = line.split()
            if name == "Ip6OutNoRoutes":
                count += int(value)
    return count


def _asks_here() -> bool:
    """Whether names are asked for at this machine's own resolver, which loopback leads to outside."""
    with contextlib.suppress(OSError):
        return re.search(r"^nameserver\s+(127\.|::1)", Path("/etc/resolv.conf").read_text(), re.M) is not None
    return False


def main(arguments: list[str]) -> None:
    control = socket.socket(fileno=int(arguments[0]))
    wanted, command = int(arguments[1]), arguments[2:]
    listeners: list[socket.socket] = []
    try:
        if wanted < 0:
            raise OSError("not asked to")
        if not sys.platform.startswith("linux"):
            raise OSError("network namespaces exist on Linux only")
        enter()
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(wanted)]
        answer = b"isolated\n"
    except OSError as error:
        answer = f"not isolated: {error}\n".encode()
    socket.send_fds(control, [answer], [listener.fileno() for listener in listeners])
    for listener in listeners:
        listener.close()
    _end_with_parent()
    if not control.recv(1):
        sys.exit("diag: the observer went away")
    if listeners or wanted >= 0:
        _stay(control)
    control.close()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
