"""The branch day: load the bank, play everybody, wait until every fact has arrived, balance the books."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.books import audit, show
from deploy.demo import ledger as ledgers
from deploy.demo.aftermath import ComplaintDesk, pay_out_some
from deploy.demo.arrivals import Arrival, Day, arrivals_of_day
from deploy.demo.branches import OUTLETS, Branch, Branches
from deploy.demo.client import PATIENCE, Actor, StackLike, Wire, connected
from deploy.demo.leaving import WayOut
from deploy.demo.ledger import Entry, Ledger, Op, Outcome
from deploy.demo.ordering import OrderDesk
from deploy.demo.outside import CoreBanking, core_banking
from deploy.demo.players import Hall, OnProgress, Pace
from deploy.demo.reversing import Officers
from deploy.demo.sales import BESIDES, Market, Sale
from deploy.demo.shelf import Shelf, Stocking

TICKETS = 1000
SALES = 20
#: Real seconds from the first arrival to the last.
SECONDS = 45.0

FINAL_OPS = {
    "completed": Op.COMPLETE,
    "no-show": Op.NO_SHOW,
    "cancelled": Op.CANCEL,
}


@dataclass
class Summary:
    """What the clients saw of the day; true when nothing is wrong with it."""

    run: str
    ledger: Path
    source: str
    counts: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return not self.wrong

    def table(self) -> Table:
        """The summary as a table."""
        table = Table(title=f"Branch day {self.run} · 营业日", title_justify="left")
        table.add_column("what")
        table.add_column("number", justify="right")
        for name, number in self.counts.items():
            table.add_row(name, str(number))
        for rule, number in sorted(self.refused.items()):
            table.add_row(f"sales refused by {rule}", str(number))
        for name, seconds in self.seconds.items():
            table.add_row(f"{name}, seconds", f"{seconds:.1f}")
        table.add_row("arrivals from", self.source)
        return table


@dataclass
class Stage:
    """Everything that a day is played with."""

    stack: StackLike
    wire: Wire
    ledger: Ledger
    summary: Summary
    branches: list[Branch]
    shelf: Shelf
    on_progress: OnProgress

    def actor(self, client_id: str) -> Actor:
        """A player with the token of a user."""
        return Actor(self.wire, self.ledger, client_id)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Notes how long a part takes."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.summary.seconds[name] = time.monotonic() - began


async def play(
    stack: StackLike,
    *,
    tickets: int = TICKETS,
    sales: int = SALES,
    seconds: float = SECONDS,
    seed: int = 1,
    patience: float = PATIENCE,
    stale: bool = True,
    books: bool = True,
    arrivals: str | None = None,
    on_progress: OnProgress | None = None,
    console: Console | None = None,
) -> Summary:
    """Plays one day against a running stack, prints its summary and books, and answers the summary.

    ``tickets`` and ``sales`` say how much, ``seconds`` how long the doors stay open in real time.
    ``patience``: for how many seconds a client repeats what is not answered. ``stale`` False leaves out the
    sale that needs the staffing service to be stopped for a while; ``books`` False leaves the books to the
    caller. Raises ``ArrivalsUnreadable``, and :class:`deploy.demo.client.Unexpected` when the system answers
    something that no day can go on with.
    """
    console = console or Console()
    day = arrivals_of_day(tickets, outlets=len(OUTLETS), seed=seed, path=arrivals)
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    folder = stack.state / "ledger"
    earlier = _earlier(folder)
    summary = Summary(run, folder / f"{run}.jsonl", day.source)
    with Ledger.in_folder(folder, run) as ledger:
        async with connected(stack, patience) as wire:
            began = time.monotonic()
            with console.status("loading the demo bank …"):
                branches = await Branches(wire, ledger).load()
                shelf = await Stocking(wire, ledger).load(branches)
            summary.seconds["loading the bank"] = time.monotonic() - began
            with _bars(console, tickets, sales) if on_progress is None else nullcontext(on_progress) as bars:
                stage = Stage(stack, wire, ledger, summary, branches, shelf, bars)
                await _play(stage, day, sales=sales, seconds=seconds, seed=seed, stale=stale, earlier=earlier)
    _count(summary, ledger.entries)
    console.print(summary.table())
    if books:
        await _balance(stack, summary, console)
    for wrong in summary.wrong:
        console.print(f"[red]✗[/] {wrong}", highlight=False, markup=True)
    return summary


async def _play(
    stage: Stage,
    day: Day,
    *,
    sales: int,
    seconds: float,
    seed: int,
    stale: bool,
    earlier: Sequence[Entry],
) -> None:
    pace = Pace(seconds, day.length)
    halls = [
        Hall(
            branch,
            stage.shelf.customers,
            pace,
            seed * 1000 + number,
            stage.on_progress,
            earlier=earlier,
        )
        for number, branch in enumerate(stage.branches)
    ]
    pace.start()
    with stage.timed("playing the day"):
        async with asyncio.TaskGroup() as group:
            for number, hall in enumerate(halls):
                group.create_task(hall.play(_of_outlet(day.arrivals, number)))
            group.create_task(_trade(stage, sales=sales, seed=seed, stale=stale))


async def _trade(stage: Stage, *, sales: int, seed: int, stale: bool) -> None:
    """Sales, and what follows them: orders, reversals, a redemption; pay-outs from outside, complaints."""
    if not sales:
        return
    officer, handler = stage.actor("compliance-officer-1"), stage.actor("complaint-handler-1")
    bootstrap = str(stage.stack.describe()["kafka"]["bootstrap"])
    async with core_banking(bootstrap, stage.ledger, stage.wire.patience) as bank:
        market = Market(stage.stack, stage.branches, stage.shelf, officer, bank, seed, stage.on_progress)
        with stage.timed("selling"):
            await market.play(sales, stale=stale)
        with stage.timed("orders, reversals, a redemption"):
            await _follow(stage, bank, market.logged)
        with stage.timed("pay-outs and complaints"):
            await pay_out_some(bank, market.logged)
            await ComplaintDesk(handler, officer).play(market.logged)
    stage.summary.wrong += market.wrong


async def _follow(stage: Stage, bank: CoreBanking, logged: Sequence[Sale]) -> None:
    """Every sale but one is ordered on its permit. That one, and one whose order is cancelled, are reversed;
    of another one half is redeemed.
    """
    desk = OrderDesk(stage.actor("integration-1"), bank)
    officers = Officers(stage.actor("compliance-officer-1"), stage.actor("compliance-officer-2"))
    way_out = WayOut(stage.branches[0], stage.shelf, officers.asking)
    standing = [sale for sale in logged if not sale.is_paid_out]
    holding = next(sale for sale in standing if sale.customer not in stage.shelf.holders)
    undone, unordered = [sale for sale in standing if sale is not holding][-2:]
    orders = {sale.id: await desk.take(sale) for sale in logged if sale is not unordered}
    await desk.try_again(undone, "PERMIT_USED")
    await desk.undo(orders[undone.id])
    async with asyncio.TaskGroup() as group:
        group.create_task(officers.reverse(undone))
        group.create_task(officers.reverse(unordered))
        group.create_task(way_out.redeem(holding))
    await desk.try_again(unordered, "PERMIT_REVOKED")
    stage.summary.wrong += [*desk.wrong, *officers.wrong, *way_out.wrong]


def _of_outlet(arrivals: Sequence[Arrival], outlet: int) -> list[Arrival]:
    return [arrival for arrival in arrivals if arrival.outlet == outlet]


def _earlier(folder: Path) -> list[Entry]:
    """What former runs on this data have written; a ledger that cannot be read helps nobody."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.jsonl")):
        entries += ledgers.read(path)
    return entries


