"""What the gate may look at of the outlet: its clock when it is decided, its hours of that day."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

#: The minute at which a local day is over.
MINUTES_A_DAY = 1440


@dataclass(frozen=True, kw_only=True)
class DayFacts:
    """Opening hours of one day, in minutes of the outlet's clock: from ``opens`` until before ``closes``.

    An outlet that is open until its day is over closes at :data:`MINUTES_A_DAY`.
    """

    opens: int
    closes: int


@dataclass(frozen=True, kw_only=True)
class OutletFacts:
    """HRS-01: the outlet by staffing's version ``sequence``; ``minute`` of its clock when it was decided.

    ``day`` None: closed on that day. ``cutover``: the minute at which the business date changes.
    ``opens_next``: when it opens next; None: it is open, or no opening is known.
    """

    outlet_id: UUID
    sequence: int
    minute: int
    cutover: int
    day: DayFacts | None
    opens_next: datetime | None
    business_date: date
