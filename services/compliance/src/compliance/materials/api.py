"""Routes of promotional materials: outlets and the product department submit, an officer approves."""

from uuid import UUID

from fastapi import Response

from chassis.auth import action
from chassis.errors import RecordedRefusal
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Now,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    refused,
    respond,
    routes,
)
from compliance.access import check_head_office, outlets_of
from compliance.campaigns.queries import campaign as campaign_of
from compliance.materials import commands, queries
from compliance.materials.domain import Material
from compliance.materials.views import MaterialView, NewMaterial, NewRelease, ReleaseView, Withdrawal
from compliance.reviews.domain import Refusal, ReviewState
from compliance.reviews.queries import REFUSAL_ORDER, refusals_of
from compliance.reviews.views import Approval, Rejection, StepRefusalView
from compliance.rulebook.materials import PublicityChannel

router = routes("/v1/materials", "materials")


class MaterialRefused(RecordedRefusal):
    """Rules stand against showing it."""

    code = "MATERIAL_REFUSED"
    zh = "宣传材料不得使用;违反的规则逐条列明,本次申请已记录。"
    en = "The material must not be used; every broken rule is listed, and the attempt is on record."


@router.post("", status_code=201, response_model=MaterialView)
@action("material.submit")
async def submit_material(
    body: NewMaterial, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> MaterialView | Response:
    """Submit a material for review (201), or have it refused on record (422) with every broken rule."""
    guard(outlet_id=body.outlet_id)
    check_head_office(caller, body.outlet_id)
    if body.campaign_id is not None:
        guard(outlet_id=(await campaign_of(session, body.campaign_id)).outlet_id)
    material, refusal = await commands.submit_material(
        session,
        clock,
        body.content(),
        outlet_id=body.outlet_id,
        product_id=body.product_id,
        campaign_id=body.campaign_id,
        channels=tuple(dict.fromkeys(body.channels)),
        by=caller.subject,
    )
    location = f"/v1/materials/{material.id}"
    if refusal is not None:
        return _refused(material, refusal, location)
    respond(response, version=material.version, location=location)
    return MaterialView.of(material)


@router.get("")
@action("material.list")
async def list_materials(
    session: ReadSession,
    caller: Caller,
    page: PageQuery,
    state: ReviewState | None = None,
    product_id: UUID | None = None,
    released_on: PublicityChannel | None = None,
) -> Page[MaterialView]:
    """List the materials of the bank and of the caller's outlets, oldest first."""
    statement = queries.listed(
        outlets_of(caller), state=state, product_id=product_id, released_on=released_on
    )
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[MaterialView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{material_id}")
@action("material.read")
async def read_material(
    material_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> MaterialView:
    """Read a material."""
    material = await queries.material(session, material_id)
    guard(outlet_id=material.outlet_id)
    respond(response, version=material.version)
    return MaterialView.of(material)


@router.get("/{material_id}/refusals")
@action("material.read")
async def list_material_refusals(
    material_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[StepRefusalView]:
    """List the steps of a material that the rules did not let happen, oldest first."""
    guard(outlet_id=(await queries.material(session, material_id)).outlet_id)
    rows, cursor = await paginate(session, refusals_of(material_id), page, order=REFUSAL_ORDER)
    return Page(items=[StepRefusalView.of(row) for row in rows], next_cursor=cursor)


@router.post("/{material_id}/approval", response_model=MaterialView)
@action("material.review")
async def approve_material(
    material_id: UUID,
    body: Approval,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> MaterialView | Response:
    """Approve a material, or have the approval refused on record by the rules and registers of now."""
    guard(outlet_id=(await queries.material(session, material_id)).outlet_id)
    material, refusal = await commands.approve_material(
        session, clock, material_id, if_match, note=body.note, by=caller.subject
    )
    if refusal is not None:
        return _refused(material, refusal)
    respond(response, version=material.version)
    return MaterialView.of(material)


@router.post("/{material_id}/rejection")
@action("material.review")
async def reject_material(
    material_id: UUID,
    body: Rejection,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> MaterialView:
    """Reject a material, with the reasons."""
    guard(outlet_id=(await queries.material(session, material_id)).outlet_id)
    material = await commands.reject_material(
        session, clock, material_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=material.version)
    return MaterialView.of(material)


@router.post("/{material_id}/releases", status_code=201, response_model=ReleaseView)
@action("material.release")
async def release_material(
    material_id: UUID,
    body: NewRelease,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ReleaseView | Response:
    """Release an approved material on a channel (201), or have that refused on record (422)."""
    outlet_id = (await queries.material(session, material_id)).outlet_id
    guard(outlet_id=outlet_id)
    check_head_office(caller, outlet_id)
    material, outcome = await commands.release_material(
        session,
        clock,
        material_id,
        if_match,
        body.channel,
        consent_purpose=body.consent_purpose,
        by=caller.subject,
    )
    if isinstance(outcome, Refusal):
        return _refused(material, outcome)
    respond(response, version=material.version)
    return ReleaseView.of(outcome)


@router.get("/{material_id}/releases")
@action("material.read")
async def list_material_releases(
    material_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ReleaseView]:
    """List the releases of a material, oldest first."""
    guard(outlet_id=(await queries.material(session, material_id)).outlet_id)
    rows, cursor = await paginate(
        session, queries.releases_of(material_id), page, order=queries.RELEASE_ORDER
    )
    return Page(items=[ReleaseView.of(row) for row in rows], next_cursor=cursor)


@router.post("/{material_id}/withdrawal")
@action("material.withdraw")
async def withdraw_material(
    material_id: UUID,
    body: Withdrawal,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> MaterialView:
    """Take a material back, from every channel and for good."""
    outlet_id = (await queries.material(session, material_id)).outlet_id
    guard(outlet_id=outlet_id)
    check_head_office(caller, outlet_id)
    material = await commands.withdraw_material(
        session, clock, material_id, if_match, reason=body.reason, by=caller.subject
    )
    respond(response, version=material.version)
    return MaterialView.of(material)


def _refused(material: Material, refusal: Refusal, location: str | None = None) -> Response:
    return refused(
        MaterialRefused,
        refusal.violations,
        body=StepRefusalView.of(refusal),
        version=material.version,
        location=location,
    )
