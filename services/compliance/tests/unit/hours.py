"""An outlet that is open: the part of a good sale that says when."""

from datetime import date
from uuid import UUID

from compliance.rulebook.outlet_facts import DayFacts, OutletFacts

#: Ten o'clock; open from 9:00 to 17:30, the business date changes at 2:00.
HOURS = OutletFacts(
    outlet_id=UUID(int=3),
    sequence=1,
    minute=600,
    cutover=120,
    day=DayFacts(opens=540, closes=1050),
    opens_next=None,
    business_date=date(2026, 3, 2),
)
