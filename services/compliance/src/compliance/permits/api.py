"""Routes of permits: core banking looks one up and takes its order on it; anybody reads the public keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from chassis.auth import action
from chassis.http.edge import edge_of
from chassis.http.routing import Caller, Guard, Input, Now, Output, ReadSession, Session, respond, routes
from compliance.permits import commands, queries
from compliance.permits.domain import Ordered, Permit, PermitEnding, PermitState
from compliance.permits.signing import permit_keys

router = routes("/v1/permits", "permits")
sale_router = routes("/v1/sales", "permits")
public_router = routes("/v1/public/permit_keys", "permits")

OrderId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:/-]+$")]


class NewRedemption(Input):
    """The order that is to be taken on the permit: exactly what was sold."""

    order_id: OrderId
    customer_id: UUID
    product_id: UUID
    product_version: int
    amount_minor: int
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]

    def wanted(self) -> Ordered:
        """What is ordered, as the domain has it."""
        return Ordered(**self.model_dump(exclude={"order_id"}))


class PermitView(Output):
    """A permit. ``token`` is the signed permit (compact JWS); ``order_id`` the order that was taken on it."""

    id: UUID
    version: int
    sale_id: UUID
    outlet_id: UUID
    customer_id: UUID
    product_id: UUID
    product_version: int
    amount_minor: int
    currency: str
    state: PermitState
    issued_at: datetime
    expires_at: datetime
    order_id: str | None
    ended_at: datetime | None
    key_id: str
    token: str

    @classmethod
    def of(cls, permit: Permit, ending: PermitEnding | None, at: datetime) -> "PermitView":
        """The view of a permit as it stands at ``at``."""
        return cls(
            id=permit.id,
            version=1 if ending is None else 2,
            sale_id=permit.sale_id,
            outlet_id=permit.outlet_id,
            customer_id=permit.customer_id,
            product_id=permit.product_id,
            product_version=permit.product_version,
            amount_minor=permit.amount_minor,
            currency=permit.currency,
            state=permit.state(ending, at),
            issued_at=permit.issued_at,
            expires_at=permit.expires_at,
            order_id=None if ending is None else ending.order_id,
            ended_at=None if ending is None else ending.ended_at,
            key_id=permit.key_id,
            token=permit.token,
        )


class RedemptionView(Output):
    """The use of a permit by its one order."""

    permit_id: UUID
    sale_id: UUID
    order_id: str
    used_at: datetime


class PermitKeyView(Output):
    """A public key as a JWK (RFC 8037, RFC 9864). ``active``: new permits are signed by it."""

    kid: str
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["Ed25519"]
    use: Literal["sig"]
    x: str
    active: bool


class PermitKeysView(Output):
    """Every key that has ever signed a permit."""

    keys: list[PermitKeyView]


@router.get("/{permit_id}")
@action("permit.read")
async def read_permit(
    permit_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> PermitView:
    """Read a permit and how it stands now."""
    permit = await queries.permit(session, permit_id)
    guard(outlet_id=permit.outlet_id)
    view = PermitView.of(permit, await queries.ending(session, permit.id), clock.now())
    respond(response, version=view.version)
    return view


@sale_router.get("/{sale_id}/permit")
@action("permit.read")
async def read_permit_of_sale(
    sale_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> PermitView:
    """Read the permit of a sale."""
    permit = await queries.must_permit_of_sale(session, sale_id)
    guard(outlet_id=permit.outlet_id)
    view = PermitView.of(permit, await queries.ending(session, permit.id), clock.now())
    respond(response, version=view.version)
    return view


@router.post("/{permit_id}/redemptions", status_code=201)
@action("permit.redeem")
async def redeem_permit(
    permit_id: UUID,
    body: NewRedemption,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> RedemptionView:
    """Take an order on a permit: once, in time, of exactly what was sold. Again: the same answer."""
    guard(outlet_id=(await queries.permit(session, permit_id)).outlet_id)
    used = await commands.redeem(
        session,
        clock,
        edge_of(request).settings,
        permit_id,
        body.wanted(),
        order_id=body.order_id,
        by=caller.subject,
    )
    respond(response, version=2, location=f"/v1/permits/{permit_id}")
    return RedemptionView(
        permit_id=used.permit_id, sale_id=used.sale_id, order_id=body.order_id, used_at=used.ended_at
    )


@public_router.get("")
@action("permit.keys", public=True)
async def query_permit_keys(request: Request) -> PermitKeysView:
    """The public keys of permits, older ones included: whoever has a permit can tell that it is ours."""
    keys = permit_keys(edge_of(request).settings)
    return PermitKeysView(
        keys=[
            PermitKeyView(
                kid=name, kty="OKP", crv="Ed25519", alg="Ed25519", use="sig", x=x, active=name == keys.active
            )
            for name, x in keys.published().items()
        ]
    )
