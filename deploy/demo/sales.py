"""Attempts to sell: most of them lawful, one for each refusal, and a file that is no recording.

Every attempt goes the whole way: case, opinion and risks, the customer's consent, recording, seal, gate. What
makes it fail is the one thing that is wrong with it.
"""

import asyncio
import os
import random
import signal
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.demo.branches import ZONE as ZONE_OF_BANK
from deploy.demo.branches import Branch, Seller
from deploy.demo.client import Actor, Answer, StackLike, Unexpected
from deploy.demo.filming import PARTS, Camera, Film
from deploy.demo.jointly import declare
from deploy.demo.ledger import Op, Outcome
from deploy.demo.outside import CoreBanking
from deploy.demo.players import OnProgress
from deploy.demo.shelf import Customer, Product, Shelf
from deploy.demo.telling import match, tell

NOTICE = "2026-1"
CURRENCY = "CNY"
#: Compliance holds the register stale after 15 s without a heartbeat.
STALE_SECONDS_MAX = 60.0
WAIT_SECONDS = 120.0
STALE = "REGISTER_STALE"
NOT_A_RECORDING = "NOT_A_RECORDING"
#: Desks that record at the same time: most of it is waiting until the recording is over.
DESKS = 6
FORGOTTEN = "KEY_INFO"
#: What speaks of a product's risk, and is recorded again when that has changed.
OF_RISK = ("RISK_DISCLOSURE", "CONFIRMATION", "FEEDBACK")
OUTDATED = "KEY_POINTS_OUTDATED"


@dataclass(frozen=True)
class Plan:
    """One attempt: what is wrong with it, and the rule and code that must refuse it (None: it is logged)."""

    name: str
    rule: str | None = None
    code: str | None = None


LAWFUL = Plan("lawful")
#: Core banking knows the order's id, and tells of its pay-out before the sale is logged.
EARLY = Plan("paid out before it is logged")
ABOVE = Plan("product above the customer's level", "SUI-03", "RISK_LEVEL_MISMATCH")
EXPIRED = Plan("assessment expired", "SUI-12", "ASSESSMENT_EXPIRED")
SEGMENT = Plan("recording without a segment", "REC-02", "RECORDING_SEGMENT_MISSING")
ZONE = Plan("zone not ready", "ZON-03", "ZONE_NOT_READY")
UNLISTED = Plan("product not listed", "PRD-01", "PRODUCT_NOT_LISTED")
REVOKED = Plan("qualification revoked", "SAL-01", "SALESPERSON_NOT_QUALIFIED")
TEXT = Plan("renamed text file", None, NOT_A_RECORDING)
REGISTER = Plan("register stale", "SAL-01", STALE)
BOTH = Plan("joint account, both holders came")
ALONE = Plan("joint account, a holder is missing", "INT-JOINT", "HOLDER_MISSING")
#: Held first (REC-02), and released by what is recorded again.
REGRADED = Plan("risk changed behind the recording")

#: Every other one is logged, and more behind; the register is made stale when all else is done.
PLANS = (
    *(LAWFUL, ABOVE, EARLY, EXPIRED, LAWFUL, SEGMENT, LAWFUL, ZONE, LAWFUL, UNLISTED),
    *(LAWFUL, REVOKED, LAWFUL, TEXT, LAWFUL, LAWFUL, LAWFUL, LAWFUL, LAWFUL, REGISTER),
)
#: Played on each day in which anything is sold, beside those; the longest first.
BESIDES = (REGRADED, BOTH, ALONE)


@dataclass(frozen=True)
class Sale:
    """A logged sale, for those who go on with it. ``is_paid_out``: its contract was paid out already."""

    id: str
    branch: Branch
    customer: Customer
    product: Product
    recording_id: str
    amount_minor: int
    is_paid_out: bool


@dataclass
class Case:
    """One attempt on its way."""

    plan: Plan
    number: int
    branch: Branch
    seller: Seller
    customer: Customer
    product: Product
    zone: str
    amount_minor: int
    sale_id: str | None = None
    ids: dict[str, str] = field(default_factory=dict)


