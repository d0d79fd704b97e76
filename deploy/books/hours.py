"""HRS-01 read a second time: what is sold at an outlet is logged while it is open, before its cut-over.

Written from what the bank has decided, as it holds since 2026-02-01; where no calendar is known, the rule is
broken. The outlet's clock counts minutes from its midnight. What a decision says of the outlet follows from
what staffing has told of it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Inputs = Mapping[str, Any]

#: Hours bind what happens at the counter and in the zone, not a terminal.
BOUND = frozenset({"OUTLET"})
#: From midnight to midnight: such an outlet has no end of its day that a cut-over could be.
ROUND_THE_CLOCK = (0, 24 * 60)


def as_told(state: Mapping[str, Any], decided_at: str, *, is_closed: bool) -> dict[str, Any]:
    """What the outlet's state, as staffing's fact has it, says of an instant; closed for good: no hours."""
    local = datetime.fromisoformat(decided_at).astimezone(ZoneInfo(state["timezone"]))
    today = str(local.date())
    told = state["exceptions"].get(today, state["week"][local.weekday()])
    cutover = state["cutover_hour"]
    return {
        "minute": 60 * local.hour + local.minute,
        "cutover": 60 * cutover,
        "day": None if told is None or is_closed else _minutes(told),
        "business_date": str(_business_date(local.date(), local.hour, cutover)),
    }


def _minutes(told: Mapping[str, str]) -> dict[str, int]:
    """Hours on the door as minutes; who closes at the last minute of a clock is open until midnight."""
    opens, closes = (60 * int(text[:2]) + int(text[3:5]) for text in (told["opens"], told["closes"]))
    return {"opens": opens, "closes": ROUND_THE_CLOCK[1] if told["closes"].startswith("23:59") else closes}


def _business_date(day: date, hour: int, cutover: int) -> date:
    return day if hour >= cutover else day - timedelta(days=1)


def _open(inputs: Inputs) -> bool:
    if inputs["channel"] not in BOUND:
        return True
    outlet = inputs.get("outlet")
    if not outlet or not outlet["day"]:
        return False
    begins, ends, cutover = outlet["day"]["opens"], outlet["day"]["closes"], outlet["cutover"]
    if cutover > begins and (begins, ends) != ROUND_THE_CLOCK:
        ends = min(ends, cutover)
    return bool(begins <= outlet["minute"] < ends)


RULES: Mapping[str, Callable[[Inputs], bool]] = {"HRS-01": _open}
