"""The system of ``docker-compose.yml`` under a name of its own, driven by the engine's command line."""

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BASE_IMAGE = "python:3.13-slim"
LASTING = (
    "postgres",
    "kafka",
    "issuer",
    "ticketing",
    "feedback",
    "staffing",
    "compliance",
    "gateway",
    "prometheus",
)
START_SECONDS_MAX = 900
RESTART_SECONDS_MAX = 60


def docker(
    *arguments: str,
    seconds: float = 120,
    stdin: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """What a command of the engine prints; raises ``AssertionError`` with its words where it fails."""
    done = subprocess.run(
        ["docker", *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        input=stdin,
        check=False,
        env=os.environ | (variables or {}),
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@dataclass(frozen=True)
class Composed:
    """One instance of the system, with volumes of its own. ``choice``: profiles and files of variables."""

    project: str
    choice: tuple[str, ...]
    variables: Mapping[str, str]

    def compose(self, *arguments: str, seconds: float = 120, stdin: str | None = None) -> str:
        """What a command of Compose about this instance prints."""
        command = ["compose", "--project-name", self.project, *self.choice, "--ansi", "never"]
        return docker(*command, *arguments, seconds=seconds, stdin=stdin, variables=self.variables)

    def up(self) -> None:
        """Starts whatever does not run; comes back when all is healthy, the branch day played."""
        try:
            self.compose("up", "--wait", "--quiet-pull", seconds=START_SECONDS_MAX)
        except AssertionError as failed:
            raise AssertionError(f"{failed}\n{self.logs('player')[-4000:]}") from failed

    def inside(self, service: str, *command: str, stdin: str | None = None) -> str:
        """What a command in a running container prints."""
        return self.compose("exec", "-T", service, *command, stdin=stdin)

    def container(self, service: str) -> dict[str, Any]:
        """Everything that the engine knows of a service's container."""
        (identity,) = self.compose("ps", "--all", "--quiet", service).split()
        found: dict[str, Any] = json.loads(docker("inspect", identity))[0]
        return found

    def logs(self, service: str) -> str:
        """What a service has said."""
        return self.compose("logs", "--no-log-prefix", service)

    def balanced(self) -> int:
        """How many comparisons the books of the last played day made; fails where they do not balance."""
        said = self.logs("player")
        found = re.findall(r"\d+ checks, ([\d,]+) comparisons: the books balance", said)
        assert found, said[-3000:]
        assert "✗" not in said
        return int(str(found[-1]).replace(",", ""))

    def kill_process(self, service: str) -> None:
        """``kill -9`` of a container's first process, from outside; comes back when it was started again.

        The engine's own ``kill`` counts as the operator's wish, after which nothing is started again.
        """
        before = self.container(service)
        until = str(int(time.time()) + RESTART_SECONDS_MAX)
        watch = ["docker", "events", "--until", until, "--format", "{{.ID}}", "--filter", "event=start"]
        watch += ["--filter", f"container={before['Id']}"]
        with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as events:
            assert events.stdout is not None
            try:
                as_the_machine("sh", "-c", f"kill -9 {before['State']['Pid']}")
                assert before["Id"].startswith(events.stdout.readline().strip() or "nothing")
            finally:
                events.kill()
        after = self.container(service)
        assert after["State"]["Pid"] != before["State"]["Pid"]
        assert after["RestartCount"] > before["RestartCount"]


def as_the_machine(*command: str) -> str:
    """Runs a command among the processes of the machine that runs the containers."""
    return docker("run", "--rm", "--pid=host", BASE_IMAGE, *command)
