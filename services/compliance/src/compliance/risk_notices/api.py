"""Routes of duties to tell holders: who sends the notices reports the end, oversight sees what is late."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
from chassis.events import to_json
from chassis.http.problems import BrokenRule
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
from compliance.risk_notices import commands, queries
from compliance.risk_notices.domain import NoticeState, RiskNotice
from compliance.rulebook.registers import risk_notice_violations

router = routes("/v1/risk_notices", "risk notices")

HOLDERS_MAX = 1_000_000_000


class NoticeReport(Input):
    """When the last holder was told, and how many there were."""

    told_at: datetime
    holders: Annotated[int, Field(ge=0, le=HOLDERS_MAX)]


class RiskNoticeView(Output):
    """A duty to tell holders. ``flags``: PRD-03, once they were told too late, or should have been told."""

    id: UUID
    version: int
    product_id: UUID
    product_code: str
    product_version: int
    previous_level: int
    level: int | None
    changed_at: datetime
    due_at: datetime
    state: NoticeState
    told_at: datetime | None
    holders: int | None
    reported_by: str | None
    reported_at: datetime | None
    flags: list[BrokenRule]

    @classmethod
    def of(cls, notice: RiskNotice) -> "RiskNoticeView":
        """The view of a duty."""
        facts = notice.facts()
        flags = () if facts is None else risk_notice_violations(facts)
        return cls(
            id=notice.id,
            version=notice.version,
            product_id=notice.product_id,
            product_code=notice.product_code,
            product_version=notice.product_version,
            previous_level=notice.previous_level,
            level=notice.level,
            changed_at=notice.changed_at,
            due_at=notice.due_at,
            state=notice.state,
            told_at=notice.told_at,
            holders=notice.holders,
            reported_by=notice.reported_by,
            reported_at=notice.reported_at,
            flags=[BrokenRule.model_validate(to_json(one)) for one in flags],
        )


@router.get("")
@action("risk_notice.list")
async def list_risk_notices(
    session: ReadSession,
    page: PageQuery,
    state: NoticeState | None = None,
    product_id: UUID | None = None,
) -> Page[RiskNoticeView]:
    """List duties to tell holders, oldest first; OVERDUE are those that nobody has done in time."""
    rows, cursor = await paginate(session, queries.listed(state, product_id), page, order=queries.ORDER)
    return Page(items=[RiskNoticeView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{risk_notice_id}")
@action("risk_notice.read")
async def read_risk_notice(
    risk_notice_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> RiskNoticeView:
    """Read a duty to tell holders."""
    guard(outlet_id=None)
    notice = await queries.risk_notice(session, risk_notice_id)
    respond(response, version=notice.version)
    return RiskNoticeView.of(notice)


@router.post("/{risk_notice_id}/report")
@action("risk_notice.report")
async def report_risk_notice(
    risk_notice_id: UUID,
    body: NoticeReport,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> RiskNoticeView:
    """Report that all holders were told: a late end is taken, and flagged (PRD-03)."""
    guard(outlet_id=None)
    notice = await commands.report_risk_notice(
        session,
        clock,
        risk_notice_id,
        if_match,
        told_at=body.told_at,
        holders=body.holders,
        by=caller.subject,
    )
    respond(response, version=notice.version)
    return RiskNoticeView.of(notice)
