"""The route that approves a benchmark: it stands here because materials that show another one end with it."""

from uuid import UUID

from fastapi import Response

from chassis.auth import action
from chassis.http.routing import Caller, Guard, IfMatch, Now, Session, respond, routes
from compliance.benchmarks.views import BenchmarkView
from compliance.materials import commands
from compliance.reviews.views import Approval

router = routes("/v1/benchmarks", "benchmarks")


@router.post("/{benchmark_id}/approval")
@action("benchmark.review")
async def approve_benchmark(
    benchmark_id: UUID,
    body: Approval,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> BenchmarkView:
    """Approve a benchmark: every channel shows this one, what shows another is withdrawn."""
    guard(outlet_id=None)
    found = await commands.approve_benchmark(
        session, clock, benchmark_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=found.version)
    return BenchmarkView.of(found)
