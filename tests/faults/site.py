"""Where a fault is injected: a stack on which a branch day is played, and ways to see that it has bitten."""

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg

from deploy.apart import run
from deploy.devstack.postgres import PostgresServer
from deploy.devstack.stack import Stack
from deploy.operator.installation import from_stack
from deploy.operator.topics.lag import lags
from tests.days import Days


@dataclass
class Site:
    """A stack and the days that are played on it."""

    stack: Stack
    days: Days

    @property
    def postgres(self) -> PostgresServer:
        """The stack's own server."""
        assert isinstance(self.stack.postgres, PostgresServer)
        return self.stack.postgres

    def acknowledged(self) -> int:
        """Commands that were acknowledged so far, by the ledgers of all days."""
        files = (self.stack.state / "ledger").glob("*.jsonl")
        return sum(path.read_text(encoding="utf-8").count('"outcome":"ok"') for path in files)

    async def goes_on(self, commands: int, what: str) -> None:
        """Waits until so many more commands were acknowledged."""
        before = await asyncio.to_thread(self.acknowledged)
        await self.days.until(lambda: self.acknowledged() >= before + commands, f"nothing goes on {what}")

    def rows(self, service: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the superuser reads, or changes, in a service's database."""
        with psycopg.connect(self.postgres.dsn(service), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def outbox(self, service: str = "ticketing") -> int:
        """Facts that wait for the broker."""
        return int(self.rows(service, "SELECT count(*) FROM outbox")[0][0])

    def ready(self, service: str, number: int = 0) -> bool:
        """Whether a process says that it is ready."""
        return self._answers(f"{self.stack.urls(service)[number]}/readyz")

    def alive(self, service: str, number: int = 0) -> bool:
        """Whether a process says that it is alive."""
        return self._answers(f"{self.stack.urls(service)[number]}/livez")

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            return httpx.get(url, timeout=3.0, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    async def all_ready(self) -> None:
        """Waits until every process of every service is ready."""
        for name in self.stack.names:
            for number in range(len(self.stack.urls(name))):
                await self.days.until(partial(self.ready, name, number), f"{name} is not ready")

    def counted(self, service: str, metric: str, number: int | None = None) -> float:
        """A counter of one process of a service, or of all, summed over its labels."""
        pattern = rf"^{metric}(?:{{.*}})? (\S+)$"
        urls = self.stack.urls(service) if number is None else [self.stack.urls(service)[number]]
        texts = [httpx.get(f"{url}/metrics", trust_env=False, timeout=5.0).text for url in urls]
        return sum(float(value) for text in texts for value in re.findall(pattern, text, re.MULTILINE))

    def drained(self, topic: str) -> bool:
        """Whether every group has read the topic to its end."""
        found = run(lags(from_stack(self.stack.folder / "stack.json")))
        return not any(lag.records for lag in found if lag.topic == topic)

    def said(self, name: str, words: str) -> int:
        """How often a part of the stack has written these words."""
        files = (self.stack.folder / "logs").glob(f"{name}*.log")
        return sum(path.read_text(encoding="utf-8", errors="replace").count(words) for path in files)


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Processes that stand still (SIGSTOP) and go on afterwards."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return [pid]
    return [pid, *[one for child in children for one in family(int(child))]]
