"""Promotional materials through their routes: four eyes, channels, the log of releases (PRD-05, M051)."""

import pytest

from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.publicity import approve, material_body, submit
from services.compliance.tests.registers import etag, list_product, ok, open_outlet, refusal


@pytest.mark.rule("PRD-05", side="refuse")
@pytest.mark.mechanism("M051")
async def test_nothing_is_shown_before_another_person_has_approved_it(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    product = await list_product(admin)
    path = f"/v1/materials/{ok(await submit(admin, product['id']), 1)['id']}"
    early = await admin.post(f"{path}/releases", json={"channel": "WEBSITE"}, headers=etag(1))
    assert refusal(early) == (409, "MATERIAL_PENDING_REVIEW")
    both = kit.client("product_admin", "compliance_officer", subject="admin-1")
    own = await both.post(f"{path}/approval", json={}, headers=etag(1))
    assert refusal(own) == (403, "REVIEWER_IS_AUTHOR")
    assert await kit.facts("compliance.material.released.v1") == []
    assert ok(await officer.get(path), 1)["state"] == "PENDING"


@pytest.mark.rule("PRD-05", side="pass")
@pytest.mark.mechanism("M051")
async def test_an_approved_material_is_released_by_channel_and_every_release_is_on_record(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    product = await list_product(admin)
    channels = ["RADIO", "SMS", "LED", "ATM_SCREEN"]
    submitted = await submit(admin, product["id"], channels=[*channels, "LED"])
    material = ok(submitted, 1)
    path = f"/v1/materials/{material['id']}"
    assert submitted.headers["location"] == path
    assert material["channels"] == channels
    approved = await approve(officer, path)
    assert (approved["state"], approved["reviewed_by"]) == ("APPROVED", "officer-1")

    version = 2
    for channel in ("RADIO", "LED", "ATM_SCREEN"):
        body = {"channel": channel, "consent_purpose": "MARKETING"}
        version += 1
        release = ok(await admin.post(f"{path}/releases", json=body, headers=etag(version - 1)), version)
        assert (release["channel"], release["consent_purpose"]) == (channel, None)
    without = await admin.post(f"{path}/releases", json={"channel": "SMS"}, headers=etag(5))
    assert refusal(without) == (422, "SMS_CONSENT_MISSING")
    body = {"channel": "SMS", "consent_purpose": "MARKETING"}
    assert ok(await admin.post(f"{path}/releases", json=body, headers=etag(5)), 6)["consent_purpose"]
    for again, problem in (("SMS", "CHANNEL_RELEASED"), ("WEBSITE", "CHANNEL_NOT_APPROVED")):
        body = {"channel": again, "consent_purpose": "MARKETING"}
        refused = await admin.post(f"{path}/releases", json=body, headers=etag(6))
        assert refusal(refused) == (409, problem)

    log = ok(await officer.get(f"{path}/releases"))["items"]
    assert [(one["channel"], one["material_version"], one["consent_purpose"]) for one in log] == [
        ("RADIO", 3, None), ("LED", 4, None), ("ATM_SCREEN", 5, None), ("SMS", 6, "MARKETING"),
    ]  # fmt: skip
    assert {(one["released_by"], one["released_at"]) for one in log} == {
        ("admin-1", to_json(kit.clock.now()))
    }
    shown = ok(await admin.get("/v1/materials", params={"released_on": "LED", "state": "APPROVED"}))
    assert [one["id"] for one in shown["items"]] == [material["id"]]
    assert ok(await admin.get("/v1/materials", params={"released_on": "APP"}))["items"] == []

    taken = ok(await officer.post(f"{path}/withdrawal", json={"reason": "Outdated"}, headers=etag(6)), 7)
    assert (taken["state"], taken["withdrawn_by"], taken["withdrawal_reason"]) == (
        "WITHDRAWN", "officer-1", "Outdated",
    )  # fmt: skip
    late = await admin.post(f"{path}/releases", json=body, headers=etag(7))
    assert refusal(late) == (409, "MATERIAL_NOT_USABLE")
    facts = [fact for fact in await kit.facts() if fact.topic == "compliance.materials.v1"]
    assert [(fact.type.split(".")[2], fact.sequence, fact.data.get("channel")) for fact in facts] == [
        ("released", 3, "RADIO"), ("released", 4, "LED"), ("released", 5, "ATM_SCREEN"),
        ("released", 6, "SMS"), ("withdrawn", 7, None),
    ]  # fmt: skip
    assert {fact.key for fact in facts} == {material["id"]}


async def test_a_rejected_material_names_the_reasons_and_is_over(admin: Caller, officer: Caller) -> None:
    product = await list_product(admin)
    path = f"/v1/materials/{ok(await submit(admin, product['id']), 1)['id']}"
    rejected = ok(await officer.post(f"{path}/rejection", json={"note": "Too small"}, headers=etag(1)), 2)
    assert (rejected["state"], rejected["review_note"]) == ("REJECTED", "Too small")
    again = await officer.post(f"{path}/approval", json={}, headers=etag(2))
    assert refusal(again) == (409, "REVIEW_OVER")
    release = await admin.post(f"{path}/releases", json={"channel": "WEBSITE"}, headers=etag(2))
    assert refusal(release) == (409, "MATERIAL_NOT_USABLE")
    assert refusal(await admin.post(f"{path}/withdrawal", json={"reason": "x"}, headers=etag(2))) == (
        409,
        "MATERIAL_NOT_USABLE",
    )


async def test_an_outlet_shows_its_own_and_leaves_the_bank_to_head_office(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    product = await list_product(admin)
    head = kit.client("outlet_head", outlets=(here,), subject="head-here")
    assert refusal(await submit(head, product["id"])) == (403, "HEAD_OFFICE_MATTER")
    assert refusal(await submit(head, product["id"], outlet_id=there)) == (404, "NOT_FOUND")
    own = ok(await submit(head, product["id"], outlet_id=here), 1)
    of_bank = ok(await submit(admin, product["id"]), 1)
    other = ok(await submit(admin, product["id"], outlet_id=there), 1)
    listed = ok(await head.get("/v1/materials"))["items"]
    assert [one["id"] for one in listed] == [own["id"], of_bank["id"]]
    assert refusal(await head.get(f"/v1/materials/{other['id']}")) == (404, "NOT_FOUND")
    await approve(officer, f"/v1/materials/{of_bank['id']}")
    for step, body in (("releases", {"channel": "WEBSITE"}), ("withdrawal", {"reason": "Mine now"})):
        refused = await head.post(f"/v1/materials/{of_bank['id']}/{step}", json=body, headers=etag(2))
        assert refusal(refused) == (403, "HEAD_OFFICE_MATTER")


async def test_what_it_names_must_exist(admin: Caller) -> None:
    unknown = "0190a000-0000-7000-8000-000000000000"
    assert refusal(await submit(admin, unknown)) == (404, "NOT_FOUND")
    assert refusal(await submit(admin, None, campaign_id=unknown)) == (404, "NOT_FOUND")
    assert refusal(await submit(admin, None, outlet_id=unknown)) == (404, "OUTLET_UNKNOWN")
    nowhere = await admin.post("/v1/materials", json=material_body(None, channels=[]))
    assert refusal(nowhere) == (422, "PAYLOAD_INVALID")
