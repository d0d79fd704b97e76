"""Campaigns with merchants and utilities through their routes: no inducement is tied to wealth products."""

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.publicity import approve, campaign_body, submit, violations
from services.compliance.tests.registers import etag, list_product, ok, open_outlet, refusal

INDUCEMENT = [("SAL-07", "INDUCEMENT_FORBIDDEN")]


@pytest.mark.rule("SAL-07", side="refuse")
@pytest.mark.mechanism("M066")
@pytest.mark.parametrize("incentive", ["LOTTERY", "KICKBACK", "GIFT", "COUPON", "POINTS_FOR_GIFTS"])
async def test_a_campaign_that_ties_inducements_to_wealth_products_never_reaches_its_review(
    admin: Caller, officer: Caller, incentive: str
) -> None:
    plan = campaign_body(kinds=["WEALTH"], incentives=[incentive], name="春日", terms="购买即可参加。")
    refused = await admin.post("/v1/campaigns", json=plan)
    assert violations(refused) == INDUCEMENT
    assert refused.json()["code"] == "CAMPAIGN_REFUSED"
    path = refused.headers["location"]
    assert ok(await officer.get(path), 1)["state"] == "REFUSED"
    assert ok(await officer.get(f"{path}/refusals"))["items"] == [refused.json()["record"]]
    approval = await officer.post(f"{path}/approval", json={}, headers=etag(1))
    assert refusal(approval) == (409, "REVIEW_OVER")


@pytest.mark.rule("SAL-07", side="refuse")
async def test_what_its_terms_say_counts_as_well(admin: Caller) -> None:
    plan = campaign_body(kinds=["WEALTH"], incentives=["NONE"], name="春日", terms="购买理财,送代金券。")
    assert violations(await admin.post("/v1/campaigns", json=plan)) == INDUCEMENT


@pytest.mark.rule("SAL-07", side="pass")
@pytest.mark.mechanism("M066")
async def test_points_for_gifts_that_no_wealth_product_earns_are_approved_and_announced(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    head = kit.client("outlet_head", outlets=(outlet,), subject="head-1")
    campaign = ok(await head.post("/v1/campaigns", json=campaign_body(outlet_id=outlet)), 1)
    announced = {
        "campaign_id": campaign["id"],
        "outlet_id": outlet,
        "declared_kind": None,
        "features": None,
        "risks": None,
        "text": "积分兑换礼品",
    }
    early = await submit(head, None, **announced)
    assert refusal(early) == (409, "CAMPAIGN_NOT_APPROVED")
    elsewhere = await open_outlet(kit, "SH-0002")
    neighbour = kit.client("outlet_head", outlets=(elsewhere,), subject="head-2")
    foreign = await submit(neighbour, None, **announced | {"outlet_id": elsewhere})
    assert refusal(foreign) == (404, "NOT_FOUND")
    approved = await approve(officer, f"/v1/campaigns/{campaign['id']}")
    assert (approved["state"], approved["plan"]["incentives"]) == (
        "APPROVED", ["POINTS_FOR_GIFTS", "INSTALMENTS"],
    )  # fmt: skip
    assert ok(await submit(head, None, **announced), 1)["state"] == "PENDING"
    listed = ok(await admin.get("/v1/campaigns", params={"state": "APPROVED"}))["items"]
    assert [one["id"] for one in listed] == [campaign["id"]]


@pytest.mark.rule("SAL-07", side="refuse")
async def test_a_harmless_campaign_is_not_announced_with_a_wealth_product(
    admin: Caller, officer: Caller
) -> None:
    product = await list_product(admin)
    campaign = ok(await admin.post("/v1/campaigns", json=campaign_body()), 1)
    await approve(officer, f"/v1/campaigns/{campaign['id']}")
    assert violations(await submit(admin, product["id"], campaign_id=campaign["id"])) == INDUCEMENT


@pytest.mark.rule("SAL-07", side="pass")
@pytest.mark.parametrize(
    "given", [{"incentives": ["INSTALMENTS"]}, {"kinds": ["DEPOSIT"]}, {"kinds": ["FUND"]}]
)
async def test_other_incentives_and_other_kinds_pass(admin: Caller, given: dict[str, list[str]]) -> None:
    plan = campaign_body(kinds=["WEALTH"], incentives=["GIFT"], name="春日", terms="持卡消费可参加。") | given
    assert ok(await admin.post("/v1/campaigns", json=plan), 1)["state"] == "PENDING"


async def test_a_campaign_is_rejected_with_reasons_by_another_person(
    kit: ServiceKit, officer: Caller
) -> None:
    both = kit.client("product_admin", "compliance_officer", subject="admin-1")
    path = f"/v1/campaigns/{ok(await both.post('/v1/campaigns', json=campaign_body()), 1)['id']}"
    own = await both.post(f"{path}/rejection", json={"note": "No"}, headers=etag(1))
    assert refusal(own) == (403, "REVIEWER_IS_AUTHOR")
    rejected = ok(await officer.post(f"{path}/rejection", json={"note": "No"}, headers=etag(1)), 2)
    assert (rejected["state"], rejected["review_note"]) == ("REJECTED", "No")


@pytest.mark.parametrize(("ends_on", "status"), [("2026-02-28", 422), ("2026-03-01", 201)])
async def test_a_campaign_lasts_a_day_at_least(admin: Caller, ends_on: str, status: int) -> None:
    answer = await admin.post("/v1/campaigns", json=campaign_body(ends_on=ends_on))
    assert answer.status_code == status


async def test_an_outlet_proposes_its_own_alone(kit: ServiceKit, admin: Caller) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    head = kit.client("outlet_head", outlets=(here,))
    assert refusal(await head.post("/v1/campaigns", json=campaign_body())) == (403, "HEAD_OFFICE_MATTER")
    foreign = await head.post("/v1/campaigns", json=campaign_body(outlet_id=there))
    assert refusal(foreign) == (404, "NOT_FOUND")
    other = ok(await admin.post("/v1/campaigns", json=campaign_body(outlet_id=there)), 1)
    assert ok(await head.get("/v1/campaigns"))["items"] == []
    assert refusal(await head.get(f"/v1/campaigns/{other['id']}")) == (404, "NOT_FOUND")
