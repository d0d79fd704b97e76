"""Routes of the admission of agency products: head office alone admits them (AGY-02, AGY-05)."""

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
from compliance.access import check_hq_only
from compliance.periods.domain import legal_date
from compliance.products import commands, queries
from compliance.products.admissions import (
    AdmissionState,
    AdmissionStep,
    AdmissionStepKind,
    Opinion,
    admission_facts,
    state_of,
)
from compliance.products.domain import Product
from compliance.rulebook.facts import ApprovalLevel
from compliance.rulebook.registers import admission_chain

router = routes("/v1/products", "product admission")

Reason = Annotated[str, Field(min_length=1, max_length=500)]
Resolution = Annotated[str, Field(min_length=1, max_length=120)]


class SupplyBody(Input):
    """The partner that supplies the product from now on."""

    partner_id: UUID


class DiligenceBody(Input):
    """What due diligence about the product and its partner came to."""

    summary: Reason


class OpinionBody(Input):
    """An approval, or with ``approved`` false a rejection."""

    approved: bool
    opinion: Reason


class SeniorOpinionBody(OpinionBody):
    """What the senior management resolved; ``resolution`` is the number of its resolution."""

    resolution: Resolution


class AdmissionStepView(Output):
    """One step of an admission, by whom and when; those of one ``examination_id`` belong together."""

    id: UUID
    product_version: int
    examination_id: UUID
    partner_id: UUID
    kind: AdmissionStepKind
    level: ApprovalLevel | None
    resolution: str | None
    opinion: str
    taken_by: str
    taken_at: datetime


class AdmissionView(Output):
    """Where an admission stands today. ``wanted``: the approvals that the product needs, ``missing``: yet.

    ``steps``: those since the last due diligence.
    """

    product_id: UUID
    version: int
    state: AdmissionState
    partner_id: UUID | None
    wanted: list[ApprovalLevel]
    missing: list[ApprovalLevel]
    steps: list[AdmissionStepView]


async def shown(session: Session | ReadSession, clock: Now, product: Product) -> AdmissionView:
    """The admission of a product by the rules of today."""
    steps: list[AdmissionStep] = await queries.present_round(session, product.id)
    admission, chain = admission_facts(steps), admission_chain(legal_date(clock.now()))
    facts = product.facts(admission)
    state = state_of(facts, chain)
    wanted = chain.wanted(facts) if chain and state is not AdmissionState.NOT_NEEDED else ()
    is_present = admission is not None and admission.partner_id == product.partner_id
    given = admission.approvals if admission is not None and is_present else ()
    return AdmissionView(
        product_id=product.id,
        version=product.version,
        state=state,
        partner_id=product.partner_id,
        wanted=list(wanted),
        missing=[level for level in wanted if level not in given],
        steps=[AdmissionStepView.model_validate(step) for step in steps],
    )


@router.put("/{product_id}/partner")
@action("product.supply")
async def name_product_partner(
    product_id: UUID,
    body: SupplyBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> AdmissionView:
    """Name the partner of an agency product; admitted is what was examined with that partner."""
    guard(outlet_id=None)
    check_hq_only(caller)
    product = await commands.name_partner(session, clock, product_id, if_match, body.partner_id)
    respond(response, version=product.version)
    return await shown(session, clock, product)


@router.get("/{product_id}/admission")
@action("product.read")
async def read_admission(
    product_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> AdmissionView:
    """Read where a product's admission stands."""
    guard(outlet_id=None)
    product = await queries.product(session, product_id)
    respond(response, version=product.version)
    return await shown(session, clock, product)


@router.get("/{product_id}/admission_steps")
@action("product.read")
async def list_admission_steps(
    product_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[AdmissionStepView]:
    """List every step of a product's admissions, oldest first."""
    guard(outlet_id=None)
    await queries.product(session, product_id)
    found = queries.admission_steps(product_id)
    rows, cursor = await paginate(session, found, page, order=queries.STEP_ORDER)
    return Page(items=[AdmissionStepView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/{product_id}/due_diligence")
@action("product.examine")
async def examine_product(
    product_id: UUID,
    body: DiligenceBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> AdmissionView:
    """Record due diligence about an agency product and its partner; earlier approvals count no more."""
    guard(outlet_id=None)
    check_hq_only(caller)
    product = await commands.examine_product(
        session, clock, product_id, if_match, summary=body.summary, by=caller.subject
    )
    respond(response, version=product.version)
    return await shown(session, clock, product)


@router.post("/{product_id}/compliance_approval")
@action("product.approve")
async def approve_product(
    product_id: UUID,
    body: OpinionBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> AdmissionView:
    """Approve or reject an agency product for compliance; whoever examined it leaves this to others."""
    guard(outlet_id=None)
    check_hq_only(caller)
    said = Opinion(level=ApprovalLevel.COMPLIANCE, approved=body.approved, opinion=body.opinion)
    product = await commands.decide_admission(session, clock, product_id, if_match, said, by=caller.subject)
    respond(response, version=product.version)
    return await shown(session, clock, product)


@router.post("/{product_id}/senior_approval")
@action("product.approve_senior")
async def record_senior_approval(
    product_id: UUID,
    body: SeniorOpinionBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> AdmissionView:
    """Record what the senior management resolved about an agency product."""
    guard(outlet_id=None)
    check_hq_only(caller)
    said = Opinion(
        level=ApprovalLevel.SENIOR_MANAGEMENT,
        approved=body.approved,
        opinion=body.opinion,
        resolution=body.resolution,
    )
    product = await commands.decide_admission(session, clock, product_id, if_match, said, by=caller.subject)
    respond(response, version=product.version)
    return await shown(session, clock, product)
