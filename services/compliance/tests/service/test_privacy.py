"""PRI-01 to PRI-05 through the routes: notices, consents to what was shown, and what others may then do."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.consenting import (
    agree,
    answer,
    ask,
    assess_impact,
    content_body,
    customer,
    customer_of,
    notice_body,
    officer_of,
    publish,
    publish_sensitive,
    show,
    text_body,
    withdraw,
)
from services.compliance.tests.registers import Json, etag, list_product, ok, refusal
from services.compliance.tests.selling import make_ready

SHARED = {"recipient": "Safe Insurance", "aim": "quote"}


async def sharing(kit: ServiceKit, *kinds: str, **given: Any) -> Json:
    """A notice about sharing with an insurer."""
    content = content_body(kinds=list(kinds or ("NAME", "PHONE")))
    return await publish(kit, "SHARING", **(SHARED | {"content": content} | given))


def broken(response: Any) -> list[tuple[str, str]]:
    """Rule and code of what a recorded refusal names; each with its source and words in both languages."""
    violations = response.json()["violations"]
    assert response.json()["record"]["violations"] == violations
    for one in violations:
        assert one["citation"].startswith("《")
        assert set(one["messages"]) == {"zh-CN", "en"}
    return [(one["rule"], one["code"]) for one in violations]


@pytest.mark.rule("PRI-01", side="refuse")
@pytest.mark.parametrize(
    "near",
    [
        {"recipient": "Other Insurance"},
        {"aim": "debt-collection"},
        {"kinds": ["NAME", "PHONE", "ADDRESS"]},
        {"recipient": None},
    ],
)
async def test_nothing_is_shared_beyond_recipient_purpose_and_kinds(
    kit: ServiceKit, near: dict[str, Any]
) -> None:
    who = await customer(kit)
    await agree(kit, await sharing(kit), who)
    refused = await ask(kit, who, "SHARE", **(SHARED | {"kinds": ["NAME", "PHONE"]} | near))
    assert refusal(refused) == (422, "NO_SHARING_CONSENT")
    assert broken(refused) == [("PRI-01", "NO_SHARING_CONSENT")]
    auditor = kit.client("auditor")
    (kept,) = ok(await auditor.get("/v1/permission_checks", params={"customer_id": who["id"]}))["items"]
    assert kept == refused.json()["record"]
    assert ok(await auditor.get(f"/v1/permission_checks/{kept['id']}")) == kept
    assert not kept["allowed"]


@pytest.mark.rule("PRI-01", side="pass")
async def test_what_he_agreed_to_may_be_shared_and_the_answer_is_on_record(kit: ServiceKit) -> None:
    who = await customer(kit)
    await agree(kit, await sharing(kit), who)
    allowed = ok(await ask(kit, who, "SHARE", **SHARED, kinds=["NAME", "PHONE"]))
    assert allowed["allowed"]
    assert allowed["asked_by"] == "crm"
    assert ok(await kit.client("auditor").get("/v1/permission_checks"))["items"] == [allowed]
    with psycopg.connect(kit.database.app_url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(b"UPDATE permission_checks SET allowed = true")


@pytest.mark.rule("PRI-01", side="refuse")
async def test_a_consent_to_one_recipient_is_none_to_another(kit: ServiceKit) -> None:
    who = await customer(kit)
    await agree(kit, await sharing(kit, code="one"), who)
    other = await sharing(kit, code="two", recipient="Other Insurance")
    asked = SHARED | {"kinds": ["NAME"], "recipient": "Other Insurance"}
    assert refusal(await ask(kit, who, "SHARE", **asked)) == (422, "NO_SHARING_CONSENT")
    await agree(kit, other, who)
    ok(await ask(kit, who, "SHARE", **asked))


@pytest.mark.rule("PRI-02", side="refuse")
async def test_nothing_is_pushed_without_consent_nor_after_it_was_withdrawn(kit: ServiceKit) -> None:
    who = await customer(kit)
    notice = await publish(kit)
    await show(kit, notice, who)
    refused = await ask(kit, who, "MARKET")
    assert refusal(refused) == (422, "NO_MARKETING_CONSENT")
    assert broken(refused) == [("PRI-02", "NO_MARKETING_CONSENT")]
    consent = ok(await answer(kit, notice, who), 1)
    ok(await ask(kit, who, "MARKET"))
    await withdraw(kit, consent)
    assert refusal(await ask(kit, who, "MARKET")) == (422, "NO_MARKETING_CONSENT")


@pytest.mark.rule("PRI-02", side="refuse")
async def test_a_profile_needs_its_own_consent_and_a_machine_offers_a_way_out(kit: ServiceKit) -> None:
    who = await customer(kit)
    await agree(kit, await publish(kit), who)
    profiled = await ask(kit, who, "MARKET", automated=True, profiled=True, option=True)
    assert broken(profiled) == [("PRI-02", "NO_MARKETING_CONSENT")]
    assert "不针对" in profiled.json()["violations"][0]["messages"]["zh-CN"]
    await agree(kit, await publish(kit, "PROFILE"), who)
    silent = await ask(kit, who, "MARKET", automated=True, profiled=True, option=False)
    assert broken(silent) == [("PRI-02", "NO_MARKETING_CONSENT")]
    assert "refusal" in silent.json()["violations"][0]["messages"]["en"]


@pytest.mark.rule("PRI-02", side="pass")
async def test_who_agreed_is_addressed_and_who_agreed_to_a_profile_by_it(kit: ServiceKit) -> None:
    who = await customer(kit)
    await agree(kit, await publish(kit), who)
    assert ok(await ask(kit, who, "MARKET"))["allowed"] is True
    assert ok(await ask(kit, who, "MARKET", automated=True, option=True))["allowed"] is True
    await agree(kit, await publish(kit, "PROFILE"), who)
    profiled = await ask(kit, who, "MARKET", automated=True, profiled=True, option=True)
    assert (ok(profiled)["allowed"], ok(profiled)["violations"]) == (True, [])


@pytest.mark.rule("PRI-03", side="refuse")
async def test_an_answer_to_what_was_not_shown_is_none(kit: ServiceKit) -> None:
    who, other = await customer(kit), await customer(kit, "customer-2")
    notice = await publish(kit)
    await show(kit, notice, other)
    for given in (True, False):
        refused = await answer(kit, notice, who, given=given)
        assert refusal(refused) == (422, "NOTICE_NOT_GIVEN")
    assert ok(await customer_of(kit).get(f"/v1/customers/{who['id']}/privacy_consents"))["items"] == []
    without = await answer(kit, notice, who, given=None)
    assert without.status_code == 422, "an answer is explicit"


@pytest.mark.rule("PRI-03", side="refuse")
async def test_an_answer_to_a_superseded_version_is_none_and_the_version_stays(kit: ServiceKit) -> None:
    who = await customer(kit)
    first = await publish(kit)
    await show(kit, first, who)
    path = f"/v1/privacy_notices/{first['id']}"
    content = content_body(kinds=["NAME", "PHONE"])
    second = ok(await officer_of(kit).post(f"{path}/versions", json={"content": content}, headers=etag(1)), 2)
    assert refusal(await answer(kit, first, who)) == (422, "NOTICE_NOT_GIVEN")
    assert refusal(await answer(kit, second, who)) == (422, "NOTICE_NOT_GIVEN")
    kept = ok(await customer_of(kit).get(f"{path}/versions"))["items"]
    assert kept == [first["present"], second["present"]]
    with psycopg.connect(kit.database.app_url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(b"UPDATE privacy_notice_versions SET published_by = 'me'")


@pytest.mark.rule("PRI-03", side="pass")
async def test_an_answer_to_what_was_shown_counts_until_it_is_taken_back(kit: ServiceKit) -> None:
    who = await customer(kit)
    notice = await publish(kit)
    consent = await agree(kit, notice, who)
    ok(await ask(kit, who, "MARKET"))
    content = content_body(kinds=["NAME", "PHONE"])
    path = f"/v1/privacy_notices/{notice['id']}/versions"
    ok(await officer_of(kit).post(path, json={"content": content}, headers=etag(1)), 2)
    ok(await ask(kit, who, "MARKET"))
    taken = await withdraw(kit, consent)
    assert taken["withdrawn_at"] is not None
    assert refusal(await ask(kit, who, "MARKET")) == (422, "NO_MARKETING_CONSENT")
    again = await customer_of(kit).post(f"/v1/privacy_consents/{consent['id']}/withdrawal", headers=etag(2))
    assert refusal(again) == (409, "PRIVACY_CONSENT_WITHDRAWN")
    listed = ok(await customer_of(kit).get(f"/v1/customers/{who['id']}/privacy_consents"))["items"]
    assert listed == [taken]


async def test_a_refusal_takes_back_what_stood_of_that_notice_alone(kit: ServiceKit) -> None:
    who = await customer(kit)
    marketing, profile = await publish(kit), await publish(kit, "PROFILE")
    await agree(kit, marketing, who)
    await agree(kit, profile, who)
    refused = ok(await answer(kit, marketing, who, given=False), 1)
    assert refusal(await ask(kit, who, "MARKET")) == (422, "NO_MARKETING_CONSENT")
    listed = ok(await customer_of(kit).get(f"/v1/customers/{who['id']}/privacy_consents"))["items"]
    assert [(item["purpose"], item["given"], item["withdrawn_at"] is None) for item in listed] == [
        ("MARKETING", True, False),
        ("PROFILE", True, True),
        ("MARKETING", False, True),
    ]
    nothing = await customer_of(kit).post(f"/v1/privacy_consents/{refused['id']}/withdrawal", headers=etag(1))
    assert refusal(nothing) == (409, "PRIVACY_CONSENT_NOT_GIVEN")


async def test_nobody_answers_for_somebody_else(kit: ServiceKit, seller: Caller) -> None:
    who = await customer(kit)
    await customer(kit, "customer-2")
    notice = await publish(kit)
    await show(kit, notice, who)
    assert refusal(await answer(kit, notice, who, subject="customer-2")) == (404, "NOT_FOUND")
    body = {"customer_id": who["id"], "notice_id": notice["id"], "notice_version": 1, "given": True}
    assert (await seller.post("/v1/privacy_consents", json=body)).status_code == 403


@pytest.mark.rule("PRI-04", side="refuse")
@pytest.mark.parametrize(
    ("purpose", "given"),
    [
        ("MARKETING", {}),
        ("PROFILE", {}),
        ("SHARING", {"recipient": "Other Insurance"}),
        ("SHARING", {"recipient": "City Bank"}),
    ],
)
async def test_a_product_is_not_made_to_depend_on_an_unrelated_consent(
    kit: ServiceKit, admin: Caller, purpose: str, given: dict[str, str]
) -> None:
    own = await list_product(admin)
    agency = await list_product(
        admin, code="AI-1", origin="AGENCY", issuer="Safe Insurance", issuer_risk_level=2
    )
    content = content_body(condition_of=[own["id"] if given == {"recipient": "City Bank"} else agency["id"]])
    refused = await officer_of(kit).post(
        "/v1/privacy_notices", json=notice_body(purpose, content=content, **given)
    )
    assert refusal(refused) == (422, "CONSENT_COUPLED")
    assert refused.json()["errors"][0]["pointer"] == "/content/condition_of"
    notice = await publish(kit, purpose, **given)
    later = await officer_of(kit).post(
        f"/v1/privacy_notices/{notice['id']}/versions", json={"content": content}, headers=etag(1)
    )
    assert refusal(later) == (422, "CONSENT_COUPLED")


@pytest.mark.rule("PRI-04", side="pass")
async def test_a_product_may_rest_on_telling_its_provider(kit: ServiceKit, admin: Caller) -> None:
    agency = await list_product(
        admin, code="AI-1", origin="AGENCY", issuer="Safe Insurance", issuer_risk_level=2
    )
    notice = await sharing(kit, content=content_body(condition_of=[agency["id"]]))
    assert notice["present"]["content"]["condition_of"] == [agency["id"]]


@pytest.mark.rule("PRI-04", side="pass")
async def test_who_refuses_every_consent_still_buys(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    for purpose in ("MARKETING", "PROFILE"):
        notice = await publish(kit, purpose)
        await show(kit, notice, deal.customer)
        ok(await answer(kit, notice, deal.customer, subject=deal.customer["subject"], given=False))
    assert (await deal.sell()).status_code == 201


@pytest.mark.rule("PRI-05", side="refuse")
async def test_face_and_voice_need_a_consent_of_their_own_for_the_purpose(kit: ServiceKit) -> None:
    who = await customer(kit, born="1990-05-01")
    notice = await publish_sensitive(kit, "FACE")
    await show(kit, notice, who)
    asked = {"kinds": ["FACE"], "aim": "check-in"}
    first = await ask(kit, who, "PROCESS", **asked)
    assert refusal(first) == (422, "SENSITIVE_CONSENT_MISSING")
    assert broken(first) == [("PRI-05", "SENSITIVE_CONSENT_MISSING")]
    ok(await answer(kit, notice, who), 1)
    for near in ({"kinds": ["VOICE"]}, {"kinds": ["FACE", "VOICE"]}, {"aim": "advertising"}):
        assert broken(await ask(kit, who, "PROCESS", **(asked | near))) == [
            ("PRI-05", "SENSITIVE_CONSENT_MISSING")
        ]


@pytest.mark.rule("PRI-05", side="refuse")
async def test_without_a_prior_impact_assessment_there_is_no_notice_to_agree_to(kit: ServiceKit) -> None:
    needed = text_body(necessity="No card at hand")
    other = await assess_impact(kit, "VOICE")
    elsewhere = await assess_impact(kit, "FACE", aim="advertising")
    good = await assess_impact(kit, "FACE")
    wrong = [
        {"assessment_id": None, "zh": needed, "en": needed},
        {"assessment_id": other["id"], "zh": needed, "en": needed},
        {"assessment_id": elsewhere["id"], "zh": needed, "en": needed},
        {"assessment_id": good["id"], "zh": needed},
    ]
    for given in wrong:
        body = notice_body("SENSITIVE", content=content_body(kinds=["FACE"], **given), aim="check-in")
        refused = await officer_of(kit).post("/v1/privacy_notices", json=body)
        assert refusal(refused) == (422, "NOTICE_NECESSITY_MISSING")
    mixed = content_body(kinds=["FACE", "NAME"], assessment_id=good["id"], zh=needed, en=needed)
    for purpose, content in (("SENSITIVE", mixed), ("MARKETING", content_body(kinds=["FACE"]))):
        body = notice_body(purpose, content=content, aim="check-in")
        refused = await officer_of(kit).post("/v1/privacy_notices", json=body)
        assert refusal(refused) == (422, "NOTICE_KINDS_MISMATCH")


@pytest.mark.rule("PRI-05", side="pass")
async def test_a_separate_consent_with_a_prior_assessment_lets_the_face_be_used(kit: ServiceKit) -> None:
    who = await customer(kit, born="1990-05-01")
    await agree(kit, await publish_sensitive(kit, "FACE"), who)
    assert ok(await ask(kit, who, "PROCESS", kinds=["FACE"], aim="check-in"))["allowed"] is True


async def child(kit: ServiceKit, born: str) -> tuple[Json, Json]:
    """A child that has agreed for itself, and the notice."""
    who = await customer(kit, born=born)
    notice = await publish_sensitive(kit, "VOICE")
    await agree(kit, notice, who)
    return who, notice


ASKED = {"kinds": ["VOICE"], "aim": "check-in"}


@pytest.mark.rule("PRI-05", side="refuse")
async def test_a_child_of_thirteen_needs_a_guardian(kit: ServiceKit, seller: Caller) -> None:
    who, notice = await child(kit, "2012-03-03")
    refused = await ask(kit, who, "PROCESS", **ASKED)
    assert broken(refused) == [("PRI-05", "SENSITIVE_CONSENT_MISSING")]
    assert "14" in refused.json()["violations"][0]["messages"]["zh-CN"]
    parent = await customer(kit, "parent-1")
    stranger = await answer(kit, notice, who, subject="parent-1")
    assert refusal(stranger) == (404, "NOT_FOUND")
    path = f"/v1/customers/{who['id']}/guardians"
    version = ok(await seller.get(f"/v1/customers/{who['id']}"))["version"]
    alone = await seller.post(path, json={"guardian_id": who["id"]}, headers=etag(version))
    assert refusal(alone) == (422, "GUARDIAN_INVALID")
    ok(await seller.post(path, json={"guardian_id": parent["id"]}, headers=etag(version)), version + 1)
    given = ok(await answer(kit, notice, who, subject="parent-1"))
    assert given["guardian_id"] == parent["id"]
    ok(await ask(kit, who, "PROCESS", **ASKED))
    assert [one["guardian_id"] for one in ok(await customer_of(kit, "parent-1").get(path))["items"]] == [
        parent["id"]
    ]


@pytest.mark.rule("PRI-05", side="pass")
async def test_on_its_fourteenth_birthday_a_child_agrees_for_itself(kit: ServiceKit) -> None:
    who, _ = await child(kit, "2012-03-02")
    assert ok(await ask(kit, who, "PROCESS", **ASKED))["allowed"] is True


@pytest.mark.parametrize(("day", "allowed"), [(27, False), (28, True)])
async def test_a_birthday_on_the_leap_day_is_the_last_of_february(
    kit: ServiceKit, day: int, allowed: bool
) -> None:
    kit.clock.instant = datetime(2026, 2, day, 2, tzinfo=UTC)
    who, _ = await child(kit, "2012-02-29")
    answer = await ask(kit, who, "PROCESS", **ASKED)
    assert answer.json().get("allowed", False) is allowed


@pytest.mark.rule("PRI-05", side="refuse")
async def test_an_age_that_is_not_known_is_no_permission(kit: ServiceKit) -> None:
    who = await customer(kit)
    await agree(kit, await publish_sensitive(kit, "VOICE"), who)
    refused = await ask(kit, who, "PROCESS", **ASKED)
    assert broken(refused) == [("PRI-05", "SENSITIVE_CONSENT_MISSING")]
    assert "birth date" in refused.json()["violations"][0]["messages"]["en"]


async def test_notices_have_one_code_and_sharing_a_recipient(kit: ServiceKit) -> None:
    await publish(kit)
    officer = officer_of(kit)
    again = await officer.post("/v1/privacy_notices", json=notice_body())
    assert refusal(again) == (409, "NOTICE_CODE_TAKEN")
    for purpose, recipient in (("SHARING", None), ("PROFILE", "Safe Insurance")):
        wrong = await officer.post("/v1/privacy_notices", json=notice_body(purpose, recipient=recipient))
        assert refusal(wrong) == (422, "NOTICE_RECIPIENT_MISMATCH")
    assert len(ok(await customer_of(kit).get("/v1/privacy_notices"))["items"]) == 1
