"""Use cases of the keeping of recordings: begin it with a sale, take reports, place and release holds.

The recording's head is the lock (G1): whoever changes anything about the keeping holds it FOR UPDATE, reads
the clock behind it, bumps its version for each fact, and records the fact behind it (R1). A sale's reports
and its beginning exclude each other by an advisory lock, so that neither overlooks the other (N4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import Conflict, Invalid, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.periods.domain import legal_date
from compliance.retention import queries
from compliance.retention.domain import RetentionCase
from compliance.retention.events import HoldPlaced, HoldReleased, ReportTaken, RetentionDated
from compliance.retention.heads import KeptHead, lock_head
from compliance.retention.periods import Anchor, HoldSource, SoldProduct
from compliance.retention.release import shipped_release
from compliance.retention.reports import Report, ReportKind, anchors
from compliance.retention.tables import hold_releases, holds, retention_dates, retention_sales
from compliance.rulebook.facts import ProductForm, ProductKind

LOCK_SALE = text("SELECT pg_advisory_xact_lock(7107010, hashtext(CAST(:sale_id AS text)))")

#: Who places and releases the holds of complaints.
FEEDBACK = "feedback"

Kept = HoldPlaced | HoldReleased | RetentionDated


class HoldExists(Conflict):
    """A matter holds a recording once."""

    code = "HOLD_EXISTS"
    zh = "该事项已对此录音录像保全；无需重复设立。"
    en = "This matter holds the recording already; there is nothing to place."


class HoldIsReleased(Conflict):
    """What is over is not released again."""

    code = "HOLD_RELEASED"
    zh = "该保全已解除；无需再次解除。"
    en = "The hold has been released already; there is nothing to release."


class HoldNotManual(Conflict):
    """A complaint's hold comes and goes with the complaint (REC-08)."""

    code = "HOLD_NOT_MANUAL"
    zh = "投诉保全随投诉受理和办结自动设立、解除；请办理投诉本身。"
    en = "The hold of a complaint comes and goes with the complaint; handle the complaint itself."


