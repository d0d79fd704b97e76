"""What a customer is told before he buys, through the gate: opinion, risks, and the order of things."""

import pytest

from chassis.testing import ServiceKit
from services.compliance.tests.registers import etag, ok, refusal, register
from services.compliance.tests.selling import LOGGED, SECOND, Deal, filmed, judged, make_ready, prepared


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate now."""
    return await make_ready(kit)


@pytest.mark.rule("SUI-07", side="refuse")
async def test_who_confirmed_first_and_was_assessed_later_buys_nothing(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=None)
    await deal.assess()
    await deal.match()
    kit.clock.advance(SECOND)
    assert await judged(deal) == [("SUI-07", "ASSESSMENT_AFTER_SALE")]


@pytest.mark.rule("SUI-07", side="pass")
async def test_who_was_assessed_within_the_case_confirms_afterwards(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None)
    await deal.open_case()
    await deal.consent()
    await deal.assess()
    await deal.match()
    await deal.record()
    await deal.beat()
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-05", side="refuse")
async def test_without_an_opinion_nothing_is_sold(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), told=False)
    await deal.disclose()
    assert await judged(deal) == [("SUI-05", "MATCHING_OPINION_MISSING")]


@pytest.mark.rule("SUI-05", side="refuse")
async def test_an_opinion_that_the_customer_has_not_acknowledged_is_none(deal: Deal) -> None:
    deal.kit.clock.advance(SECOND)
    await deal.match(acknowledged=False)
    assert await judged(deal) == [("SUI-05", "MATCHING_OPINION_MISSING")]


@pytest.mark.rule("SUI-05", side="pass")
async def test_an_acknowledged_opinion_serves(deal: Deal) -> None:
    deal.kit.clock.advance(SECOND)
    await deal.match()
    assert await judged(deal) == LOGGED


@pytest.mark.rule("PRD-08", side="refuse")
async def test_after_a_change_of_level_the_customer_is_told_anew(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=3)
    await deal.grade(bank=3)
    await deal.record()
    assert await judged(deal) == [("PRD-08", "REMATCH_REQUIRED")]


@pytest.mark.rule("PRD-08", side="pass")
async def test_once_told_anew_it_is_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=3)
    await deal.grade(bank=3)
    deal.kit.clock.advance(SECOND)
    assert (await deal.match())["product_level"] == 3
    await deal.record()
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-02", side="refuse")
@pytest.mark.parametrize("shown", [False, True], ids=["not shown", "not acknowledged"])
async def test_without_the_customers_word_on_the_risks_nothing_is_sold(kit: ServiceKit, shown: bool) -> None:
    deal = await filmed(await prepared(kit), told=False)
    await deal.match()
    if shown:
        await deal.disclose(acknowledged=False)
    assert await judged(deal) == [("SUI-02", "DISCLOSURE_EVIDENCE_MISSING")]


@pytest.mark.rule("SUI-02", side="pass")
async def test_who_knows_the_risks_buys(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), told=False)
    await deal.match()
    await deal.disclose()
    assert await judged(deal) == LOGGED


async def test_the_opinion_says_what_it_rests_on(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=2)
    await deal.open_case(told=False)
    given = await deal.match(acknowledged=False)
    assert (given["product_level"], given["customer_level"], given["fit"]) == (2, 2, "SUITABLE")
    assert given["acknowledged_at"] is None
    await deal.grade(bank=4)
    unsuitable = await deal.match()
    assert (unsuitable["fit"], unsuitable["acknowledged_at"]) == ("UNSUITABLE", unsuitable["given_at"])
    assert deal.case is not None
    listed = ok(await deal.buyer.get(f"/v1/cases/{deal.case['id']}/matching_opinions"))["items"]
    assert [one["id"] for one in listed] == [given["id"], unsuitable["id"]]


@pytest.mark.parametrize(
    ("level", "product"), [(None, {}), (2, {"bank_risk_level": None})], ids=["no assessment", "no level"]
)
async def test_there_is_no_opinion_on_what_is_not_known(
    kit: ServiceKit, level: int | None, product: dict[str, None]
) -> None:
    deal = await prepared(kit, level=level, **product)
    case = await deal.open_case(told=False)
    answer = await deal.seller.post(f"/v1/cases/{case['id']}/matching_opinions")
    assert refusal(answer) == (409, "MATCHING_NOT_POSSIBLE")


async def test_only_the_seller_tells_and_only_the_customer_acknowledges(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    case = await deal.open_case(told=False)
    body = {"document": "risk-disclosure-2026-01", "sha256": "ab" * 32}
    colleague = kit.client("seller", subject="seller-9", outlets=(deal.outlet_id,))
    for what, content in (("matching_opinions", None), ("risk_disclosures", body)):
        path = f"/v1/cases/{case['id']}/{what}"
        assert refusal(await colleague.post(path, json=content)) == (403, "TOLD_IN_FOREIGN_NAME")
        assert refusal(await deal.buyer.post(path, json=content)) == (403, "ACTION_FORBIDDEN")
        told = ok(await deal.seller.post(path, json=content), 1)
        target = f"/v1/{what}/{told['id']}/acknowledgement"
        assert refusal(await deal.seller.post(target, headers=etag(1))) == (403, "ACTION_FORBIDDEN")
        await register(kit.client("integration", subject="crm"), f"other-{what}")
        stranger = kit.client("customer", outlets=(), subject=f"other-{what}")
        assert refusal(await stranger.post(target, headers=etag(1))) == (404, "NOT_FOUND")
        ok(await deal.buyer.post(target, headers=etag(1)), 2)
        assert refusal(await deal.buyer.post(target, headers=etag(2))) == (409, "ALREADY_ACKNOWLEDGED")
        assert refusal(await deal.buyer.post(target, headers=etag(1))) == (412, "VERSION_STALE")
        assert ok(await deal.buyer.get(f"/v1/{what}/{told['id']}"), 2)["acknowledged_at"] is not None


async def test_what_is_sold_needs_no_further_word(deal: Deal) -> None:
    assert (await deal.sell()).status_code == 201
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}/matching_opinions"
    assert refusal(await deal.seller.post(path)) == (409, "CASE_LOGGED")
