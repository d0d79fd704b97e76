"""The list of partners through its routes: head office writes it, anyone may look (AGY-02, -04)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import BANK_ZONE
from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from compliance.access import Role
from services.compliance.tests.registers import (
    UNKNOWN,
    Json,
    admit,
    etag,
    ok,
    open_outlet,
    partner_body,
    refusal,
    review_body,
)

TOPIC = "compliance.partners.v1"
LEFT = {"reason": "The licence was withdrawn"}


def change_body(**given: Any) -> Json:
    """What may be corrected of a partner."""
    body = partner_body(name="Harbour Life Insurance", licence_to=None) | given
    return {name: value for name, value in body.items() if name not in {"code", "reason"}}


async def codes(caller: Caller, path: str = "/v1/public/partners", **query: Any) -> list[str]:
    return [item["code"] for item in ok(await caller.get(path, params=query))["items"]]


async def test_each_change_is_one_version_and_one_fact(kit: ServiceKit, admin: Caller) -> None:
    admitted = await admin.post("/v1/partners", json=partner_body())
    partner = ok(admitted, 1)
    path = f"/v1/partners/{partner['id']}"
    assert (admitted.status_code, admitted.headers["location"]) == (201, path)
    expected = partner_body() | {
        "id": partner["id"],
        "version": 1,
        "state": "LISTED",
        "admitted_at": to_json(kit.clock.now()),
        "reviewed_on": "2026-03-02",
        "review_due_on": "2027-03-02",
        "flags": [],
    }
    del expected["reason"]
    assert partner == ok(await admin.get(path), 1) == expected

    changed = ok(await admin.put(path, json=change_body(), headers=etag(1)), 2)
    assert (changed["name"], changed["licence_to"]) == ("Harbour Life Insurance", None)
    bad = review_body(helps_with_complaints=False, findings="Answers no complaint")
    assert ok(await admin.post(f"{path}/reviews", json=bad, headers=etag(2)), 3)["state"] == "SUSPENDED"
    assert (
        ok(await admin.post(f"{path}/reviews", json=review_body(), headers=etag(3)), 4)["state"] == "LISTED"
    )
    left = ok(await admin.post(f"{path}/exit", json=LEFT, headers=etag(4)), 5)
    assert (left["state"], left["review_due_on"]) == ("EXITED", None)
    again = {"reason": "Licensed again"}
    assert ok(await admin.post(f"{path}/admission", json=again, headers=etag(5)), 6)["state"] == "LISTED"

    facts = await kit.facts()
    assert {(fact.topic, fact.key) for fact in facts} == {(TOPIC, partner["id"])}
    assert [fact.sequence for fact in facts] == [fact.data["version"] for fact in facts] == [1, 2, 3, 4, 5, 6]
    assert [fact.type.split(".")[2] for fact in facts] == [
        "admitted", "changed", "reviewed", "reviewed", "exited", "admitted",
    ]  # fmt: skip
    assert facts[1].data["partner"] == change_body() | {
        "code": "INS-0001",
        "state": "LISTED",
        "reviewed_on": "2026-03-02",
    }
    assert [fact.data["passed"] for fact in facts[2:4]] == [False, True]
    assert "Answers no complaint" not in str([fact.data for fact in facts])

    reviews = ok(await admin.get(f"{path}/reviews"))["items"]
    assert [(one["passed"], one["partner_version"]) for one in reviews] == [(False, 3), (True, 4)]
    assert (reviews[0]["helps_with_complaints"], reviews[0]["reviewed_by"]) == (False, "admin-1")
    steps = ok(await admin.get(f"{path}/steps"))["items"]
    assert [(one["kind"], one["reason"]) for one in steps] == [
        ("ADMISSION", partner_body()["reason"]),
        ("EXIT", LEFT["reason"]),
        ("ADMISSION", "Licensed again"),
    ]


async def test_what_does_not_follow_is_refused(kit: ServiceKit, admin: Caller) -> None:
    partner = await admit(admin)
    path = f"/v1/partners/{partner['id']}"
    assert refusal(await admin.post("/v1/partners", json=partner_body())) == (409, "PARTNER_CODE_TAKEN")
    for body in (partner_body(code="X", licence_to="2019-12-31"), partner_body(code="X", kinds=[])):
        assert (await admin.post("/v1/partners", json=body)).status_code == 422
    stale = await admin.post(f"{path}/exit", json=LEFT, headers=etag(2))
    assert refusal(stale) == (412, "VERSION_STALE")
    twice = await admin.post(f"{path}/admission", json=LEFT, headers=etag(1))
    assert refusal(twice) == (409, "PARTNER_STILL_LISTED")
    ok(await admin.post(f"{path}/exit", json=LEFT, headers=etag(1)), 2)
    for refused in (
        await admin.put(path, json=change_body(), headers=etag(2)),
        await admin.post(f"{path}/reviews", json=review_body(), headers=etag(2)),
        await admin.post(f"{path}/exit", json=LEFT, headers=etag(2)),
    ):
        assert refusal(refused) == (409, "PARTNER_EXITED")
    assert len(await kit.facts()) == 2
    for below in ("", "/reviews", "/steps"):
        assert refusal(await admin.get(f"/v1/partners/{UNKNOWN}{below}"))[0] == 404


async def test_a_licence_of_one_day_is_one(admin: Caller) -> None:
    partner = await admit(admin, licence_from="2026-03-02", licence_to="2026-03-02")
    assert partner["licence_to"] == "2026-03-02"


@pytest.mark.rule("AGY-02", side="refuse")
async def test_an_outlet_admits_no_partner(kit: ServiceKit, admin: Caller) -> None:
    outlet_id = await open_outlet(kit)
    bound = kit.client("product_admin", subject="admin-2", outlets=(outlet_id,))
    refused = await bound.post("/v1/partners", json=partner_body())
    assert refusal(refused) == (403, "HQ_ONLY")
    assert set(refused.json()["messages"]) == {"zh-CN", "en"}
    path = f"/v1/partners/{(await admit(admin))['id']}"
    for answer in (
        await bound.put(path, json=change_body(), headers=etag(1)),
        await bound.post(f"{path}/reviews", json=review_body(), headers=etag(1)),
        await bound.post(f"{path}/exit", json=LEFT, headers=etag(1)),
        await bound.post(f"{path}/admission", json=LEFT, headers=etag(1)),
    ):
        assert refusal(answer) == (403, "HQ_ONLY")
    for role in set(Role) - {Role.PRODUCT_ADMIN}:
        assert refusal(await kit.client(role).post("/v1/partners", json=partner_body()))[0] == 403, role
    assert ok(await bound.get(path), 1)["state"] == "LISTED"
    assert len(await kit.facts()) == 1


@pytest.mark.rule("AGY-02", side="pass")
async def test_head_office_admits_a_partner(admin: Caller) -> None:
    assert (await admit(admin))["state"] == "LISTED"


#: Reviewed on 2026-03-02, twelve months: 2027-03-02 is the last day, through its end in Shanghai.
LAST_SECOND = datetime(2027, 3, 2, 23, 59, 59, tzinfo=BANK_ZONE)


@pytest.mark.parametrize(
    ("later", "codes_of_flags"),
    [(-1, []), (0, []), (1, ["PARTNER_REVIEW_OVERDUE"])],
)
async def test_a_review_is_overdue_after_its_last_day(
    kit: ServiceKit, admin: Caller, later: int, codes_of_flags: list[str]
) -> None:
    path = f"/v1/partners/{(await admit(admin))['id']}"
    kit.clock.instant = (LAST_SECOND + timedelta(seconds=later)).astimezone(UTC)
    asking = kit.client("auditor")
    partner = ok(await asking.get(path))
    assert [flag["code"] for flag in partner["flags"]] == codes_of_flags
    assert await codes(asking, "/v1/partners", overdue=True) == ["INS-0001"][: len(codes_of_flags)]
    for flag in partner["flags"]:
        assert flag["rule"] == "AGY-04"
        assert "CMP" not in flag["citation"]
        assert "第十条" in flag["citation"]
        assert "2027-03-02" in flag["messages"]["zh-CN"]
        assert "2027-03-02" in flag["messages"]["en"]


async def test_a_late_review_that_passes_takes_the_flag_away(kit: ServiceKit, admin: Caller) -> None:
    path = f"/v1/partners/{(await admit(admin))['id']}"
    kit.clock.instant = datetime(2027, 3, 3, 1, tzinfo=UTC)
    again = kit.client("product_admin", subject="admin-1")
    failed = review_body(is_sound=False)
    suspended = ok(await again.post(f"{path}/reviews", json=failed, headers=etag(1)), 2)
    assert [flag["code"] for flag in suspended["flags"]] == ["PARTNER_REVIEW_OVERDUE"]
    passed = ok(await again.post(f"{path}/reviews", json=review_body(), headers=etag(2)), 3)
    assert (passed["flags"], passed["review_due_on"]) == ([], "2028-03-03")
    assert await codes(again, "/v1/partners", overdue=True) == []


async def test_before_the_rule_holds_no_review_is_due(kit: ServiceKit) -> None:
    kit.clock.instant = datetime(2024, 1, 1, tzinfo=UTC)
    admin = kit.client("product_admin")
    partner = await admit(admin)
    assert (partner["review_due_on"], partner["flags"]) == (None, [])
    assert await codes(admin, "/v1/partners", overdue=True) == []
    kit.clock.instant = datetime(2025, 9, 30, 16, tzinfo=UTC)
    partner = ok(await kit.client("auditor").get(f"/v1/partners/{partner['id']}"))
    assert [flag["code"] for flag in partner["flags"]] == ["PARTNER_REVIEW_OVERDUE"]


async def test_anyone_may_look_at_the_list(kit: ServiceKit, admin: Caller) -> None:
    public = kit.client()
    fund = await admit(admin, code="FND-1", name="Cedar Funds", kinds=["FUND"], authority="CSRC")
    insurer = await admit(admin)
    assert await codes(public) == ["FND-1", "INS-0001"]
    assert await codes(public, kind="FUND") == await codes(public, q="cedar") == ["FND-1"]
    assert await codes(public, q="%") == await codes(public, kind="TRUST") == []
    shown = ok(await public.get("/v1/public/partners", params={"q": "INS"}))["items"]
    expected = partner_body() | {"admitted_at": insurer["admitted_at"]}
    del expected["reason"]
    assert shown == [expected]
    ok(await admin.post(f"/v1/partners/{fund['id']}/exit", json=LEFT, headers=etag(1)))
    suspended = review_body(is_sound=False)
    ok(await admin.post(f"/v1/partners/{insurer['id']}/reviews", json=suspended, headers=etag(1)))
    assert await codes(public) == []
    assert await codes(admin, "/v1/partners") == ["INS-0001"]
    assert await codes(admin, "/v1/partners", state="EXITED") == ["FND-1"]
