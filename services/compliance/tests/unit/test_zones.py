"""Sales zones: which inspection opens and suspends them, and that nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.errors import ServiceError
from chassis.ids import new_id
from compliance.rulebook.facts import ZoneState
from compliance.zones.domain import (
    Checklist,
    Inspection,
    OrderKind,
    Zone,
    ZoneIsClosed,
    ZoneNotActive,
    ZoneOrder,
    ZoneType,
    ZoneTypeReasonMissing,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ITEMS = ("zone_sign", "product_check_reminder", "risk_warning", "report_hotline", "product_list")
READY = Checklist(**dict.fromkeys(ITEMS, True))


def without(*items: str) -> Checklist:
    return Checklist(**{item: item not in items for item in ITEMS})


def open_zone(zone_type: ZoneType = ZoneType.ZONE, reason: str | None = None) -> Zone:
    return Zone.open(
        new_id(), outlet_id=new_id(), code="Z1", zone_type=zone_type, type_reason=reason, by="head-1", at=NOW
    )


def inspect(zone: Zone, checklist: Checklist, at: datetime = NOW) -> Inspection:
    return zone.inspect(new_id(), checklist, by="officer-1", at=at)


def test_a_fixed_counter_needs_its_reason() -> None:
    for reason in (None, ""):
        with pytest.raises(ZoneTypeReasonMissing):
            open_zone(ZoneType.FIXED_COUNTER, reason)
    assert open_zone(ZoneType.FIXED_COUNTER, "Forty square metres").type_reason == "Forty square metres"


@pytest.mark.parametrize("item", ITEMS)
def test_every_single_item_counts(item: str) -> None:
    zone, states = open_zone(), []
    for checklist in (without(item), READY, without(item)):
        assert inspect(zone, checklist).passed == (checklist is READY)
        states.append(zone.state)
    assert states == [ZoneState.PREPARING, ZoneState.ACTIVE, ZoneState.SUSPENDED]


def test_the_gate_sees_the_last_inspection_item_by_item() -> None:
    zone = open_zone()
    assert zone.facts(None).checklist is None
    found = zone.facts(inspect(zone, without("product_list"))).checklist
    assert found is not None
    assert [getattr(found, item) for item in ITEMS] == [True, True, True, True, False]
    assert found.inspected_at == NOW


STATES = {
    # state: what a passing inspection, a failing one, a suspension and a closure make of it
    ZoneState.PREPARING: (ZoneState.ACTIVE, ZoneState.PREPARING, ZoneNotActive, ZoneState.CLOSED),
    ZoneState.ACTIVE: (ZoneState.ACTIVE, ZoneState.SUSPENDED, ZoneState.SUSPENDED, ZoneState.CLOSED),
    ZoneState.SUSPENDED: (ZoneState.ACTIVE, ZoneState.SUSPENDED, ZoneNotActive, ZoneState.CLOSED),
    ZoneState.CLOSED: (ZoneIsClosed,) * 4,
}
STEPS = ("pass", "fail", "suspend", "close")


class ZoneLife(RuleBasedStateMachine):
    """Any course of inspections and orders against the table above."""

    def __init__(self) -> None:
        super().__init__()
        self.zone = open_zone()
        self.records: list[Inspection | ZoneOrder] = []
        self.now = NOW

    @rule(step=st.sampled_from(STEPS), absent=st.sets(st.sampled_from(ITEMS), min_size=1))
    def step(self, step: str, absent: set[str]) -> None:
        self.now += timedelta(minutes=1)
        expected = STATES[self.zone.state][STEPS.index(step)]
        before = (self.zone.state, self.zone.version)
        refused = None
        try:
            self.records.append(self.do(step, absent))
        except ServiceError as error:
            refused = type(error)
        if refused is None:
            assert self.zone.state is expected
        else:
            assert refused is expected
            assert (self.zone.state, self.zone.version) == before

    def do(self, step: str, absent: set[str]) -> Inspection | ZoneOrder:
        match step:
            case "pass":
                return inspect(self.zone, READY, self.now)
            case "fail":
                return inspect(self.zone, without(*absent), self.now)
            case "suspend":
                return self.zone.suspend(new_id(), reason="Rebuilding", by="head-1", at=self.now)
            case _:
                return self.zone.close(new_id(), reason="Merged", by="head-1", at=self.now)

    @invariant()
    def each_record_is_one_version(self) -> None:
        assert [record.zone_version for record in self.records] == list(range(2, self.zone.version + 1))

    @invariant()
    def active_means_that_a_passing_inspection_is_the_last_word(self) -> None:
        last = self.records[-1] if self.records else None
        passed = isinstance(last, Inspection) and last.passed
        assert (self.zone.state is ZoneState.ACTIVE) == passed

    @invariant()
    def closed_means_ordered(self) -> None:
        closures = [r for r in self.records if isinstance(r, ZoneOrder) and r.kind is OrderKind.CLOSE]
        assert (self.zone.state is ZoneState.CLOSED) == bool(closures)


ZoneLife.TestCase.settings = settings(max_examples=80, stateful_step_count=12, deadline=None)
TestZoneLife = ZoneLife.TestCase
