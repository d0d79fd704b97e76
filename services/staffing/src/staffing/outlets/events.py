"""Facts about outlets. Each carries the whole state, so that a register needs no call back."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from chassis.events import Fact

TOPIC = "staffing.outlets.v1"


@dataclass(frozen=True, kw_only=True)
class DayHours:
    """Opening hours of one day, whole minutes of the outlet's local time; open until before ``closes``."""

    opens: time
    closes: time


Day = DayHours | None


@dataclass(frozen=True, kw_only=True)
class OutletState:
    """What others keep of an outlet. ``week`` has seven entries, Monday first, null = closed that day."""

    code: str
    name: str
    outlet_class: str
    grade: int
    capabilities: tuple[str, ...]
    timezone: str
    cutover_hour: int
    week: tuple[Day, Day, Day, Day, Day, Day, Day]
    exceptions: dict[date, Day]


@dataclass(frozen=True, kw_only=True)
class OutletOpened(Fact, type="staffing.outlet.opened.v1", topic=TOPIC, key="outlet_id"):
    """An outlet exists from now on."""

    outlet_id: UUID
    outlet: OutletState


@dataclass(frozen=True, kw_only=True)
class OutletChanged(Fact, type="staffing.outlet.changed.v1", topic=TOPIC, key="outlet_id"):
    """Class, grade, capabilities, calendar or name of an outlet changed; the new state in full."""

    outlet_id: UUID
    outlet: OutletState


@dataclass(frozen=True, kw_only=True)
class OutletClosed(Fact, type="staffing.outlet.closed.v1", topic=TOPIC, key="outlet_id"):
    """The outlet is closed for good; its last state in full."""

    outlet_id: UUID
    outlet: OutletState
    reason: str
