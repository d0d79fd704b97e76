"""M022, M063, M134: the list of prohibitions, relaxed acceptance, and one set of rules for every channel."""

from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest
import yaml

from chassis.testing import Caller, ServiceKit
from compliance.cases.domain import Channel
from compliance.evidence.domain import from_plain
from compliance.retention.release import FUNCTIONS, shipped_release
from compliance.rulebook.loading import RULE_FOLDER, ParametersInvalid, RuleUnreadable, load_release
from compliance.rulebook.waivers import Waivable
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import broken, filmed, prepared

TODAY = date(2026, 3, 2)


@pytest.fixture
def officer(kit: ServiceKit) -> Caller:
    """Who approves relaxations."""
    return kit.client("compliance_officer", subject="officer-1")


# --- M022 --------------------------------------------------------------------------------------------------


async def asked(caller: Caller, action: str, **params: str) -> Json:
    """What the list says about an outlet head's action."""
    query = {"post": "OUTLET_HEAD", "action": action} | params
    return ok(await caller.get("/v1/prohibitions", params=query))


@pytest.mark.mechanism("M022")
@pytest.mark.parametrize("action", ["KEEP_CUSTOMER_CREDENTIALS", "RAISE_FUNDS", "INSPECT_OWN_ZONE"])
async def test_what_stands_on_the_list_is_a_violation(kit: ServiceKit, action: str) -> None:
    found = await asked(kit.client("outlet_head"), action)
    assert found["allowed"] is False
    (violation,) = found["violations"]
    assert (violation["rule"], violation["code"]) == ("M022", "ACTION_PROHIBITED")
    assert violation["citation"]
    assert set(violation["messages"]) == {"zh-CN", "en"}
    assert action not in violation["messages"]["en"]


@pytest.mark.mechanism("M022")
async def test_what_does_not_stand_there_is_allowed(kit: ServiceKit) -> None:
    expected = {"allowed": True, "on": "2026-03-02", "violations": []}
    assert await asked(kit.client("outlet_head"), "OPEN_ZONE") == expected


@pytest.mark.mechanism("M022")
@pytest.mark.parametrize(("on", "allowed"), [("2015-12-31", True), ("2016-01-01", False)])
async def test_the_list_holds_from_its_first_day(kit: ServiceKit, on: str, allowed: bool) -> None:
    assert (await asked(kit.client("auditor"), "RAISE_FUNDS", on=on))["allowed"] is allowed


# --- M063 --------------------------------------------------------------------------------------------------


def waiver_body(**given: Any) -> Json:
    """Key customers need no appointment, for a month."""
    body = {
        "profile": "KEY_CUSTOMER",
        "rule": "INT-APPOINTMENT",
        "reason": "Risk reviewed",
        "expires_on": (TODAY + timedelta(days=30)).isoformat(),
    }
    return body | given


@pytest.mark.mechanism("M063")
async def test_a_rule_of_the_banks_own_is_waived_by_an_officer_until_a_day(officer: Caller) -> None:
    relaxation = ok(await officer.post("/v1/relaxations", json=waiver_body()), 1)
    assert (relaxation["approved_by"], relaxation["effective_from"]) == ("officer-1", "2026-03-02")
    assert ok(await officer.get(f"/v1/relaxations/{relaxation['id']}"), 1) == relaxation
    held = {"2026-03-01": 0, "2026-03-02": 1, "2026-03-31": 1, "2026-04-01": 1, "2026-04-02": 0}
    for on, count in held.items():
        params = {"on": on, "profile": "KEY_CUSTOMER", "rule": "INT-APPOINTMENT"}
        assert len(ok(await officer.get("/v1/relaxations", params=params))["items"]) == count, on


@pytest.mark.mechanism("M063")
async def test_no_rule_of_the_rulebook_is_waivable_for_anybody(officer: Caller) -> None:
    for rule_id in sorted({rule.id for rule in shipped_release().rules} | {"FEE-01", "EMG-02"}):
        for profile in ("KEY_CUSTOMER", "FARMER_OUTLET"):
            refused = await officer.post("/v1/relaxations", json=waiver_body(rule=rule_id, profile=profile))
            assert refusal(refused) == (422, "RULE_NOT_WAIVABLE"), rule_id
    assert ok(await officer.get("/v1/relaxations"))["items"] == []


