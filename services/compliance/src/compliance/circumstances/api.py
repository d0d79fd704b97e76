"""Routes of circumstances: another system of the bank states them, oversight and the customer read them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

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
from compliance.circumstances import commands, queries
from compliance.circumstances.domain import Told, investor, means
from compliance.customers.domain import Customer
from compliance.customers.queries import customer as customer_of
from compliance.customers.queries import subject_of
from compliance.rulebook.customer_facts import (
    CivilCapacity,
    InvestorClass,
    InvestorFacts,
    LegalForm,
    MeansFacts,
    Need,
)

router = routes("/v1/customers/{customer_id}", "circumstances")

Currency = Annotated[str, Field(min_length=3, max_length=3)]


class InvestorBody(Input):
    """The investor's class; every one but ORDINARY with its last day and the evidence for it."""

    investor_class: InvestorClass
    valid_until: date | None = None
    evidence_id: UUID | None = None

    def investor(self) -> InvestorFacts:
        """The class as the domain has it."""
        return investor(self.investor_class, valid_until=self.valid_until, evidence_id=self.evidence_id)


class MeansBody(Input):
    """What the customer stated, in minor units of ``currency``; income of the household in one year."""

    household_annual_income_minor: int
    liquid_assets_minor: int
    currency: Currency

    def means(self) -> MeansFacts:
        """The means as the domain has them."""
        return means(self.household_annual_income_minor, self.liquid_assets_minor, self.currency)


class CircumstancesBody(Input):
    """What is stated now; null: nothing is said about it, and what was stated before holds.

    ``needs``: all that the customer needs from now on, none where the list is empty.
    """

    birth_date: date | None = None
    capacity: CivilCapacity | None = None
    investor: InvestorBody | None = None
    means: MeansBody | None = None
    bought_wealth_before: bool | None = None
    legal_form: LegalForm | None = None
    needs: Annotated[list[Need], Field(max_length=len(Need))] | None = None

    def told(self) -> Told:
        """The statement as the domain has it."""
        return Told(
            birth_date=self.birth_date,
            capacity=self.capacity,
            investor=None if self.investor is None else self.investor.investor(),
            means=None if self.means is None else self.means.means(),
            bought_wealth_before=self.bought_wealth_before,
            legal_form=self.legal_form,
            needs=None if self.needs is None else tuple(sorted(set(self.needs))),
        )


class GuardianConsentBody(Input):
    """The legal representative's answer, about one product or one case, and the evidence for it."""

    product_id: UUID | None = None
    case_id: UUID | None = None
    given: bool
    evidence_id: UUID


class InvestorView(Output):
    """An investor's class; last day and evidence null for ORDINARY."""

    investor_class: InvestorClass
    valid_until: date | None
    evidence_id: UUID | None


class MeansView(Output):
    """Stated means, in minor units of ``currency``."""

    annual_income_minor: int
    liquid_assets_minor: int
    currency: str


class ToldView(Output):
    """What was stated; null: nothing was said about it."""

    birth_date: date | None
    capacity: CivilCapacity | None
    investor: InvestorView | None
    means: MeansView | None
    bought_wealth_before: bool | None
    legal_form: LegalForm | None
    needs: list[Need] | None


class CircumstancesView(ToldView):
    """What holds about a customer now; ``customer_version`` is his head's."""

    customer_id: UUID
    customer_version: int

    @classmethod
    async def of(cls, session: AsyncSession, customer: Customer) -> "CircumstancesView":
        """The view of a customer's circumstances."""
        held = ToldView.model_validate(await queries.circumstances(session, customer.id))
        return cls(customer_id=customer.id, customer_version=customer.version, **held.model_dump())


class StatementView(ToldView):
    """One statement, and the version of the customer that it made."""

    id: UUID
    customer_version: int
    stated_at: datetime


class GuardianConsentView(Output):
    """One answer of the legal representative, and the version of the customer that it made."""

    id: UUID
    customer_version: int
    product_id: UUID | None
    case_id: UUID | None
    given: bool
    evidence_id: UUID
    stated_at: datetime


@router.get("/circumstances")
@action("circumstances.read")
async def read_circumstances(
    customer_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> CircumstancesView:
    """Read what holds about a customer. Holds personal data: his birth date."""
    customer = await customer_of(session, customer_id)
    guard(outlet_id=None, owner=customer.subject)
    respond(response, version=customer.version)
    return await CircumstancesView.of(session, customer)


@router.post("/stated_circumstances")
@action("circumstances.state")
async def state_circumstances(
    customer_id: UUID,
    body: CircumstancesBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CircumstancesView:
    """State what the bank knows about a customer."""
    guard(outlet_id=None)
    customer = await commands.state_circumstances(
        session, clock, customer_id, if_match, body.told(), by=caller.subject
    )
    respond(response, version=customer.version)
    await session.flush()
    return await CircumstancesView.of(session, customer)


@router.get("/stated_circumstances")
@action("circumstances.list")
async def list_stated_circumstances(
    customer_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[StatementView]:
    """List what was stated about a customer in its order. Holds personal data: birth dates."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    rows, cursor = await paginate(
        session, queries.statements_of(customer_id), page, order=queries.STATEMENT_ORDER
    )
    return Page(items=[StatementView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/guardian_consents")
@action("guardian_consent.state")
async def state_guardian_consent(
    customer_id: UUID,
    body: GuardianConsentBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> GuardianConsentView:
    """State what the legal representative of a customer of limited capacity answered (SUI-13)."""
    guard(outlet_id=None)
    customer, consent = await commands.state_guardian_consent(
        session,
        clock,
        customer_id,
        if_match,
        product_id=body.product_id,
        case_id=body.case_id,
        given=body.given,
        evidence_id=body.evidence_id,
        by=caller.subject,
    )
    respond(response, version=customer.version)
    return GuardianConsentView.model_validate(consent)


@router.get("/guardian_consents")
@action("guardian_consent.list")
async def list_guardian_consents(
    customer_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[GuardianConsentView]:
    """List what a customer's legal representative answered, in its order."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    rows, cursor = await paginate(
        session, queries.consents_of(customer_id), page, order=queries.CONSENT_ORDER
    )
    return Page(items=[GuardianConsentView.model_validate(row) for row in rows], next_cursor=cursor)
