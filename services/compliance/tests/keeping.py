"""A sealed recording that proves sales, and what happens to its keeping: reports, holds, days, disposal."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.clock import BANK_ZONE
from chassis.ids import new_id
from chassis.inbox import Record
from chassis.outbox import record
from chassis.runtime import run_job
from chassis.testing import ServiceKit
from compliance.retention.commands import LOCK_SALE, Proof, begin_retention
from compliance.retention.disposals import completion
from compliance.retention.heads import lock_head
from compliance.retention.queries import case as kept_case
from compliance.rulebook.facts import ProductForm, ProductKind
from services.compliance.tests.filming import open_case, sealed
from services.compliance.tests.registers import Json, etag, list_product, ok

CONTRACTS, COMPLAINTS = "corebanking.contracts.v1", "feedback.complaints.v1"

#: Sold on 2026-03-02, paid out on 2026-03-10: kept through 2026-09-10.
SOLD_ON, PAID_ON, LAST_DAY = date(2026, 3, 2), date(2026, 3, 10), date(2026, 9, 10)
DAY_AFTER = LAST_DAY + timedelta(days=1)


def noon(day: date) -> datetime:
    """Noon of the legal day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=BANK_ZONE).astimezone(UTC)


def last_instant(day: date) -> datetime:
    """The last second of the legal day."""
    return noon(day) + timedelta(hours=12) - timedelta(seconds=1)


def over(start: datetime, days: int) -> datetime:
    """By the plain reading: so many days behind the legal day of ``start``, and the last one in full."""
    day = (start + timedelta(hours=8)).date() + timedelta(days=days + 1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


@dataclass
class Keeper:
    """One recording of the service under test, and the world around it."""

    kit: ServiceKit
    recording_id: str
    sales: list[str] = field(default_factory=list)

    async def sell(self, sale_id: str | None = None, **given: Any) -> str:
        """The recording proves a sale, as the gate begins it: a closed-end wealth product of six months."""
        sale_id = sale_id or str(new_id())
        terms: dict[str, Any] = {
            "kind": ProductKind.WEALTH,
            "form": ProductForm.CLOSED_END,
            "term_months": 6,
        } | given
        async with self.kit.session() as session:
            await session.execute(LOCK_SALE, {"sale_id": sale_id})
            head = await lock_head(session, UUID(self.recording_id))
            kept = await kept_case(session, head.id)
            proof = Proof(head=head, case=kept, sale_id=UUID(sale_id), **terms)
            (facts,) = await begin_retention(session, self.kit.clock.now(), proof)
            await record(session, *facts)
        self.sales.append(sale_id)
        return sale_id

    def paid_out(self, on: date = PAID_ON, *, sale_id: str | None = None, **given: Any) -> Record:
        """Core banking's fact of a final pay-out."""
        sale_id = sale_id or self.sales[0]
        data = {
            "sale_id": sale_id,
            "contract_no": "C-1",
            "paid_out_on": on,
            "final": True,
            "amount_minor": 1_020_000,
            "currency": "CNY",
        }
        return self.kit.record(CONTRACTS, "corebanking.contract.paid_out.v1", sale_id, data | given)

    def ended(self, on: date) -> Record:
        """Core banking's fact of the end of the contract."""
        sale_id = self.sales[0]
        data = {"sale_id": sale_id, "ended_on": on}
        return self.kit.record(CONTRACTS, "corebanking.contract.ended.v1", sale_id, data)

    def complained(self, complaint_id: str, verb: str = "opened", **given: Any) -> Record:
        """Feedback's fact about a complaint."""
        data = {"complaint_id": complaint_id, "sale_id": self.sales[0] if self.sales else None} | given
        sequence = 1 if verb == "opened" else 2
        type_ = f"feedback.complaint.{verb}.v1"
        return self.kit.record(COMPLAINTS, type_, complaint_id, data, sequence=sequence)

    async def take(self, *records: Record) -> None:
        """Delivers records of one topic."""
        await self.kit.deliver(*records)

    async def pay_out(self, on: date = PAID_ON, **given: Any) -> None:
        """The final pay-out is reported at noon of its day."""
        self.kit.clock.instant = noon(on)
        await self.take(self.paid_out(on, **given))

    async def go_to(self, instant: datetime) -> None:
        """The clock goes there; the bank is at work, and feedback is heard."""
        self.kit.clock.instant = instant
        admin = self.kit.client("product_admin")
        await list_product(admin, code=f"P-{new_id().hex[-12:]}")
        await self.kit.beat(COMPLAINTS)

    async def read(self) -> Json:
        """The explanation, as an auditor reads it."""
        auditor = self.kit.client("auditor")
        return ok(await auditor.get(f"/v1/recordings/{self.recording_id}/retention"))

    async def dispose(self, role: str = "compliance_officer", version: int | None = None) -> httpx.Response:
        """An officer asks for the disposal."""
        if version is None:
            version = (await self.read())["version"]
        client = self.kit.client(role, subject="officer-1")
        return await client.post(f"/v1/recordings/{self.recording_id}/disposal", headers=etag(version))

    async def complete(self) -> bool:
        """One run of the job."""
        return await run_job(self.kit.sessions, self.kit.clock, self.kit.settings, completion)

    async def hold(self, **given: Any) -> httpx.Response:
        """An officer places a hold by hand."""
        body = {"recording_id": self.recording_id, "source": "COURT", "matter_id": "2026-77"} | given
        return await self.kit.client("compliance_officer", subject="officer-1").post("/v1/holds", json=body)


async def keep(kit: ServiceKit) -> Keeper:
    """A sealed recording that proves nothing yet."""
    seller = kit.client("seller", subject="seller-1")
    customer = kit.client("customer", outlets=(), subject="customer-1")
    recording = await sealed(kit, seller, await open_case(kit, seller, customer))
    return Keeper(kit, recording["id"])


def broken(response: httpx.Response) -> list[tuple[str, str]]:
    """Rule and code of each violation of a recorded refusal."""
    assert response.status_code == 422, response.text
    assert response.json()["code"] == "DISPOSAL_REFUSED"
    return [(item["rule"], item["code"]) for item in response.json()["violations"]]
