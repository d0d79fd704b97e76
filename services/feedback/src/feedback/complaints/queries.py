"""Reads of complaints."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from feedback.access import Reach
from feedback.complaints.domain import Complaint, ComplaintStatus
from feedback.complaints.tables import complaints
from feedback.outlets.queries import outlet_known
from feedback.sales.queries import sale_known

#: The most urgent first.
ORDER = (complaints.c.due_at, complaints.c.id)


async def whose(session: AsyncSession, complaint_id: UUID) -> tuple[UUID, frozenset[str | None]]:
    """Outlet of a complaint and the subjects whose own it is; no row is kept for the lock that may follow.

    Raises ``ObjectNotFound``.
    """
    columns = complaints.c
    statement = select(columns.outlet_id, columns.complainant, columns.first_contact_owner)
    found = (await session.execute(statement.where(columns.id == complaint_id))).one_or_none()
    if found is None:
        raise ObjectNotFound
    return found.outlet_id, frozenset({found.complainant, found.first_contact_owner})


def complaints_within(
    reach: Reach,
    subject: str,
    *,
    outlet_id: UUID | None = None,
    status: ComplaintStatus | None = None,
    reference: str | None = None,
    due_by: date | None = None,
) -> Select[Complaint]:
    """The complaints that the caller reaches, by each given filter; to be ordered by :data:`ORDER`."""
    statement = select(Complaint).where(or_(in_reach(reach), owned(reach, subject)))
    if outlet_id is not None:
        statement = statement.where(complaints.c.outlet_id == outlet_id)
    if status is not None:
        statement = statement.where(complaints.c.status == status)
    if reference is not None:
        statement = statement.where(complaints.c.reference == reference)
    if due_by is not None:
        statement = statement.where(complaints.c.due_on <= due_by)
    return statement


def unmatched_within(reach: Reach, subject: str) -> Select[Complaint]:
    """N4: those of :func:`complaints_within` whose outlet or sale is not known here yet."""
    columns = complaints.c
    no_sale = columns.sale_id.is_not(None) & ~sale_known(columns.sale_id)
    return complaints_within(reach, subject).where(or_(no_sale, ~outlet_known(columns.outlet_id)))


def in_reach(reach: Reach) -> ColumnElement[bool]:
    """Complaints about the caller's outlets."""
    if reach.outlets is None:
        return true()
    return complaints.c.outlet_id.in_(sorted(UUID(outlet) for outlet in reach.outlets))


def owned(reach: Reach, subject: str) -> ColumnElement[bool]:
    """Complaints of the caller's own: as complainant or as first-contact owner (CMP-03)."""
    if not reach.own:
        return false()
    return or_(complaints.c.complainant == subject, complaints.c.first_contact_owner == subject)
