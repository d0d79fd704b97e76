"""Reads of the keeping of recordings; the case of a recording is put together from rows that only grow."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from chassis.ids import CLOCKS_APART, first_id
from chassis.reads import Found, Read, Reads, among, every
from chassis.register import register_fresh
from chassis.settings import Settings
from compliance.cases.domain import CaseState
from compliance.cases.queries import of_session
from compliance.evidence.domain import DisposalCertificate
from compliance.legacy_records import queries as legacy_records
from compliance.legacy_records.queries import claims, is_imported
from compliance.products.queries import kinds_of
from compliance.recordings import queries as recordings
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


def held() -> Select[Any]:
    """Holds with their release, null while they hold."""
    release = hold_releases.c
    return select(holds, release.resolved_on, release.released_at, release.released_by).outerjoin(
        hold_releases, release.hold_id == holds.c.id
    )


#: How the recordings ``recording_ids`` are kept: each of these rows only grows.
ENDINGS = Read[dict[str, Any]](
    dict,
    select(
        disposal_certificates.c.recording_id, disposal_certificates.c.certificate, disposal_endings.c.ending
    )
    .outerjoin(disposal_endings, disposal_endings.c.certificate_id == disposal_certificates.c.id)
    .where(
        among(disposal_certificates.c.recording_id, "recording_ids"),
        disposal_endings.c.ending.is_distinct_from(Ending.WITHDRAWN.value),
    )
    .ext(distinct_on(disposal_certificates.c.recording_id))
    .order_by(
        disposal_certificates.c.recording_id,
        disposal_endings.c.ending.is_(None),
        disposal_certificates.c.id,
    ),
    by="recording_id",
)
DATES = Read[dict[str, Any]](
    dict,
    select(retention_dates.c.recording_id, retention_dates.c.retain_until)
    .where(among(retention_dates.c.recording_id, "recording_ids"))
    .order_by(retention_dates.c.recording_version),
    by="recording_id",
)
HOLDS = Read[dict[str, Any]](
    dict,
    held().where(among(holds.c.recording_id, "recording_ids")).order_by(holds.c.recording_version),
    by="recording_id",
)
SOLD = every(dict[str, Any], retention_sales.c.recording_id, "recording_ids", retention_sales.c.sale_id)
_sale_ids = select(retention_sales.c.sale_id).where(among(retention_sales.c.recording_id, "recording_ids"))
REPORTS = Read(
    Report,
    select(retention_reports).where(retention_reports.c.sale_id.in_(_sale_ids)).order_by(*REPORT_ORDER),
    by="sale_id",
)
CLAIMS = claims(_sale_ids)
KEPT = (ENDINGS, DATES, HOLDS, SOLD, REPORTS, CLAIMS)

_KEPT = Reads(*KEPT)


async def case(session: AsyncSession, recording_id: UUID) -> RetentionCase:
    """The keeping of the recording; of one that proves no sale, with the visit that it is kept for.

    What belongs to another recording is kept for its sales, under its holds and as long as it. Locks
    nothing: who decides on it holds the recording's head (G1), and that of the other one.
    """
    main_id = await main_of(session, recording_id)
    found = await _KEPT.read(session, recording_ids=sorted({recording_id, main_id}))
    kept = kept_case(found, recording_id, main_id)
    if not kept.sales:
        kept.visit = await _visit(session, main_id)
    return kept


def kept_case(found: Found, recording_id: UUID, main_id: UUID) -> RetentionCase:
    """The keeping of the recording, of what :data:`KEPT` found; without the visit that it is kept for."""
    certificate, state = _disposal(found, recording_id)
    until, floor = _dates(found, main_id)
    held = _holds(found, main_id)
    if main_id != recording_id:
        held += _holds(found, recording_id)
    return RetentionCase(
        recording_id=recording_id,
        state=state,
        sales=_sales(found, main_id),
        holds=held,
        retain_until=until,
        floor=floor,
        certificate=certificate,
        visit=None,
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
    kept = await _KEPT.read(session, recording_ids=others)
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
        sales=tuple([sale for other in others for sale in _sales(kept, other)]),
        holds=tuple([hold for other in others for hold in _holds(kept, other)]),
    )


def _sales(found: Found, recording_id: UUID) -> tuple[SoldProduct, ...]:
    return tuple(
        SoldProduct(
            sale_id=row["sale_id"],
            kind=row["kind"],
            form=row["form"],
            term_months=row["term_months"],
            sold_on=row["sold_on"],
            anchors=(*_claimed(found, row["sale_id"]), *anchors(found.of(REPORTS, row["sale_id"]))),
        )
        for row in found.of(SOLD, recording_id)
    )


def _claimed(found: Found, sale_id: UUID) -> tuple[Anchor, ...]:
    old = found.one(CLAIMS, sale_id)
    if old is None:
        return ()
    return claimed_anchors(old.id, old.contract_end_on, old.final_payout_on, old.imported_at)


def _holds(found: Found, recording_id: UUID) -> tuple[Hold, ...]:
    return tuple(
        Hold(
            source=row["source"],
            matter_id=row["matter_id"],
            placed_at=row["placed_at"],
            released_at=row["released_at"],
            resolved_on=row["resolved_on"],
        )
        for row in found.of(HOLDS, recording_id)
    )


def _dates(found: Found, recording_id: UUID) -> tuple[date | None, date | None]:
    """The last day computed last, and the latest one ever (the floor of the ratchet)."""
    days = [row["retain_until"] for row in found.of(DATES, recording_id)]
    return (days[-1] if days else None), max((day for day in days if day is not None), default=None)


def _disposal(found: Found, recording_id: UUID) -> tuple[DisposalCertificate | None, RetentionState]:
    """The certificate of the disposal that is under way or done, and what follows for the state."""
    row = found.one(ENDINGS, recording_id)
    if row is None:
        return None, RetentionState.KEPT
    return row["certificate"], (
        RetentionState.DISPOSING if row["ending"] is None else RetentionState.DISPOSED
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
    about, before = retention_reports.c, first_id(start - CLOCKS_APART)
    return (
        unmatched()
        .where(about.kind.in_(ANCHORS), about.reported_at >= start, about.id > max(after, before))
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
    under_way = recordings.disposing().union_all(legacy_records.disposing()).subquery()
    return list(await session.scalars(select(under_way.c.id).order_by(under_way.c.id).limit(limit)))


async def holds_fresh(session: AsyncSession, now: datetime, settings: Settings) -> bool:
    """S1: whether a disposal at ``now`` may rest on the register of disputes; otherwise REGISTER_STALE."""
    return await register_fresh(session, COMPLAINTS_TOPIC, now, settings)
