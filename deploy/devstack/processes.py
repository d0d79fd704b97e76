"""Child processes of the stack: each in a group of its own, none of which outlives the stack."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from deploy.devstack import StackError

# Linux sends a child its death signal when the *thread* that forked it ends: one thread forks all children,
# and lives as long as this process, whichever thread (or event loop) asks for a child.
_SPAWNER = ThreadPoolExecutor(1, "spawner")

_PR_SET_PDEATHSIG = 1


def dies_with_parent(death_signal: str) -> list[str]:
    """What stands before a command so that the kernel sends it this signal when its parent is gone (kill -9).

    Empty where ``setpriv`` (util-linux) is missing: there, only an orderly end of the stack ends its
    children.
    """
    if shutil.which("setpriv") is None:
        return []
    # The parent may have gone before the signal was set: then there is nothing to do any more.
    unless_orphan = f'test "$PPID" = {os.getpid()} && exec "$@"'
    return ["setpriv", "--pdeathsig", death_signal, "sh", "-c", unless_orphan, "sh"]


def die_with_make() -> None:
    """Ends this process in order (SIGTERM) when the ``make`` that started it is killed, even by kill -9."""
    if "MAKELEVEL" in os.environ and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One process, its output in a file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process: subprocess.Popen[bytes] = _SPAWNER.submit(
                lambda: subprocess.Popen(
                    command,
                    stdin=stdin,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,
                )
            ).result()

    @property
    def pid(self) -> int:
        """Process id; also the id of its group."""
        return self._process.pid

    @property
    def stdin(self) -> IO[bytes]:
        """Its standard input, where it was asked for."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Its exit code (negative: the signal that ended it), or none while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """What it has written since it was started."""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def wait_for_output(self, text: str, seconds: float) -> str:
        """Waits until it has written ``text``; answers all its output. Raises when it ends or time is up."""
        deadline = time.monotonic() + seconds
        while text not in (output := self.output()):
            self.fail_unless_alive()
            if time.monotonic() > deadline:
                raise self.failure(f"did not say {text!r} within {seconds:.0f} s")
            time.sleep(0.02)
        return output

    def wait(self, seconds: float) -> int:
        """Waits for its end; answers the exit code, or raises when time is up first."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise self.failure(f"did not end within {seconds:.0f} s") from error

    def fail_unless_alive(self) -> None:
        """Raises, with the end of its output, when it has ended."""
        if not self.alive:
            raise self.failure(f"ended with exit code {self.exit_code}")

    def failure(self, what: str) -> StackError:
        """An error about this process with the end of its output."""
        lines = self.output().splitlines()[-25:]
        tail = "".join(f"\n  {self.name} | {line}" for line in lines)
        return StackError(f"{self.name} {what}; its output is in {self._log}{tail}")

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process (not to its group)."""
        if self.alive:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9 for its whole group, at once; returns when it is gone."""
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


def stop(children: Iterable[Child], *, ask: signal.Signals = signal.SIGTERM, patience: float = 12.0) -> None:
    """Asks all to end at once, waits ``patience`` seconds altogether, then kills what is left."""
    asked = list(children)
    for child in asked:
        child.signal(ask)
    deadline = time.monotonic() + patience
    for child in asked:
        while child.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Runs a command to its end; raises with the end of its output when it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise StackError("\n  ".join([f"{Path(command[0]).name} failed:", *lines]))
