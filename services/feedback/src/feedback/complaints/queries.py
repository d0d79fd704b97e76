"""Reads of complaints."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from feedback.access import Reach
from feedback.complaints.domain import Complaint, ComplaintStatus
from feedback.complaints.tables import complaints

#: The most urgent first.
ORDER = (complaints.c.due_at, complaints.c.id)


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
