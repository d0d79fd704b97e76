"""Reads of old sales, their recordings, batches and gaps."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load, written
from chassis.reads import Read
from compliance.legacy_records.domain import (
    GapKind,
    ImportedRecording,
    ImportedSale,
    ImportedState,
    LegacyBatch,
    LegacyGap,
)
from compliance.legacy_records.tables import (
    imported_recordings,
    imported_sales,
    legacy_batches,
    legacy_gaps,
)

BATCH_ORDER = (legacy_batches.c.id,)
SALE_ORDER = (imported_sales.c.id,)
SOLD_ORDER = (imported_sales.c.sold_at, imported_sales.c.id)
GAP_ORDER = (legacy_gaps.c.row, legacy_gaps.c.kind)


def batches() -> Select[Any]:
    """Every imported file."""
    return select(LegacyBatch)


async def batch(session: AsyncSession, batch_id: UUID) -> LegacyBatch:
    """One imported file. Raises ``ObjectNotFound``."""
    return await load(session, LegacyBatch, batch_id)


async def batch_of(session: AsyncSession, sha256: str) -> LegacyBatch | None:
    """The batch that this file has become; None: it was not imported."""
    return (await session.scalars(select(LegacyBatch).where(legacy_batches.c.sha256 == sha256))).one_or_none()


def gaps_of(batch_id: UUID, kind: GapKind | None = None) -> Select[Any]:
    """What was missing in a batch, all of it or of one kind."""
    statement = select(LegacyGap).where(legacy_gaps.c.batch_id == batch_id)
    return statement if kind is None else statement.where(legacy_gaps.c.kind == kind)


def sales_of(outlet_ids: Collection[UUID] | None, *, batch_id: UUID | None = None) -> Select[Any]:
    """The old sales of these outlets, or of all (None), of one batch or of every one."""
    statement = select(ImportedSale)
    if outlet_ids is not None:
        statement = statement.where(imported_sales.c.outlet_id.in_(outlet_ids))
    return statement if batch_id is None else statement.where(imported_sales.c.batch_id == batch_id)


def sold_between(
    start: datetime, end: datetime, *, outlet_id: UUID | None = None, product_code: str | None = None
) -> Select[Any]:
    """The old sales from ``start`` to ``end`` (exclusive), of one outlet, of one product."""
    sold = imported_sales.c
    statement = select(ImportedSale).where(sold.sold_at >= start, sold.sold_at < end)
    if outlet_id is not None:
        statement = statement.where(sold.outlet_id == outlet_id)
    return statement if product_code is None else statement.where(sold.product_code == product_code)


async def sale(session: AsyncSession, sale_id: UUID) -> ImportedSale:
    """One old sale. Raises ``ObjectNotFound``."""
    return await load(session, ImportedSale, sale_id)


async def gaps_in(session: AsyncSession, sale_id: UUID) -> Sequence[GapKind]:
    """What was missing of one old sale."""
    statement = select(legacy_gaps.c.kind).where(legacy_gaps.c.sale_id == sale_id)
    return (await session.scalars(statement.order_by(legacy_gaps.c.kind))).all()


async def gaps_of_sales(session: AsyncSession, sale_ids: Collection[UUID]) -> dict[UUID, list[GapKind]]:
    """What was missing of these old sales, each kind in one order."""
    found: dict[UUID, list[GapKind]] = {}
    statement = select(legacy_gaps.c.sale_id, legacy_gaps.c.kind).where(legacy_gaps.c.sale_id.in_(sale_ids))
    for row in await session.execute(statement.order_by(legacy_gaps.c.sale_id, legacy_gaps.c.kind)):
        found.setdefault(row.sale_id, []).append(row.kind)
    return found


async def imported(session: AsyncSession, sale_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of the ids are those of old sales."""
    found = await session.scalars(select(imported_sales.c.id).where(imported_sales.c.id.in_(sale_ids)))
    return frozenset(found)


def is_imported(sale_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether the column names an old sale."""
    return exists().where(imported_sales.c.id == sale_id)


async def recordings(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, ImportedRecording]:
    """Those of the old recordings that are known, by their ids."""
    statement = select(ImportedRecording).where(imported_recordings.c.id.in_(ids))
    return {found.id: found for found in await session.scalars(statement)}


async def find_recording(session: AsyncSession, recording_id: UUID) -> ImportedRecording | None:
    """One old recording; None: it is none of them."""
    return await session.get(ImportedRecording, recording_id)


def disposing() -> Select[Any]:
    """Ids of old recordings whose disposal is under way."""
    return select(imported_recordings.c.id).where(
        written(imported_recordings.c.state, ImportedState.DISPOSING)
    )


def stored_after(after: UUID | None, limit: int) -> Select[Any]:
    """The old recordings whose bytes are in the store, by id."""
    statement = select(ImportedRecording).where(imported_recordings.c.state == ImportedState.STORED)
    if after is not None:
        statement = statement.where(imported_recordings.c.id > after)
    return statement.order_by(imported_recordings.c.id).limit(limit)


def claims(sale_ids: Select[Any]) -> Read[ImportedSale]:
    """Which of the sales are old ones: each says what was claimed of its contract, and when we were told."""
    told = (column for column in imported_sales.c if column.key != "origin")
    return Read(ImportedSale, select(*told).where(imported_sales.c.id.in_(sale_ids)), by="id")
