"""Kiosks, counters and customers of one outlet: they act while the doors are open, then the day is closed.

What a service answers is believed, what it does not answer is asked again with the same key; whoever has lost
track of a ticket reads it and goes on from where it stands.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.arrivals import Arrival
from deploy.demo.branches import Branch, Counter, issue
from deploy.demo.client import Actor, Answer, Unexpected, backoff
from deploy.demo.ledger import Entry, Op, Outcome
from deploy.demo.shelf import Customer

#: Called with what has happened ("issued", "ended", "evaluated", "sale") once each time.
OnProgress = Callable[[str], None]

#: Whoever comes after the last call: the end of the day expires their tickets.
LATECOMERS = 2
#: Real seconds for which the counters go on after the last arrival.
OVERTIME_SECONDS = 60.0
STEPS_MAX = 20
EMPTY = frozenset({"QUEUE_EMPTY"})
WITHOUT_VERDICT_MAX = 3


@dataclass(frozen=True)
class Habits:
    """Shares of customers who do something, and times in seconds of the day."""

    gives_up: float = 0.05
    is_away: float = 0.04
    by_app: float = 0.10
    by_lobby: float = 0.03
    is_recognised: float = 0.10
    evaluates: float = 0.40
    needs_recall: float = 0.05
    patience: tuple[float, float] = (180.0, 900.0)
    service: float = 300.0
    looks_every: float = 900.0


@dataclass(frozen=True)
class Visitor:
    """Who holds a ticket: the customer's own token where known, and whether he comes when he is called."""

    customer: Customer | None
    comes: bool


class Pace:
    """The day in real time: ``seconds`` real seconds for ``length`` seconds of the day."""

    def __init__(self, seconds: float, length: float) -> None:
        self._factor = seconds / max(length, 1.0)
        self._began = 0.0

    def start(self) -> None:
        """The doors open now."""
        self._began = asyncio.get_running_loop().time()

    async def until(self, at: float) -> None:
        """Waits until ``at`` seconds of the day."""
        due = self._began + at * self._factor
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))

    async def spend(self, seconds: float) -> None:
        """Lets ``seconds`` of the day pass."""
        await asyncio.sleep(seconds * self._factor)


