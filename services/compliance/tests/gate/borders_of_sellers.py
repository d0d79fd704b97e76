"""Borders of the rule about the seller's training, his experience and what stands against him (SAL-10)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from compliance.periods.domain import add_months, legal_date
from compliance.rulebook.facts import SaleFacts
from services.compliance.tests.gate.changes import (
    BOND,
    DAY,
    INSURED,
    INVESTED,
    Border,
    after,
    each,
    on_day,
    part,
    whole,
)
from services.compliance.tests.unit.builders import an_id

TRAININGS, PREPARATION = "seller.preparation.trainings", "seller.preparation"
UNPREPARED = part(PREPARATION, trainings=(), selling_since=None)


def year_ends(distance: int) -> Callable[[SaleFacts], date]:
    """So many days from the first day whose year is not over before the legal day of the sale."""

    def day(facts: SaleFacts) -> date:
        on = legal_date(facts.decided_at)
        first = on - 370 * DAY
        while add_months(first, 12) < on:
            first += DAY
        return first + distance * DAY

    return day


BORDERS: Mapping[str, Sequence[Border]] = {
    "SAL-10": (
        Border(
            held=(
                *each(TRAININGS, "minutes", 1200, 1201),
                *after(INVESTED, *each(TRAININGS, "minutes", 2400, 2401)),
            ),
            broken=(
                *each(TRAININGS, "minutes", 1199),
                *after(INVESTED, *each(TRAININGS, "minutes", 2399)),
                *each(TRAININGS, "kind", "AGENCY_FUND"),
                *after(INVESTED, *each(TRAININGS, "kind", "WEALTH")),
            ),
        ),
        Border(
            held=(
                *each(TRAININGS, "completed_on", on_day(0), year_ends(0), year_ends(1)),
                *after(INVESTED, *each(TRAININGS, "completed_on", on_day(0), year_ends(0))),
            ),
            broken=(
                *each(TRAININGS, "completed_on", on_day(1), year_ends(-1)),
                *after(INVESTED, *each(TRAININGS, "completed_on", on_day(1), year_ends(-1))),
            ),
        ),
        Border(
            held=(
                *each(PREPARATION, "selling_since", None, on_day(0)),
                *after(INVESTED, *each(PREPARATION, "selling_since", year_ends(-2), year_ends(-1))),
            ),
            broken=after(INVESTED, *each(PREPARATION, "selling_since", year_ends(0), on_day(0), None)),
        ),
        Border(
            held=each(PREPARATION, "bad_records", (an_id(1),)),
            broken=after(INVESTED, *each(PREPARATION, "bad_records", (an_id(1),))),
        ),
        Border(
            held=(*after(INSURED, UNPREPARED), *after(BOND, UNPREPARED)),
            broken=(UNPREPARED, part("seller", preparation=None)),
            among=(whole(seller=None), whole(product=None)),
        ),
    ),
}
