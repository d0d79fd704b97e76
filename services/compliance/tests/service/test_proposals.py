"""SUI-08 and M156 through the routes: what is recommended to a customer suits him, each part of it."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import UNKNOWN, Json, etag, list_product, ok, refusal, register


@pytest.fixture
def department(kit: ServiceKit) -> Caller:
    """The department that writes the registry."""
    return kit.client("product_admin", subject="admin-1")


@pytest.fixture
def seller(kit: ServiceKit) -> Caller:
    """Who recommends."""
    return kit.client("seller", subject="seller-1")


async def assessed(kit: ServiceKit, level: int | None = 3) -> Json:
    """A customer with a level, or with none."""
    crm = kit.client("integration", subject="crm")
    customer = await register(crm, f"customer-{level}")
    if level is not None:
        await assess(kit, customer, level)
    return customer


async def assess(kit: ServiceKit, customer: Json, level: int) -> None:
    """He completes an assessment himself."""
    buyer = kit.client("customer", subject=customer["subject"])
    path = f"/v1/customers/{customer['id']}"
    version = ok(await buyer.get(path))["version"]
    ok(await buyer.post(f"{path}/assessments", json={"level": level}, headers=etag(version)))


async def product(department: Caller, code: str, **given: Any) -> Json:
    """A product of the bank."""
    return await list_product(department, code=code, name=f"Steady {code}", **given)


async def recommend(caller: Caller, customer: Json, *products: Json) -> Any:
    """Recommends the products to the customer."""
    parts = [{"product_id": one["id"], "reason": "Money to keep for a year"} for one in products]
    return await caller.post(f"/v1/customers/{customer['id']}/proposals", json={"parts": parts})


@pytest.mark.rule("SUI-08", side="refuse")
@pytest.mark.mechanism("M156")
@pytest.mark.parametrize("level", [4, 5])
async def test_one_product_above_the_customers_level_stops_the_recommendation(
    kit: ServiceKit, department: Caller, seller: Caller, level: int
) -> None:
    customer = await assessed(kit)
    low = await product(department, "WM-2")
    high = await product(department, "WM-9", bank_risk_level=level)
    refused = await recommend(seller, customer, low, high)
    assert refusal(refused) == (422, "OVER_RISK_RECOMMENDATION")
    said = refused.json()["messages"]
    assert all("WM-9" in text and "C3" in text and "WM-2" not in text for text in said.values())
    assert ok(await seller.get(f"/v1/customers/{customer['id']}/proposals"))["items"] == []


@pytest.mark.rule("SUI-08", side="pass")
@pytest.mark.mechanism("M156")
async def test_products_up_to_the_customers_level_are_recommended_together(
    kit: ServiceKit, department: Caller, seller: Caller
) -> None:
    customer = await assessed(kit)
    parts = [await product(department, f"WM-{n}", bank_risk_level=n) for n in (2, 3)]
    made = ok(await recommend(seller, customer, *parts), 1)
    assert made["customer_level"] == 3
    assert [(part["code"], part["product_level"]) for part in made["parts"]] == [("WM-2", 2), ("WM-3", 3)]
    assert made["parts"][0]["reason"] == "Money to keep for a year"
    buyer = kit.client("customer", subject=customer["subject"])
    assert ok(await buyer.get(f"/v1/proposals/{made['id']}"), 1) == made
    assert ok(await buyer.get(f"/v1/customers/{customer['id']}/proposals"))["items"] == [made]


@pytest.mark.rule("SUI-08", side="refuse")
async def test_the_higher_of_issuers_and_banks_level_counts(
    kit: ServiceKit, department: Caller, seller: Caller
) -> None:
    customer = await assessed(kit)
    fund = await product(
        department, "F-1", kind="FUND", origin="AGENCY", issuer_risk_level=4, bank_risk_level=3
    )
    assert refusal(await recommend(seller, customer, fund)) == (422, "OVER_RISK_RECOMMENDATION")


@pytest.mark.rule("SUI-08", side="refuse")
async def test_without_a_level_that_counts_nothing_graded_is_recommended(
    kit: ServiceKit, department: Caller, seller: Caller
) -> None:
    low = await product(department, "WM-1", bank_risk_level=1)
    nobody = await assessed(kit, None)
    assert refusal(await recommend(seller, nobody, low)) == (422, "OVER_RISK_RECOMMENDATION")
    customer = await assessed(kit)
    buyer = kit.client("customer", subject=customer["subject"])
    ok(await recommend(seller, customer, low))
    # Another level than before is confirmed first (SUI-11).
    await assess(kit, customer, 4)
    assert refusal(await recommend(seller, customer, low)) == (422, "OVER_RISK_RECOMMENDATION")
    stands = ok(await buyer.get(f"/v1/customers/{customer['id']}"))
    path = f"/v1/customers/{customer['id']}/assessments/{stands['assessment']['id']}/confirmation"
    ok(await buyer.post(path, headers=etag(stands["version"])))
    assert ok(await recommend(seller, customer, low))["customer_level"] == 4
    # A change of circumstances overtakes it (SUI-12).
    version = ok(await buyer.get(f"/v1/customers/{customer['id']}"))["version"]
    ok(await buyer.post(f"/v1/customers/{customer['id']}/reported_changes", headers=etag(version)))
    assert refusal(await recommend(seller, customer, low)) == (422, "OVER_RISK_RECOMMENDATION")


@pytest.mark.parametrize("days_left", [-1, 0, 1])
async def test_a_proposal_stands_a_month_and_never_longer_than_the_assessment(
    kit: ServiceKit, department: Caller, seller: Caller, days_left: int
) -> None:
    low = await product(department, "WM-1", bank_risk_level=1)
    customer = await assessed(kit)
    made = ok(await recommend(seller, customer, low))
    first = kit.clock.now().date()
    assert made["valid_through"] == (first + timedelta(days=30)).isoformat()
    last_day = first.replace(year=first.year + 1)
    kit.clock.advance(last_day - first - timedelta(days=days_left))
    late = await recommend(kit.client("seller", subject="seller-1"), customer, low)
    if days_left < 0:
        assert refusal(late) == (422, "OVER_RISK_RECOMMENDATION")
    else:
        assert ok(late)["valid_through"] == last_day.isoformat()


async def test_what_carries_no_level_needs_none(kit: ServiceKit, department: Caller, seller: Caller) -> None:
    customer = await assessed(kit, None)
    bond = await product(department, "B-1", kind="GOV_BOND", bank_risk_level=None)
    made = ok(await recommend(seller, customer, bond), 1)
    assert (made["customer_level"], made["assessment_id"]) == (None, None)
    ungraded = await product(department, "WM-0", bank_risk_level=None)
    assert refusal(await recommend(seller, await assessed(kit), ungraded)) == (
        422,
        "OVER_RISK_RECOMMENDATION",
    )


async def test_only_listed_products_on_sale_are_recommended_each_once(
    kit: ServiceKit, department: Caller, seller: Caller
) -> None:
    customer = await assessed(kit)
    sold = await product(department, "WM-1")
    assert refusal(await recommend(seller, customer, {"id": UNKNOWN})) == (422, "PROPOSAL_PRODUCT_UNKNOWN")
    assert refusal(await recommend(seller, customer, sold, sold)) == (422, "PROPOSAL_PRODUCT_TWICE")
    withdrawn = {"status": "EXISTING", "reason": "Closed"}
    path = f"/v1/products/{sold['id']}/withdrawal"
    ok(await department.post(path, json=withdrawn, headers=etag(sold["version"])))
    assert refusal(await recommend(seller, customer, sold)) == (409, "PROPOSAL_PRODUCT_NOT_SOLD")


@pytest.mark.rule("SUI-08", side="pass")
async def test_who_looks_for_something_to_recommend_sees_what_suits_alone(
    kit: ServiceKit, department: Caller, seller: Caller
) -> None:
    for n in range(1, 6):
        await product(department, f"WM-{n}", bank_risk_level=n)
    await product(department, "WM-P", bank_risk_level=1, offering="PRIVATE")

    async def seen(customer: Json) -> list[str]:
        path = f"/v1/customers/{customer['id']}/recommendable-products"
        return [item["code"] for item in ok(await seller.get(path))["items"]]

    assert await seen(await assessed(kit, None)) == []
    assert await seen(await assessed(kit, 3)) == ["WM-1", "WM-2", "WM-3"]
    assert await seen(await assessed(kit, 5)) == ["WM-1", "WM-2", "WM-3", "WM-4", "WM-5"]