@contextmanager
def _bars(console: Console, tickets: int, sales: int) -> Iterator[OnProgress]:
    """Bars that grow with what happens."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars = {
            "issued": progress.add_task("tickets issued · 取号", total=tickets),
            "ended": progress.add_task("tickets ended · 办结", total=tickets),
            "evaluated": progress.add_task("evaluations · 评价", total=None),
            "sale": progress.add_task("attempts to sell · 销售", total=sales + len(BESIDES) if sales else 0),
        }

        def on_progress(what: str) -> None:
            if what in bars:
                progress.advance(bars[what])

        yield on_progress


def _count(summary: Summary, entries: Sequence[Entry]) -> None:
    done = Counter(entry.op for entry in entries if entry.outcome == Outcome.OK)
    summary.counts["tickets issued"] = done[Op.ISSUE]
    for name, op in FINAL_OPS.items():
        summary.counts[f"tickets {name}"] = done[op]
    closures = [one for one in entries if one.op == Op.DAY_CLOSE and one.outcome == Outcome.OK]
    summary.counts["tickets expired"] = sum(int(one.body["expired"]) for one in closures)
    summary.counts["no-shows by the end of the day"] = sum(int(one.body["no_shows"]) for one in closures)
    summary.counts["evaluations"] = done[Op.EVALUATION]
    summary.counts["recordings sealed"] = done[Op.RECORDING_SEAL]
    summary.counts["files refused as no recording"] = sum(
        one.op == Op.RECORDING_INSPECT and one.outcome == Outcome.REFUSED for one in entries
    )
    summary.counts["sales logged"] = done[Op.SALE]
    refused = [one for one in entries if one.op == Op.SALE and one.outcome == Outcome.REFUSED]
    summary.counts["sales refused"] = len(refused)
    summary.refused = dict(
        Counter(f"{broken['rule']} {broken['code']}" for one in refused for broken in one.violations)
    )
    summary.counts["redemptions where nothing is sold"] = done[Op.TRANSACTION]
    summary.counts["orders taken on a permit"] = done[Op.PERMIT_REDEEM]
    summary.counts["orders refused by a permit"] = sum(
        one.op == Op.PERMIT_REDEEM and one.outcome == Outcome.REFUSED for one in entries
    )
    summary.counts["sales reversed"] = done[Op.REVERSAL_APPROVE]
    summary.counts["complaints"] = done[Op.COMPLAINT_OPEN]
    summary.counts["complaints settled"] = done[Op.COMPLAINT_SETTLE]
    summary.counts["pay-outs"] = done[Op.PAYOUT]
    unknown = [entry for entry in entries if entry.outcome == Outcome.UNKNOWN]
    summary.counts["requests without an answer"] = len(unknown)


async def _balance(stack: StackLike, summary: Summary, console: Console) -> None:
    """Has the books checked by the program that trusts no service, once every fact has arrived."""
    began = time.monotonic()
    with console.status("waiting for the last fact, balancing the books …"):
        # Kept data belongs to every day that was played on it: all ledgers together explain it.
        results = await asyncio.to_thread(audit, stack.describe(), summary.ledger.parent)
    summary.seconds["balancing the books"] = time.monotonic() - began
    show(console, results)
    if imbalances := sum(len(result.imbalances) for result in results):
        summary.wrong.append(f"the books do not balance: {imbalances} imbalances")
