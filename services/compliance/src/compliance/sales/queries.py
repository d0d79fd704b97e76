"""Reads of sales, refused attempts and decisions."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Uuid,
    column,
    exists,
    func,
    select,
    table,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.errors import ObjectNotFound
from chassis.reads import Found, Read, Reads, among
from compliance.cases.domain import Transaction
from compliance.evidence.domain import Plain, from_plain
from compliance.periods.domain import end_of, start_of
from compliance.products.queries import is_own_wealth
from compliance.retention.release import FUNCTIONS
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import Decision, replay
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.queries import kept_release
from compliance.sales.domain import InspectionExport, RefusedAttempt, Sale
from compliance.sales.tables import decisions, inspection_exports, refused_attempts, sales, transactions
from compliance.sales.transactions import Transacted

SALE_ORDER = (sales.c.id,)
ATTEMPT_ORDER = (refused_attempts.c.id,)
EXPORT_ORDER = (inspection_exports.c.id,)
TRANSACTION_ORDER = (transactions.c.id,)

#: Sales that were taken back; what takes them back stands above.
REVERSALS = table("sale_reversals", column("sale_id", Uuid))

#: The transactions after which the customer holds the product.
KEEPS = (Transaction.ROLLOVER, Transaction.SUCCESSION)

#: SUI-15: what the customers ``customer_ids`` have bought of the bank's own wealth products, one of each;
#: a sale that was reversed is no purchase. Whoever reverses one holds the customer's head.
WEALTH = Read[dict[str, UUID]](
    dict,
    select(sales.c.customer_id, sales.c.id)
    .where(
        among(sales.c.customer_id, "customer_ids"),
        is_own_wealth(sales.c.product_id),
        ~exists().where(REVERSALS.c.sale_id == sales.c.id),
    )
    .ext(distinct_on(sales.c.customer_id))
    .order_by(sales.c.customer_id),
    by="customer_id",
)

_WEALTH = Reads(WEALTH)

#: Stored inputs read at a time.
BATCH = 200


def sales_of(outlet_ids: Collection[UUID] | None, *, day: date | None = None) -> Select[Any]:
    """The sales of these outlets, or all (None), of one legal day or of all."""
    statement = select(Sale)
    if outlet_ids is not None:
        statement = statement.where(sales.c.outlet_id.in_(outlet_ids))
    if day is not None:
        statement = statement.where(sales.c.logged_at >= start_of(day), sales.c.logged_at < end_of(day))
    return statement


def attempts_of(
    outlet_ids: Collection[UUID] | None, *, day: date | None = None, case_id: UUID | None = None
) -> Select[Any]:
    """The refused attempts of these outlets, or of all (None), of one legal day, of one case."""
    attempt = refused_attempts.c
    statement = select(RefusedAttempt)
    if outlet_ids is not None:
        statement = statement.where(attempt.outlet_id.in_(outlet_ids))
    if day is not None:
        statement = statement.where(attempt.refused_at >= start_of(day), attempt.refused_at < end_of(day))
    if case_id is not None:
        statement = statement.where(attempt.case_id == case_id)
    return statement


async def sale(session: AsyncSession, sale_id: UUID) -> Sale:
    """One sale. Raises ``ObjectNotFound``."""
    return await load(session, Sale, sale_id)


async def gated(session: AsyncSession, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of the ids are those of sales that the gate has let through."""
    return frozenset(await session.scalars(select(sales.c.id).where(sales.c.id.in_(ids))))