@dataclass
class Hall:
    """One outlet on its day. ``earlier``: entries of former runs, where a ticket left in hand is found."""

    branch: Branch
    customers: Sequence[Customer]
    pace: Pace
    seed: int
    on_progress: OnProgress
    habits: Habits = field(default_factory=Habits)
    earlier: Sequence[Entry] = ()
    overtime: float = OVERTIME_SECONDS

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._visitors: dict[str, Visitor] = {}
        # One token for each ticket that may be waiting: a counter calls when it gets one, and no two for one.
        self._waiting: asyncio.Queue[None] = asyncio.Queue()
        self._last_call = float("inf")
        self._all_in = False

    async def play(self, arrivals: Sequence[Arrival]) -> None:
        """The whole day of the outlet, from the first number to its closure."""
        punctual = arrivals[: max(0, len(arrivals) - LATECOMERS)]
        for _ in self.branch.first:
            self._waiting.put_nowait(None)
        async with asyncio.TaskGroup() as group:
            for counter in self.branch.counters:
                group.create_task(self._counter(counter, group))
            group.create_task(self._doors(punctual, group))
            group.create_task(self._watch())
        for late in arrivals[len(punctual) :]:
            await self._take_number(late, self._chance.random(), None)
        await self._close()

    async def _doors(self, arrivals: Sequence[Arrival], group: asyncio.TaskGroup) -> None:
        """Lets everybody in at his time; each draws his fate in the order of arrival."""
        entering = []
        for arrival in arrivals:
            await self.pace.until(arrival.at)
            entering.append(group.create_task(self._visit(arrival, random.Random(self._chance.random()))))
        await asyncio.gather(*entering)
        self._last_call = asyncio.get_running_loop().time() + self.overtime
        self._all_in = True
        for _ in self.branch.counters:
            self._waiting.put_nowait(None)

    async def _watch(self) -> None:
        """The head of the outlet looks now and then at who has served how many, and what was said."""
        day = self.branch.business_date.isoformat()
        while not self._all_in:
            await self.pace.spend(self.habits.looks_every)
            await self.branch.head.get("staffing", "/v1/workload", outlet_id=self.branch.id, date=day)
            path = f"/v1/outlets/{self.branch.id}/evaluations"
            await self.branch.head.get("feedback", path, business_date=day, limit="1")
            await self.branch.head.get("compliance", "/v1/seller_register")

    async def _visit(self, arrival: Arrival, chance: random.Random) -> None:
        """Takes a number, and leaves again if the patience ends first."""
        customer = chance.choice(self.customers)
        how = chance.random()
        fate = chance.random()
        ticket = await self._take_number(arrival, how, customer)
        if ticket is None:
            return
        own = customer if how < self.habits.by_app + self.habits.is_recognised else None
        leaves = fate < self.habits.gives_up
        comes = fate >= self.habits.gives_up + self.habits.is_away
        self._visitors[ticket] = Visitor(own, comes)
        self._waiting.put_nowait(None)
        if leaves:
            await self.pace.spend(chance.uniform(*self.habits.patience))
            by_app = own is not None and how < self.habits.by_app
            await self._give_up(ticket, own.actor if own and by_app else self.branch.lobby)

    async def _take_number(self, arrival: Arrival, how: float, customer: Customer | None) -> str | None:
        queue = self.branch.queues[arrival.queue % len(self.branch.queues)]
        service = queue.services[int(how * 1000) % len(queue.services)]
        by_app, recognised = self.habits.by_app, self.habits.by_app + self.habits.is_recognised
        visitor, who = None, self.branch.kiosk
        if customer is not None and how < by_app:
            who = customer.actor
        elif customer is not None and how < recognised:
            visitor = customer.actor.client_id
        elif how > 1.0 - self.habits.by_lobby:
            who = self.branch.lobby
        slip: Answer = await issue(who, self.branch, queue, service, visitor)
        if slip.outcome is Outcome.REFUSED:
            slip.expect(f"a number at {self.branch.code}")
        if not slip.ok:
            return None
        self.on_progress("issued")
        return str(slip.body["id"])

    async def _give_up(self, ticket_id: str, who: Actor) -> None:
        seen = await who.get("ticketing", f"/v1/tickets/{ticket_id}")
        if not seen.ok or seen.body["state"] != "waiting":
            return
        gone = await self._step(who, Op.CANCEL, "cancellation", ticket_id, seen.etag)
        if gone.ok:
            self.on_progress("ended")

    async def _counter(self, counter: Counter, group: asyncio.TaskGroup) -> None:
        """Sits down, calls and serves until nobody waits any more, and leaves."""
        session_id = await self._sit_down(counter)
        silent = 0
        while asyncio.get_running_loop().time() < self._last_call:
            if not self._all_in:
                await self._waiting.get()
            called = await self._call(counter)
            silent = silent + 1 if called.outcome is Outcome.UNKNOWN else 0
            if called.ok:
                await self._serve(counter, called, group)
            elif called.code == "QUEUE_EMPTY":
                if self._all_in:
                    break
            elif called.code == "COUNTER_OCCUPIED":
                await self._take_up(counter)
            elif silent == 0 or silent >= WITHOUT_VERDICT_MAX:
                raise Unexpected(f"call at counter {counter.label} of {self.branch.code}: {called}")
        await self._leave(counter, session_id)

    async def _call(self, counter: Counter) -> Answer:
        return await counter.teller.act(
            Op.CALL,
            "ticketing",
            f"/v1/counters/{counter.id}/calls",
            ids={
                "outlet_id": self.branch.id,
                "counter_id": counter.id,
                "employee_id": counter.employee_id,
            },
            learn={
                "ticket_id": "id",
                "number": "number",
                "queue_id": "queue_id",
                "business_date": "business_date",
            },
            unwritten=EMPTY,
        )

    async def _serve(self, counter: Counter, called: Answer, group: asyncio.TaskGroup) -> None:
        ticket_id = str(called.body["id"])
        visitor = self._visitors.get(ticket_id, Visitor(None, True))
        version = called.etag
        if not visitor.comes or self._chance.random() < self.habits.needs_recall:
            await self.pace.spend(20)
            recalled = await self._step(counter.teller, Op.RECALL, "recall", ticket_id, version)
            version = recalled.version or 0
        if visitor.comes:
            await self._finish(counter, ticket_id, version or None, "called")
            if self._chance.random() < self.habits.evaluates:
                group.create_task(self._evaluate(ticket_id, visitor, self._chance.randint(2, 5)))
        else:
            absent = await self._step(counter.teller, Op.NO_SHOW, "no-show", ticket_id, version)
            if not absent.ok:
                await self._finish(counter, ticket_id, None, "called")
                return
            self.on_progress("ended")

    async def _finish(self, counter: Counter, ticket_id: str, version: int | None, state: str) -> None:
        """Serves a ticket to its end from wherever it stands; ``version`` None: read it first."""
        for _ in range(STEPS_MAX):
            if version is None:
                seen = (await counter.teller.get("ticketing", f"/v1/tickets/{ticket_id}")).expect("ticket")
                version, state = seen.etag, str(seen.body["state"])
            if state == "called":
                taken = await self._step(counter.teller, Op.START, "start", ticket_id, version)
                if taken.ok:
                    await self.pace.spend(self._chance.expovariate(1 / self.habits.service))
            elif state == "serving":
                taken = await self._step(counter.teller, Op.COMPLETE, "completion", ticket_id, version)
                if taken.ok:
                    self.on_progress("ended")
            else:
                return
            version = taken.version
            state = str(taken.body.get("state", ""))
        raise Unexpected(f"ticket {ticket_id} does not come to an end")

    async def _step(self, who: Actor, op: Op, what: str, ticket_id: str, version: int) -> Answer:
        return await who.act(
            op,
            "ticketing",
            f"/v1/tickets/{ticket_id}/{what}",
            if_match=version,
            ids={"ticket_id": ticket_id, "outlet_id": self.branch.id},
        )

    async def _evaluate(self, ticket_id: str, visitor: Visitor, score: int) -> None:
        """Answers the offer as soon as feedback has made it: the completion's own fact does that."""
        who = (visitor.customer or self._chance.choice(self.customers)).actor
        for wait in backoff(who.wire.patience):
            found = await who.get("feedback", "/v1/evaluations", ticket_id=ticket_id)
            items: Sequence[Any] = found.body.get("items", ())
            if found.ok and items:
                break
            await asyncio.sleep(max(wait, 0.4))
        else:
            raise Unexpected(f"no evaluation was offered for ticket {ticket_id}")
        answer = await who.act(
            Op.EVALUATION,
            "feedback",
            f"/v1/evaluations/{items[0]['id']}/submission",
            {"score": score, "dimensions": []},
            if_match=items[0]["version"],
            ids={"evaluation_id": items[0]["id"], "ticket_id": ticket_id, "outlet_id": self.branch.id},
        )
        if answer.ok:
            self.on_progress("evaluated")

    async def _sit_down(self, counter: Counter) -> str:
        opened = await counter.teller.act(
            Op.SESSION_OPEN,
            "ticketing",
            f"/v1/counters/{counter.id}/sessions",
            {"employee_id": counter.employee_id},
            ids={
                "counter_id": counter.id,
                "employee_id": counter.employee_id,
                "outlet_id": self.branch.id,
            },
            learn={"session_id": "id"},
            unwritten=frozenset({"COUNTER_IN_USE"}),
        )
        if opened.code == "COUNTER_IN_USE":
            # A day that was broken off left its tellers at their counters.
            path = f"/v1/outlets/{self.branch.id}/sessions"
            for session in await counter.teller.everything("ticketing", path):
                if session["counter_id"] == counter.id:
                    return str(session["id"])
        return str(opened.expect(f"sit down at {counter.label}").body["id"])

    async def _take_up(self, counter: Counter) -> None:
        """Finds the ticket that was left in this counter's hands, and serves it."""
        entries = [*self.earlier, *counter.teller.ledger.entries]
        mine = [one for one in entries if one.ids.get("outlet_id") == self.branch.id]
        ended = {
            one.ids["ticket_id"]
            for one in mine
            if one.op in {Op.COMPLETE, Op.NO_SHOW, Op.CANCEL} and one.outcome == Outcome.OK
        }
        issued = [
            one.ids["ticket_id"] for one in mine if one.op in {Op.ISSUE, Op.CALL} and one.outcome == "ok"
        ]
        for ticket_id in dict.fromkeys(reversed(issued)):
            if ticket_id in ended:
                continue
            seen = await counter.teller.get("ticketing", f"/v1/tickets/{ticket_id}")
            if seen.ok and seen.body["counter_id"] == counter.id and seen.body["state"] in _IN_HAND:
                await self._finish(counter, ticket_id, seen.etag, seen.body["state"])
                return
        raise Unexpected(f"counter {counter.label} of {self.branch.code} holds a ticket that no ledger knows")

    async def _leave(self, counter: Counter, session_id: str) -> None:
        path = f"/v1/sessions/{session_id}"
        for _ in range(STEPS_MAX):
            seen = (await counter.teller.get("ticketing", path)).expect("session")
            if seen.body["closed_at"] is not None:
                return
            left = await counter.teller.act(
                Op.SESSION_CLOSE,
                "ticketing",
                f"{path}/closure",
                if_match=seen.etag,
                ids={
                    "session_id": session_id,
                    "counter_id": counter.id,
                    "employee_id": counter.employee_id,
                    "outlet_id": self.branch.id,
                },
            )
            if left.ok:
                return
            if left.code == "COUNTER_OCCUPIED":
                await self._take_up(counter)
        raise Unexpected(f"the teller cannot leave counter {counter.label} of {self.branch.code}")

    async def _close(self) -> None:
        closed = await self.branch.head.act(
            Op.DAY_CLOSE,
            "ticketing",
            f"/v1/outlets/{self.branch.id}/day-closures",
            {"business_date": self.branch.business_date.isoformat()},
            ids={"outlet_id": self.branch.id, "business_date": self.branch.business_date},
        )
        for _ in range(int(closed.expect(f"close {self.branch.code}").body["expired"])):
            self.on_progress("ended")


_IN_HAND = frozenset({"called", "serving"})
