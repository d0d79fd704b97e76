"""What we do about facts on ``corebanking.contracts.v1`` and ``feedback.complaints.v1``.

The first topic is accepted from another bank system: a report counts from the day on which we were told when
it comes too late, whatever it claims, so neither a backdated nor a repeated one shortens anything. The second
is a register: no recording is disposed of while it is not fresh (S1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.inbox import Consumed, Reaction, Received, Subscription
from compliance.periods.domain import legal_date
from compliance.retention import commands
from compliance.retention.queries import COMPLAINTS_TOPIC
from compliance.retention.reports import Report, ReportKind


class ContractPaidOut(Consumed):
    """A contract was paid out; ``final`` is true of the pay-out after which nothing more is due."""

    sale_id: UUID
    contract_no: str = Field(max_length=64)
    paid_out_on: date
    final: StrictBool
    amount_minor: int
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["CNY"])


class ContractEnded(Consumed):
    """The contractual relation ended, by its term or before."""

    sale_id: UUID
    ended_on: date


class AboutComplaint(Consumed):
    """Every fact of the topic is about one complaint; ``sale_id`` null: about no sale."""

    complaint_id: UUID
    sale_id: UUID | None


class ComplaintSettled(AboutComplaint):
    """The dispute has ended."""

    settled_at: AwareDatetime


class ComplaintWithdrawn(AboutComplaint):
    """The complaint was taken back, which ended the procedure on that legal day."""

    withdrawn_on: date


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a fact tells about a sale."""

    sale_id: UUID
    kind: ReportKind
    claimed_on: date | None = None
    matter_id: str | None = None


M = TypeVar("M", bound=Consumed)


def taking(model: type[M], read: Callable[[M], Told | None]) -> Reaction[M]:
    """The reaction to one type of fact: a report about a sale, kept whether the sale is known or not (N4)."""

    async def on_fact(session: AsyncSession, clock: Clock, fact: Received[M]) -> None:
        told = read(fact.data)
        if told is None:
            return
        report = Report(
            id=new_id(),
            source=fact.source,
            fact_id=fact.id,
            sale_id=told.sale_id,
            kind=told.kind,
            claimed_on=told.claimed_on,
            matter_id=told.matter_id,
            reported_at=clock.now(),
        )
        await commands.take_report(session, clock, report)

    return Reaction(model, on_fact)


def paid_out(data: ContractPaidOut) -> Told:
    """Only a pay-out that is called final may start a period."""
    kind = ReportKind.FINAL_PAYOUT if data.final else ReportKind.PARTIAL_PAYOUT
    return Told(sale_id=data.sale_id, kind=kind, claimed_on=data.paid_out_on)


def ended(data: ContractEnded) -> Told:
    """The end of the contract."""
    return Told(sale_id=data.sale_id, kind=ReportKind.CONTRACT_END, claimed_on=data.ended_on)


def opened(data: AboutComplaint) -> Told | None:
    """REC-08: a complaint about a sale holds from now on."""
    if data.sale_id is None:
        return None
    return Told(sale_id=data.sale_id, kind=ReportKind.COMPLAINT_OPENED, matter_id=str(data.complaint_id))


def settled(data: ComplaintSettled) -> Told | None:
    """REC-08: until the legal day on which it was settled."""
    return over(data, legal_date(data.settled_at))


def withdrawn(data: ComplaintWithdrawn) -> Told | None:
    """REC-08: until the day on which it was taken back."""
    return over(data, data.withdrawn_on)


def over(data: AboutComplaint, day: date) -> Told | None:
    """The complaint's hold ends with the legal day ``day``."""
    if data.sale_id is None:
        return None
    return Told(
        sale_id=data.sale_id,
        kind=ReportKind.COMPLAINT_ENDED,
        claimed_on=day,
        matter_id=str(data.complaint_id),
    )


contracts = Subscription(
    topic="corebanking.contracts.v1",
    reactions={
        "corebanking.contract.paid_out.v1": taking(ContractPaidOut, paid_out),
        "corebanking.contract.ended.v1": taking(ContractEnded, ended),
    },
    accepted=True,
)

complaints = Subscription(
    topic=COMPLAINTS_TOPIC,
    reactions={
        "feedback.complaint.opened.v1": taking(AboutComplaint, opened),
        "feedback.complaint.settled.v1": taking(ComplaintSettled, settled),
        "feedback.complaint.withdrawn.v1": taking(ComplaintWithdrawn, withdrawn),
    },
    register=True,
)
