"""Routes of proposals: what may be recommended to a customer, and what was (SUI-08, M156)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
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
    respond,
    routes,
)
from compliance.customers.queries import subject_of
from compliance.products.domain import Product
from compliance.products.queries import ORDER as PRODUCT_ORDER
from compliance.proposals import commands, queries
from compliance.proposals.domain import Proposal, Wish
from compliance.rulebook.facts import ProductKind, ProductOrigin

customer_router = routes("/v1/customers/{customer_id}", "proposals")
router = routes("/v1/proposals", "proposals")


class WishBody(Input):
    """A product to recommend, and why it is for this customer."""

    product_id: UUID
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class NewProposal(Input):
    """What is recommended together."""

    parts: Annotated[list[WishBody], Field(min_length=1, max_length=10)]


class RecommendedView(Output):
    """One part; ``product_level`` 1 (R1) to 5 (R5), null: of a kind that carries none."""

    product_id: UUID
    product_version: int
    code: str
    product_level: int | None
    reason: str


class ProposalView(Output):
    """What was recommended; ``valid_through`` is its last day. Levels of customers: 1 (C1) to 5 (C5)."""

    id: UUID
    customer_id: UUID
    assessment_id: UUID | None
    customer_level: int | None
    parts: list[RecommendedView]
    made_at: datetime
    valid_through: date

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalView":
        """The view of a proposal."""
        return cls.model_validate(proposal)


class RecommendableView(Output):
    """A product on sale that is not above the customer's level."""

    id: UUID
    code: str
    name: str
    origin: ProductOrigin
    kind: ProductKind
    risk_level: int | None

    @classmethod
    def of(cls, product: Product) -> "RecommendableView":
        """The view of a product."""
        return cls(
            id=product.id,
            code=product.code,
            name=product.name,
            origin=product.origin,
            kind=product.kind,
            risk_level=product.levels.effective,
        )


@customer_router.get("/recommendable-products")
@action("proposal.look")
async def list_recommendable_products(
    customer_id: UUID, session: ReadSession, clock: Now, guard: Guard, page: PageQuery
) -> Page[RecommendableView]:
    """List what may be recommended to the customer: public, on sale, graded, and not above his level."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    statement = await queries.recommendable(session, customer_id, clock.now())
    rows, cursor = await paginate(session, statement, page, order=PRODUCT_ORDER)
    return Page(items=[RecommendableView.of(row) for row in rows], next_cursor=cursor)


@customer_router.post("/proposals", status_code=201)
@action("proposal.make")
async def make_proposal(
    customer_id: UUID,
    body: NewProposal,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> ProposalView:
    """Recommend products to a customer; one above his level is ``OVER_RISK_RECOMMENDATION`` (SUI-08)."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    wishes = [Wish(product_id=part.product_id, reason=part.reason) for part in body.parts]
    proposal = await commands.make_proposal(session, clock, customer_id, wishes, by=caller.subject)
    respond(response, version=1, location=f"/v1/proposals/{proposal.id}")
    return ProposalView.of(proposal)


@customer_router.get("/proposals")
@action("proposal.list")
async def list_proposals(
    customer_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ProposalView]:
    """List what was recommended to a customer, what no longer stands too."""
    guard(outlet_id=None, owner=await subject_of(session, customer_id))
    rows, cursor = await paginate(session, queries.of_customer(customer_id), page, order=queries.ORDER)
    return Page(items=[ProposalView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{proposal_id}")
@action("proposal.read")
async def read_proposal(
    proposal_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ProposalView:
    """Read a proposal."""
    proposal = await queries.proposal(session, proposal_id)
    guard(outlet_id=None, owner=await subject_of(session, proposal.customer_id))
    respond(response, version=1)
    return ProposalView.of(proposal)
