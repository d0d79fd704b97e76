"""What an export holds: the sales of a period by pages, and what each rests on."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.legacy_records import queries as legacy
from compliance.legacy_records.domain import ImportedRecording, ImportedSale, Origin
from compliance.periods.domain import end_of, legal_date, start_of
from compliance.products.queries import codes_by_id, ids_by_code
from compliance.recordings.parts import Seal
from compliance.recordings.queries import seals
from compliance.sales.domain import Sale
from compliance.sales.export_files import ASSESSMENTS, DECISIONS, RECORDINGS, SALES
from compliance.sales.tables import decisions, sales

PAGE = 500

Named = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The legal days from ``first_day`` through ``last_day``, of an outlet, of a product (by code)."""

    first_day: date
    last_day: date
    outlet_id: UUID | None = None
    product: str | None = None

    @property
    def start(self) -> datetime:
        """Where the first day begins."""
        return start_of(self.first_day)

    @property
    def end(self) -> datetime:
        """Where the last day is over, exclusive."""
        return end_of(self.last_day)

    def asked(self) -> Mapping[str, Any]:
        """What was asked for, as the manifest says it."""
        return {
            "from": self.first_day,
            "to": self.last_day,
            "outlet_id": self.outlet_id,
            "product": self.product,
        }


def last_day_over(at: datetime) -> date:
    """The last legal day that is over at an instant."""
    return legal_date(at) - timedelta(days=1)


async def count(session: AsyncSession, scope: Scope) -> int:
    """How many sales there are."""
    gated = select(func.count()).select_from((await _gated(session, scope)).subquery())
    old = select(func.count()).select_from(_imported(scope).subquery())
    return (await session.scalar(gated) or 0) + (await session.scalar(old) or 0)


async def rows(session: AsyncSession, scope: Scope) -> AsyncIterator[Named]:
    """Every row with its file: a sale, then what it rests on. A page at a time is in memory."""
    async for row in _rows_of_gate(session, scope):
        yield row
    async for row in _rows_of_old(session, scope):
        yield row


async def _gated(session: AsyncSession, scope: Scope) -> Select[Any]:
    # A sale is logged at the instant of its decision; that has the index.
    statement = (
        select(Sale, decisions.c.digest, decisions.c.decision, decisions.c.decided_at)
        .join(decisions, decisions.c.id == sales.c.decision_id)
        .where(decisions.c.decided_at >= scope.start, decisions.c.decided_at < scope.end)
    )
    if scope.outlet_id is not None:
        statement = statement.where(sales.c.outlet_id == scope.outlet_id)
    if scope.product is not None:
        ids = await ids_by_code(session, {scope.product})
        statement = statement.where(sales.c.product_id.in_(ids.values()))
    return statement


def _imported(scope: Scope) -> Select[Any]:
    return legacy.sold_between(scope.start, scope.end, outlet_id=scope.outlet_id, product_code=scope.product)


async def _rows_of_gate(session: AsyncSession, scope: Scope) -> AsyncIterator[Named]:
    statement = (await _gated(session, scope)).order_by(decisions.c.decided_at, decisions.c.id).limit(PAGE)
    place = tuple_(decisions.c.decided_at, decisions.c.id)
    page = (await session.execute(statement)).all()
    while page:
        codes = await codes_by_id(session, {row.Sale.product_id for row in page})
        sealed = await seals(session, {row.Sale.recording_id for row in page})
        for row in page:
            for named in _of_gate(row.Sale, row.digest, row.decision, codes, sealed):
                yield named
        last: Sale = page[-1].Sale
        after = (page[-1].decided_at, last.decision_id)
        session.expunge_all()
        page = (await session.execute(statement.where(place > after))).all()


def _of_gate(
    sale: Sale,
    digest: str,
    decision: Mapping[str, Any],
    codes: Mapping[UUID, str],
    sealed: Mapping[UUID, Seal],
) -> list[Named]:
    about = {"sale_id": sale.id, "origin": Origin.GATED}
    assessment = decision["inputs"].get("assessment")
    members = {
        **about,
        "day": legal_date(sale.logged_at),
        "sold_at": sale.logged_at,
        "outlet_id": sale.outlet_id,
        "seller_id": sale.seller_id,
        "customer_id": sale.customer_id,
        "product_id": sale.product_id,
        "product_code": codes[sale.product_id],
        "amount_minor": sale.amount_minor,
        "currency": sale.currency,
        "zone_id": sale.zone_id,
        "case_id": sale.case_id,
        "decision_id": sale.decision_id,
        "decision": digest,
        "recording_id": sale.recording_id,
        "assessed": assessment is not None,
    }
    # Circumstances of the customer stay with the decision, which its digest holds fast.
    shown = {name: value for name, value in decision.items() if name != "inputs"}
    seal = sealed[sale.recording_id]
    recording = {"recording_id": seal.recording_id, "digest": seal.digest, "manifest": seal.plain}
    found: list[Named] = [
        (SALES, members),
        (DECISIONS, {**about, "decision_id": sale.decision_id, "digest": digest, "decision": shown}),
        (RECORDINGS, {**about, **recording}),
    ]
    if assessment is not None:
        kept = {name: assessment[name] for name in ("assessment_id", "level", "completed_at")}
        found.append((ASSESSMENTS, {**about, **kept}))
    return found


async def _rows_of_old(session: AsyncSession, scope: Scope) -> AsyncIterator[Named]:
    statement = _imported(scope).order_by(*legacy.SOLD_ORDER).limit(PAGE)
    page: Sequence[ImportedSale] = (await session.scalars(statement)).all()
    while page:
        known = await legacy.recordings(session, {one.recording_id for one in page if one.recording_id})
        gaps = await legacy.gaps_of_sales(session, [one.id for one in page])
        for sale in page:
            for named in _of_old(sale, known, gaps.get(sale.id, ())):
                yield named
        after = (page[-1].sold_at, page[-1].id)
        session.expunge_all()
        page = (await session.scalars(statement.where(tuple_(*legacy.SOLD_ORDER) > after))).all()


def _of_old(sale: ImportedSale, known: Mapping[UUID, ImportedRecording], gaps: Sequence[str]) -> list[Named]:
    about = {"sale_id": sale.id, "origin": sale.origin}
    members = {
        **about,
        "day": legal_date(sale.sold_at),
        "sold_at": sale.sold_at,
        "outlet_id": sale.outlet_id,
        "seller_id": sale.seller_id,
        "customer_id": sale.customer_id,
        "product_id": sale.product_id,
        "product_code": sale.product_code,
        "amount_minor": sale.amount_minor,
        "currency": sale.currency,
        "batch_id": sale.batch_id,
        "row": sale.row,
        "gaps": gaps,
        "recording_id": sale.recording_id,
        "assessed": sale.assessed_on is not None,
    }
    found: list[Named] = [(SALES, members)]
    if sale.recording_id is not None:
        old = known[sale.recording_id]
        recording = {"recording_id": old.id, "sha256": old.sha256, "recorded_at": old.recorded_at}
        found.append((RECORDINGS, {**about, **recording, "batch_id": old.batch_id}))
    if sale.assessed_on is not None:
        found.append((ASSESSMENTS, {**about, "level": sale.assessed_level, "assessed_on": sale.assessed_on}))
    return found
