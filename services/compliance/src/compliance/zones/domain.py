"""A sales zone, or a fixed counter in its stead, with its readiness inspections (ZON-01, -02, -03, M118).

Only a passing inspection makes a zone ACTIVE; a failing one, or an order, suspends it, and only a later
inspection that passes brings it back::

    PREPARING ──pass──▶ ACTIVE ──fail, order──▶ SUSPENDED ──pass──▶ ACTIVE        any ──close──▶ CLOSED
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.rulebook.facts import ChecklistFacts, ZoneFacts, ZoneState


class ZoneType(StrEnum):
    """A separate zone, or a fixed counter where an outlet has no room for one (ZON-02)."""

    ZONE = "ZONE"
    FIXED_COUNTER = "FIXED_COUNTER"


class ZoneArea(StrEnum):
    """Which part of the outlet it is (M040): what the rules ask of it follows from that."""

    SALES_ZONE = "SALES_ZONE"
    WEALTH_AREA = "WEALTH_AREA"
    VIP_ROOM = "VIP_ROOM"
    EBANKING_DEMO = "EBANKING_DEMO"

    @property
    def sells(self) -> bool:
        """Whether staff may sell there; in the demonstration area customers try channels by themselves."""
        return self is not ZoneArea.EBANKING_DEMO

    @property
    def rules(self) -> tuple[str, ...]:
        """M040: the rules about the place that a sale there meets."""
        return SELLING_RULES if self.sells else TERMINAL_RULES


#: Wherever staff sell, the place is judged as a sales zone, a VIP room no less than the zone itself.
SELLING_RULES = ("ZON-01", "ZON-02", "ZON-03", "ZON-05", "ZON-06")
#: Where nobody sells, the zone's rule keeps sales out.
TERMINAL_RULES = ("ZON-01", "ZON-08", "ZON-09")


class OrderKind(StrEnum):
    """What is ordered about a zone apart from inspections."""

    SUSPEND = "SUSPEND"
    CLOSE = "CLOSE"


class ZoneTypeReasonMissing(Invalid):
    """ZON-02."""

    code = "ZONE_TYPE_REASON_MISSING"
    zh = "设立固定销售专柜须说明无法设置独立销售专区的原因;请填写 type_reason。"
    en = "A fixed sales counter needs the reason why the outlet cannot have a zone; give type_reason."


class AreaSellsNothing(Conflict):
    """M040: the demonstration area never becomes a sales zone."""

    code = "ZONE_AREA_SELLS_NOTHING"
    zh = "{code} 是电子银行业务示范区,不是销售场所;请在销售专区、理财服务区或贵宾室办理销售。"
    en = "{code} is the e-banking demonstration area, where nothing is sold; use a zone or a VIP room."


class ZoneIsClosed(Conflict):
    """A closed zone does not change any more."""

    code = "ZONE_CLOSED"
    zh = "销售专区 {code} 已撤销;不能再变更,请另行设立专区。"
    en = "Sales zone {code} is closed for good; nothing can change any more, set up another zone."


class ZoneNotActive(Conflict):
    """Only an active zone can be suspended."""

    code = "ZONE_NOT_ACTIVE"
    zh = "销售专区 {code} 当前状态为 {state};只有启用中的专区可以暂停。"
    en = "Sales zone {code} is {state}; only an active zone can be suspended."


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """The five readiness items of ZON-03, as found on the spot."""

    zone_sign: bool
    product_check_reminder: bool
    risk_warning: bool
    report_hotline: bool
    product_list: bool

    @property
    def passed(self) -> bool:
        """Whether all five hold."""
        return all(getattr(self, item.name) for item in fields(self))


@dataclass(kw_only=True)
class Inspection:
    """One inspection, on record for good (D1). ``zone_version`` is the version of the zone that it made."""

    id: UUID
    zone_id: UUID
    zone_version: int
    checklist: Checklist
    passed: bool
    inspected_by: str
    inspected_at: datetime

    def facts(self) -> ChecklistFacts:
        """What the gate may rest on."""
        found = self.checklist
        return ChecklistFacts(
            inspected_at=self.inspected_at,
            zone_sign=found.zone_sign,
            product_check_reminder=found.product_check_reminder,
            risk_warning=found.risk_warning,
            report_hotline=found.report_hotline,
            product_list=found.product_list,
        )


@dataclass(kw_only=True)
class ZoneOrder:
    """One order about a zone, on record for good (D1), which made the zone's version ``zone_version``."""

    id: UUID
    zone_id: UUID
    zone_version: int
    kind: OrderKind
    reason: str
    ordered_by: str
    ordered_at: datetime


