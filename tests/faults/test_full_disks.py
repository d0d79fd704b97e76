"""A disk without room, under PostgreSQL and under Kafka: said clearly, nothing half-written, recovered from.

A small file system is mounted for each, which only root may do. The evidence store's test is in compliance.
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from deploy.devstack.kafka import ApacheKafka
from deploy.devstack.postgres import PostgresServer
from deploy.devstack.stack import Stack
from tests.faults.takers import Takers, drained

pytestmark = [pytest.mark.fault, pytest.mark.real_kafka]

COMMANDS = 6_000
BALLAST = 1 << 20


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own at the folder."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Takes all the room that there is; answers the file to remove."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * BALLAST)
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return ballast


@asynccontextmanager
async def beside_a_small(disk: Path, megabytes: int) -> AsyncIterator[Stack]:
    """Two processes of ticketing whose PostgreSQL or Kafka has a file system of its own."""
    stack = Stack(disk.parent, services=("ticketing",), replicas=2)
    with small_disk(disk, megabytes):
        await asyncio.to_thread(stack.start)
        try:
            yield stack
        finally:
            await asyncio.to_thread(stack.stop)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
async def test_postgres_without_room_refuses_clearly_and_goes_on_when_there_is_some(tmp_path: Path) -> None:
    async with beside_a_small(tmp_path / "postgres", 420) as stack:
        takers = await asyncio.to_thread(Takers.at, stack, COMMANDS)
        taking = asyncio.ensure_future(takers.run())
        ballast = await asyncio.to_thread(fill, tmp_path / "postgres")
        async with asyncio.timeout(60):
            while not takers.refused and not takers.cut:
                await asyncio.wait({taking}, timeout=0.2)
        assert not taking.done()
        await asyncio.wait({taking}, timeout=3.0)
        before = len(takers.tickets)
        log = (tmp_path / "logs" / "postgres.log").read_text(encoding="utf-8", errors="replace")
        assert "No space left on device" in log
        ballast.unlink()
        assert isinstance(stack.postgres, PostgresServer)
        if not stack.postgres.alive:
            # What a container's restart policy does.
            await asyncio.to_thread(stack.postgres.start)
        await taking
        await drained(stack)
        await asyncio.to_thread(takers.check)
        assert len(takers.tickets) > before
        assert set(takers.refused) <= {
            "STORAGE_FULL",
            "UNAVAILABLE",
            "REQUEST_IN_PROGRESS",
            "OBJECT_BUSY",
        }
        print(f"refused while full: {dict(takers.refused)}, cut {takers.cut}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
async def test_kafka_without_room_keeps_nobody_from_a_ticket(tmp_path: Path) -> None:
    async with beside_a_small(tmp_path / "kafka", 160) as stack:
        takers = await asyncio.to_thread(Takers.at, stack, 500)
        ballast = await asyncio.to_thread(fill, tmp_path / "kafka")
        await takers.run()
        takers.wanted = COMMANDS
        await takers.run()
        log = (tmp_path / "logs" / "kafka.log").read_text(encoding="utf-8", errors="replace")
        assert "No space left on device" in log
        ballast.unlink()
        assert isinstance(stack.kafka, ApacheKafka)
        await asyncio.to_thread(stack.restart_kafka)
        await drained(stack)
        await asyncio.to_thread(takers.check)
        assert takers.refused.keys() <= {"REQUEST_IN_PROGRESS", "OBJECT_BUSY"}, takers.refused
