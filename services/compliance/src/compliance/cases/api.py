"""Routes of sale cases."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from fastapi import Response

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
from chassis.ids import new_id
from compliance.access import outlets_of
from compliance.cases import commands, queries
from compliance.cases.domain import (
    Abandonment,
    CaseState,
    Channel,
    Intention,
    Money,
    SaleCase,
    Transaction,
)
from compliance.customers.queries import subject_of
from compliance.rulebook.facts import EntryMode

router = routes("/v1/cases", "cases")


class NewCase(Input):
    """What is meant to be sold. ``session_id`` is the customer's visit, a new one where none is given.

    ``zone_id`` null: outside any zone, which the gate refuses (ZON-01). ``amount_minor`` in minor units.
    ``staff_assisted``, ``risk_page_shown``: what a self-service terminal tells; without both nothing is sold
    on it (ZON-08).
    ``entry_mode`` ELSEWHERE: a sale reported as entered in another system, which an agency product's must not
    be (AGY-03). ``transaction``: which rules are asked; a CONVERSION or ROLLOVER names the
    ``source_product_id`` that it comes from. ``holding_sale_id``: the holding's logged sale, where known.
    """

    session_id: UUID | None = None
    customer_id: UUID
    product_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    channel: Channel
    amount_minor: int
    currency: str
    staff_assisted: bool | None = None
    risk_page_shown: bool | None = None
    entry_mode: EntryMode = EntryMode.SYSTEM
    transaction: Transaction = Transaction.SUBSCRIPTION
    source_product_id: UUID | None = None
    holding_sale_id: UUID | None = None

    def intention(self) -> Intention:
        """The intention as the domain has it."""
        return Intention(
            session_id=self.session_id or new_id(),
            customer_id=self.customer_id,
            product_id=self.product_id,
            seller_id=self.seller_id,
            outlet_id=self.outlet_id,
            zone_id=self.zone_id,
            channel=self.channel,
            entry_mode=self.entry_mode,
            money=Money(amount_minor=self.amount_minor, currency=self.currency),
            staff_assisted=self.staff_assisted,
            risk_page_shown=self.risk_page_shown,
            transaction=self.transaction,
            source_product_id=self.source_product_id,
            holding_sale_id=self.holding_sale_id,
        )


class GiveUp(Input):
    """Why the seller gives the case up; ``REFUSED_AT_GATE``: what stands against it cannot be repaired."""

    reason: Literal[
        Abandonment.CUSTOMER_DECLINED,
        Abandonment.NOT_SUITABLE,
        Abandonment.REFUSED_AT_GATE,
        Abandonment.ENTERED_WRONGLY,
    ]


class LoggedState(StrEnum):
    """A case is open until its sale is logged."""

    OPEN = "OPEN"
    LOGGED = "LOGGED"


class CaseView(Output):
    """A sale case; ``sale_id`` once its sale is logged, or its transaction where it is no sale.

    ``standing`` says how it stands; ``state`` whether anything was logged, ``OPEN`` too of a case that was
    abandoned. ``expires_at`` is the first instant at which it is over by itself (CAS-01), ``abandoned_for``
    ``EXPIRED`` then; both instants are null of cases that were logged before cases had an end.
    """

    id: UUID
    version: int
    session_id: UUID
    customer_id: UUID
    product_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    channel: Channel
    amount_minor: int
    currency: str
    state: LoggedState
    opened_at: datetime
    sale_id: UUID | None
    staff_assisted: bool | None
    risk_page_shown: bool | None
    entry_mode: EntryMode
    transaction: Transaction
    source_product_id: UUID | None
    holding_sale_id: UUID | None
    standing: CaseState
    expires_at: datetime | None
    ended_at: datetime | None
    abandoned_for: Abandonment | None

    @classmethod
    def of(cls, case: SaleCase) -> "CaseView":
        """The view of a case."""
        logged = LoggedState.LOGGED if case.state is CaseState.LOGGED else LoggedState.OPEN
        known = {name: getattr(case, name) for name in cls.model_fields.keys() - {"state", "standing"}}
        return cls(**known, state=logged, standing=case.state)


@router.post("", status_code=201)
@action("case.open")
async def open_case(
    body: NewCase, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> CaseView:
    """Open a case in one's own name."""
    guard(outlet_id=body.outlet_id)
    case = await commands.open_case(session, clock, body.intention(), by=caller.subject)
    respond(response, version=case.version, location=f"/v1/cases/{case.id}")
    return CaseView.of(case)


@router.get("")
@action("case.list")
async def list_cases(
    session: ReadSession,
    caller: Caller,
    page: PageQuery,
    state: LoggedState | None = None,
    customer_id: UUID | None = None,
    seller_id: UUID | None = None,
    standing: CaseState | None = None,
) -> Page[CaseView]:
    """List the cases of the caller's outlets."""
    statement = queries.listed(
        outlets_of(caller),
        logged=None if state is None else state is LoggedState.LOGGED,
        standing=standing,
        customer_id=customer_id,
        seller_id=seller_id,
    )
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[CaseView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{case_id}")
@action("case.read")
async def read_case(case_id: UUID, session: ReadSession, guard: Guard, response: Response) -> CaseView:
    """Read a case; a customer reads his own."""
    case = await queries.case(session, case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    respond(response, version=case.version)
    return CaseView.of(case)


@router.post("/{case_id}/abandonment")
@action("case.abandon")
async def abandon_case(
    case_id: UUID,
    body: GiveUp,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CaseView:
    """Give up a case of one's own, for good; what was recorded is kept for a time (ABN-01)."""
    guard(outlet_id=(await queries.case(session, case_id)).outlet_id)
    case = await commands.abandon_case(session, clock, case_id, if_match, body.reason, by=caller.subject)
    respond(response, version=case.version)
    return CaseView.of(case)
