"""Borders of the rules about training, experience and what stands against who sells (SAL-10) or presents."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from compliance.periods.domain import add_months, legal_date
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.party_facts import PartyRole
from services.compliance.tests.gate.changes import (
    BOND,
    DAY,
    INSURED,
    INVESTED,
    Border,
    Change,
    after,
    each,
    on_day,
    part,
    together,
    whole,
)
from services.compliance.tests.gate.taking_part import UNKNOWN, named, presented, who
from services.compliance.tests.unit.builders import SELLER, an_id


def year_ends(distance: int) -> Callable[[SaleFacts], date]:
    """So many days from the first day whose year is not over before the legal day of the sale."""

    def day(facts: SaleFacts) -> date:
        on = legal_date(facts.decided_at)
        first = on - 370 * DAY
        while add_months(first, 12) < on:
            first += DAY
        return first + distance * DAY

    return day


def prepared(seller: str, *before: Change) -> Sequence[Border]:
    """Borders of what somebody has learnt, where he stands in the facts after the change ``before``."""
    preparation, trainings = f"{seller}.preparation", f"{seller}.preparation.trainings"

    def wealth(path: str, name: str, *values: Any) -> tuple[Change, ...]:
        return after(together(*before), *each(path, name, *values))

    def invested(path: str, name: str, *values: Any) -> tuple[Change, ...]:
        return after(together(INVESTED, *before), *each(path, name, *values))

    nothing = part(preparation, trainings=(), selling_since=None)
    return (
        Border(
            held=(*wealth(trainings, "minutes", 1200, 1201), *invested(trainings, "minutes", 2400, 2401)),
            broken=(
                *wealth(trainings, "minutes", 1199),
                *invested(trainings, "minutes", 2399),
                *wealth(trainings, "kind", "AGENCY_FUND"),
                *invested(trainings, "kind", "WEALTH"),
            ),
        ),
        Border(
            held=(
                *wealth(trainings, "completed_on", on_day(0), year_ends(0), year_ends(1)),
                *invested(trainings, "completed_on", on_day(0), year_ends(0)),
            ),
            broken=(
                *wealth(trainings, "completed_on", on_day(1), year_ends(-1)),
                *invested(trainings, "completed_on", on_day(1), year_ends(-1)),
            ),
        ),
        Border(
            held=(
                *wealth(preparation, "selling_since", None, on_day(0)),
                *invested(preparation, "selling_since", year_ends(-2), year_ends(-1)),
            ),
            broken=invested(preparation, "selling_since", year_ends(0), on_day(0), None),
        ),
        Border(
            held=wealth(preparation, "bad_records", (an_id(1),)),
            broken=invested(preparation, "bad_records", (an_id(1),)),
        ),
        Border(
            held=(*after(together(INSURED, *before), nothing), *after(together(BOND, *before), nothing)),
            broken=after(together(*before), nothing, part(seller, preparation=None)),
        ),
    )


BORDERS: Mapping[str, Sequence[Border]] = {
    "SAL-10": (
        *prepared("seller"),
        Border(among=(whole(seller=None), whole(product=None))),
    ),
    "INT-TRAINING": (
        *prepared("parties.presenters.seller", presented()),
        Border(
            held=(named(who(PartyRole.PRESENTER, SELLER)),),
            among=(
                UNKNOWN,
                named(who(PartyRole.PRESENTER)),
                presented(known=False),
                together(presented(), whole(product=None)),
                together(named(who(PartyRole.PRESENTER)), whole(seller=None)),
            ),
        ),
    ),
}
