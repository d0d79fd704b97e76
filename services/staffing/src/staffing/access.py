"""Who may do what in staffing: one table of actions, one pure function."""

from enum import StrEnum

from chassis.auth import Principal, Resource, Verdict


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
    "qualification.grant": PLANNERS,
    "qualification.revoke": frozenset({Role.STAFFING_PLANNER, Role.COMPLIANCE_OFFICER}),
    "qualification.suspend": frozenset({Role.STAFFING_PLANNER, Role.COMPLIANCE_OFFICER}),
    "workload.read": READERS,
}


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    """The role says what, the outlet says where: an object of a foreign outlet is hidden."""
    if not principal.roles & ACTIONS[action]:
        return Verdict.FORBIDDEN
    if resource is not None and resource.outlet_id is not None and not principal.sees(resource.outlet_id):
        return Verdict.HIDDEN
    return Verdict.ALLOWED
