"""CPU time of processes, from ``/proc``."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_UTIME, _STIME, _CUTIME, _CSTIME = 11, 12, 13, 14


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def of_processes(pids: Iterable[int]) -> float:
    """CPU milliseconds that the processes have used, all threads of each."""
    return sum(
        (int(found[_UTIME]) + int(found[_STIME])) * _TICK_MS for pid in pids if (found := _fields(pid))
    )


def of_family(pid: int) -> float:
    """CPU milliseconds of a process, its children that run, and its children that have ended."""
    found = _fields(pid)
    if not found:
        return 0.0
    own = sum(int(found[index]) for index in (_UTIME, _STIME, _CUTIME, _CSTIME)) * _TICK_MS
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        return own
    return own + sum(of_family(int(child)) for child in children)
