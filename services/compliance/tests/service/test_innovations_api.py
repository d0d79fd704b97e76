"""Proposals of something new: tried only under risks that another person finds controlled (M116)."""

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.publicity import innovation_body
from services.compliance.tests.registers import etag, ok, open_outlet, refusal


@pytest.mark.mechanism("M116")
async def test_a_proposal_is_approved_under_controllable_risk_alone(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    head = kit.client("outlet_head", outlets=(outlet,), subject="head-1")
    proposed = await head.post("/v1/innovations", json=innovation_body(outlet_id=outlet))
    path = proposed.headers["location"]
    assert ok(proposed, 1)["state"] == "PENDING"
    own = kit.client("compliance_officer", subject="head-1")
    body = {"residual": "LOW"}
    refused = await own.post(f"{path}/approval", json=body, headers=etag(1))
    assert refusal(refused) == (403, "REVIEWER_IS_AUTHOR")
    high = await officer.post(f"{path}/approval", json={"residual": "HIGH"}, headers=etag(1))
    assert refusal(high) == (422, "INNOVATION_RISK_TOO_HIGH")
    medium = {"residual": "MEDIUM", "note": "Three months, one outlet"}
    approved = ok(await officer.post(f"{path}/approval", json=medium, headers=etag(1)), 2)
    assert (approved["state"], approved["residual"], approved["review_note"]) == (
        "APPROVED", "MEDIUM", "Three months, one outlet",
    )  # fmt: skip
    assert ok(await head.get(path), 2) == approved
    listed = ok(await admin.get("/v1/innovations", params={"state": "APPROVED"}))["items"]
    assert [one["id"] for one in listed] == [approved["id"]]


@pytest.mark.mechanism("M116")
async def test_what_is_not_controlled_or_waives_a_rule_is_not_taken(admin: Caller) -> None:
    risks = [{"risk": "Somebody looks on", "control": None}]
    bare = await admin.post("/v1/innovations", json=innovation_body(risks=risks))
    assert refusal(bare) == (422, "INNOVATION_RISK_UNCONTROLLED")
    assert bare.json()["errors"][0]["pointer"] == "/risks/0/control"
    waived = await admin.post("/v1/innovations", json=innovation_body(waives=["REC-01"]))
    assert refusal(waived) == (422, "INNOVATION_WAIVES_RULES")
    none = await admin.post("/v1/innovations", json=innovation_body(risks=[]))
    assert refusal(none) == (422, "PAYLOAD_INVALID")


async def test_a_rejected_proposal_names_the_reasons_and_an_outlet_sees_its_own(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    head = kit.client("outlet_head", outlets=(here,))
    path = (await admin.post("/v1/innovations", json=innovation_body(outlet_id=there))).headers["location"]
    rejected = ok(await officer.post(f"{path}/rejection", json={"note": "No"}, headers=etag(1)), 2)
    assert (rejected["state"], rejected["review_note"], rejected["residual"]) == ("REJECTED", "No", None)
    assert refusal(await head.get(path)) == (404, "NOT_FOUND")
    assert ok(await head.get("/v1/innovations"))["items"] == []
    bank_wide = await head.post("/v1/innovations", json=innovation_body())
    assert refusal(bank_wide) == (403, "HEAD_OFFICE_MATTER")
