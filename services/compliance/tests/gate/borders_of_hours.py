"""Borders of the rule about the outlet's hours, minute by minute (HRS-01)."""

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.rulebook.outlet_facts import DayFacts
from services.compliance.tests.gate.changes import (
    DAY,
    FROM_AFAR,
    Border,
    Change,
    after,
    decided,
    each,
    part,
    together,
    whole,
)

TOMORROW = part("outlet", opens_next=decided(DAY))


def at(minute: int, cutover: int = 120, opens: int = 540, closes: int = 1050) -> Change:
    """It is that minute of such a day; where the outlet is not open, it opens tomorrow."""
    given: Any = {"minute": minute, "cutover": cutover, "day": DayFacts(opens=opens, closes=closes)}
    return together(part("outlet", **given), TOMORROW)


def round_the_clock(minute: int, cutover: int) -> Change:
    """It is that minute at an outlet that never closes."""
    return at(minute, cutover, 0, 1440)


CLOSED = together(part("outlet", day=None), TOMORROW)

BORDERS: Mapping[str, Sequence[Border]] = {
    "HRS-01": (
        Border(
            held=(at(540), at(541), at(1049)),
            broken=(at(539), at(1050), at(1051)),
        ),
        # A cut-over inside of the hours ends the day; at the opening it begins one.
        Border(
            held=(at(599, 600), at(541, 540), at(1049, 480), at(541, 541 + 1), at(1049, 1080)),
            broken=(at(600, 600), at(601, 600), at(541, 541), at(1049, 541)),
        ),
        # Who never closes goes on; a minute less, and there is a day that ends.
        Border(
            held=(round_the_clock(600, 600), round_the_clock(1439, 1), round_the_clock(0, 0)),
            broken=(at(600, 600, 1, 1440), at(600, 600, 0, 1439)),
        ),
        Border(
            held=after(FROM_AFAR, whole(outlet=None), CLOSED, at(539)),
            broken=(
                whole(outlet=None),
                CLOSED,
                part("outlet", day=None, opens_next=None),
                part("outlet", minute=1050, opens_next=None),
            ),
        ),
        Border(held=each("outlet", "opens_next", None, decided(DAY))),
    ),
}