class ResolvedInFuture(Invalid):
    """A matter cannot have ended on a day that is yet to come."""

    code = "RESOLVED_IN_FUTURE"
    zh = "事项解决日期不能晚于今天；请更正日期。"
    en = "A matter cannot have ended on a day that is yet to come; correct the day."


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A sale that a recording proves from now on, and is kept for.

    ``head``: the recording's, locked behind the sale (:data:`LOCK_SALE`), FOR UPDATE at once: two gates that
    first shared it would deadlock. ``case``: its keeping, read behind that. An old sale brings its day,
    ``sold_on``, and what was claimed of its contract. ``announced`` False: its id was made in this
    transaction, so that there are no reports of it.
    """

    head: KeptHead
    case: RetentionCase
    sale_id: UUID
    kind: ProductKind
    form: ProductForm
    term_months: int | None
    sold_on: date | None = None
    claims: tuple[Anchor, ...] = ()
    announced: bool = True


async def begin_retention(session: AsyncSession, now: datetime, *proofs: Proof) -> list[tuple[Kept, ...]]:
    """Recordings prove these sales from now on, and are kept for them: each head has one of the proofs.

    Called in the transaction that logs the sales. Answers the facts of each proof in their order, for the
    caller to record with his own (R1). Reports that came before a sale are joined (N4). The same sale again
    changes nothing. Raises ``AlreadyDisposed``.
    """
    new = [one for one in proofs if all(known.sale_id != one.sale_id for known in one.case.sales)]
    reports = {
        one.sale_id: await queries.reports_of_sale(session, one.sale_id) for one in new if one.announced
    }
    sold = [(one, _sold(one, reports.get(one.sale_id, ()), now)) for one in new]
    dated = {one.sale_id: one.case.prove(one.head, sale, shipped_release(), now) for one, sale in sold}
    if sold:
        await session.execute(insert(retention_sales), [_sale_row(one, sale, now) for one, sale in sold])
    dates = [_date_row(fact) for fact in dated.values() if fact is not None]
    if dates:
        await session.execute(insert(retention_dates), dates)
    kept: list[tuple[Kept, ...]] = []
    for one in proofs:
        first = dated.get(one.sale_id)
        facts: list[Kept] = [] if first is None else [first]
        for report in reports.get(one.sale_id, ()):
            facts += await _take_matter(session, now, one.head, one.case, report)
        kept.append(tuple(facts))
    return kept


def _sold(proof: Proof, reports: Sequence[Report], now: datetime) -> SoldProduct:
    return SoldProduct(
        sale_id=proof.sale_id,
        kind=proof.kind,
        form=proof.form,
        term_months=proof.term_months,
        sold_on=proof.sold_on or legal_date(now),
        anchors=(*proof.claims, *anchors(reports)),
    )


def _sale_row(proof: Proof, sale: SoldProduct, now: datetime) -> dict[str, Any]:
    return {
        "sale_id": sale.sale_id,
        "recording_id": proof.head.id,
        "kind": sale.kind,
        "form": sale.form,
        "term_months": sale.term_months,
        "sold_on": sale.sold_on,
        "begun_at": now,
    }


async def take_report(session: AsyncSession, clock: Clock, report: Report) -> None:
    """A pay-out, an end of a contract or a complaint was reported; of a sale that is not known, it waits."""
    await session.execute(LOCK_SALE, {"sale_id": str(report.sale_id)})
    recording_id = await queries.recording_of_sale(session, report.sale_id)
    if recording_id is None:
        await _keep_report(session, report)
        return
    head = await lock_head(session, recording_id)
    now, case = clock.now(), await queries.case(session, recording_id)
    await _keep_report(session, report)
    if report.anchor is not None:
        dated = case.report(head, report.sale_id, report.anchor, shipped_release(), now)
        if dated is not None:
            await _keep(session, dated, by=report.source)
    await record(session, *await _take_matter(session, now, head, case, report))


async def place_hold(
    session: AsyncSession, clock: Clock, recording_id: UUID, source: HoldSource, matter_id: str, *, by: str
) -> UUID:
    """Holds a recording for a matter that is no complaint; answers the hold's id.

    Raises ``ObjectNotFound``, :class:`HoldNotManual`, :class:`HoldExists`.
    """
    if source is HoldSource.COMPLAINT:
        raise HoldNotManual
    head = await lock_head(session, recording_id)
    case = await queries.case(session, recording_id)
    facts = case.place_hold(head, source, matter_id, shipped_release(), clock.now())
    if not facts:
        raise HoldExists
    hold_id = new_id()
    await _keep(session, *facts, by=by, hold_id=hold_id)
    return hold_id


async def release_hold(
    session: AsyncSession,
    clock: Clock,
    hold_id: UUID,
    expected_version: int,
    resolved_on: date,
    *,
    by: str,
) -> None:
    """Releases a hold whose matter ended on ``resolved_on``.

    Raises ``ObjectNotFound``, ``StaleVersion``, :class:`HoldNotManual`, :class:`HoldIsReleased`,
    :class:`ResolvedInFuture`.
    """
    recording_id = (await queries.hold(session, hold_id)).recording_id
    head = await lock_head(session, recording_id)
    now, held = clock.now(), await queries.hold(session, hold_id)
    check_version(1 if held.released_at is None else 2, expected_version)
    if held.source is HoldSource.COMPLAINT:
        raise HoldNotManual
    if held.released_at is not None:
        raise HoldIsReleased
    if resolved_on > legal_date(now):
        raise ResolvedInFuture(pointer="/resolved_on")
    case = await queries.case(session, recording_id)
    facts = case.release_hold(head, held.source, held.matter_id, resolved_on, shipped_release(), now)
    await _keep(session, *facts, by=by)


async def _keep_report(session: AsyncSession, report: Report) -> None:
    session.add(report)
    taken = ReportTaken(
        version=1,
        occurred_at=report.reported_at,
        report_id=report.id,
        sale_id=report.sale_id,
        kind=report.kind.value,
        claimed_on=report.claimed_on,
        source=report.source,
        fact_id=report.fact_id,
    )
    await record(session, taken)


async def _take_matter(
    session: AsyncSession, now: datetime, head: KeptHead, case: RetentionCase, report: Report
) -> tuple[Kept, ...]:
    """REC-08: a complaint about a sale holds its recording until the complaint has ended.

    Answers the facts, for the caller to record.
    """
    if report.matter_id is None:
        return ()
    release = shipped_release()
    facts: tuple[Kept, ...] = ()
    if report.kind is ReportKind.COMPLAINT_OPENED:
        facts = case.place_hold(head, HoldSource.COMPLAINT, report.matter_id, release, now)
    elif report.claimed_on is not None:
        facts = case.release_hold(
            head, HoldSource.COMPLAINT, report.matter_id, report.claimed_on, release, now
        )
    await _add(session, *facts, by=FEEDBACK)
    return facts


async def _keep(session: AsyncSession, *facts: Kept, by: str, hold_id: UUID | None = None) -> None:
    """Adds the row of each fact, then records the facts (R1)."""
    await _add(session, *facts, by=by, hold_id=hold_id)
    await record(session, *facts)


async def _add(session: AsyncSession, *facts: Kept, by: str, hold_id: UUID | None = None) -> None:
    for fact in facts:
        table, row = await _row(session, fact, by, hold_id)
        await session.execute(insert(table), row)


def _date_row(fact: RetentionDated) -> dict[str, Any]:
    return {
        "recording_id": fact.recording_id,
        "recording_version": fact.version,
        "retain_until": fact.retain_until,
        "rules": fact.rules,
        "dated_at": fact.occurred_at,
    }


async def _row(
    session: AsyncSession, fact: Kept, by: str, hold_id: UUID | None
) -> tuple[Table, dict[str, Any]]:
    """What the fact adds, and to which table."""
    if isinstance(fact, RetentionDated):
        return retention_dates, _date_row(fact)
    if isinstance(fact, HoldPlaced):
        return holds, {
            "id": hold_id or new_id(),
            "recording_id": fact.recording_id,
            "recording_version": fact.version,
            "source": fact.source,
            "matter_id": fact.matter_id,
            "placed_at": fact.occurred_at,
            "placed_by": by,
        }
    source = HoldSource(fact.source)
    return hold_releases, {
        "hold_id": await queries.open_hold_id(session, fact.recording_id, source, fact.matter_id),
        "recording_version": fact.version,
        "resolved_on": fact.resolved_on,
        "released_at": fact.occurred_at,
        "released_by": by,
    }
