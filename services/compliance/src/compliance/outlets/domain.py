"""An outlet as we know it from staffing's facts. Folding them is commutative: each carries the whole
state."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, NotFound
from compliance.outlets.hours import OpeningCalendar
from compliance.rulebook.outlet_facts import OutletFacts


class OutletStatus(StrEnum):
    """An outlet is open until it is closed for good."""

    OPEN = "open"
    CLOSED = "closed"


class OutletUnknown(NotFound):
    """Staffing has told us of no such outlet (yet)."""

    code = "OUTLET_UNKNOWN"
    zh = "合规登记中没有这个网点;请核对网点编号,新开网点请稍后重试。"
    en = "No such outlet is registered here; check the outlet id, or try again shortly if it was just opened."


class OutletIsClosed(Conflict):
    """Nothing begins at a closed outlet."""

    code = "OUTLET_CLOSED"
    zh = "网点 {outlet} 已关闭;不能再办理,请选择其他网点。"
    en = "Outlet {outlet} is closed for good; choose another one."


@dataclass(frozen=True)
class OutletState:
    """What we use of an outlet's state; ``calendar`` None: it was told before calendars were kept."""

    code: str
    name: str
    capabilities: frozenset[str]
    calendar: OpeningCalendar | None = None


@dataclass
class Outlet:
    """The register's row. ``sequence`` is staffing's version of ``state``; 0 and None while only its end
    is known."""

    id: UUID
    version: int
    sequence: int
    state: OutletState | None
    status: OutletStatus

    @classmethod
    def first_heard(cls, outlet_id: UUID) -> "Outlet":
        """An outlet of which nothing is known but its id."""
        return cls(outlet_id, 0, 0, None, OutletStatus.OPEN)

    def take(self, sequence: int, state: OutletState) -> bool:
        """Takes staffing's state of version ``sequence``; says whether it was news. An older one changes
        nothing."""
        if sequence <= self.sequence:
            return False
        self.sequence, self.state = sequence, state
        self.version += 1
        return True

    def close(self) -> bool:
        """The outlet is closed for good, whatever else is still to be heard of it; says whether it was
        news."""
        if self.status is OutletStatus.CLOSED:
            return False
        self.status = OutletStatus.CLOSED
        self.version += 1
        return True

    def facts(self, at: datetime) -> OutletFacts | None:
        """HRS-01: what the gate may rest on at ``at``; None: nobody has told when the outlet is open."""
        if self.state is None or self.state.calendar is None:
            return None
        facts = self.state.calendar.facts(self.id, self.sequence, at)
        return replace(facts, day=None, opens_next=None) if self.status is OutletStatus.CLOSED else facts

    def must_be_open(self) -> None:
        """Raises :class:`OutletIsClosed`."""
        if self.status is OutletStatus.CLOSED:
            raise OutletIsClosed(outlet=self.state.code if self.state else self.id)