async def first_judged(session: AsyncSession, outlet_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Since when the gate has judged the sales of an outlet; of one that is missing it has judged none."""
    logged = select(sales.c.outlet_id, sales.c.logged_at.label("at"))
    refused = select(refused_attempts.c.outlet_id, refused_attempts.c.refused_at.label("at"))
    judged = logged.union_all(refused).subquery()
    statement = (
        select(judged.c.outlet_id, func.min(judged.c.at).label("at"))
        .where(judged.c.outlet_id.in_(outlet_ids))
        .group_by(judged.c.outlet_id)
    )
    return {row.outlet_id: row.at for row in await session.execute(statement)}


def logged_since(start: datetime, customers: Collection[UUID]) -> Select[Any]:
    """The sales to these customers logged from ``start`` on, by id."""
    wanted = sales.c.logged_at >= start, sales.c.customer_id.in_(customers)
    return select(Sale).where(*wanted).order_by(sales.c.id)


def proves_sale(recording_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a sale rests on that recording."""
    return exists().where(sales.c.recording_id == recording_id)


async def sold_wealth(session: AsyncSession, customer_id: UUID) -> bool:
    """SUI-15: whether the customer has bought a wealth product of the bank's own, by the logged sales."""
    return bought_wealth(await _WEALTH.read(session, customer_ids=[customer_id]), customer_id)


def bought_wealth(found: Found, customer_id: UUID) -> bool:
    """SUI-15: whether :data:`WEALTH` found a sale to the customer."""
    return found.one(WEALTH, customer_id) is not None


async def is_reversed(session: AsyncSession, sale_id: UUID) -> bool:
    """Whether two officers have taken the sale back. Lock the sale first (G1)."""
    return bool(await session.scalar(select(exists().where(REVERSALS.c.sale_id == sale_id))))


def transactions_of(outlet_ids: Collection[UUID] | None) -> Select[Any]:
    """The logged transactions of these outlets, or all (None)."""
    statement = select(Transacted)
    return statement if outlet_ids is None else statement.where(transactions.c.outlet_id.in_(outlet_ids))


async def transaction(session: AsyncSession, transaction_id: UUID) -> Transacted:
    """One logged transaction. Raises ``ObjectNotFound``."""
    return await load(session, Transacted, transaction_id)


async def find_logged(session: AsyncSession, logged_id: UUID) -> tuple[UUID, UUID] | None:
    """The customer and the product of a sale, or of a transaction that left something in his hands."""
    statement = union_all(
        select(sales.c.customer_id, sales.c.product_id).where(sales.c.id == logged_id),
        select(transactions.c.customer_id, transactions.c.product_id).where(
            transactions.c.id == logged_id, transactions.c.kind.in_(KEEPS)
        ),
    )
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else (found.customer_id, found.product_id)


async def logged_here(session: AsyncSession, customer_id: UUID, product_id: UUID) -> bool:
    """Whether this service has logged the product for the customer, by a sale, rollover or succession."""
    statement = union_all(
        select(sales.c.id).where(sales.c.customer_id == customer_id, sales.c.product_id == product_id),
        select(transactions.c.id).where(
            transactions.c.customer_id == customer_id,
            transactions.c.product_id == product_id,
            transactions.c.kind.in_(KEEPS),
        ),
    )
    return await session.scalar(statement.limit(1)) is not None


async def attempt(session: AsyncSession, attempt_id: UUID) -> RefusedAttempt:
    """One refused attempt. Raises ``ObjectNotFound``."""
    return await load(session, RefusedAttempt, attempt_id)


def exports() -> Select[Any]:
    """The exports that were made for inspections."""
    return select(InspectionExport)


async def inspection_export(session: AsyncSession, export_id: UUID) -> InspectionExport:
    """One export. Raises ``ObjectNotFound``."""
    return await load(session, InspectionExport, export_id)


async def decision_row(session: AsyncSession, decision_id: UUID) -> Row[Any]:
    """A decision as stored. Raises ``ObjectNotFound``."""
    row = (await session.execute(select(decisions).where(decisions.c.id == decision_id))).one_or_none()
    if row is None:
        raise ObjectNotFound
    return row


def decision_of(row: Row[Any]) -> Decision:
    """The decision in a stored row; raises ``NotReadable`` for a damaged one."""
    return from_plain(Decision, row.decision)


async def release_of(session: AsyncSession, row: Row[Any]) -> RuleRelease:
    """The stored release that decided. Raises ``ObjectNotFound``, ``RulebookInvalid``."""
    return await kept_release(session, row.release, FUNCTIONS)


async def replayed(session: AsyncSession, row: Row[Any]) -> Decision:
    """The stored inputs judged again under the stored release.

    Raises ``ObjectNotFound``, ``RulebookInvalid``, ``ReleaseUnknown``, ``NotReadable``.
    """
    return replay(decision_of(row), await release_of(session, row), SALE_CHECKS, SaleFacts)


async def inputs_of_sales(session: AsyncSession, since: datetime) -> AsyncIterator[Mapping[str, Plain]]:
    """The stored inputs of every sale logged since then, the newest first, some at a time."""
    place = tuple_(decisions.c.decided_at, decisions.c.id)
    statement = (
        select(decisions.c.decision["inputs"], decisions.c.decided_at, decisions.c.id)
        .join(sales, sales.c.decision_id == decisions.c.id)
        .where(decisions.c.decided_at >= since)
        .order_by(decisions.c.decided_at.desc(), decisions.c.id.desc())
        .limit(BATCH)
    )
    page = (await session.execute(statement)).all()
    while page:
        for row in page:
            yield row[0]
        last = page[-1]
        page = (await session.execute(statement.where(place < (last.decided_at, last.id)))).all()
