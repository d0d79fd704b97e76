"""Assignments of intake owners; the newest one holds, the older ones stay."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

#: CMP-03, CMP-04: a complaint has its owner from its first moment, also where nobody was assigned. The
#: account of a post, not of a person.
HEAD_OFFICE_DESK = "head-office-complaint-desk"


@dataclass
class IntakeAssignment:
    """From ``assigned_at`` on, ``subject`` owns what is filed about the outlet; None = about all others."""

    id: UUID
    outlet_id: UUID | None
    subject: str
    assigned_by: str
    assigned_at: datetime