@dataclass
class Zone:
    """The aggregate, and the head that a decision locks (G1). Each inspection and order is one version."""

    id: UUID
    version: int
    outlet_id: UUID
    code: str
    zone_type: ZoneType
    type_reason: str | None
    area: ZoneArea
    state: ZoneState
    opened_by: str
    opened_at: datetime

    @property
    def rules(self) -> tuple[str, ...]:
        """M040: the rules about the place that a sale here meets."""
        return self.area.rules

    @classmethod
    def open(
        cls,
        zone_id: UUID,
        *,
        outlet_id: UUID,
        code: str,
        zone_type: ZoneType,
        type_reason: str | None,
        area: ZoneArea = ZoneArea.SALES_ZONE,
        by: str,
        at: datetime,
    ) -> "Zone":
        """A new zone in preparation, at version 1. Raises :class:`ZoneTypeReasonMissing` (ZON-02)."""
        if zone_type is ZoneType.FIXED_COUNTER and not type_reason:
            raise ZoneTypeReasonMissing(pointer="/type_reason")
        return cls(zone_id, 1, outlet_id, code, zone_type, type_reason, area, ZoneState.PREPARING, by, at)

    def inspect(self, inspection_id: UUID, checklist: Checklist, *, by: str, at: datetime) -> Inspection:
        """ZON-03: all five items make the zone ACTIVE, a missing one suspends an active zone.

        Raises :class:`ZoneIsClosed`, :class:`AreaSellsNothing`.
        """
        self.must_stand()
        if not self.area.sells:
            raise AreaSellsNothing(code=self.code)
        if checklist.passed:
            self.state = ZoneState.ACTIVE
        elif self.state is ZoneState.ACTIVE:
            self.state = ZoneState.SUSPENDED
        self.version += 1
        return Inspection(
            id=inspection_id,
            zone_id=self.id,
            zone_version=self.version,
            checklist=checklist,
            passed=checklist.passed,
            inspected_by=by,
            inspected_at=at,
        )

    def suspend(self, order_id: UUID, *, reason: str, by: str, at: datetime) -> ZoneOrder:
        """Stops selling until an inspection passes. Raises :class:`ZoneIsClosed`, :class:`ZoneNotActive`."""
        self.must_stand()
        if self.state is not ZoneState.ACTIVE:
            raise ZoneNotActive(code=self.code, state=self.state.value)
        self.state = ZoneState.SUSPENDED
        return self._ordered(order_id, OrderKind.SUSPEND, reason, by, at)

    def close(self, order_id: UUID, *, reason: str, by: str, at: datetime) -> ZoneOrder:
        """Closes the zone for good. Raises :class:`ZoneIsClosed`."""
        self.must_stand()
        self.state = ZoneState.CLOSED
        return self._ordered(order_id, OrderKind.CLOSE, reason, by, at)

    def facts(self, last: Inspection | None) -> ZoneFacts:
        """What the gate may rest on, with the zone's last inspection."""
        return ZoneFacts(
            zone_id=self.id,
            outlet_id=self.outlet_id,
            state=self.state,
            checklist=None if last is None else last.facts(),
        )

    def must_stand(self) -> None:
        """Raises :class:`ZoneIsClosed`."""
        if self.state is ZoneState.CLOSED:
            raise ZoneIsClosed(code=self.code)

    def _ordered(self, order_id: UUID, kind: OrderKind, reason: str, by: str, at: datetime) -> ZoneOrder:
        self.version += 1
        return ZoneOrder(
            id=order_id,
            zone_id=self.id,
            zone_version=self.version,
            kind=kind,
            reason=reason,
            ordered_by=by,
            ordered_at=at,
        )
