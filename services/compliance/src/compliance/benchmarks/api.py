"""Routes of benchmarks: proposed by the product department, approved by an officer, shown to everybody."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field

from chassis.auth import action
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from compliance.benchmarks import commands, queries
from compliance.benchmarks.domain import Benchmark, BenchmarkTerms
from compliance.benchmarks.views import BenchmarkView
from compliance.products.queries import product as product_of
from compliance.products.queries import product_by_code
from compliance.reviews.views import Rejection

product_router = routes("/v1/products", "benchmarks")
router = routes("/v1/benchmarks", "benchmarks")
public_router = routes("/v1/public/products", "public products")

Value = Annotated[str, Field(min_length=1, max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=500)]
CodePath = Annotated[str, Path(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]


class NewBenchmark(Input):
    """A benchmark with the reason for its choice and its basis or method; a change says why (PRD-10)."""

    value: Value
    reason: Words
    basis: Words | None = None
    method: Words | None = None
    change_reason: Words | None = None

    def terms(self) -> BenchmarkTerms:
        """The terms as the domain has them."""
        return BenchmarkTerms(**self.model_dump())


class PublicBenchmarkView(Output):
    """An approved benchmark as it is disclosed. It is no expected yield and promises nothing."""

    value: str
    reason: str
    basis: str | None
    method: str | None
    change_reason: str | None
    approved_at: datetime | None

    @classmethod
    def of(cls, benchmark: Benchmark) -> "PublicBenchmarkView":
        """The view of an approved benchmark."""
        return cls(
            value=benchmark.value,
            reason=benchmark.reason,
            basis=benchmark.basis,
            method=benchmark.method,
            change_reason=benchmark.change_reason,
            approved_at=benchmark.reviewed_at,
        )


@public_router.get("/{code}/benchmarks")
@action("benchmark.query", public=True)
async def query_benchmarks(
    code: CodePath, session: ReadSession, page: PageQuery
) -> Page[PublicBenchmarkView]:
    """List a product's approved benchmarks, oldest first: the last one counts (PRD-10)."""
    product = await product_by_code(session, code)
    rows, cursor = await paginate(session, queries.approved(product.id), page, order=queries.ORDER)
    return Page(items=[PublicBenchmarkView.of(row) for row in rows], next_cursor=cursor)


@product_router.post("/{product_id}/benchmarks", status_code=201)
@action("benchmark.propose")
async def propose_benchmark(
    product_id: UUID,
    body: NewBenchmark,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> BenchmarkView:
    """Propose a product's benchmark, or its change; it counts once an officer has approved it."""
    guard(outlet_id=None)
    found = await commands.propose_benchmark(session, clock, product_id, body.terms(), by=caller.subject)
    respond(response, version=found.version, location=f"/v1/benchmarks/{found.id}")
    return BenchmarkView.of(found)


@product_router.get("/{product_id}/benchmarks")
@action("benchmark.read")
async def list_benchmarks(
    product_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[BenchmarkView]:
    """List a product's benchmarks with their reviews, oldest first."""
    guard(outlet_id=None)
    product = await product_of(session, product_id)
    rows, cursor = await paginate(session, queries.of_product(product.id), page, order=queries.ORDER)
    return Page(items=[BenchmarkView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{benchmark_id}")
@action("benchmark.read")
async def read_benchmark(
    benchmark_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> BenchmarkView:
    """Read a benchmark."""
    guard(outlet_id=None)
    found = await queries.benchmark(session, benchmark_id)
    respond(response, version=found.version)
    return BenchmarkView.of(found)


@router.post("/{benchmark_id}/rejection")
@action("benchmark.review")
async def reject_benchmark(
    benchmark_id: UUID,
    body: Rejection,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> BenchmarkView:
    """Reject a benchmark."""
    guard(outlet_id=None)
    found = await commands.reject_benchmark(
        session, clock, benchmark_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=found.version)
    return BenchmarkView.of(found)
