"""Who may do what in feedback: one table of actions, one of own objects, one pure function."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chassis.auth import ALL_OUTLETS, Principal, Resource, Verdict


class Role(StrEnum):
    """The roles that this service knows."""

    CUSTOMER = "customer"
    KIOSK = "kiosk"
    LOBBY_MANAGER = "lobby_manager"
    TELLER = "teller"
    SELLER = "seller"
    OUTLET_HEAD = "outlet_head"
    COMPLAINT_HANDLER = "complaint_handler"
    EVALUATOR_HQ = "evaluator_hq"
    COMPLIANCE_OFFICER = "compliance_officer"
    AUDITOR = "auditor"


#: CMP-03: whoever first receives a complaint takes it; the counter sends nobody away.
RECEIVERS = frozenset(
    {Role.COMPLAINT_HANDLER, Role.OUTLET_HEAD, Role.LOBBY_MANAGER, Role.TELLER, Role.SELLER}
)
HANDLERS = frozenset({Role.COMPLAINT_HANDLER})
COMPLAINT_READERS = RECEIVERS | {Role.CUSTOMER, Role.EVALUATOR_HQ, Role.COMPLIANCE_OFFICER, Role.AUDITOR}
EVALUATION_READERS = frozenset({Role.OUTLET_HEAD, Role.EVALUATOR_HQ, Role.AUDITOR})
VISITORS = frozenset({Role.CUSTOMER, Role.KIOSK})

ACTIONS: dict[str, frozenset[Role]] = {
    "evaluation.find": VISITORS | EVALUATION_READERS,
    "evaluation.read": VISITORS | EVALUATION_READERS,
    "evaluation.submit": VISITORS,
    "evaluation.list": EVALUATION_READERS,
    "intake.assign": frozenset({Role.OUTLET_HEAD, Role.COMPLAINT_HANDLER}),
    "intake.list": frozenset({Role.OUTLET_HEAD, Role.COMPLAINT_HANDLER, Role.AUDITOR}),
    "complaint.open": RECEIVERS | {Role.CUSTOMER},
    "complaint.list": COMPLAINT_READERS,
    "complaint.list_unmatched": frozenset({Role.COMPLAINT_HANDLER, Role.COMPLIANCE_OFFICER, Role.AUDITOR}),
    "complaint.read": COMPLAINT_READERS,
    "complaint.read_sale": frozenset({Role.COMPLAINT_HANDLER, Role.COMPLIANCE_OFFICER, Role.AUDITOR}),
    "complaint.decide": HANDLERS,
    "complaint.settle": HANDLERS,
    "complaint.withdraw": HANDLERS | {Role.CUSTOMER},
}

#: Roles that reach only what is their own, whatever outlet it belongs to; the others reach their outlets'.
OWN: dict[str, frozenset[Role]] = {
    "evaluation.find": frozenset({Role.CUSTOMER}),
    "evaluation.read": frozenset({Role.CUSTOMER}),
    "evaluation.submit": frozenset({Role.CUSTOMER}),
    "complaint.open": frozenset({Role.CUSTOMER}),
    "complaint.list": frozenset({Role.CUSTOMER, Role.LOBBY_MANAGER, Role.TELLER, Role.SELLER}),
    "complaint.read": frozenset({Role.CUSTOMER, Role.LOBBY_MANAGER, Role.TELLER, Role.SELLER}),
    "complaint.withdraw": frozenset({Role.CUSTOMER}),
}


@dataclass(frozen=True)
class Reach:
    """How far an action reaches: ``outlets`` None = everywhere; ``own``: also what belongs to the caller."""

    outlets: frozenset[str] | None
    own: bool

    def covers(self, outlet_id: UUID | None) -> bool:
        """Whether an object of the outlet is in reach; an object of no outlet belongs to the whole bank."""
        return self.outlets is None or (outlet_id is not None and str(outlet_id) in self.outlets)


def reach(principal: Principal, action: str) -> Reach:
    """What the caller's roles reach with ``action``; nothing where no role allows it."""
    granting = principal.roles & ACTIONS[action]
    own = granting & OWN.get(action, frozenset())
    if granting == own:
        return Reach(frozenset(), bool(own))
    everywhere = ALL_OUTLETS in principal.outlets
    return Reach(None if everywhere else principal.outlets, bool(own))


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    """The role says what, outlet or ownership says where: what is out of reach is hidden."""
    if not principal.roles & ACTIONS[action]:
        return Verdict.FORBIDDEN
    if resource is None:
        return Verdict.ALLOWED
    within = reach(principal, action)
    if within.covers(resource.outlet_id) or (within.own and resource.owner == principal.subject):
        return Verdict.ALLOWED
    return Verdict.HIDDEN