def test_no_rule_of_the_rulebook_stands_on_the_list_of_the_waivable() -> None:
    release = shipped_release()
    (listed,) = (from_plain(Waivable, rule.parameters) for rule in release.rules if rule.id == "M063")
    own = {name for names in listed.profiles.values() for name in names}
    assert own
    assert own.isdisjoint({rule.id for rule in release.rules})
    assert all(name.startswith("INT-") for name in own)


@pytest.mark.mechanism("M063")
@pytest.mark.parametrize(
    ("days", "code"), [(-1, "WAIVER_ENDED"), (0, None), (364, None), (365, None), (366, "WAIVER_TOO_LONG")]
)
async def test_a_waiver_ends_today_at_the_earliest_and_in_a_year_at_the_latest(
    officer: Caller, days: int, code: str | None
) -> None:
    body = waiver_body(expires_on=(TODAY + timedelta(days=days)).isoformat())
    answer = await officer.post("/v1/relaxations", json=body)
    assert (None if answer.status_code == 201 else refusal(answer)) == (None if code is None else (422, code))


async def test_the_rule_of_another_profile_is_not_waived(officer: Caller) -> None:
    body = waiver_body(profile="FARMER_OUTLET", rule="INT-QUEUE-ORDER")
    assert refusal(await officer.post("/v1/relaxations", json=body)) == (422, "RULE_NOT_WAIVABLE")


async def test_a_waiver_is_revoked_once(officer: Caller) -> None:
    path = f"/v1/relaxations/{ok(await officer.post('/v1/relaxations', json=waiver_body()))['id']}"
    assert ok(await officer.post(f"{path}/revocation", headers=etag(1)), 2)["revoked_at"]
    again = await officer.post(f"{path}/revocation", headers=etag(2))
    assert refusal(again) == (409, "WAIVER_REVOKED")
    assert ok(await officer.get("/v1/relaxations", params={"on": "2026-03-02"}))["items"] == []


# --- M134 --------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("M134")
async def test_every_channel_is_judged_by_the_same_rules(kit: ServiceKit) -> None:
    judged = {}
    for n, channel in enumerate(Channel, start=1):
        deal = await prepared(kit, subject=f"seller-{n}", code=f"SH-000{n}", bank_risk_level=3)
        # Alone at a terminal that shows the risks: what ZON-08 asks of that channel is there.
        case: dict[str, Any] = {"channel": channel.value}
        if channel is Channel.SELF_SERVICE:
            case |= {"staff_assisted": False, "risk_page_shown": True}
        refused = await (await filmed(deal, **case)).sell()
        path = f"/v1/decisions/{refused.json()['record']['decision_id']}"
        outcomes = ok(await deal.seller.get(path))["outcomes"]
        judged[channel] = (
            broken(refused),
            [(one["rule"], one["severity"], one["state"]) for one in outcomes],
        )
    first, *others = judged.values()
    assert first[0] == [("SUI-03", "RISK_LEVEL_MISMATCH")]
    assert others
    assert all(other == first for other in others)


@pytest.mark.mechanism("M134")
@pytest.mark.parametrize("place", ["rule", "parameters"])
@pytest.mark.parametrize("switch", ["channels", "not_in_channels", "channel"])
def test_a_rule_file_that_switches_a_rule_off_by_channel_is_refused(place: str, switch: str) -> None:
    texts = [one.read_text("utf-8") for one in files(RULE_FOLDER).iterdir() if one.name.endswith(".yaml")]
    contents = [yaml.safe_load(text) for text in texts]
    assert load_release(FUNCTIONS, written(contents)).digest == shipped_release().digest
    for rule in (rule for content in contents for rule in content.get("rules") or ()):
        if rule["id"] == "SUI-03":
            (rule if place == "rule" else rule.setdefault("parameters", {}))[switch] = ["OUTLET"]
    with pytest.raises(RuleUnreadable if place == "rule" else ParametersInvalid, match=switch):
        load_release(FUNCTIONS, written(contents))


def written(contents: list[Json]) -> list[str]:
    """The rule files as texts again."""
    return [yaml.safe_dump(content, allow_unicode=True) for content in contents]
