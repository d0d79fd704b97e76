"""An outlet as feedback needs it: a code for references, a zone and a cut-over hour for its business year."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.clock import BANK_ZONE, business_date


@dataclass
class Outlet:
    """One entry of the register. What describes the outlet is None while only its closing is known (N4)."""

    id: UUID
    version: int
    code: str | None
    name: str | None
    timezone: str | None
    cutover_hour: int
    closed: bool


def business_year(outlet: Outlet | None, instant: datetime) -> int:
    """The outlet's business year at ``instant`` (aware); the bank's zone while the outlet is unknown (N4)."""
    zone = BANK_ZONE if outlet is None or outlet.timezone is None else ZoneInfo(outlet.timezone)
    return business_date(instant, zone, 0 if outlet is None else outlet.cutover_hour).year


def reference_code(outlet: Outlet | None, outlet_id: UUID) -> str:
    """The code in references; while the outlet is unknown (N4), an ``X`` and the end of its id."""
    return outlet.code if outlet is not None and outlet.code is not None else f"X{outlet_id.hex[-8:].upper()}"
