"""The import of a list: checked against all that is known, then entered in one transaction, or not at all.

No decision is made up: an imported sale has none. Its recording is kept from its own day by the same rules
as any other (REC-07); what the old system claims of the contract was told to us now, so that an old claim
shortens nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import Conflict, Invalid, ServiceError
from chassis.ids import new_id
from chassis.outbox import record
from compliance.customers import queries as customers
from compliance.legacy_records import queries as legacy
from compliance.legacy_records.commands import add_batch
from compliance.legacy_records.domain import (
    GapKind,
    ImportedRecording,
    ImportedSale,
    ImportedState,
    LegacyBatch,
    LegacyGap,
)
from compliance.legacy_sales.rows import (
    LegacyImportRefused,
    OldSale,
    OldSales,
    at_row,
    in_order,
    wrong_by_itself,
)
from compliance.outlets import queries as outlets
from compliance.periods.domain import legal_date
from compliance.products.queries import ids_by_code
from compliance.recordings import queries as recordings
from compliance.retention.commands import LOCK_SALE, Proof, begin_retention
from compliance.retention.heads import lock_head
from compliance.retention.queries import case as kept
from compliance.retention.reports import claimed_anchors
from compliance.sales.queries import first_judged, gated
from compliance.sellers import queries as sellers

#: One import after the other.
LOCK_IMPORTS = text("SELECT pg_advisory_xact_lock(7107036, 0)")


class LegacySaleNotOld(Invalid):
    """What was sold while the gate was at work goes through the gate."""

    code = "LEGACY_SALE_NOT_OLD"
    zh = "该网点自 {since} 起由系统把关,此后的销售不得作为历史数据导入;请通过销售登记办理。"
    en = "Since {since} the gate judges what this outlet sells; log what was sold later through the gate."


class LegacySaleRepeated(Invalid):
    """A list names each sale once."""

    code = "LEGACY_SALE_REPEATED"
    zh = "销售编号在清单中重复;每笔销售只列一行。"
    en = "The sale stands in the list twice; list each sale once."


class LegacySaleKnown(Conflict):
    """A sale is imported once, and never one of the gate."""

    code = "LEGACY_SALE_KNOWN"
    zh = "该销售编号已登记或已导入;请从清单中删除该行。"
    en = "A sale with this id is logged or imported already; take the row out of the list."


class LegacyRecordingContradicts(Invalid):
    """One id is one recording, of one customer and outlet, with one digest."""

    code = "LEGACY_RECORDING_CONTRADICTS"
    zh = "同一录音录像编号的网点、客户、摘要或时刻前后不一致,或已是本系统录音录像;请核对。"
    en = "Another row says something else of this recording, or it is one that was made here; check its id."


@dataclass(frozen=True, kw_only=True)
class GivenBytes:
    """What came along with a list: sizes of recordings that have their digest, ids of those that have not."""

    stored: Mapping[UUID, int] = field(default_factory=dict)
    mismatched: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Known:
    """What this service knows of what a list names."""

    products: Mapping[str, UUID]
    sellers: frozenset[UUID]
    customers: frozenset[UUID]
    outlets: frozenset[UUID]
    sales: frozenset[UUID]
    judged_since: Mapping[UUID, datetime]
    recordings: Mapping[UUID, ImportedRecording]
    made_here: frozenset[UUID]


async def check(session: AsyncSession, now: datetime, given: OldSales) -> Known:
    """What is known of a list that may be imported. Raises ``LegacyImportRefused`` with every error."""
    known = await _look_up(session, given.rows.values())
    found, seen = list(given.faults), set[UUID]()
    described: dict[UUID, OldSale] = {}
    for number, row in given.rows.items():
        wrong = [*wrong_by_itself(row, now), *_wrong(row, known, seen, described, now)]
        found += [at_row(number, error) for error in wrong]
    if found:
        raise LegacyImportRefused(in_order(found))
    return known


async def import_batch(
    session: AsyncSession, clock: Clock, given: OldSales, files: GivenBytes, *, by: str
) -> tuple[LegacyBatch, bool]:
    """Imports a list; answers its batch, and whether it is new: the same file again is the same batch.

    Raises ``LegacyImportRefused`` with everything that is wrong with any row.
    """
    await session.execute(LOCK_IMPORTS)
    if (batch := await legacy.batch_of(session, given.sha256)) is not None:
        return batch, False
    # Before any head, as reports and the gate do; in one order.
    for sale_id in sorted({row.sale_id for row in given.rows.values()}):
        await session.execute(LOCK_SALE, {"sale_id": str(sale_id)})
    now = clock.now()
    known = await check(session, now, given)
    batch_id = new_id()
    gaps = [
        LegacyGap(batch_id=batch_id, row=number + 1, kind=kind, sale_id=row.sale_id)
        for number, row in given.rows.items()
        for kind in _missing(row, known, files)
    ]
    new = {
        row.recording_id: _recording(batch_id, row.recording_id, row, files, now)
        for row in given.rows.values()
        if row.recording_id is not None and row.recording_id not in known.recordings
    }
    sales = [_sale(batch_id, number, row, known, now) for number, row in given.rows.items()]
    batch = LegacyBatch(
        id=batch_id,
        sha256=given.sha256,
        format=given.format,
        sales=len(sales),
        recordings=len(new),
        gaps=len(gaps),
        imported_by=by,
        imported_at=now,
    )
    await add_batch(session, batch, list(new.values()), sales, gaps)
    for sale in sorted(sales, key=lambda one: (str(one.recording_id), one.id)):
        await _keep(session, now, sale)
    return batch, True


async def _keep(session: AsyncSession, now: datetime, sale: ImportedSale) -> None:
    """REC-07: the keeping of an old recording begins with the day of its sale."""
    if sale.recording_id is None:
        return
    head = await lock_head(session, sale.recording_id)
    proof = Proof(
        head=head,
        case=await kept(session, head.id),
        sale_id=sale.id,
        kind=sale.kind,
        form=sale.form,
        term_months=sale.term_months,
        sold_on=legal_date(sale.sold_at),
        claims=claimed_anchors(sale.id, sale.contract_end_on, sale.final_payout_on, now),
    )
    (facts,) = await begin_retention(session, now, proof)
    await record(session, *facts)


async def _look_up(session: AsyncSession, rows: Iterable[OldSale]) -> Known:
    listed = list(rows)
    sale_ids = {row.sale_id for row in listed}
    outlet_ids = {row.outlet_id for row in listed}
    recording_ids = {row.recording_id for row in listed if row.recording_id is not None}
    return Known(
        products=await ids_by_code(session, {row.product_code for row in listed}),
        sellers=await sellers.known(session, {row.seller_id for row in listed if row.seller_id is not None}),
        customers=await customers.known(session, {row.customer_id for row in listed}),
        outlets=await outlets.known(session, outlet_ids),
        sales=await gated(session, sale_ids) | await legacy.imported(session, sale_ids),
        judged_since=await first_judged(session, outlet_ids),
        recordings=await legacy.recordings(session, recording_ids),
        made_here=await recordings.known(session, recording_ids),
    )


def _wrong(
    row: OldSale, known: Known, seen: set[UUID], described: dict[UUID, OldSale], now: datetime
) -> Iterator[ServiceError]:
    since = min(known.judged_since.get(row.outlet_id, now), now)
    if row.sold_at >= since:
        yield LegacySaleNotOld(pointer="/sold_at", since=since.isoformat(timespec="seconds"))
    if row.sale_id in known.sales:
        yield LegacySaleKnown(pointer="/sale_id")
    if row.sale_id in seen:
        yield LegacySaleRepeated(pointer="/sale_id")
    seen.add(row.sale_id)
    if row.recording_id is not None:
        first = described.setdefault(row.recording_id, row)
        old = known.recordings.get(row.recording_id)
        told = None if old is None else (old.outlet_id, old.customer_id, old.sha256, old.recorded_at)
        if (
            row.recording_id in known.made_here
            or row.recording != first.recording
            or told not in (None, row.recording)
        ):
            yield LegacyRecordingContradicts(pointer="/recording_id")


def _missing(row: OldSale, known: Known, files: GivenBytes) -> Iterator[GapKind]:
    """What is missing of a row; nothing is put in its place."""
    if row.recording_id is None:
        yield GapKind.NO_RECORDING
    elif row.recording_id in files.mismatched:
        yield GapKind.DIGEST_MISMATCH
    elif row.recording_id not in files.stored:
        old = known.recordings.get(row.recording_id)
        if old is None or old.size is None:
            yield GapKind.RECORDING_NOT_GIVEN
    if row.assessed_on is None or row.assessed_on > legal_date(row.sold_at):
        yield GapKind.NO_ASSESSMENT
    if row.product_code not in known.products:
        yield GapKind.UNKNOWN_PRODUCT
    if row.seller_id is None or row.seller_id not in known.sellers:
        yield GapKind.UNKNOWN_SELLER
    if row.customer_id not in known.customers:
        yield GapKind.UNKNOWN_CUSTOMER
    if row.outlet_id not in known.outlets:
        yield GapKind.UNKNOWN_OUTLET


def _recording(
    batch_id: UUID, recording_id: UUID, row: OldSale, files: GivenBytes, now: datetime
) -> ImportedRecording:
    # A row that names a recording says its digest and instant, or it was refused.
    assert row.recording_sha256 is not None
    assert row.recorded_at is not None
    size = files.stored.get(recording_id)
    return ImportedRecording(
        id=recording_id,
        version=1,
        batch_id=batch_id,
        outlet_id=row.outlet_id,
        customer_id=row.customer_id,
        recorded_at=row.recorded_at,
        sha256=row.recording_sha256,
        size=size,
        state=ImportedState.REGISTERED if size is None else ImportedState.STORED,
        imported_at=now,
    )


def _sale(batch_id: UUID, number: int, row: OldSale, known: Known, now: datetime) -> ImportedSale:
    return ImportedSale(
        id=row.sale_id,
        batch_id=batch_id,
        row=number + 1,
        outlet_id=row.outlet_id,
        seller_id=row.seller_id,
        customer_id=row.customer_id,
        product_code=row.product_code,
        product_id=known.products.get(row.product_code),
        kind=row.kind,
        form=row.form,
        term_months=row.term_months,
        amount_minor=row.amount_minor,
        currency=row.currency,
        sold_at=row.sold_at,
        contract_end_on=row.contract_end_on,
        final_payout_on=row.final_payout_on,
        assessed_level=row.assessed_level,
        assessed_on=row.assessed_on,
        recording_id=row.recording_id,
        imported_at=now,
    )
