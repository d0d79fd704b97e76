"""Routes of the register of sellers: to be read only, staffing owns what stands in it."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Request, Response

from chassis.auth import action
from chassis.http.edge import edge_of
from chassis.http.routing import (
    Caller,
    Guard,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    paginate,
    respond,
    routes,
)
from compliance.access import outlets_of
from compliance.sellers import queries
from compliance.sellers.domain import Qualification, Seller
from compliance.sellers.preparation import Trained, counting, selling_since

router = routes("/v1/sellers", "sellers")
register_router = routes("/v1/seller_register", "sellers")


class QualificationView(Output):
    """A right to sell; ``valid_to`` is its last day, null = open."""

    id: UUID
    kind: str
    valid_from: date
    valid_to: date | None
    suspended_from: datetime | None
    suspended_until: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, held: Qualification) -> "QualificationView":
        """The view of a qualification."""
        return cls(
            id=held.qualification_id,
            kind=held.kind,
            valid_from=held.valid_from,
            valid_to=held.valid_to,
            suspended_from=held.suspended_from,
            suspended_until=held.suspended_until,
            revoked_at=held.revoked_at,
        )


class SellerTrainingView(Output):
    """A training that counts (SAL-10)."""

    id: UUID
    kind: str
    minutes: int
    completed_on: date

    @classmethod
    def of(cls, training: Trained) -> "SellerTrainingView":
        """The view of a training."""
        return cls(
            id=training.training_id,
            kind=training.kind,
            minutes=training.minutes,
            completed_on=training.completed_on,
        )


class SellerView(Output):
    """A seller as the register has him. ``sequence`` is staffing's version that was taken last.

    ``complete`` false: a fact about him is missing, and until it is here he sells nothing.
    """

    id: UUID
    version: int
    sequence: int
    complete: bool
    waiting: int
    outlet_id: UUID | None
    staff_number: str | None
    employer: str | None
    active: bool
    qualifications: list[QualificationView]
    trainings: list[SellerTrainingView]
    selling_since: date | None

    @classmethod
    def of(cls, seller: Seller) -> "SellerView":
        """The view of a seller."""
        return cls(
            id=seller.id,
            version=seller.version,
            sequence=seller.sequence,
            complete=seller.complete,
            waiting=len(seller.waiting),
            outlet_id=seller.outlet_id,
            staff_number=seller.staff_number,
            employer=seller.employer,
            active=seller.active,
            qualifications=[QualificationView.of(held) for held in seller.qualifications],
            trainings=[SellerTrainingView.of(one) for one in counting(seller.learnt)],
            selling_since=selling_since(seller.learnt),
        )


class SellerRegisterView(Output):
    """Whether sales may rest on the register (S1); how many sellers it has, and how many with a gap (N4)."""

    checked_at: datetime
    fresh: bool
    sellers: int
    incomplete: int


@router.get("")
@action("seller.list")
async def list_sellers(session: ReadSession, caller: Caller, page: PageQuery) -> Page[SellerView]:
    """List the sellers of the caller's outlets."""
    statement = queries.listed(outlets_of(caller))
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[SellerView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{seller_id}")
@action("seller.read")
async def read_seller(seller_id: UUID, session: ReadSession, guard: Guard, response: Response) -> SellerView:
    """Read a seller."""
    seller = await queries.seller(session, seller_id)
    guard(outlet_id=seller.outlet_id)
    respond(response, version=seller.version)
    return SellerView.of(seller)


@register_router.get("")
@action("seller.list")
async def read_seller_register(request: Request, session: ReadSession, clock: Now) -> SellerRegisterView:
    """Read the state of the register."""
    now = clock.now()
    fresh = await queries.staffing_fresh(session, now, edge_of(request).settings)
    known, incomplete = await queries.count_sellers(session)
    return SellerRegisterView(checked_at=now, fresh=fresh, sellers=known, incomplete=incomplete)
