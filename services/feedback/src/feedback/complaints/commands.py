"""Use cases of complaints: load, let the clock act, decide, save, record the facts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from chassis.settings import Settings
from feedback.complaints import regimes
from feedback.complaints.deadlines import legal_date
from feedback.complaints.domain import (
    Channel,
    Complaint,
    Outcome,
    ToldVia,
)
from feedback.complaints.tables import complaints, series
from feedback.intake.queries import intake_owner
from feedback.outlets.domain import business_year, reference_code
from feedback.outlets.queries import find_outlet

WATCHED_AT_ONCE = 200


async def open_complaint(
    session: AsyncSession,
    now: datetime,
    *,
    outlet_id: UUID,
    sale_id: UUID | None,
    complainant: str | None,
    channel: Channel,
    category: str,
    summary: str,
    received_at: datetime,
    opened_by: str,
    received_by: str | None,
) -> Complaint:
    """Receives a complaint: reference, owner and deadline at once.

    ``received_by`` is the employee who received it; None where nobody did: then the intake owner of the
    outlet owns it (CMP-03). Outlet and sale may be unknown yet (N4). Raises ``ReceivedInFuture``,
    ``NoRegimeInForce``.
    """
    regime = regimes.in_force(legal_date(received_at))
    owner = received_by if received_by is not None else await intake_owner(session, outlet_id)
    complaint, fact = Complaint.open(
        new_id(),
        reference=await next_reference(session, now, outlet_id),
        outlet_id=outlet_id,
        sale_id=sale_id,
        complainant=complainant,
        channel=channel,
        category=category,
        summary=summary,
        received_at=received_at,
        opened_by=opened_by,
        first_contact_owner=owner,
        deadline=regime.deadline(received_at),
        at=now,
    )
    session.add(complaint)
    await record(session, fact)
    return complaint


async def next_reference(session: AsyncSession, now: datetime, outlet_id: UUID) -> str:
    """The next reference of the outlet's business year, such as ``TS-2026-0001-000123``.

    The counter's row stays locked to the end of the transaction, which is also the complaint's: no number
    is lost or doubled.
    """
    outlet = await find_outlet(session, outlet_id)
    year = business_year(outlet, now)
    number = await session.scalar(
        insert(series)
        .values(outlet_id=outlet_id, year=year, last_number=1)
        .on_conflict_do_update(
            index_elements=[series.c.outlet_id, series.c.year],
            set_={"last_number": series.c.last_number + 1},
        )
        .returning(series.c.last_number)
    )
    return f"TS-{year}-{reference_code(outlet, outlet_id)}-{number:06d}"


async def decide_complaint(
    session: AsyncSession,
    now: datetime,
    complaint_id: UUID,
    expected_version: int,
    *,
    outcome: Outcome,
    told_via: ToldVia,
    findings: str,
    by: str,
) -> Complaint:
    """Decides a complaint whose complainant was told.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ComplaintEnded``, ``ComplaintAlreadyDecided``.
    """
    complaint = await _locked(session, complaint_id, expected_version)
    facts = complaint.watch(now)
    fact = complaint.decide(outcome=outcome, told_via=told_via, findings=findings, by=by, at=now)
    await record(session, *facts, fact)
    return complaint


async def settle_complaint(
    session: AsyncSession, now: datetime, complaint_id: UUID, expected_version: int, *, note: str, by: str
) -> Complaint:
    """Ends a decided complaint for good.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ComplaintEnded``, ``ComplaintUndecided``.
    """
    complaint = await _locked(session, complaint_id, expected_version)
    await record(session, complaint.settle(note=note, by=by, at=now))
    return complaint


async def withdraw_complaint(
    session: AsyncSession,
    now: datetime,
    complaint_id: UUID,
    expected_version: int,
    *,
    note: str | None,
    by: str,
) -> Complaint:
    """CMP-08: ends a complaint that its complainant withdraws.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ComplaintEnded``.
    """
    complaint = await _locked(session, complaint_id, expected_version)
    facts = complaint.watch(now)
    fact = complaint.withdraw(note=note, by=by, at=now)
    await record(session, *facts, fact)
    return complaint


async def watch_complaints(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """CMP-09: lets the clock act on complaints that are due for it, a bounded batch at a time."""
    now = clock.now()
    due = (
        select(Complaint)
        .where(complaints.c.watch_at <= now)
        .order_by(complaints.c.watch_at, complaints.c.id)
        .limit(WATCHED_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    found = (await session.scalars(due)).all()
    facts = [fact for complaint in found for fact in complaint.watch(now)]
    if facts:
        await record(session, *facts)
    return len(found) == WATCHED_AT_ONCE


async def _locked(session: AsyncSession, complaint_id: UUID, expected_version: int) -> Complaint:
    complaint = await lock(session, Complaint, complaint_id)
    check_version(complaint.version, expected_version)
    return complaint
