"""Reads of the keeping of recordings; the case of a recording is put together from rows that only grow."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from chassis.register import register_fresh
from chassis.settings import Settings
from compliance.cases.domain import CaseState
from compliance.cases.queries import of_session
from compliance.evidence.domain import DisposalCertificate
from compliance.legacy_records.queries import claims, is_imported
from compliance.products.queries import kinds_of
from compliance.recordings.queries import main_of, session_of
from compliance.retention.domain import Ending, RetentionCase, RetentionState
from compliance.retention.periods import Anchor, Hold, HoldSource, SoldProduct
from compliance.retention.reports import ANCHORS, Report, anchors, claimed_anchors
from compliance.retention.tables import (
    disposal_attempts,
    disposal_certificates,
    disposal_endings,
    hold_releases,
    holds,
    retention_dates,
    retention_reports,
    retention_sales,
)
from compliance.retention.unsold import Visit, VisitCase

COMPLAINTS_TOPIC = "feedback.complaints.v1"

REPORT_ORDER = (retention_reports.c.id,)
HOLD_ORDER = (holds.c.id,)
DISPOSAL_ORDER = (disposal_attempts.c.id,)


async def case(session: AsyncSession, recording_id: UUID) -> RetentionCase:
    """The keeping of the recording; of one that proves no sale, with the visit that it is kept for.

    What belongs to another recording is kept for its sales, under its holds and as long as it. Locks
    nothing: who decides on it holds the recording's head (G1), and that of the other one.
    """
    certificate, state = await _disposal(session, recording_id)
    main_id = await main_of(session, recording_id)
    until, floor = await _dates(session, main_id)
    held = await _holds(session, main_id)
    if main_id != recording_id:
        held += await _holds(session, recording_id)
    sales = await _sales(session, main_id)
    return RetentionCase(
        recording_id=recording_id,
        state=state,
        sales=sales,
        holds=held,
        retain_until=until,
        floor=floor,
        certificate=certificate,
        visit=None if sales else await _visit(session, main_id),
    )


async def _visit(session: AsyncSession, main_id: UUID) -> Visit | None:
    """The visit of a recording of ours: its cases, and what other recordings of it prove."""
    session_id = await session_of(session, main_id)
    if session_id is None:
        return None
    found = await of_session(session, session_id)
    kinds = await kinds_of(session, {one.product_id for one in found})
    proving = [await recording_of_sale(session, one.sale_id) for one in found if one.sale_id is not None]
    others = sorted({one for one in proving if one is not None})
    return Visit(
        cases=tuple(
            VisitCase(
                case_id=one.id,
                kind=kinds.get(one.product_id),
                ended=one.state is not CaseState.OPEN,
                ended_at=one.ended_at,
            )
            for one in found
        ),
        sales=tuple([sale for other in others for sale in await _sales(session, other)]),
        holds=tuple([hold for other in others for hold in await _holds(session, other)]),
    )


async def _sales(session: AsyncSession, recording_id: UUID) -> tuple[SoldProduct, ...]:
    sold = retention_sales.c
    rows = (
        await session.execute(
            select(retention_sales).where(sold.recording_id == recording_id).order_by(sold.sale_id)
        )
    ).all()
    told: dict[UUID, list[Report]] = {row.sale_id: [] for row in rows}
    statement = (
        select(Report)
        .where(retention_reports.c.sale_id.in_(told), retention_reports.c.kind.in_(list(ANCHORS)))
        .order_by(retention_reports.c.id)
    )
    for report in await session.scalars(statement):
        told[report.sale_id].append(report)
    old = await _claims(session, told)
    return tuple(
        SoldProduct(
            sale_id=row.sale_id,
            kind=row.kind,
            form=row.form,
            term_months=row.term_months,
            sold_on=row.sold_on,
            anchors=(*old.get(row.sale_id, ()), *anchors(told[row.sale_id])),
        )
        for row in rows
    )


async def _claims(session: AsyncSession, sale_ids: Collection[UUID]) -> dict[UUID, tuple[Anchor, ...]]:
    if not sale_ids:
        return {}
    return {
        row.id: claimed_anchors(row.id, row.contract_end_on, row.final_payout_on, row.imported_at)
        for row in await claims(session, sale_ids)
    }


async def _holds(session: AsyncSession, recording_id: UUID) -> tuple[Hold, ...]:
    statement = holds_of(recording_id).order_by(holds.c.recording_version)
    return tuple(
        Hold(
            source=row.source,
            matter_id=row.matter_id,
            placed_at=row.placed_at,
            released_at=row.released_at,
            resolved_on=row.resolved_on,
        )
        for row in await session.execute(statement)
    )


async def _dates(session: AsyncSession, recording_id: UUID) -> tuple[date | None, date | None]:
    """The last day computed last, and the latest one ever (the floor of the ratchet)."""
    dated = retention_dates.c
    days = (
        await session.scalars(
            select(dated.retain_until)
            .where(dated.recording_id == recording_id)
            .order_by(dated.recording_version)
        )
    ).all()
    return (days[-1] if days else None), max((day for day in days if day is not None), default=None)


async def _disposal(
    session: AsyncSession, recording_id: UUID
) -> tuple[DisposalCertificate | None, RetentionState]:
    """The certificate of the disposal that is under way or done, and what follows for the state."""
    statement = (
        select(disposal_certificates.c.certificate, disposal_endings.c.ending)
        .outerjoin(disposal_endings, disposal_endings.c.certificate_id == disposal_certificates.c.id)
        .where(disposal_certificates.c.recording_id == recording_id)
        .where(disposal_endings.c.ending.is_distinct_from(Ending.WITHDRAWN.value))
        .order_by(disposal_endings.c.ending.is_(None), disposal_certificates.c.id)
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None, RetentionState.KEPT
    return row.certificate, RetentionState.DISPOSING if row.ending is None else RetentionState.DISPOSED


def held() -> Select[Any]:
    """Holds with their release, null while they hold."""
    release = hold_releases.c
    return select(holds, release.resolved_on, release.released_at, release.released_by).outerjoin(
        hold_releases, release.hold_id == holds.c.id
    )


def holds_of(recording_id: UUID) -> Select[Any]:
    """The holds of one recording."""
    return held().where(holds.c.recording_id == recording_id)


async def hold(session: AsyncSession, hold_id: UUID) -> Row[Any]:
    """One hold with its release. Raises ``ObjectNotFound``."""
    row: Row[Any] | None = (await session.execute(held().where(holds.c.id == hold_id))).one_or_none()
    if row is None:
        raise ObjectNotFound
    return row


async def open_hold_id(
    session: AsyncSession, recording_id: UUID, source: HoldSource, matter_id: str
) -> UUID | None:
    """The id of the hold that the matter has on the recording at present."""
    found: UUID | None = await session.scalar(
        select(holds.c.id)
        .outerjoin(hold_releases, hold_releases.c.hold_id == holds.c.id)
        .where(holds.c.recording_id == recording_id, holds.c.source == source.value)
        .where(holds.c.matter_id == matter_id, hold_releases.c.hold_id.is_(None))
    )
    return found


async def recording_of_sale(session: AsyncSession, sale_id: UUID) -> UUID | None:
    """The recording that proves the sale; None while the sale is not logged (N4)."""
    found: UUID | None = await session.scalar(
        select(retention_sales.c.recording_id).where(retention_sales.c.sale_id == sale_id)
    )
    return found


async def reports_of_sale(session: AsyncSession, sale_id: UUID) -> tuple[Report, ...]:
    """Everything that was reported about the sale, in the order in which it came."""
    statement = select(Report).where(retention_reports.c.sale_id == sale_id).order_by(retention_reports.c.id)
    return tuple(await session.scalars(statement))


def unmatched() -> Select[Any]:
    """N4: reports about sales that are not logged (yet); an old sale without a recording is known."""
    logged = exists().where(retention_sales.c.sale_id == retention_reports.c.sale_id)
    return select(Report).where(~logged, ~is_imported(retention_reports.c.sale_id))


def unmatched_contracts(start: datetime, after: UUID) -> Select[Any]:
    """Pay-outs and ends of contracts of sales that are not logged, reported from ``start`` on, by id."""
    about = retention_reports.c
    return (
        unmatched()
        .where(about.kind.in_(ANCHORS), about.reported_at >= start, about.id > after)
        .order_by(about.id)
    )


async def count_unmatched(session: AsyncSession) -> int:
    """How many reports wait for their sale."""
    return await session.scalar(select(func.count()).select_from(unmatched().subquery())) or 0


def disposals() -> Select[Any]:
    """Attempts to dispose of recordings, with certificate and ending where there are any."""
    return (
        select(
            disposal_attempts,
            disposal_certificates.c.digest.label("certificate_digest"),
            disposal_certificates.c.retain_until,
            disposal_endings.c.ending,
            disposal_endings.c.ended_at,
        )
        .outerjoin(disposal_certificates, disposal_certificates.c.id == disposal_attempts.c.id)
        .outerjoin(disposal_endings, disposal_endings.c.certificate_id == disposal_attempts.c.id)
    )


async def disposal(session: AsyncSession, attempt_id: UUID) -> Row[Any]:
    """One attempt. Raises ``ObjectNotFound``."""
    row: Row[Any] | None = (
        await session.execute(disposals().where(disposal_attempts.c.id == attempt_id))
    ).one_or_none()
    if row is None:
        raise ObjectNotFound
    return row


def disposals_of(recording_id: UUID) -> Select[Any]:
    """The attempts to dispose of one recording."""
    return disposals().where(disposal_attempts.c.recording_id == recording_id)


async def disposals_under_way(session: AsyncSession, limit: int) -> list[UUID]:
    """The recordings whose disposal was authorised and has not ended, oldest first."""
    statement = (
        select(disposal_certificates.c.recording_id)
        .outerjoin(disposal_endings, disposal_endings.c.certificate_id == disposal_certificates.c.id)
        .where(disposal_endings.c.certificate_id.is_(None))
        .order_by(disposal_certificates.c.id)
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def holds_fresh(session: AsyncSession, now: datetime, settings: Settings) -> bool:
    """S1: whether a disposal at ``now`` may rest on the register of disputes; otherwise REGISTER_STALE."""
    return await register_fresh(session, COMPLAINTS_TOPIC, now, settings)
