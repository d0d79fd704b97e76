"""The register of benchmarks: approved, changed with a reason, all earlier ones on show (PRD-10)."""

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.publicity import approve, benchmark_body, measured
from services.compliance.tests.registers import UNKNOWN, etag, list_product, ok, refusal


@pytest.mark.rule("PRD-10", side="refuse")
@pytest.mark.parametrize(
    ("given", "pointer"), [({"basis": None}, "/basis"), ({"value": "2.90%"}, "/change_reason")]
)
async def test_a_benchmark_without_its_basis_and_a_change_without_its_reason_are_refused(
    admin: Caller, officer: Caller, given: dict[str, str | None], pointer: str
) -> None:
    product = await list_product(admin)
    await measured(admin, officer, product["id"])
    reason = {} if pointer == "/change_reason" else {"change_reason": "Interest rates fell"}
    body = benchmark_body(**(given | reason))
    refused = await admin.post(f"/v1/products/{product['id']}/benchmarks", json=body)
    assert refusal(refused) == (422, "BENCHMARK_DISCLOSURE_INCOMPLETE")
    assert refused.json()["errors"][0]["pointer"] == pointer


@pytest.mark.rule("PRD-10", side="pass")
async def test_a_change_is_approved_and_disclosed_with_its_reason_beside_all_earlier_ones(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    product = await list_product(admin)
    public = f"/v1/public/products/{product['code']}/benchmarks"
    await measured(admin, officer, product["id"])
    change = benchmark_body(value="2.60%", basis=None, method="加权", change_reason="利率下行")
    path = f"/v1/products/{product['id']}/benchmarks"
    proposed = ok(await admin.post(path, json=change), 1)
    values = [one["value"] for one in ok(await kit.client().get(public))["items"]]
    assert values == ["2.80%-3.40%"], "what nobody has approved is not shown"
    await approve(officer, f"/v1/benchmarks/{proposed['id']}")
    first, second = ok(await kit.client().get(public))["items"]
    assert (first["value"], first["change_reason"]) == ("2.80%-3.40%", None)
    assert (second["value"], second["change_reason"], second["method"]) == ("2.60%", "利率下行", "加权")
    assert second["approved_at"] is not None


async def test_one_proposal_at_a_time_and_never_approved_by_its_author(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    product = await list_product(admin)
    path = f"/v1/products/{product['id']}/benchmarks"
    proposed = ok(await admin.post(path, json=benchmark_body()), 1)
    assert refusal(await admin.post(path, json=benchmark_body())) == (409, "BENCHMARK_PENDING")
    one = f"/v1/benchmarks/{proposed['id']}"
    both = kit.client("compliance_officer", subject="admin-1")
    assert refusal(await both.post(f"{one}/approval", json={}, headers=etag(1))) == (
        403,
        "REVIEWER_IS_AUTHOR",
    )
    stale = await officer.post(f"{one}/approval", json={}, headers=etag(2))
    assert refusal(stale) == (412, "VERSION_STALE")
    rejected = ok(await officer.post(f"{one}/rejection", json={"note": "Too high"}, headers=etag(1)), 2)
    assert ok(await admin.get(one), 2) == rejected
    ok(await admin.post(path, json=benchmark_body()), 1)
    assert [item["state"] for item in ok(await officer.get(path))["items"]] == ["REJECTED", "PENDING"]
    gone = await admin.post(f"/v1/products/{UNKNOWN}/benchmarks", json=benchmark_body())
    assert refusal(gone) == (404, "NOT_FOUND")
    assert refusal(await kit.client().get("/v1/public/products/XX/benchmarks")) == (404, "NOT_FOUND")
