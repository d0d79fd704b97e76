"""An outlet as staffing tells it, and the business day that its tickets belong to."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.clock import BANK_ZONE, business_date
from chassis.errors import Conflict

#: Where nobody has told us about the outlet yet: tickets are issued all the same.
FALLBACK_CUTOVER_HOUR = 0


class OutletStatus(StrEnum):
    """An outlet is open until it is closed for good."""

    OPEN = "open"
    CLOSED = "closed"


class OutletIsClosed(Conflict):
    """Nobody is served any more where an outlet is closed for good."""

    code = "OUTLET_CLOSED"
    zh = "该网点已关闭,不再办理业务;请前往其他网点。"
    en = "The outlet is closed for good; go to another one."


@dataclass(frozen=True)
class Hours:
    """From ``opens`` until before ``closes``, local time."""

    opens: time
    closes: time


@dataclass
class Outlet:
    """A register entry; ``version`` is that of the last fact taken. ``week`` is Monday first, None = closed.

    ``code`` is None as long as we have only heard that the outlet was closed (N4).
    """

    id: UUID
    version: int
    code: str | None
    timezone: str
    cutover_hour: int
    week: tuple[Hours | None, ...]
    exceptions: dict[date, Hours | None] = field(default_factory=dict)
    status: OutletStatus = OutletStatus.OPEN

    def business_date(self, instant: datetime) -> date:
        """The business date of an aware instant at this outlet."""
        return business_date(instant, ZoneInfo(self.timezone), self.cutover_hour)

    def hours_on(self, day: date) -> Hours | None:
        """The opening hours of a date: its exception if there is one, else its weekday's."""
        if day in self.exceptions:
            return self.exceptions[day]
        return self.week[day.weekday()] if self.week else None


def business_date_of(outlet: Outlet | None, instant: datetime) -> date:
    """The business date at an outlet; for one that we do not know, by the bank's zone without a cut-over."""
    if outlet is None:
        return business_date(instant, BANK_ZONE, FALLBACK_CUTOVER_HOUR)
    return outlet.business_date(instant)


def check_open(outlet: Outlet | None) -> None:
    """Raises :class:`OutletIsClosed`; an outlet that we do not know is taken for open."""
    if outlet is not None and outlet.status is OutletStatus.CLOSED:
        raise OutletIsClosed
