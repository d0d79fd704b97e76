"""When an outlet is open, as staffing tells it."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from chassis.clock import BANK_ZONE
from services.compliance.tests.registers import OUTLETS, Json, outlet_state
from services.compliance.tests.selling import Deal

VERSIONS = count(2)


def from_to(opens: str, closes: str) -> Json:
    """Hours of one day."""
    return {"opens": opens, "closes": closes}


def clock(deal: Deal, minutes: int = 0, zone: ZoneInfo = BANK_ZONE) -> str:
    """What the outlet's clock shows so many minutes from now."""
    return f"{local(deal, minutes, zone):%H:%M}"


def local(deal: Deal, minutes: int = 0, zone: ZoneInfo = BANK_ZONE) -> datetime:
    """The outlet's time so many minutes from now, to the minute."""
    now = deal.kit.clock.now() + timedelta(minutes=minutes)
    return now.astimezone(zone).replace(second=0, microsecond=0)


def today(deal: Deal) -> date:
    """The outlet's day."""
    return local(deal).date()


async def keep_hours(deal: Deal, *, end: bool = False, **state: Any) -> None:
    """Staffing changes the outlet: its calendar from now on, or its end."""
    verb = "closed" if end else "changed"
    data = {"outlet_id": deal.outlet_id, "outlet": outlet_state(**state), "reason": "Anew"}
    fact = deal.kit.record(
        OUTLETS, f"staffing.outlet.{verb}.v1", deal.outlet_id, data, sequence=next(VERSIONS)
    )
    await deal.kit.deliver(fact)


async def keep_all_week(deal: Deal, opens: str, closes: str, **state: Any) -> None:
    """The same hours on each day."""
    await keep_hours(deal, week=[from_to(opens, closes)] * 7, **state)
