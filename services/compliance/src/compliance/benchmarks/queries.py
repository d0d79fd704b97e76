"""Reads of benchmarks."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.benchmarks.domain import Benchmark
from compliance.benchmarks.tables import benchmarks
from compliance.reviews.domain import ReviewState

#: One is proposed when no other waits: the order of the proposals is that of the approvals.
ORDER = (benchmarks.c.id,)


def of_product(product_id: UUID) -> Select[Any]:
    """The product's benchmarks, whatever became of them."""
    return select(Benchmark).where(benchmarks.c.product_id == product_id)


def approved(product_id: UUID) -> Select[Any]:
    """The product's approved benchmarks: the one that counts, and all earlier ones."""
    return of_product(product_id).where(benchmarks.c.state == ReviewState.APPROVED)


async def benchmark(session: AsyncSession, benchmark_id: UUID) -> Benchmark:
    """One benchmark. Raises ``ObjectNotFound``."""
    return await load(session, Benchmark, benchmark_id)


async def current_value(session: AsyncSession, product_id: UUID) -> str | None:
    """PRD-10: what the product is measured by; None: none is approved. Lock the product first (G1)."""
    newest = approved(product_id).order_by(benchmarks.c.id.desc()).limit(1)
    found = await session.scalar(newest, execution_options={"populate_existing": True})
    return None if found is None else found.value
