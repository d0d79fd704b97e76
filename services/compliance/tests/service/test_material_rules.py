"""Each rule about promotional materials by its pair: what breaks it alone, and the nearest neighbour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.publicity import (
    benchmark_shown,
    measured,
    released,
    submit,
    violations,
)
from services.compliance.tests.registers import etag, list_product, ok, terms_body

MOMENT = timedelta(microseconds=1)

#: AMD25 holds from the first instant of 2026-09-01 in Shanghai.
AMD25 = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)


@pytest.mark.rule("PRD-05", side="refuse")
@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"risks": None}, "风险提示"),
        ({"risks": "……"}, "风险提示"),
        ({"features": None}, "产品主要特征"),
    ],
)
async def test_a_material_without_features_or_risks_is_refused(
    admin: Caller, given: dict[str, Any], lacking: str
) -> None:
    product = await list_product(admin)
    refused = await submit(admin, product["id"], **given)
    assert violations(refused) == [("PRD-05", "MATERIAL_RISK_SECTION_MISSING")]
    assert lacking in refused.json()["violations"][0]["messages"]["zh-CN"]


@pytest.mark.rule("PRD-05", side="pass")
async def test_with_both_sections_it_waits_for_its_review_and_about_no_product_it_needs_none(
    admin: Caller,
) -> None:
    product = await list_product(admin)
    assert ok(await submit(admin, product["id"]), 1)["state"] == "PENDING"
    about_nothing = {"features": None, "risks": None, "declared_kind": None, "text": "谨防电信诈骗。"}
    assert ok(await submit(admin, None, **about_nothing), 1)["state"] == "PENDING"


@pytest.mark.rule("PRD-06", side="refuse")
@pytest.mark.parametrize(
    "given",
    [
        {"text": "预期收益率3.4%"},
        {"text": "预 期·收 益 率3.4%"},
        {"title": "Expected yield 3.4%"},
        {"features": "业绩比较基准2.80%-3.40%"},
        {"benchmark": benchmark_shown(reason=None)},
        {"benchmark": benchmark_shown(basis=None)},
        {"benchmark": benchmark_shown(method=None)},
    ],
)
async def test_a_claimed_yield_and_a_bare_benchmark_are_refused(admin: Caller, given: dict[str, Any]) -> None:
    product = await list_product(admin)
    refused = await submit(admin, product["id"], **given)
    assert set(violations(refused)) == {("PRD-06", "YIELD_CLAIM_FORBIDDEN")}


@pytest.mark.rule("PRD-06", side="pass")
@pytest.mark.parametrize(
    "given",
    [
        {"text": "业绩比较基准不代表预期收益率。"},
        {"text": "This benchmark is not an expected yield."},
        {"benchmark": benchmark_shown()},
    ],
)
async def test_what_denies_a_yield_and_a_benchmark_with_its_grounds_pass(
    admin: Caller, given: dict[str, Any]
) -> None:
    product = await list_product(admin)
    assert ok(await submit(admin, product["id"], **given), 1)["state"] == "PENDING"


@pytest.mark.rule("PRD-10", side="refuse")
@pytest.mark.parametrize(
    "given",
    [
        {"caveat": None},
        {"caveat": "业绩比较基准不是预期收益率。"},
        {"caveat": "不构成收益承诺。"},
        {"caveat_beside": False},
    ],
)
async def test_a_benchmark_without_its_conspicuous_caveat_is_refused(
    kit: ServiceKit, given: dict[str, Any]
) -> None:
    kit.clock.instant = AMD25
    admin, officer = kit.client("product_admin", subject="admin-1"), kit.client("compliance_officer")
    product = await list_product(admin)
    await measured(admin, officer, product["id"])
    refused = await submit(admin, product["id"], benchmark=benchmark_shown(**given))
    assert violations(refused) == [("PRD-10", "BENCHMARK_DISCLOSURE_INCOMPLETE")]


@pytest.mark.rule("PRD-10", side="refuse")
@pytest.mark.parametrize(
    ("value", "registered"), [("2.80%-3.50%", True), ("28.0%-34.0%", True), ("3%", False)]
)
async def test_another_benchmark_than_the_registered_one_is_refused(
    kit: ServiceKit, value: str, registered: bool
) -> None:
    kit.clock.instant = AMD25
    admin, officer = kit.client("product_admin", subject="admin-1"), kit.client("compliance_officer")
    product = await list_product(admin)
    if registered:
        await measured(admin, officer, product["id"])
    refused = await submit(admin, product["id"], benchmark=benchmark_shown(value=value))
    assert violations(refused) == [("PRD-10", "BENCHMARK_INCONSISTENT")]


@pytest.mark.rule("PRD-10", side="pass")
async def test_the_registered_benchmark_explained_and_warned_about_is_shown_in_every_channel(
    kit: ServiceKit,
) -> None:
    kit.clock.instant = AMD25
    admin, officer = kit.client("product_admin", subject="admin-1"), kit.client("compliance_officer")
    product = await list_product(admin)
    await measured(admin, officer, product["id"])
    shown = benchmark_shown(value=" 2.80% - 3.40% ")
    for channel in ("WEBSITE", "LEAFLET"):
        out = ok(await released(admin, officer, product["id"], channel, benchmark=shown), 3)
        assert (out["channel"], out["material_version"]) == (channel, 3)


@pytest.mark.rule("PRD-10", side="pass")
async def test_before_its_first_day_and_of_other_kinds_nobody_compares(kit: ServiceKit) -> None:
    kit.clock.instant = AMD25 - MOMENT
    admin = kit.client("product_admin", subject="admin-1")
    shown = {"benchmark": benchmark_shown(caveat=None)}
    product = await list_product(admin)
    assert ok(await submit(admin, product["id"], **shown), 1)["state"] == "PENDING"
    kit.clock.instant = AMD25
    assert set(violations(await submit(admin, product["id"], **shown))) == {
        ("PRD-10", "BENCHMARK_DISCLOSURE_INCOMPLETE"),
        ("PRD-10", "BENCHMARK_INCONSISTENT"),
    }
    fund = await list_product(admin, code="FD-1", kind="FUND", origin="AGENCY", issuer_risk_level=2)
    assert ok(await submit(admin, fund["id"], declared_kind="FUND", **shown), 1)["state"] == "PENDING"


#: Founded on 2026-09-15: the month is over with 2026-10-15.
YOUNG = {"past_performance": {"text": "成立以来年化2.9%", "founded_on": "2026-09-15"}}
A_MONTH_OLD = datetime(2026, 10, 15, 16, 0, tzinfo=UTC)


@pytest.mark.rule("PRD-10", side="refuse")
async def test_the_past_of_a_product_younger_than_a_month_is_not_shown(kit: ServiceKit) -> None:
    kit.clock.instant = A_MONTH_OLD - MOMENT
    admin = kit.client("product_admin")
    product = await list_product(admin)
    refused = await submit(admin, product["id"], **YOUNG)
    assert violations(refused) == [("PRD-10", "BENCHMARK_DISCLOSURE_INCOMPLETE")]
    assert "2026-10-15" in refused.json()["violations"][0]["messages"]["en"]


@pytest.mark.rule("PRD-10", side="pass")
async def test_once_the_month_is_over_it_is(kit: ServiceKit) -> None:
    kit.clock.instant = A_MONTH_OLD
    admin = kit.client("product_admin")
    product = await list_product(admin)
    assert ok(await submit(admin, product["id"], **YOUNG), 1)["state"] == "PENDING"


@pytest.mark.rule("SAL-05", side="refuse")
@pytest.mark.parametrize(
    "given",
    [
        {"declared_kind": "FUND"},
        {"declared_kind": "DEPOSIT"},
        {"declared_kind": None},
        {"text": "存款的好去处,活期存款之外的选择。"},
        {"title": "A deposit with more in it"},
    ],
)
async def test_what_calls_a_product_something_else_is_refused(admin: Caller, given: dict[str, Any]) -> None:
    product = await list_product(admin)
    refused = await submit(admin, product["id"], **given)
    assert violations(refused) == [("SAL-05", "PRODUCT_KIND_MISREPRESENTED")]


@pytest.mark.rule("SAL-05", side="refuse")
async def test_a_deposit_is_not_called_a_wealth_product(admin: Caller) -> None:
    given = {"declared_kind": "DEPOSIT", "text": "三年期定期存款,像理财产品一样划算。"}
    assert violations(await submit(admin, None, **given)) == [("SAL-05", "PRODUCT_KIND_MISREPRESENTED")]


@pytest.mark.rule("SAL-05", side="pass")
async def test_a_product_by_its_own_kind_and_a_deposit_as_one_pass(admin: Caller) -> None:
    product = await list_product(admin)
    bond = await list_product(admin, code="GB-1", kind="GOV_BOND", origin="AGENCY", bank_risk_level=None)
    for product_id, given in (
        (product["id"], {"title": "This is not a deposit", "text": "本产品不是存款。"}),
        (None, {"declared_kind": "DEPOSIT", "text": "三年期定期存款,保本保息,不是理财产品。"}),
        (bond["id"], {"declared_kind": "GOV_BOND", "text": "储蓄国债发行公告。"}),
    ):
        taken = ok(await submit(admin, product_id, **given), 1)
        assert (taken["product_id"], taken["content"]["text"]) == (product_id, given["text"])


@pytest.mark.rule("SAL-07", side="refuse")
@pytest.mark.parametrize(
    "words", ["购买即可抽奖", "送精美礼品", "cashback for every purchase", "a free  gift"]
)
async def test_a_wealth_product_is_not_advertised_with_gifts(admin: Caller, words: str) -> None:
    product = await list_product(admin)
    assert violations(await submit(admin, product["id"], text=words)) == [("SAL-07", "INDUCEMENT_FORBIDDEN")]


@pytest.mark.rule("SAL-07", side="pass")
async def test_gifts_for_points_that_no_wealth_product_earns_pass(admin: Caller) -> None:
    given = {"declared_kind": None, "features": None, "risks": None, "text": "信用卡积分兑换礼品"}
    assert ok(await submit(admin, None, **given), 1)["state"] == "PENDING"


@pytest.mark.rule("SAL-09", side="refuse")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("保本保收益", "GUARANTEE_PROMISE"),
        ("稳 赚 不 赔", "GUARANTEE_PROMISE"),
        ("Principal GUARANTEED", "GUARANTEE_PROMISE"),
        ("零风险", "GUARANTEE_PROMISE"),
        ("快进快出,天天获利", "CHURNING"),
    ],
)
async def test_a_promise_of_principal_or_yield_is_refused(admin: Caller, words: str, code: str) -> None:
    product = await list_product(admin)
    assert violations(await submit(admin, product["id"], text=words)) == [("SAL-09", code)]


@pytest.mark.rule("SAL-09", side="pass")
@pytest.mark.parametrize(
    "words", ["不保本,不保证收益", "Principal is not guaranteed", "绿色环保本土企业债券"]
)
async def test_what_says_that_nothing_is_promised_passes(admin: Caller, words: str) -> None:
    product = await list_product(admin)
    assert ok(await submit(admin, product["id"], text=words), 1)["state"] == "PENDING"


@pytest.mark.rule("SUI-17", side="refuse")
@pytest.mark.parametrize(
    "channel", ["OUTLET_DISPLAY", "LEAFLET", "RADIO", "LED", "ATM_SCREEN", "WEBSITE", "APP", "SOCIAL"]
)
async def test_a_private_offering_is_shown_on_no_public_channel(admin: Caller, channel: str) -> None:
    product = await list_product(admin, offering="PRIVATE")
    refused = await submit(admin, product["id"], channels=["SMS", channel])
    assert violations(refused) == [("SUI-17", "PRIVATE_OFFER_PUBLICISED")]


@pytest.mark.rule("SUI-17", side="pass")
async def test_a_private_offering_in_a_message_and_a_public_one_anywhere_pass(
    admin: Caller,
) -> None:
    private = await list_product(admin, offering="PRIVATE")
    public = await list_product(admin, code="WM-0002")
    for product, channels in ((private, ["SMS"]), (public, ["OUTLET_DISPLAY", "WEBSITE", "APP"])):
        assert ok(await submit(admin, product["id"], channels=channels), 1)["channels"] == channels


async def test_every_broken_rule_is_named_at_once_and_stays_on_record(admin: Caller, officer: Caller) -> None:
    product = await list_product(admin, offering="PRIVATE")
    refused = await submit(
        admin, product["id"], text="保本,预期收益率5%,送礼品", risks=None, declared_kind="FUND"
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "MATERIAL_REFUSED")
    assert [rule for rule, _ in violations(refused)] == [
        "PRD-05", "PRD-06", "SAL-05", "SAL-07", "SAL-09", "SUI-17",
    ]  # fmt: skip
    path = refused.headers["location"]
    assert ok(await officer.get(path), 1)["state"] == "REFUSED"
    (kept,) = ok(await officer.get(f"{path}/refusals"))["items"]
    assert kept == refused.json()["record"]
    assert kept["violations"] == [
        {name: one[name] for name in ("rule", "code", "citation", "messages")}
        for one in refused.json()["violations"]
    ]
    approved = await officer.post(f"{path}/approval", json={}, headers=etag(1))
    assert (approved.status_code, approved.json()["code"]) == (409, "REVIEW_OVER")


async def test_what_has_become_wrong_since_is_neither_approved_nor_released(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    product = await list_product(admin)
    first, second = [ok(await submit(admin, product["id"]), 1) for _ in range(2)]
    approved = f"/v1/materials/{first['id']}"
    ok(await officer.post(f"{approved}/approval", json={}, headers=etag(1)), 2)
    private = terms_body(offering="PRIVATE")
    ok(await admin.put(f"/v1/products/{product['id']}", json=private, headers=etag(1)), 2)
    release = await admin.post(f"{approved}/releases", json={"channel": "WEBSITE"}, headers=etag(2))
    assert violations(release) == [("SUI-17", "PRIVATE_OFFER_PUBLICISED")]
    approval = await officer.post(f"/v1/materials/{second['id']}/approval", json={}, headers=etag(1))
    assert violations(approval) == [("SUI-17", "PRIVATE_OFFER_PUBLICISED")]
    assert ok(await officer.get(f"/v1/materials/{second['id']}"), 1)["state"] == "PENDING"
    assert ok(await officer.get(f"{approved}/releases"))["items"] == []
    (kept,) = ok(await officer.get(f"{approved}/refusals"))["items"]
    assert kept["step"] == "RELEASE"
    assert await kit.facts("compliance.material.released.v1") == []


@pytest.mark.rule("PRD-10", side="refuse")
async def test_a_changed_benchmark_takes_back_what_shows_the_old_one(kit: ServiceKit) -> None:
    kit.clock.instant = AMD25
    admin, officer = kit.client("product_admin", subject="admin-1"), kit.client("compliance_officer")
    product = await list_product(admin)
    await measured(admin, officer, product["id"])
    old = ok(await released(admin, officer, product["id"], "LEAFLET", benchmark=benchmark_shown()), 3)
    without = ok(await released(admin, officer, product["id"], "LEAFLET"), 3)
    await measured(admin, officer, product["id"], value="2.60%", change_reason="利率下行")
    taken = ok(await officer.get(f"/v1/materials/{old['material_id']}"), 4)
    assert (taken["state"], "PRD-10" in taken["withdrawal_reason"]) == ("WITHDRAWN", True)
    assert ok(await officer.get(f"/v1/materials/{without['material_id']}"), 3)["state"] == "APPROVED"
    (fact,) = await kit.facts("compliance.material.withdrawn.v1")
    assert (fact.key, fact.sequence) == (old["material_id"], 4)
