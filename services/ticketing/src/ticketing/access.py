"""Who may do what in ticketing: one table of actions, one pure function."""

from enum import StrEnum

from chassis.auth import Principal, Resource, Verdict


class Role(StrEnum):
    """The roles that this service knows."""

    KIOSK = "kiosk"
    DISPLAY = "display"
    LOBBY_MANAGER = "lobby_manager"
    TELLER = "teller"
    OUTLET_HEAD = "outlet_head"
    STAFFING_PLANNER = "staffing_planner"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    INTEGRATION = "integration"
    CUSTOMER = "customer"


#: Who works at an outlet, and who looks on.
STAFF = frozenset(
    {
        Role.LOBBY_MANAGER,
        Role.TELLER,
        Role.OUTLET_HEAD,
        Role.STAFFING_PLANNER,
        Role.AUDITOR,
        Role.OPERATOR,
        Role.INTEGRATION,
    }
)
LOBBY = frozenset({Role.KIOSK, Role.DISPLAY, Role.CUSTOMER})
EVERYBODY = STAFF | LOBBY
CONFIGURERS = frozenset({Role.OUTLET_HEAD, Role.OPERATOR})
TELLERS = frozenset({Role.TELLER})

ACTIONS: dict[str, frozenset[Role]] = {
    "outlet.business_day": EVERYBODY,
    "service.enter": frozenset({Role.OPERATOR}),
    "service.list": EVERYBODY,
    "service.read": EVERYBODY,
    "service.rename": frozenset({Role.OPERATOR}),
    "queue.set_up": CONFIGURERS,
    "queue.list": EVERYBODY,
    "queue.read": STAFF,
    "queue.change": CONFIGURERS,
    "counter.set_up": CONFIGURERS,
    "counter.list": STAFF | {Role.DISPLAY},
    "counter.read": STAFF,
    "counter.change": CONFIGURERS,
    "session.open": TELLERS,
    "session.list": STAFF,
    "session.read": STAFF,
    "session.close": TELLERS | {Role.OUTLET_HEAD},
    "ticket.issue": frozenset({Role.KIOSK, Role.LOBBY_MANAGER, Role.CUSTOMER}),
    "ticket.read": STAFF | {Role.KIOSK, Role.CUSTOMER},
    "ticket.position": STAFF | {Role.KIOSK, Role.CUSTOMER},
    "ticket.call_next": TELLERS,
    "ticket.recall": TELLERS,
    "ticket.start": TELLERS,
    "ticket.no_show": TELLERS | {Role.LOBBY_MANAGER},
    "ticket.complete": TELLERS,
    "ticket.cancel": frozenset({Role.LOBBY_MANAGER, Role.CUSTOMER}),
    "day.close": CONFIGURERS,
}

#: A customer belongs to no outlet: whoever holds a ticket's opaque id may follow it.
FREE_OF_OUTLETS = frozenset(
    {"outlet.business_day", "queue.list", "ticket.issue", "ticket.read", "ticket.position", "ticket.cancel"}
)


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    """The role says what, the outlet says where: an object of a foreign outlet is hidden.

    A customer takes and follows tickets at any outlet, and cancels only those taken under the own subject.
    """
    granted = principal.roles & ACTIONS[action]
    if not granted:
        return Verdict.FORBIDDEN
    if resource is None:
        return Verdict.ALLOWED
    if resource.outlet_id is None or (granted - {Role.CUSTOMER} and principal.sees(resource.outlet_id)):
        return Verdict.ALLOWED
    if Role.CUSTOMER not in granted or action not in FREE_OF_OUTLETS:
        return Verdict.HIDDEN
    if action == "ticket.cancel" and resource.owner != principal.subject:
        return Verdict.HIDDEN
    return Verdict.ALLOWED
