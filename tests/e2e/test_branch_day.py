"""The branch day as ``make demo`` plays it, shorter; then one imbalance of each kind is planted and found."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.books import balance
from deploy.demo.day import Summary
from deploy.devstack.stack import Stack
from tests.e2e.conftest import TICKETS, token_of

pytestmark = pytest.mark.e2e


async def test_the_day_is_played_and_its_books_balance(played: tuple[Stack, Summary]) -> None:
    """Tickets, evaluations, sales and their refusals, what follows them: all of it adds up."""
    _, summary = played
    assert summary.wrong == []
    assert summary.counts["tickets issued"] >= TICKETS
    # Twelve of twenty, both holders of the joint account, and the one that a supplement released.
    assert summary.counts["sales logged"] == 14
    assert summary.refused["INT-JOINT HOLDER_MISSING"] == 1
    assert summary.refused["REC-02 KEY_POINTS_OUTDATED"] == 1
    assert summary.counts["orders taken on a permit"] == 13
    assert summary.counts["orders refused by a permit"] == 2
    assert summary.counts["sales reversed"] == 2
    assert summary.counts["redemptions where nothing is sold"] == 1


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
    "a holder who came only afterwards": (
        "compliance",
        "UPDATE case_parties SET identified_at = identified_at + interval '1 day'",
        "UPDATE case_parties SET identified_at = identified_at - interval '1 day'",
        "parties",
    ),
    "an order on a permit that was used by another": (
        "compliance",
        "UPDATE permit_endings SET order_id = 'x' || order_id",
        "UPDATE permit_endings SET order_id = substr(order_id, 2)",
        "permits",
    ),
    "a redemption of another amount": (
        "compliance",
        "UPDATE transactions SET amount_minor = amount_minor + 1",
        "UPDATE transactions SET amount_minor = amount_minor - 1",
        "transactions",
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


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's calls need curl")
def test_the_first_calls_of_the_readme_work(played: tuple[Stack, Summary], tmp_path: Path) -> None:
    """As a newcomer types them, but for the ports, twice: one ticket comes of it. The books do not mind."""
    stack, summary = played
    section = (
        Path("README.md").read_text(encoding="utf-8").partition("## First calls")[2].partition("\n## ")[0]
    )
    calls = "\n".join(re.findall(r"```\n(.*?)```", section, re.DOTALL))
    for name, port in (("ticketing", 8101), ("feedback", 8102), ("staffing", 8103), ("compliance", 8104)):
        calls = calls.replace(f"http://127.0.0.1:{port}", stack.url(name))
    for client in re.findall(r"CLIENT=([\w-]+)", calls):
        (tmp_path / client).write_text(token_of(stack, client))
    prelude = """
        set -euo pipefail
        make() { cat "${3#CLIENT=}"; }
        curl() { command curl --fail-with-body --noproxy '*' "$@"; }
    """
    for _ in range(2):
        typed = subprocess.run(
            ["bash", "-c", prelude + calls], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert typed.returncode == 0, typed.stdout[-1000:] + typed.stderr[-1000:]
        assert '"number":"Z001"' in typed.stdout, typed.stdout[-1000:]
    assert balance(stack.describe(), summary.ledger.parent) == []
