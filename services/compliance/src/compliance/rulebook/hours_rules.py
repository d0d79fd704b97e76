"""Rules of the gate about the outlet's hours: it is open, and its day has not been cut over (HRS)."""

from dataclasses import dataclass

from compliance.rulebook.buyer_rules import shown
from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.outlet_facts import MINUTES_A_DAY, DayFacts


@dataclass(frozen=True, kw_only=True)
class AtTheOutlet:
    """HRS-01: the channels that the hours of the outlet bind."""

    channels: tuple[str, ...]


def shut(day: DayFacts | None, minute: int, cutover: int) -> str | None:
    """HRS-01: why nothing is sold at that minute: ``day``, ``hours``, ``cutover``; None: the outlet is open.

    A cut-over inside of the hours ends the day; an outlet that is open round the clock goes on.
    """
    if day is None:
        return "day"
    if not day.opens <= minute < day.closes:
        return "hours"
    never_closes = day.opens == 0 and day.closes == MINUTES_A_DAY
    return "cutover" if day.opens < cutover <= minute and not never_closes else None


def outlet_open(facts: SaleFacts, parameters: AtTheOutlet) -> Verdict:
    """HRS-01: what is sold at an outlet is logged in its opening hours, before its cut-over."""
    code = "OUTLET_NOT_OPEN"
    if facts.channel not in parameters.channels:
        return PASS
    outlet = facts.outlet
    if outlet is None:
        return unknown(code, "outlet")
    reason = shut(outlet.day, outlet.minute, outlet.cutover)
    if reason is None:
        return PASS
    if outlet.opens_next is None:
        return fail(code, "shut")
    return fail(code, reason, opens=[shown(outlet.opens_next)])


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.outlet_open.v1",
        codes_of("OUTLET_NOT_OPEN", "shut", day=("opens",), hours=("opens",), cutover=("opens",)),
        AtTheOutlet,
        outlet_open,
    ),
)
