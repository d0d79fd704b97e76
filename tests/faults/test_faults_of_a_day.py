"""Branch days with two processes of each service, while one fault follows the other; the books balance.

``FAULTS=full`` (``make faults``) injects all of them and prints a table; otherwise a seeded few.
"""

import asyncio
import os
import time
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from deploy.books import Imbalance
from deploy.demo.day import play
from deploy.devstack.stack import Stack
from tests.days import Days
from tests.faults import breaks, broker_breaks
from tests.faults.breaks import Fault
from tests.faults.site import Site

pytestmark = [pytest.mark.fault, pytest.mark.real_kafka]

FULL = os.environ.get("FAULTS") == "full"
FEW: tuple[Fault, ...] = (breaks.sessions_ended, breaks.rolled, broker_breaks.topic_grown)
ALL: tuple[Fault, ...] = (
    breaks.sessions_ended,
    broker_breaks.broker_gone,
    breaks.database_frozen,
    broker_breaks.replayed_from_the_start,
    breaks.rolled,
    broker_breaks.members_come_and_go,
    breaks.slots_used_up,
    broker_breaks.zombie,
    breaks.issuer_gone_and_keys_rotated,
    broker_breaks.broker_frozen,
    breaks.relay_stands_still,
    broker_breaks.topic_grown,
    breaks.starved,
    breaks.killed_at_random,
)
#: Of a day of its own: what stands on the topics afterwards is what was sent again.
WIPE: tuple[Fault, ...] = (broker_breaks.wiped_and_republished,)


async def test_one_fault_after_the_other_and_the_books_balance(tmp_path: Path) -> None:
    """Each bites, each is recovered from; nothing acknowledged is lost, doubled or out of order."""
    imbalances = await imbalances_after(ALL if FULL else FEW, tmp_path)
    assert [one for one in imbalances if not moved(one)] == []


@pytest.mark.skipif(not FULL, reason="takes minutes: make faults")
async def test_a_broker_that_lost_everything_is_filled_again_while_writers_write(tmp_path: Path) -> None:
    """N3: everything stands on the new broker, in order; projections are those of the books."""
    assert await imbalances_after(WIPE, tmp_path) == []


async def imbalances_after(faults: tuple[Fault, ...], tmp_path: Path) -> list[Imbalance]:
    """What the books object to when the faults have followed each other."""
    stack = Stack(tmp_path, replicas=2)
    await asyncio.to_thread(stack.start)
    try:
        # What a day without faults brings stands there before: sales, pay-outs, complaints.
        await play(stack, tickets=60, sales=4, seconds=8.0, seed=4, stale=False, books=False)
        site = Site(stack, Days(stack, sales=0, seed=5, patience=300.0))
        try:
            before = site.acknowledged()
            await site.days.until(lambda: site.acknowledged() > before + 50, "the day does not begin")
            rows = [await injected(site, fault) for fault in faults]
            imbalances = await site.days.imbalances()
        finally:
            await site.days.abandon()
        show(rows, site.acknowledged())
        return imbalances
    finally:
        await asyncio.to_thread(stack.stop)


def moved(imbalance: Imbalance) -> bool:
    """Whether it says no more than that a key's facts stand elsewhere since its topic was grown (N3)."""
    grown = imbalance.subject.startswith(broker_breaks.TOPIC)
    return grown and imbalance.check == "facts.one_key_one_partition"


async def injected(site: Site, fault: Fault) -> tuple[str, ...]:
    """One row of the table."""
    before, began = site.acknowledged(), time.monotonic()
    bite = await fault(site)
    name = fault.__name__.replace("_", " ")
    row = (name, bite, f"{time.monotonic() - began:.0f} s", str(site.acknowledged() - before))
    print(" · ".join(row), flush=True)
    return row


def show(rows: list[tuple[str, ...]], acknowledged: int) -> None:
    """Prints what was injected, what showed that it bit, and how much was acknowledged meanwhile."""
    table = Table("fault", "bite", "lasted", "acknowledged meanwhile")
    for row in rows:
        table.add_row(*row)
    console = Console(width=130)
    console.print(table)
    console.print(f"{acknowledged} commands acknowledged")
