"""Routes of what a customer is told before he buys: the seller tells, the customer acknowledges."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

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
from compliance.cases.queries import case as case_of
from compliance.customers.queries import subject_of
from compliance.suitability import commands, queries
from compliance.suitability.domain import Fit, MatchingOpinion, RiskDisclosure, acknowledged_at

opinion_router = routes("/v1/matching_opinions", "suitability")
disclosure_router = routes("/v1/risk_disclosures", "suitability")
case_router = routes("/v1/cases/{case_id}", "suitability")

Document = Annotated[str, Field(min_length=1, max_length=120)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Disclosure(Input):
    """The document that was shown, by its name in the bank's store and its SHA-256."""

    document: Document
    sha256: Sha256


class OpinionView(Output):
    """Whether the product suited the customer when it was given; levels 1 (R1, C1) to 5 (R5, C5)."""

    id: UUID
    version: int
    case_id: UUID
    assessment_id: UUID
    product_level: int
    customer_level: int
    fit: Fit
    given_at: datetime
    acknowledged_at: datetime | None

    @classmethod
    def of(cls, opinion: MatchingOpinion) -> "OpinionView":
        """The view of an opinion."""
        return cls(
            id=opinion.id,
            version=opinion.version,
            case_id=opinion.case_id,
            assessment_id=opinion.assessment_id,
            product_level=opinion.product_level,
            customer_level=opinion.customer_level,
            fit=opinion.fit,
            given_at=opinion.given_at,
            acknowledged_at=acknowledged_at(opinion),
        )


class DisclosureView(Output):
    """Which document was shown to the customer, and when he said that he knows it."""

    id: UUID
    version: int
    case_id: UUID
    document: str
    sha256: str
    shown_at: datetime
    acknowledged_at: datetime | None

    @classmethod
    def of(cls, disclosure: RiskDisclosure) -> "DisclosureView":
        """The view of a disclosure."""
        return cls(
            id=disclosure.id,
            version=disclosure.version,
            case_id=disclosure.case_id,
            document=disclosure.document,
            sha256=disclosure.sha256,
            shown_at=disclosure.shown_at,
            acknowledged_at=acknowledged_at(disclosure),
        )


@case_router.post("/matching_opinions", status_code=201)
@action("opinion.give")
async def give_opinion(
    case_id: UUID, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> OpinionView:
    """Give the opinion on the present levels of product and customer."""
    case = await case_of(session, case_id)
    guard(outlet_id=case.outlet_id)
    opinion = await commands.match_case(session, clock, case, by=caller.subject)
    respond(response, version=1, location=f"/v1/matching_opinions/{opinion.id}")
    return OpinionView.of(opinion)


@case_router.get("/matching_opinions")
@action("opinion.list")
async def list_opinions(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[OpinionView]:
    """List the opinions that were given about a case."""
    case = await case_of(session, case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    rows, cursor = await paginate(session, queries.opinions_of(case_id), page, order=queries.OPINION_ORDER)
    return Page(items=[OpinionView.of(row) for row in rows], next_cursor=cursor)


@opinion_router.get("/{opinion_id}")
@action("opinion.read")
async def read_opinion(
    opinion_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> OpinionView:
    """Read an opinion."""
    opinion = await queries.opinion(session, opinion_id)
    case = await case_of(session, opinion.case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    respond(response, version=opinion.version)
    return OpinionView.of(opinion)


@opinion_router.post("/{opinion_id}/acknowledgement")
@action("opinion.acknowledge")
async def acknowledge_opinion(
    opinion_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> OpinionView:
    """Acknowledge, as the customer, what the opinion says."""
    opinion = await queries.opinion(session, opinion_id)
    case = await case_of(session, opinion.case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    await commands.acknowledge(session, clock, opinion, if_match, by=caller.subject)
    respond(response, version=opinion.version)
    return OpinionView.of(opinion)


@case_router.post("/risk_disclosures", status_code=201)
@action("disclosure.show")
async def show_disclosure(
    case_id: UUID,
    body: Disclosure,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> DisclosureView:
    """Record which document with key attributes and risks was shown to the customer."""
    case = await case_of(session, case_id)
    guard(outlet_id=case.outlet_id)
    disclosure = await commands.disclose_risks(
        session, clock, case, document=body.document, sha256=body.sha256, by=caller.subject
    )
    respond(response, version=1, location=f"/v1/risk_disclosures/{disclosure.id}")
    return DisclosureView.of(disclosure)


@case_router.get("/risk_disclosures")
@action("disclosure.list")
async def list_disclosures(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[DisclosureView]:
    """List what was disclosed with a case."""
    case = await case_of(session, case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    rows, cursor = await paginate(
        session, queries.disclosures_of(case_id), page, order=queries.DISCLOSURE_ORDER
    )
    return Page(items=[DisclosureView.of(row) for row in rows], next_cursor=cursor)


@disclosure_router.get("/{disclosure_id}")
@action("disclosure.read")
async def read_disclosure(
    disclosure_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> DisclosureView:
    """Read a disclosure."""
    disclosure = await queries.disclosure(session, disclosure_id)
    case = await case_of(session, disclosure.case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    respond(response, version=disclosure.version)
    return DisclosureView.of(disclosure)


@disclosure_router.post("/{disclosure_id}/acknowledgement")
@action("disclosure.acknowledge")
async def acknowledge_disclosure(
    disclosure_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> DisclosureView:
    """Say, as the customer, that the key attributes and risks are known."""
    disclosure = await queries.disclosure(session, disclosure_id)
    case = await case_of(session, disclosure.case_id)
    guard(outlet_id=case.outlet_id, owner=await subject_of(session, case.customer_id))
    await commands.acknowledge(session, clock, disclosure, if_match, by=caller.subject)
    respond(response, version=disclosure.version)
    return DisclosureView.of(disclosure)
