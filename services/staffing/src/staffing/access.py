"""Who may do what in staffing: one table of actions, one pure function."""

from contextlib import suppress
from enum import StrEnum
from uuid import UUID

from chassis.auth import ALL_OUTLETS, Principal, Resource, Verdict


class Role(StrEnum):
    """The roles that this service knows."""

    OUTLET_HEAD = "outlet_head"
    STAFFING_PLANNER = "staffing_planner"
    EVALUATOR_HQ = "evaluator_hq"
    COMPLIANCE_OFFICER = "compliance_officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    INTEGRATION = "integration"


READERS = frozenset(
    {
        Role.OUTLET_HEAD,
        Role.STAFFING_PLANNER,
        Role.EVALUATOR_HQ,
        Role.COMPLIANCE_OFFICER,
        Role.AUDITOR,
        Role.OPERATOR,
        Role.INTEGRATION,
    }
)
PLANNERS = frozenset({Role.STAFFING_PLANNER})

#: Who answers for what is sold, and may stop it.
SUPERVISORS = frozenset({Role.STAFFING_PLANNER, Role.COMPLIANCE_OFFICER})

ACTIONS: dict[str, frozenset[Role]] = {
    "outlet.open": PLANNERS,
    "outlet.list": READERS,
    "outlet.read": READERS,
    "outlet.change": PLANNERS,
    "outlet.close": PLANNERS,
    "employee.join": PLANNERS,
    "employee.list": READERS,
    "employee.read": READERS,
    "employee.change": PLANNERS,
    "employee.leave": PLANNERS,
    "qualification.read": READERS,
    "qualification.grant": PLANNERS,
    "qualification.revoke": SUPERVISORS,
    "qualification.suspend": SUPERVISORS,
    # Who plans the shifts is not the one who clears a seller.
    "qualification.reinstate": frozenset({Role.COMPLIANCE_OFFICER}),
    "training.record": PLANNERS,
    "training.list": READERS,
    "training.annul": SUPERVISORS,
    "experience.record": PLANNERS,
    "experience.list": READERS,
    "workload.list": READERS,
    "workload.read": READERS,
    "workload.unmatched": READERS,
}


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    """The role says what, the outlet says where: an object of a foreign outlet is hidden."""
    if not principal.roles & ACTIONS[action]:
        return Verdict.FORBIDDEN
    if resource is not None and resource.outlet_id is not None and not principal.sees(resource.outlet_id):
        return Verdict.HIDDEN
    return Verdict.ALLOWED


def visible_outlets(principal: Principal) -> frozenset[UUID] | None:
    """The outlets whose objects a list may show to the caller; None: all. What is no id names no outlet."""
    if ALL_OUTLETS in principal.outlets:
        return None
    found = set()
    for text in principal.outlets:
        with suppress(ValueError):
            found.add(UUID(text))
    return frozenset(found)
