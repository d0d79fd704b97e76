"""Routes of outlets' capabilities: compliance checks, the outlet and oversight read (ZON-10, M126)."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Response

from chassis.auth import action
from chassis.errors import RecordedRefusal
from chassis.http.routing import (
    Caller,
    Guard,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    refused,
    respond,
    routes,
)
from compliance.admissions import commands, queries
from compliance.admissions.domain import CapabilityCheck, HeldCapability
from compliance.evidence.domain import from_plain
from compliance.retention.release import shipped_release
from compliance.rulebook.admissions import NOT_READY, OutletCapability, PolicyProfile
from compliance.rulebook.decisions import Decision

router = routes("/v1/outlets", "outlet capabilities")


class OutletNotReady(RecordedRefusal):
    """ZON-10: the check is on record."""

    code = NOT_READY
    zh = "该网点的销售专区或录音录像尚未到位,不能授予销售权限;缺少的条件逐条列明,本次检查已记录。"
    en = "The outlet lacks its zone or its recording; what is missing is listed, the check is on record."


class NewCapabilityCheck(Input):
    """What the outlet is to be allowed. ``profile_until``: the last day of RURAL_PHASED, which needs one."""

    capability: OutletCapability
    policy_profile: PolicyProfile = PolicyProfile.STANDARD
    profile_until: date | None = None


class UnmetView(Output):
    """One condition that was not met: rule, code, and which."""

    rule: str
    code: str
    reason: str | None


class CapabilityCheckView(Output):
    """One check. ``valid_until``: the last day of what was granted, null = open (or nothing granted)."""

    id: UUID
    outlet_id: UUID
    capability: OutletCapability
    policy_profile: PolicyProfile
    profile_until: date | None
    granted: bool
    valid_until: date | None
    unmet: list[UnmetView]
    release: str
    digest: str
    checked_by: str
    checked_at: datetime

    @classmethod
    def of(cls, check: CapabilityCheck) -> "CapabilityCheckView":
        """The view of a check."""
        decision = from_plain(Decision, check.decision)
        return cls(
            id=check.id,
            outlet_id=check.outlet_id,
            capability=check.capability,
            policy_profile=check.profile,
            profile_until=check.profile_until,
            granted=check.granted,
            valid_until=check.valid_until,
            unmet=[
                UnmetView(rule=outcome.rule, code=finding.code, reason=finding.reason)
                for outcome in decision.outcomes
                for finding in outcome.findings
            ],
            release=check.release,
            digest=check.digest,
            checked_by=check.checked_by,
            checked_at=check.checked_at,
        )


class HeldCapabilityView(Output):
    """A capability of the outlet; ``holds`` false: granted for a while that is over."""

    capability: OutletCapability
    holds: bool
    policy_profile: PolicyProfile
    granted_at: datetime
    valid_until: date | None
    check_id: UUID

    @classmethod
    def of(cls, held: HeldCapability, at: datetime) -> "HeldCapabilityView":
        """The view of a capability at ``at``."""
        return cls(
            capability=held.capability,
            holds=held.holds(at),
            policy_profile=held.profile,
            granted_at=held.granted_at,
            valid_until=held.valid_until,
            check_id=held.check_id,
        )


class OutletCapabilitiesView(Output):
    """What the outlet may do."""

    outlet_id: UUID
    checked_at: datetime
    capabilities: list[HeldCapabilityView]


@router.post("/{outlet_id}/capability_checks", status_code=201, response_model=CapabilityCheckView)
@action("outlet_capability.check")
async def check_outlet_capability(
    outlet_id: UUID,
    body: NewCapabilityCheck,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> CapabilityCheckView | Response:
    """Grant a capability (201), or have it refused on record (422) with every condition that is not met."""
    guard(outlet_id=outlet_id)
    check, decision = await commands.check_capability(
        session,
        clock,
        outlet_id,
        capability=body.capability,
        profile=body.policy_profile,
        profile_until=body.profile_until,
        by=caller.subject,
    )
    location = f"/v1/outlets/{outlet_id}/capability_checks"
    if not check.granted:
        return refused(
            OutletNotReady,
            decision.violations(shipped_release()),
            body=CapabilityCheckView.of(check),
            location=location,
        )
    respond(response, version=1, location=location)
    return CapabilityCheckView.of(check)


@router.get("/{outlet_id}/capability_checks")
@action("outlet_capability.read")
async def list_capability_checks(
    outlet_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[CapabilityCheckView]:
    """List the checks of an outlet, oldest first."""
    guard(outlet_id=outlet_id)
    rows, cursor = await paginate(session, queries.checks(outlet_id), page, order=queries.ORDER)
    return Page(items=[CapabilityCheckView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{outlet_id}/capabilities")
@action("outlet_capability.read")
async def read_outlet_capabilities(
    outlet_id: UUID, session: ReadSession, clock: Now, guard: Guard
) -> OutletCapabilitiesView:
    """Read what the outlet may do now."""
    guard(outlet_id=outlet_id)
    now = clock.now()
    held = await queries.held(session, outlet_id)
    return OutletCapabilitiesView(
        outlet_id=outlet_id,
        checked_at=now,
        capabilities=[HeldCapabilityView.of(one, now) for one in held],
    )
