"""Very many commands while processes, broker and database are killed: each took effect once."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from deploy.devstack.stack import Stack
from tests.faults.takers import Takers, drained

pytestmark = [pytest.mark.fault, pytest.mark.real_kafka]

FULL = os.environ.get("FAULTS") == "full"
COMMANDS = 100_000 if FULL else 6_000
SECONDS_BETWEEN = 3.0 if FULL else 0.5
TARGETS = ("ticketing", "ticketing", "kafka", "postgres")


async def kill_in_turn(stack: Stack, done: "asyncio.Task[None]") -> int:
    """Kills one part after the other until the clients are done; answers how many were killed."""
    chance, killed = random.Random(100_000), 0
    while not done.done() or killed < len(TARGETS):
        await asyncio.wait({done}, timeout=SECONDS_BETWEEN)
        target = TARGETS[killed % len(TARGETS)]
        if target == "ticketing":
            await asyncio.to_thread(stack.restart, "ticketing", chance.randrange(2))
        elif target == "kafka":
            await asyncio.to_thread(stack.restart_kafka)
        else:
            await asyncio.to_thread(stack.restart_postgres)
        killed += 1
    return killed


async def test_every_acknowledged_command_took_effect_once(tmp_path: Path) -> None:
    stack = Stack(tmp_path, services=("ticketing",), replicas=2)
    await asyncio.to_thread(stack.start)
    try:
        takers = await asyncio.to_thread(Takers.at, stack, COMMANDS)
        taking = asyncio.create_task(takers.run())
        killed = await kill_in_turn(stack, taking)
        await taking
        await drained(stack)
        await asyncio.to_thread(takers.check)
        assert killed >= len(TARGETS)
        assert takers.cut > 0, "no kill has cut a request"
        print(f"{len(takers.tickets)} commands acknowledged, {killed} kills, {takers.cut} requests cut")
    finally:
        await asyncio.to_thread(stack.stop)
