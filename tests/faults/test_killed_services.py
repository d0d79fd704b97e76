"""A branch day while services are killed (-9) and restarted, and the broker and the database under load.

Every kill is seeded, hits requests in flight (the clients' connections broke: it bit), and in the end the
books balance. ``FAULTS=full`` (``make faults``) kills at least 50 times; otherwise a short form of the same.
"""

import asyncio
import os
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy import SERVICES
from deploy.demo.client import INTERRUPTED, Actor, connected
from deploy.demo.ledger import Ledger
from deploy.devstack.stack import Stack
from tests.days import Days

pytestmark = pytest.mark.fault

FULL = os.environ.get("FAULTS") == "full"
KILLS = 54 if FULL else 10
BITE_SECONDS = 20.0

#: What is killed, and how often relative to the others.
TARGETS = (
    ("ticketing",) * 4 + ("feedback",) * 2 + ("staffing",) * 2 + ("compliance",) * 2 + ("kafka", "postgres")
)


@dataclass
class Killer:
    """Kills one part after the other, each only when it has shown its teeth brought back."""

    stack: Stack
    chance: random.Random
    days: Days
    bitten: list[str] = field(default_factory=list)

    async def run(self, kills: int) -> None:
        """``kills`` kills; every kind of target at least once."""
        plan = [*dict.fromkeys(TARGETS)]
        plan += self.chance.choices(TARGETS, k=max(0, kills - len(plan)))
        self.chance.shuffle(plan)
        for target in plan:
            await self.days.last(self.chance.uniform(0.2, 1.0))
            await {"kafka": self._broker, "postgres": self._database}.get(target, self._service)(target)
            self.bitten.append(target)

    async def _service(self, name: str) -> None:
        before = INTERRUPTED[name]
        await asyncio.to_thread(self.stack.kill, name)
        await self.days.until(
            lambda: INTERRUPTED[name] > before, f"no request to {name} was cut by the kill", BITE_SECONDS
        )
        await asyncio.to_thread(self.stack.restart, name)

    async def _broker(self, _: str) -> None:
        before = self._relay_failures()
        await asyncio.to_thread(self.stack.kafka.kill)
        await self.days.until(
            lambda: self._relay_failures() > before, "no relay noticed that the broker was gone", BITE_SECONDS
        )
        await asyncio.to_thread(self.stack.restart_kafka)

    async def _database(self, _: str) -> None:
        before = self._recoveries()
        await asyncio.to_thread(self.stack.restart_postgres)
        await self.days.until(
            lambda: self._recoveries() > before, "the database did not have to recover", BITE_SECONDS
        )
        for name in SERVICES:
            await asyncio.to_thread(self.stack.wait_ready, name)

    def _relay_failures(self) -> int:
        return sum(self._log(name).count("relay pass failed") for name in SERVICES)

    def _recoveries(self) -> int:
        return len(re.findall("automatic recovery in progress", self._log("postgres")))

    def _log(self, name: str) -> str:
        path = self.stack.folder / "logs" / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


#: What is asked all the time besides the day's own requests, so that every kill finds one in flight.
READERS = (
    ("staffing", "/v1/employees", "auditor-1"),
    ("compliance", "/v1/sellers", "auditor-1"),
    ("feedback", "/v1/complaints", "complaint-handler-1"),
    ("ticketing", "/v1/services", "auditor-1"),
)


async def read_all_the_time(stack: Stack, folder: Path) -> None:
    """Managers at their screens: one request after the other, to each service."""
    with Ledger.in_folder(folder, "readers") as ledger:
        async with connected(stack, patience=90.0) as wire:

            async def read(service: str, path: str, client_id: str) -> None:
                reader = Actor(wire, ledger, client_id)
                while True:
                    await reader.get(service, path)

            await asyncio.gather(*(read(*what) for what in READERS))


@pytest.mark.real_kafka
async def test_killing_anything_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Each service, the broker and the database are killed in the midst of a day; every effect stands
    once.
    """
    stack = Stack(tmp_path)
    await asyncio.to_thread(stack.start)
    try:
        days = Days(stack, sales=6, seed=7, patience=90.0)
        reading = asyncio.create_task(read_all_the_time(stack, tmp_path))
        killer = Killer(stack, random.Random(20261125), days)
        try:
            await killer.run(KILLS)
            imbalances = await days.imbalances()
        finally:
            await days.abandon()
            reading.cancel()
            await asyncio.wait({reading})
        assert len(killer.bitten) >= KILLS
        assert set(killer.bitten) == set(TARGETS)
        assert imbalances == []
    finally:
        await asyncio.to_thread(stack.stop)
