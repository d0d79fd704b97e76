"""One-page forms with free options, and applications whose steps the customer can follow (M058, M135)."""

from datetime import timedelta

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.applying import Desk, form_body, open_desk
from services.compliance.tests.registers import UNKNOWN, ok, open_outlet, refusal


@pytest.fixture
async def desk(kit: ServiceKit, admin: Caller, crm: Caller) -> Desk:
    return await open_desk(kit, admin, crm)


@pytest.mark.mechanism("M058")
@pytest.mark.parametrize("options", [(), ("sms",), ("bill_payment", "sms", "atm_limit")])
async def test_one_form_is_as_many_orders_as_the_customer_chose(desk: Desk, options: tuple[str, ...]) -> None:
    chosen = ok(await desk.choose(*options), 2)
    assert (chosen["state"], chosen["choice"]["options"]) == ("CHOSEN", list(options))
    await desk.identify()
    for code in ("review", "opening"):
        ok(await desk.step(code))
    decided = ok(await desk.decide(), 6)
    assert (decided["state"], decided["ending"]["state"]) == ("APPROVED", "APPROVED")
    (fact,) = await desk.kit.facts("compliance.application.decided.v1")
    assert (fact.key, fact.sequence) == (desk.application["id"], 6)
    assert (fact.data["outcome"], fact.data["orders"]) == ("APPROVED", list(options))


@pytest.mark.mechanism("M058")
async def test_nothing_optional_is_made_a_condition(kit: ServiceKit, admin: Caller) -> None:
    options = form_body()["options"]
    tied = form_body(options=[options[0], options[1] | {"mandatory": True}])
    refused = await admin.post("/v1/application-forms", json=tied)
    assert refusal(refused) == (422, "TYING_FORBIDDEN")
    assert "atm_limit" in refused.json()["messages"]["zh-CN"]
    assert ok(await kit.client().get("/v1/public/application-forms"))["items"] == []
    free = form_body(options=[one | {"mandatory": False} for one in options])
    form = ok(await admin.post("/v1/application-forms", json=free))
    assert ok(await kit.client().get("/v1/public/application-forms"))["items"] == [form]


@pytest.mark.mechanism("M135")
async def test_the_customer_sees_each_published_step_with_its_day(desk: Desk) -> None:
    path = f"/v1/applications/{desk.application['id']}"

    async def days() -> list[tuple[str | None, str | None]]:
        seen = ok(await desk.buyer.get(path))["progress"]
        return [(one["due_on"], one["taken_at"]) for one in seen]

    assert await days() == [(None, None), (None, None)]
    ok(await desk.choose())
    assert await days() == [("2026-03-03", None), (None, None)]
    desk.kit.clock.advance(timedelta(days=3))
    ok(await desk.step("review"))
    assert await days() == [("2026-03-03", "2026-03-05T01:00:00Z"), ("2026-03-07", None)]
    ok(await desk.decide("DECLINED", "Documents were not valid"), 4)
    seen = ok(await desk.buyer.get(path), 4)
    assert (seen["ending"]["state"], seen["ending"]["reason"]) == ("DECLINED", "Documents were not valid")
    (fact,) = await desk.kit.facts("compliance.application.decided.v1")
    assert (fact.data["outcome"], fact.data["orders"]) == ("DECLINED", [])
    assert "reason" not in fact.data


@pytest.mark.mechanism("M135")
async def test_conditions_come_first_and_the_customer_chooses_himself(desk: Desk) -> None:
    assert refusal(await desk.choose(conditions_shown=False)) == (422, "APPLICATION_CONDITIONS_NOT_SHOWN")
    body = {"conditions_shown": True, "options": ["sms"]}
    for caller in (desk.seller, desk.head):
        assert refusal(await desk.do(caller, "choice", body)) == (403, "ACTION_FORBIDDEN")
    stranger = desk.kit.client("customer", outlets=(), subject="customer-2")
    assert refusal(await desk.do(stranger, "choice", body)) == (404, "NOT_FOUND")
    for options in (("overdraft",), ("sms", "sms")):
        assert refusal(await desk.choose(*options)) == (422, "APPLICATION_OPTION_UNKNOWN")
    assert refusal(await desk.step("review")) == (409, "APPLICATION_CHOICE_MISSING")
    assert refusal(await desk.decide()) == (409, "APPLICATION_CHOICE_MISSING")
    ok(await desk.choose("sms"), 2)
    assert refusal(await desk.choose()) == (409, "APPLICATION_CHOICE_MADE")


@pytest.mark.mechanism("M135")
async def test_an_approval_needs_the_identity_and_every_step_in_its_order(desk: Desk) -> None:
    ok(await desk.choose())
    assert refusal(await desk.step("opening")) == (409, "APPLICATION_STEP_OUT_OF_ORDER")
    ok(await desk.step("review"))
    assert refusal(await desk.decide()) == (409, "APPLICATION_IDENTITY_NOT_CHECKED")
    assert (await desk.identify())["identified"]
    assert not (await desk.identify(passed=False))["identified"]
    assert refusal(await desk.decide()) == (409, "APPLICATION_IDENTITY_NOT_CHECKED")
    await desk.identify()
    assert refusal(await desk.decide()) == (409, "APPLICATION_STEP_OUT_OF_ORDER")
    ok(await desk.step("opening"))
    assert refusal(await desk.step("opening")) == (409, "APPLICATION_STEP_OUT_OF_ORDER")
    ok(await desk.decide())
    for refused in (await desk.decide(), await desk.step("review"), await desk.do(desk.buyer, "withdrawal")):
        assert refusal(refused) == (409, "APPLICATION_OVER")


async def test_the_customer_may_take_it_back(desk: Desk) -> None:
    assert ok(await desk.do(desk.buyer, "withdrawal"), 2)["state"] == "WITHDRAWN"
    assert refusal(await desk.choose()) == (409, "APPLICATION_OVER")
    (fact,) = await desk.kit.facts("compliance.application.decided.v1")
    assert fact.data["outcome"] == "WITHDRAWN"


async def test_what_an_application_needs(desk: Desk, admin: Caller) -> None:
    good = {"form_id": desk.form["id"], "customer_id": desk.customer["id"], "outlet_id": desk.outlet_id}

    async def refused(**given: str) -> tuple[int, str]:
        seller = desk.kit.client("seller")
        return refusal(await seller.post("/v1/applications", json=good | given))

    assert await refused(form_id=UNKNOWN) == (422, "APPLICATION_FORM_UNKNOWN")
    assert await refused(customer_id=UNKNOWN) == (422, "APPLICANT_UNKNOWN")
    assert await refused(outlet_id=UNKNOWN) == (404, "OUTLET_UNKNOWN")
    assert refusal(await admin.post("/v1/application-forms", json=form_body())) == (
        409, "APPLICATION_FORM_CODE_TAKEN",
    )  # fmt: skip
    twice = form_body(code="ACCOUNT-02", steps=form_body()["steps"][:1] * 2)
    assert refusal(await admin.post("/v1/application-forms", json=twice)) == (422, "APPLICATION_FORM_INVALID")
    own = ok(await desk.buyer.post("/v1/applications", json=good), 1)
    listed = ok(await desk.seller.get("/v1/applications"))["items"]
    assert [item["id"] for item in listed] == [desk.application["id"], own["id"]]
    elsewhere = desk.kit.client("seller", outlets=(await open_outlet(desk.kit, "SH-0002"),))
    assert ok(await elsewhere.get("/v1/applications"))["items"] == []
