"""The branch day as ``make demo`` plays it, shorter; then one imbalance of each kind is planted and found."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from deploy.books import balance
from deploy.demo.day import Summary, play
from deploy.devstack.stack import Stack

pytestmark = pytest.mark.e2e

TICKETS = 240
SALES = 20


@pytest.fixture(scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stack, Summary]]:
    """A stack of its own on which a day has been played."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    await asyncio.to_thread(stack.start)
    try:
        yield stack, await play(stack, tickets=TICKETS, sales=SALES, seconds=15.0, seed=3)
    finally:
        await asyncio.to_thread(stack.stop)


async def test_the_day_is_played_and_its_books_balance(played: tuple[Stack, Summary]) -> None:
    """Tickets, evaluations, sales and their refusals, complaints and pay-outs: all of it adds up."""
    _, summary = played
    assert summary.wrong == []
    assert summary.counts["tickets issued"] >= TICKETS


@contextmanager
def planted(stack: Stack, service: str, plant: str, undo: str) -> Iterator[None]:
    """A change that no service made, by the superuser and behind every trigger; undone afterwards."""
    with psycopg.connect(stack.postgres.dsn(service), autocommit=True) as database:
        database.execute("SET session_replication_role = replica")
        database.execute(plant.encode())
        try:
            yield
        finally:
            database.execute(undo.encode())


def failing(found: list[Any]) -> set[str]:
    """The groups of checks that found something."""
    return {imbalance.check.partition(".")[0] for imbalance in found}


PLANTS = {
    "a ticket that no client took": (
        "ticketing",
        "CREATE TABLE kept AS SELECT * FROM tickets LIMIT 1;"
        " DELETE FROM tickets WHERE id IN (SELECT id FROM kept)",
        "INSERT INTO tickets SELECT * FROM kept; DROP TABLE kept",
        "tickets",
    ),
    "a fact that never reached its topic": (
        "staffing",
        "INSERT INTO fact (id, type, topic, key, sequence, occurred_at, data) VALUES"
        " (gen_random_uuid(), 'staffing.outlet.changed.v1', 'staffing.outlets.v1', 'x', 1, now(), '{}')",
        "DELETE FROM fact WHERE key = 'x'",
        "facts",
    ),
    "an effect that was taken twice": (
        "staffing",
        "CREATE TABLE kept AS SELECT * FROM served_tickets LIMIT 1;"
        " DELETE FROM served_tickets WHERE ticket_id IN (SELECT ticket_id FROM kept)",
        "INSERT INTO served_tickets SELECT * FROM kept; DROP TABLE kept",
        "effects",
    ),
    "a deadline that moved": (
        "feedback",
        "UPDATE complaints SET due_on = due_on + 1",
        "UPDATE complaints SET due_on = due_on - 1",
        "feedback",
    ),
}


@pytest.mark.parametrize("kind", PLANTS)
async def test_a_planted_imbalance_is_found(played: tuple[Stack, Summary], kind: str) -> None:
    """Each kind alone makes the books fail, and names the right check; undone, they balance again."""
    stack, summary = played
    service, plant, undo, group = PLANTS[kind]
    with planted(stack, service, plant, undo):
        found = await asyncio.to_thread(balance, stack.describe(), summary.ledger)
    assert group in failing(found)
    assert await asyncio.to_thread(balance, stack.describe(), summary.ledger) == []
