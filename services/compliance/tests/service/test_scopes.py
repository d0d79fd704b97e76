"""ZON-07 through the routes: what the bank may leave out of zone and recording, and from when on."""

from datetime import timedelta

import httpx
import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, ok, refusal
from services.compliance.tests.selling import broken, prepared


async def decide(officer: Caller, *kinds: str, on: str = "2026-03-02") -> httpx.Response:
    """An officer decides what is left out."""
    body = {"excluded_kinds": kinds, "effective_from": on, "reason": "Board decision 7"}
    return await officer.post("/v1/sales_scopes", json=body)


async def excluded(auditor: Caller, **on: str) -> list[str]:
    """What is left out on a day, or today."""
    found: Json = ok(await auditor.get("/v1/sales_scope", params=on))
    kinds: list[str] = found["excluded_kinds"]
    return kinds


@pytest.mark.rule("ZON-07", side="refuse")
@pytest.mark.parametrize(
    "kind", ["WEALTH", "FUND", "SECURITIES", "TRUST", "INSURANCE", "INVESTMENT_INSURANCE"]
)
async def test_no_other_kind_is_left_out(kit: ServiceKit, officer: Caller, kind: str) -> None:
    refused = await decide(officer, "GOV_BOND", kind)
    assert refusal(refused) == (422, "SCOPE_EXCLUSION_NOT_ALLOWED")
    assert kind in refused.json()["messages"]["en"]
    assert "GOV_BOND" not in refused.json()["messages"]["en"]
    assert await excluded(kit.client("auditor")) == []


@pytest.mark.rule("ZON-07", side="pass")
async def test_bonds_and_metal_are_left_out_from_a_day_on(kit: ServiceKit, officer: Caller) -> None:
    auditor = kit.client("auditor")
    first = ok(await decide(officer, "PHYSICAL_METAL", "GOV_BOND", on="2026-03-04"), 1)
    assert first["excluded_kinds"] == ["GOV_BOND", "PHYSICAL_METAL"]
    assert await excluded(auditor) == []
    assert await excluded(auditor, on="2026-03-03") == []
    assert await excluded(auditor, on="2026-03-04") == ["GOV_BOND", "PHYSICAL_METAL"]
    ok(await decide(officer, "GOV_BOND", on="2026-03-04"))
    ok(await decide(officer, on="2026-03-06"))
    assert await excluded(auditor, on="2026-03-05") == ["GOV_BOND"]
    assert await excluded(auditor, on="2026-03-06") == []
    listed = ok(await auditor.get("/v1/sales_scopes"))["items"]
    assert [one["excluded_kinds"] for one in listed] == [["GOV_BOND", "PHYSICAL_METAL"], ["GOV_BOND"], []]
    assert listed[0] == first


async def test_a_decision_holds_from_its_own_day_at_the_earliest(kit: ServiceKit, officer: Caller) -> None:
    assert refusal(await decide(officer, "GOV_BOND", on="2026-03-01")) == (422, "SCOPE_BACKDATED")
    ok(await decide(officer, "GOV_BOND", on="2026-03-02"))
    kit.clock.advance(timedelta(days=1))
    tomorrow = kit.client("compliance_officer", subject="officer-1")
    assert refusal(await decide(tomorrow, "GOV_BOND", on="2026-03-02")) == (422, "SCOPE_BACKDATED")


async def test_the_gate_asks_for_zone_and_recording_all_the_same(kit: ServiceKit, officer: Caller) -> None:
    ok(await decide(officer, "GOV_BOND"))
    deal = await prepared(kit, kind="GOV_BOND")
    await deal.open_case(zone_id=None)
    await deal.consent()
    await deal.beat()
    assert broken(await deal.sell()) == [("REC-01", "RECORDING_MISSING"), ("ZON-01", "OUTSIDE_SALES_ZONE")]
