"""Routes of releases: which have decided, who stands for them, one more officer does."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Response

from chassis.auth import action
from chassis.http.models import Output
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Now,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from compliance.retention.release import shipped_release
from compliance.rulebook.queries import RELEASE_ORDER, kept_releases
from compliance.rules import commands, queries
from compliance.rules.releases import ReleaseState

router = routes("/v1/releases", "rulebook")

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the release's canonical JSON")]


class ApprovalView(Output):
    """One officer stands for the release, by the subject of his token."""

    subject: str
    approved_at: datetime


class ReleaseView(Output):
    """A release of the rulebook. ``shipped``: the running program decides by it; ``approved``: two officers
    stand for it; ``stored_at`` null: nothing was decided under it yet.
    """

    digest: str
    version: int
    shipped: bool
    stored_at: datetime | None
    rules: int
    approved: bool
    approvals: list[ApprovalView]

    @classmethod
    def of(cls, state: ReleaseState) -> "ReleaseView":
        """The view of a release."""
        return cls(
            digest=state.digest,
            version=state.version,
            shipped=state.digest == shipped_release().digest,
            stored_at=state.stored_at,
            rules=state.rules,
            approved=state.approved,
            approvals=[
                ApprovalView(subject=one.subject, approved_at=one.approved_at) for one in state.approvals
            ],
        )


class ReleasePage(Page[ReleaseView]):
    """Stored releases, and the one that is shipped, stored or not."""

    shipped: ReleaseView


@router.get("")
@action("release.list")
async def list_releases(session: ReadSession, page: PageQuery) -> ReleasePage:
    """List the releases under which something was decided or that were approved, oldest first."""
    rows, cursor = await paginate(session, kept_releases(), page, order=RELEASE_ORDER)
    shipped = await queries.release_state(session, shipped_release().digest)
    return ReleasePage(
        items=[ReleaseView.of(state) for state in await queries.states(session, rows)],
        next_cursor=cursor,
        shipped=ReleaseView.of(shipped),
    )


@router.get("/{digest}")
@action("release.read")
async def read_release(digest: Digest, session: ReadSession, guard: Guard, response: Response) -> ReleaseView:
    """Read who stands for a release."""
    guard(outlet_id=None)
    state = await queries.release_state(session, digest)
    respond(response, version=state.version)
    return ReleaseView.of(state)


@router.post("/{digest}/approval")
@action("release.approve")
async def approve_release(
    digest: Digest,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ReleaseView:
    """Stand for a release, once an officer; two officers make it approved. Nobody takes that back."""
    guard(outlet_id=None)
    state = await commands.approve_release(session, clock, digest, if_match, by=caller.subject)
    respond(response, version=state.version)
    return ReleaseView.of(state)