@dataclass
class Market:
    """Everybody who sells on one day. ``logged`` are the sales that the gate let pass, ``wrong`` what it
    should have done otherwise.
    """

    stack: StackLike
    branches: Sequence[Branch]
    shelf: Shelf
    officer: Actor
    bank: CoreBanking
    seed: int
    on_progress: OnProgress
    logged: list[Sale] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def play(self, sales: int, *, stale: bool) -> None:
        """The first ``sales`` attempts of the plan and those besides; the one with the stale register last
        and alone.
        """
        chosen = [PLANS[number % len(PLANS)] for number in range(sales)]
        cases = [self._case(plan, sales + number) for number, plan in enumerate(BESIDES)]
        cases += [self._case(plan, number) for number, plan in enumerate(chosen) if stale or plan != REGISTER]
        desks = asyncio.Semaphore(DESKS)

        async def one(case: Case) -> None:
            async with desks:
                await self._attempt(case)

        async with asyncio.TaskGroup() as group:
            for case in cases:
                if case.plan != REGISTER:
                    group.create_task(one(case))
        for case in cases:
            if case.plan == REGISTER:
                await self._attempt(case)

    def _case(self, plan: Plan, number: int) -> Case:
        chance = random.Random(self.seed * 100 + number)
        branch = self.branches[0] if plan == ZONE else self.branches[number % len(self.branches)]
        customer = self.shelf.expired if plan == EXPIRED else self.shelf.customers[number % 12]
        if plan == ABOVE:
            customer = min(self.shelf.customers, key=lambda one: one.level)
        if plan in (BOTH, ALONE):
            customer = self.shelf.holders[0]
        if plan == REGRADED:
            customer = max(self.shelf.customers, key=lambda one: one.level)
        suitable = [one for one in self.shelf.products if one.level <= customer.level]
        product = chance.choice(suitable)
        if plan == ABOVE:
            product = max(self.shelf.products, key=lambda one: one.level)
        if plan == UNLISTED:
            product = Product(str(uuid.uuid4()), "UNLISTED", 1, "WEALTH")
        if plan == REGRADED:
            product = self.shelf.regraded
        if plan in (REVOKED, EARLY):
            product = min(self.shelf.products, key=lambda one: one.level)
        return Case(
            plan,
            number,
            branch,
            # The second seller of an outlet is the one who loses a qualification.
            branch.sellers[1 if plan == REVOKED else 0],
            customer,
            product,
            self.shelf.unready[branch.id] if plan == ZONE else self.shelf.zones[branch.id],
            5_000_000 + 1_000_000 * number,
        )

    async def _attempt(self, case: Case) -> None:
        await self._open(case)
        film = Film(
            seed=self.seed * 100 + case.number,
            parts=tuple(part for part in PARTS if case.plan != SEGMENT or part != FORGOTTEN),
            text=case.plan == TEXT,
        )
        await self.shelf.recorders[case.zone].beat()
        recording_id, answer = await Camera(case.seller.actor, case.ids).record(film)
        if recording_id is None:
            self._compare(case, answer.code)
            self.on_progress("sale")
            return
        case.ids["recording_id"] = recording_id
        if case.plan == REVOKED:
            await self._revoke(case)
        if case.plan == EARLY:
            await self._pay_out_early(case)
        if case.plan == REGRADED:
            await self._record_again(case, film)
        if case.plan == REGISTER:
            with _stopped(self.stack, "staffing"):
                await self._until_register(case, fresh=False)
                decided = await self._ask_gate(case)
            await self._until_register(case, fresh=True)
        else:
            decided = await self._sell(case)
        self._judge(case, decided)
        self.on_progress("sale")

    async def _open(self, case: Case) -> None:
        """The case in the seller's name, what the customer is told, and his consent to be recorded."""
        seller, product = case.seller, case.product
        body = {
            "customer_id": case.customer.id,
            "product_id": product.id,
            "seller_id": seller.employee_id,
            "outlet_id": case.branch.id,
            "zone_id": case.zone,
            "channel": "OUTLET",
            "amount_minor": case.amount_minor,
            "currency": CURRENCY,
        }
        known = {"customer_id": case.customer.id, "outlet_id": case.branch.id}
        opened = await seller.actor.act(
            Op.CASE_OPEN, "compliance", "/v1/cases", body, ids=known, learn={"case_id": "id"}
        )
        case.ids = known | {"case_id": str(opened.expect("open a case").body["id"])}
        if case.plan in (BOTH, ALONE):
            await declare(seller.actor, case.ids, self.shelf.joint, came=case.plan == BOTH)
        await tell(seller.actor, case.customer.actor, case.ids, matched=case.plan != UNLISTED)
        consent = {
            "case_id": case.ids["case_id"],
            "purpose": "RECORDING",
            "given": True,
            "notice_version": NOTICE,
        }
        given = await case.customer.actor.act(
            Op.CONSENT, "compliance", "/v1/consents", consent, ids=case.ids, learn={"consent_id": "id"}
        )
        given.expect("consent")

    async def _sell(self, case: Case) -> Answer:
        """Asks the gate; when the register happens to be stale, again as soon as it is fresh."""
        while True:
            decided = await self._ask_gate(case)
            if STALE not in _codes(decided):
                return decided
            await self._until_register(case, fresh=True)

    async def _ask_gate(self, case: Case) -> Answer:
        path = f"/v1/cases/{case.ids['case_id']}"
        seen = (await case.seller.actor.get("compliance", path)).expect("case")
        return await case.seller.actor.act(
            Op.SALE,
            "compliance",
            f"{path}/sale",
            {
                "recording_id": case.ids["recording_id"],
                "confirmed": {"amount_minor": case.amount_minor, "currency": CURRENCY},
            }
            | ({"sale_id": case.sale_id} if case.sale_id else {}),
            if_match=seen.etag,
            ids=case.ids,
            learn={"sale_id": "id", "decision_id": "decision_id", "attempt_id": "attempt_id"},
        )

    def _judge(self, case: Case, decided: Answer) -> None:
        if decided.outcome is Outcome.UNKNOWN:
            raise Unexpected(f"the gate does not answer about case {case.ids['case_id']}")
        if decided.ok:
            self.logged.append(
                Sale(
                    str(decided.body["id"]),
                    case.branch,
                    case.customer,
                    case.product,
                    case.ids["recording_id"],
                    case.amount_minor,
                    case.plan == EARLY,
                )
            )
            self._compare(case, None)
            return
        broken = decided.body.get("violations") or ()
        if not broken:
            self.wrong.append(f"sale {case.number} ({case.plan.name}): {decided.status} {decided.code}")
            return
        self._compare(case, *(violation["code"] for violation in broken))
        if case.plan.rule and [violation["rule"] for violation in broken] != [case.plan.rule]:
            self.wrong.append(f"sale {case.number} ({case.plan.name}): refused by {broken}")

    def _compare(self, case: Case, *codes: str | None) -> None:
        if codes != (case.plan.code,):
            expected = case.plan.code or "to be logged"
            self.wrong.append(f"sale {case.number} ({case.plan.name}): expected {expected}, came {codes}")

    async def _revoke(self, case: Case) -> None:
        """Staffing revokes; the attempt waits until compliance shows it."""
        employee_id = case.seller.employee_id
        path = f"/v1/employees/{employee_id}"
        employee = (await self.officer.get("staffing", path)).expect("employee")
        (held,) = [
            one["id"]
            for one in employee.body["qualifications"]
            if one["kind"] == "wealth" and one["state"] == "valid"
        ]
        revoked = await self.officer.act(
            Op.REVOKE,
            "staffing",
            f"{path}/qualifications/{held}/revocation",
            {"reason": "违规销售,撤销资格"},
            if_match=employee.etag,
            ids={"employee_id": employee_id, "outlet_id": case.branch.id, "qualification_id": held},
        )
        revoked.expect("revoke a qualification")
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                seller = await self.officer.get("compliance", f"/v1/sellers/{employee_id}")
                known = {one["id"]: one for one in seller.body.get("qualifications", ())}
                if known.get(held, {}).get("revoked_at") is not None:
                    return
                await asyncio.sleep(0.1)

    async def _record_again(self, case: Case, film: Film) -> None:
        """The product's risk changes behind the recording: the gate holds the sale until a supplement
        speaks of the new one.
        """
        await self.shelf.regrade()
        await match(case.seller.actor, case.customer.actor, case.ids)
        held = await self._sell(case)
        broken = [violation["code"] for violation in held.body.get("violations") or ()]
        if held.ok or set(broken) != {OUTDATED}:
            self.wrong.append(f"sale {case.number} ({case.plan.name}): held by {broken or held.status}")
        again = Film(seed=film.seed + 50, parts=OF_RISK)
        camera = Camera(case.seller.actor, case.ids)
        await camera.record(again, supplements=case.ids["recording_id"])

    async def _pay_out_early(self, case: Case) -> None:
        """The final pay-out comes first; compliance keeps it as unmatched until the sale is there (N4)."""
        case.sale_id = str(uuid.uuid4())
        today = datetime.now(ZONE_OF_BANK).date()
        await self.bank.pay_out(case.sale_id, on=today, final=True, amount_minor=case.amount_minor)
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                unmatched = await self.officer.everything("compliance", "/v1/retention/unmatched")
                if any(report["sale_id"] == case.sale_id for report in unmatched):
                    return
                await asyncio.sleep(0.1)

    async def _until_register(self, case: Case, *, fresh: bool) -> None:
        async with asyncio.timeout(STALE_SECONDS_MAX):
            while True:
                register = await case.seller.actor.get("compliance", "/v1/seller_register")
                if register.ok and register.body["fresh"] is fresh:
                    return
                await asyncio.sleep(0.2)


@contextmanager
def _stopped(stack: StackLike, service: str) -> Iterator[None]:
    """The service's process stands still; it goes on afterwards, unless somebody has replaced it."""
    pid = stack.pid(service)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _codes(answer: Answer) -> set[str]:
    violations: Sequence[dict[str, Any]] = answer.body.get("violations") or ()
    return {violation["code"] for violation in violations}
