"""The admission of agency products through its routes: each step by another person, all of them on record."""

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import (
    KINDS,
    OPINION,
    UNKNOWN,
    Json,
    admit,
    admit_product,
    etag,
    list_product,
    ok,
    product_body,
    refusal,
)

#: An agency product of R2 with both levels.
AGENCY: Json = {"origin": "AGENCY", "issuer_risk_level": 2}


async def test_whoever_took_a_step_leaves_the_next_to_somebody_else(kit: ServiceKit, admin: Caller) -> None:
    partner = await admit(admin, kinds=KINDS)
    product = await list_product(admin, partner_id=partner["id"], **AGENCY)
    path = f"/v1/products/{product['id']}"
    both = kit.client("product_admin", "compliance_officer", subject="admin-1")
    senior = OPINION | {"resolution": "2026-7"}
    early = await both.post(f"{path}/compliance_approval", json=OPINION, headers=etag(1))
    assert refusal(early) == (409, "ADMISSION_NOT_EXAMINED")
    ok(await both.post(f"{path}/due_diligence", json={"summary": "Sound"}, headers=etag(1)), 2)
    for step, body in (("compliance_approval", OPINION), ("senior_approval", senior)):
        refused = await both.post(f"{path}/{step}", json=body, headers=etag(2))
        assert refusal(refused) == (403, "ADMISSION_SAME_PERSON")
    other = kit.client("compliance_officer", subject="officer-2")
    ok(await other.post(f"{path}/compliance_approval", json=OPINION, headers=etag(2)), 3)
    third = kit.client("compliance_officer", subject="officer-3")
    again = await third.post(f"{path}/compliance_approval", json=OPINION, headers=etag(3))
    assert refusal(again) == (409, "ADMISSION_DECIDED")
    without = await kit.client("product_admin", subject="admin-3").post(
        f"{path}/senior_approval", json=OPINION, headers=etag(3)
    )
    assert refusal(without) == (422, "PAYLOAD_INVALID")
    for role in ("compliance_officer", "seller", "auditor"):
        refused = await kit.client(role).post(f"{path}/due_diligence", json=senior, headers=etag(3))
        assert refused.status_code == 403, role
    facts = [fact for fact in await kit.facts() if fact.key == product["id"]]
    assert [fact.type.split(".")[2] for fact in facts] == ["listed", "examined", "approved"]
    assert [fact.sequence for fact in facts] == [1, 2, 3]
    assert facts[2].data["admitted"] is True


async def test_every_step_stays_on_record(kit: ServiceKit, admin: Caller, officer: Caller) -> None:
    partner = await admit(admin, kinds=KINDS)
    product = await list_product(admin, partner_id=partner["id"], **AGENCY)
    path = f"/v1/products/{product['id']}"
    ok(await admin.post(f"{path}/due_diligence", json={"summary": "Weak"}, headers=etag(1)), 2)
    no = {"approved": False, "opinion": "Terms unclear"}
    ok(await officer.post(f"{path}/compliance_approval", json=no, headers=etag(2)), 3)
    assert (await admit_product(kit, product | {"version": 3}, resolution="2026-8"))["state"] == "ADMITTED"
    steps = ok(await admin.get(f"{path}/admission_steps"))["items"]
    assert [(one["kind"], one["level"]) for one in steps] == [
        ("DILIGENCE", None),
        ("REJECTION", "COMPLIANCE"),
        ("DILIGENCE", None),
        ("APPROVAL", "COMPLIANCE"),
        ("APPROVAL", "SENIOR_MANAGEMENT"),
    ]
    assert [one["resolution"] for one in steps] == [None] * 4 + ["2026-8"]
    assert steps[1]["opinion"] == "Terms unclear"
    admission = ok(await admin.get(f"{path}/admission"), 6)
    assert [one["id"] for one in admission["steps"]] == [one["id"] for one in steps[2:]]
    assert (admission["wanted"], admission["missing"]) == (["COMPLIANCE"], [])


async def test_what_does_not_follow_is_refused(kit: ServiceKit, admin: Caller, officer: Caller) -> None:
    partner = await admit(admin)
    own = await list_product(admin)
    path = f"/v1/products/{own['id']}"
    assert ok(await admin.get(f"{path}/admission"), 1)["state"] == "NOT_NEEDED"
    named = await admin.put(f"{path}/partner", json={"partner_id": partner["id"]}, headers=etag(1))
    assert refusal(named) == (422, "PARTNER_OF_OWN_PRODUCT")
    examined = await admin.post(f"{path}/due_diligence", json={"summary": "x"}, headers=etag(1))
    assert refusal(examined) == (409, "ADMISSION_NOT_NEEDED")
    approved = await officer.post(f"{path}/compliance_approval", json=OPINION, headers=etag(1))
    assert refusal(approved) == (409, "ADMISSION_NOT_NEEDED")
    body = {"code": "AG-1", "kind": "INSURANCE"} | AGENCY
    alone = f"/v1/products/{(await list_product(admin, **body))['id']}"
    examined = await admin.post(f"{alone}/due_diligence", json={"summary": "x"}, headers=etag(1))
    assert refusal(examined) == (409, "PRODUCT_WITHOUT_PARTNER")
    ok(await admin.put(f"{alone}/partner", json={"partner_id": partner["id"]}, headers=etag(1)), 2)
    ok(await admin.post(f"/v1/partners/{partner['id']}/exit", json={"reason": "x"}, headers=etag(1)))
    for supplier, problem in (
        (UNKNOWN, (422, "PARTNER_UNKNOWN")),
        (partner["id"], (409, "PARTNER_NOT_LISTED")),
        ((await admit(admin, code="F", kinds=["FUND"]))["id"], (422, "PARTNER_SUPPLIES_OTHER")),
    ):
        given = body | {"code": "AG-2", "partner_id": supplier}
        entered = await admin.post("/v1/products", json=product_body(**given))
        assert refusal(entered) == problem
        changed = await admin.put(f"{alone}/partner", json={"partner_id": supplier}, headers=etag(2))
        assert refusal(changed) == problem
    mine = product_body(code="WM-9", partner_id=partner["id"])
    assert refusal(await admin.post("/v1/products", json=mine)) == (422, "PARTNER_OF_OWN_PRODUCT")
    for below in ("admission", "admission_steps"):
        assert refusal(await admin.get(f"/v1/products/{UNKNOWN}/{below}"))[0] == 404
