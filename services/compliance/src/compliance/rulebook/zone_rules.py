"""Rules of the gate about the sales zone (ZON)."""

from dataclasses import dataclass, fields

from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import ChecklistFacts, SaleFacts, ZoneState

ZONE_ITEMS = tuple(field.name for field in fields(ChecklistFacts) if field.name != "inspected_at")


@dataclass(frozen=True, kw_only=True)
class ZoneStates:
    """ZON-01: the states in which a place counts as a sales zone; ZON-03 asks whether it is ready."""

    counts: tuple[ZoneState, ...]


def inside_zone(facts: SaleFacts, parameters: ZoneStates) -> Verdict:
    """ZON-01: the sale happens in a zone of the seller's outlet."""
    code = "OUTSIDE_SALES_ZONE"
    if missing := [name for name in ("zone", "seller") if getattr(facts, name) is None]:
        return unknown(code, *missing)
    assert facts.zone is not None
    assert facts.seller is not None
    if facts.zone.outlet_id != facts.seller.outlet_id:
        return fail(code, "foreign")
    return PASS if facts.zone.state in parameters.counts else fail(code, "state", state=[facts.zone.state])


def zone_ready(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """ZON-03: the last inspection found all five items, before the sale, and the zone is not suspended."""
    code = "ZONE_NOT_READY"
    if facts.zone is None:
        return unknown(code, "zone")
    checklist = facts.zone.checklist
    if checklist is None or checklist.inspected_at > facts.decided_at:
        return unknown(code, "zone.checklist")
    items = {name: getattr(checklist, name) for name in ZONE_ITEMS}
    if missing := [f"zone.checklist.{name}" for name, found in items.items() if found is None]:
        return unknown(code, *missing)
    if absent := [name for name, found in items.items() if not found]:
        return fail(code, "items", items=absent)
    return fail(code, "suspended") if facts.zone.state is ZoneState.SUSPENDED else PASS


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.inside_zone.v1",
        codes_of("OUTSIDE_SALES_ZONE", "foreign", state=("state",)),
        ZoneStates,
        inside_zone,
    ),
    PureCheck(
        "sale.zone_ready.v1",
        codes_of("ZONE_NOT_READY", "suspended", items=("items",)),
        NoParameters,
        zone_ready,
    ),
)
