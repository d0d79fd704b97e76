"""Children of the stack: none outlives it, whatever ends it."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.devstack import StackError
from deploy.devstack.processes import Child, dies_with_parent, run, stop

PARENT = """
import sys, time
from pathlib import Path
from deploy.devstack.processes import Child, dies_with_parent
child = Child("sleeper", [*dies_with_parent("KILL"), "sleep", "600"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(600)
"""


def wait_until_gone(*pids: int, seconds: float = 10.0) -> None:
    for pid in pids:
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            assert select.select([process], [], [], seconds)[0], f"process {pid} is still there"
        finally:
            os.close(process)


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        parent.kill()
    wait_until_gone(child)


def test_a_child_that_ends_is_reported_with_the_end_of_its_output(tmp_path: Path) -> None:
    child = Child("talker", ["sh", "-c", "echo no such table; exit 3"], log=tmp_path / "log")
    with pytest.raises(StackError, match=r"talker ended with exit code 3(.|\n)*talker \| no such table"):
        child.wait_for_output("ready", seconds=10)


def test_output_of_an_earlier_child_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    Child("first", ["echo", "ready"], log=log).wait(10)
    second = Child("second", [*dies_with_parent("KILL"), "sleep", "600"], log=log)
    with pytest.raises(StackError, match="did not say"):
        second.wait_for_output("ready", seconds=0.1)
    second.kill()


def test_a_child_that_does_not_want_to_end_is_killed(tmp_path: Path) -> None:
    stubborn = Child(
        "stubborn", ["sh", "-c", "trap '' TERM; echo deaf; sleep 600 & wait; wait"], log=tmp_path / "log"
    )
    stubborn.wait_for_output("deaf", seconds=10)
    stop([stubborn], patience=0.1)
    assert stubborn.exit_code == -signal.SIGKILL


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(StackError, match=r"sh failed:(.|\n)*disk full"):
        run(["sh", "-c", "echo disk full >&2; exit 1"])
