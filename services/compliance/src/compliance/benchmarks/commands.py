"""Use cases of benchmarks. The product is locked first: whoever judges a material holds it too (G1)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.benchmarks.domain import Benchmark, BenchmarkPending, BenchmarkTerms
from compliance.benchmarks.queries import benchmark as benchmark_of
from compliance.benchmarks.queries import current_value
from compliance.benchmarks.tables import benchmarks
from compliance.products.domain import Product
from compliance.reviews.commands import must_be_in_time
from compliance.reviews.domain import ReviewState


async def propose_benchmark(
    session: AsyncSession, clock: Clock, product_id: UUID, terms: BenchmarkTerms, *, by: str
) -> Benchmark:
    """Proposes a product's benchmark (PRD-10).

    Raises ``ObjectNotFound``, ``BenchmarkPending``, ``BenchmarkDisclosureIncomplete``.
    """
    await lock(session, Product, product_id)
    waiting = select(benchmarks.c.id).where(
        benchmarks.c.product_id == product_id, benchmarks.c.state == ReviewState.PENDING
    )
    if await session.scalar(waiting) is not None:
        raise BenchmarkPending
    changes = await current_value(session, product_id) is not None
    proposed = Benchmark.propose(new_id(), product_id, terms, changes=changes, by=by, at=clock.now())
    session.add(proposed)
    return proposed


async def approve_benchmark(
    session: AsyncSession,
    clock: Clock,
    benchmark_id: UUID,
    expected_version: int,
    *,
    note: str | None,
    by: str,
) -> Benchmark:
    """From now on it counts, in every channel.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``, ``ReviewLapsed``.
    """
    found = await _to_review(session, benchmark_id, expected_version)
    at = clock.now()
    found.approve(note=note, by=by, at=at)
    must_be_in_time(found.submitted_at, at)
    return found


async def reject_benchmark(
    session: AsyncSession, clock: Clock, benchmark_id: UUID, expected_version: int, *, note: str, by: str
) -> Benchmark:
    """Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``."""
    found = await _to_review(session, benchmark_id, expected_version)
    found.reject(note=note, by=by, at=clock.now())
    return found


async def _to_review(session: AsyncSession, benchmark_id: UUID, expected_version: int) -> Benchmark:
    await lock(session, Product, (await benchmark_of(session, benchmark_id)).product_id)
    found = await lock(session, Benchmark, benchmark_id)
    check_version(found.version, expected_version)
    return found
