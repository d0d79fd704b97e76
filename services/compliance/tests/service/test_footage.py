"""What changes after a recording began is recorded again (REC-02); what broke off goes on (REC-01)."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import ServiceKit
from services.compliance.tests.charging import append, price_body, priced
from services.compliance.tests.filming import declare, ready, seal
from services.compliance.tests.footage import FILM_MS, PAD, main, on, resuming, script, supplement, take
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import LOGGED, SECOND, Deal, broken, judged, prepared

OUTDATED = [("REC-02", "KEY_POINTS_OUTDATED")]
INTERRUPTED = ("REC-01", "RECORDING_INTERRUPTED")
MINUTE = timedelta(minutes=1)
#: The clock of a sealed film stands so long after its start, two seconds of which were recorded.
AFTER, FILM = timedelta(seconds=4), timedelta(seconds=2)
LIMIT = timedelta(minutes=10)
RISK, FEE = ("RISK_DISCLOSURE", "CONFIRMATION", "FEEDBACK"), ("KEY_INFO", "CONFIRMATION")
FIRST, REST = ("PITCH", "RISK_DISCLOSURE"), ("KEY_INFO", "CONFIRMATION", "FEEDBACK")


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A case whose customer has agreed to be recorded; staffing is heard of."""
    deal = await prepared(kit, level=3)
    await deal.open_case()
    await deal.consent()
    await deal.beat()
    return deal


async def again(deal: Deal) -> list[tuple[str, str]]:
    """What the gate says, with staffing and the opinion of now."""
    await deal.match()
    await deal.beat()
    return await judged(deal)


async def named(deal: Deal) -> str:
    """The English words of the only violation that the gate finds."""
    (violation,) = (await deal.check())["violations"]
    return str(violation["messages"]["en"])


async def terms(deal: Deal) -> None:
    """The product's term is corrected."""
    admin = deal.kit.client("product_admin", subject="admin-1")
    path = f"/v1/products/{deal.product['id']}"
    seen = ok(await admin.get(path))
    names = ("name", "issuer", "offering", "asset_class", "instalment", "payment_years", "benefit_certain")
    body = {name: seen[name] for name in names} | {"term_months": 24}
    ok(await admin.put(path, json=body, headers=etag(seen["version"])))


async def regrade(deal: Deal) -> None:
    """The product is riskier than it was."""
    await deal.grade(bank=3)


async def pitch(deal: Deal) -> None:
    """The marketing introduction is spoken by another script."""
    await script(deal, "PITCH")


CHANGES: list[Any] = [
    pytest.param(regrade, RISK, "risk disclosure, customer's confirmation, customer's feedback", id="risk"),
    pytest.param(
        terms,
        ("PITCH", "KEY_INFO", "CONFIRMATION", "FEEDBACK"),
        "marketing introduction, key information, customer's confirmation, customer's feedback",
        id="terms",
    ),
    pytest.param(pitch, ("PITCH",), "marketing introduction", id="script"),
]


@pytest.mark.rule("REC-02", side="refuse")
@pytest.mark.parametrize(("change", "kinds", "words"), CHANGES)
async def test_what_changes_after_the_recording_began_holds_the_sale(
    deal: Deal, change: Any, kinds: tuple[str, ...], words: str
) -> None:
    await main(deal)
    await change(deal)
    assert await again(deal) == OUTDATED
    assert words in await named(deal)
    decision_id = (await deal.sell()).json()["record"]["decision_id"]
    decision = ok(await deal.kit.client("auditor").get(f"/v1/decisions/{decision_id}"))
    assert decision["result"] == "held"
    assert ok(await deal.kit.client("auditor").get(f"/v1/decisions/{decision_id}/replay"))["same"] is True


@pytest.mark.rule("REC-02", side="pass")
@pytest.mark.parametrize(("change", "kinds", "words"), CHANGES)
async def test_the_key_points_concerned_are_recorded_again(
    deal: Deal, change: Any, kinds: tuple[str, ...], words: str
) -> None:
    first = await main(deal)
    await change(deal)
    # One of them is not enough.
    await supplement(deal, *kinds[:-1])
    assert await again(deal) == OUTDATED
    second = await supplement(deal, kinds[-1])
    assert await again(deal) == LOGGED
    (fact,) = await deal.kit.facts("compliance.sale.logged.v1")
    assert fact.data["recording_id"] == first["id"]
    # Both are kept, as they were, and say when they began.
    auditor = deal.kit.client("auditor")
    for one in (first, second):
        assert ok(await auditor.get(f"/v1/recordings/{one['id']}/verification"))["intact"] is True
        kept = ok(await auditor.get(f"/v1/recordings/{one['id']}/retention"))
        assert [sale["sale_id"] for sale in kept["sales"]] == [fact.data["sale_id"]]
    assert (second["main_id"], second["take"]) == (first["id"], "SUPPLEMENT")
    assert second["started_at"] > first["started_at"]


@pytest.mark.rule("REC-02", side="refuse")
async def test_another_fee_is_spoken_of_again(deal: Deal) -> None:
    await main(deal)
    admin = deal.kit.client("product_admin", subject="admin-1")
    service = await priced(admin)
    body = {"product_id": deal.product["id"], "charged": True}
    ok(await append(admin, service, "products", body), 3)
    found = (await deal.check())["violations"]
    assert "key information, customer's confirmation" in found[-1]["messages"]["en"]
    assert [one["code"] for one in found] == ["FEE_NOT_DISCLOSED", "KEY_POINTS_OUTDATED"]
    await supplement(deal, *FEE)
    await deal.beat()
    assert await judged(deal) == [("FEE-01", "FEE_NOT_DISCLOSED")]
    ok(await append(admin, service, "prices", price_body(acceptance=100)), 4)
    assert OUTDATED[0] in await judged(deal)


async def test_what_changed_before_the_recording_was_recorded(deal: Deal) -> None:
    await regrade(deal)
    await pitch(deal)
    await main(deal)
    assert await again(deal) == LOGGED


async def test_a_change_that_was_taken_back_is_recorded_again_where_it_was_recorded(deal: Deal) -> None:
    await main(deal)
    await regrade(deal)
    await supplement(deal, *RISK)
    await deal.grade(bank=2)
    # The customer heard last of a risk that is not that of now.
    assert await again(deal) == OUTDATED


async def test_a_second_case_of_the_visit_has_its_own_product_presented(deal: Deal) -> None:
    """A case that opens while the visit is recorded is judged from its own beginning."""
    await main(deal)
    assert deal.case is not None
    await deal.open_case(session_id=deal.case["session_id"])
    await deal.beat()
    assert await judged(deal) == LOGGED
    await deal.open_case(session_id=deal.case["session_id"])
    await pitch(deal)
    assert await again(deal) == OUTDATED


async def test_the_same_script_is_no_change(deal: Deal) -> None:
    await pitch(deal)
    admin = deal.kit.client("product_admin", subject="admin-1")
    path = f"/v1/products/{deal.product['id']}"
    version = ok(await admin.get(path))["version"]
    body = {"segment": "PITCH", "document": "again", "sha256": "cd" * 32}
    same = await admin.post(f"{path}/scripts", json=body, headers=etag(version))
    assert refusal(same) == (422, "SCRIPT_UNCHANGED")
    listed = ok(await admin.get(f"{path}/scripts"))["items"]
    assert [(one["segment"], one["product_version"]) for one in listed] == [("PITCH", version)]
    (fact,) = await deal.kit.facts("compliance.product.scripted.v1")
    assert (fact.sequence, fact.data["sha256"]) == (version, "cd" * 32)


# --- Interrupted -------------------------------------------------------------------------------------------


async def broke_off(deal: Deal, since: timedelta) -> Json:
    """A recording with two key points whose recorder failed so long ago."""
    recording = await main(deal, *FIRST)
    deal.kit.clock.advance(since + FILM - AFTER)
    await deal.beat()
    return recording


@pytest.mark.rule("REC-01", side="pass")
@pytest.mark.parametrize("since", [LIMIT - MINUTE, LIMIT])
async def test_a_recording_goes_on_within_ten_minutes(deal: Deal, since: timedelta) -> None:
    first = await broke_off(deal, since)
    second = await take(deal, *REST, **resuming(first))
    assert (second["main_id"], second["take"]) == (first["id"], "RESUMED")
    await deal.beat()
    assert await judged(deal) == LOGGED
    auditor = deal.kit.client("auditor")
    for one in (first, second):
        assert ok(await auditor.get(f"/v1/recordings/{one['id']}/manifest"))["recording_id"] == one["id"]


async def ask(deal: Deal, body: Json, device: str | None = PAD) -> tuple[int, str]:
    """The answer to a seller who wants to go on."""
    assert deal.case is not None
    response = await on(deal, device).post("/v1/recordings", json={"case_id": deal.case["id"]} | body)
    return refusal(response)


async def test_after_more_than_ten_minutes_it_begins_again(deal: Deal) -> None:
    first = await broke_off(deal, LIMIT + timedelta(milliseconds=1))
    assert await ask(deal, resuming(first)) == (409, "RESUMED_TOO_LATE")
    await main(deal)
    await deal.beat()
    assert await judged(deal) == LOGGED
    # What was recorded first stays.
    assert ok(await deal.seller.get(f"/v1/recordings/{first['id']}"))["state"] == "SEALED"


@pytest.mark.rule("REC-01", side="refuse")
@pytest.mark.parametrize("late", [timedelta(milliseconds=1), MINUTE])
async def test_a_device_that_says_more_than_it_recorded_is_found_out(deal: Deal, late: timedelta) -> None:
    first = await broke_off(deal, LIMIT + late)
    claimed = FILM_MS + late // timedelta(milliseconds=1)
    await take(deal, *REST, **resuming(first, claimed))
    await deal.beat()
    assert await judged(deal) == [INTERRUPTED]
    assert "10 minutes" in await named(deal)


@pytest.mark.rule("REC-01", side="refuse")
async def test_inside_a_key_point_nothing_goes_on(deal: Deal) -> None:
    first = await main(deal, *FIRST, last_until=FILM_MS)
    assert await ask(deal, resuming(first)) == (409, "RESUMED_INSIDE_KEY_POINT")
    # Said to have failed earlier, between the two.
    await take(deal, *REST, **resuming(first, 300 + FILM_MS))
    await deal.beat()
    assert await judged(deal) == [INTERRUPTED]
    assert "risk disclosure" in await named(deal)


async def test_only_the_same_people_and_device_go_on(kit: ServiceKit, deal: Deal) -> None:
    first = await broke_off(deal, MINUTE)
    for device in ("pad-2", None):
        assert await ask(deal, resuming(first), device) == (409, "RESUMED_BY_OTHER_DEVICE")
    unknown = resuming({"id": "0190a000-0000-7000-8000-000000000000"})
    assert await ask(deal, unknown) == (422, "RECORDING_OF_OTHER_SESSION")
    other = await prepared(kit, subject="seller-2", code="SH-0002")
    await other.open_case(session_id=deal.case and deal.case["session_id"])
    assert await ask(other, resuming(first)) == (422, "RECORDING_OF_OTHER_SESSION")
    assert await ask(other, {"supplements": first["id"]}) == (422, "RECORDING_OF_OTHER_SESSION")
    both = resuming(first) | {"supplements": first["id"]}
    assert await ask(deal, both) == (422, "RECORDING_FOLLOWS_TWO")
    assert await ask(deal, resuming(first, 600_000)) == (422, "RECORDING_NOT_ELAPSED")


async def test_nothing_is_dated_back(deal: Deal) -> None:
    first = await broke_off(deal, MINUTE)
    at = deal.kit.clock.now()
    assert deal.case is not None
    body = {"case_id": deal.case["id"], "started_at": "2026-03-01T00:00:00Z"} | resuming(first)
    response = await on(deal).post("/v1/recordings", json=body)
    assert refusal(response)[0] == 422
    second = ok(await on(deal).post("/v1/recordings", json={"case_id": deal.case["id"]} | resuming(first)), 1)
    assert second["started_at"] == at.isoformat().replace("+00:00", "Z")


async def test_the_sale_names_the_recording_that_began_first(deal: Deal) -> None:
    first = await broke_off(deal, MINUTE)
    second = await take(deal, *REST, **resuming(first))
    await deal.beat()
    assert refusal(await deal.sell(recording_id=second["id"])) == (422, "RECORDING_IS_PART")
    assert await judged(deal) == LOGGED


async def test_what_is_not_sealed_does_not_count(deal: Deal) -> None:
    first = await broke_off(deal, MINUTE)
    assert deal.case is not None
    ok(await on(deal).post("/v1/recordings", json={"case_id": deal.case["id"]} | resuming(first)), 1)
    deal.kit.clock.advance(SECOND)
    assert [code for _, code in broken(await deal.sell())] == ["RECORDING_SEGMENT_MISSING"]


# --- Abandoned ---------------------------------------------------------------------------------------------

LIFETIME = timedelta(hours=48)


@pytest.mark.parametrize(("age", "alive"), [(-MINUTE, True), (timedelta(0), False), (MINUTE, False)])
async def test_a_recording_is_sealed_within_two_days_or_stays_as_it_is(
    kit: ServiceKit, deal: Deal, age: timedelta, alive: bool
) -> None:
    assert deal.case is not None
    begun = kit.clock.now()
    inspected = await ready(kit, deal.seller, deal.case)
    kit.clock.instant = begun + LIFETIME + age
    response = await seal(deal.seller, inspected)
    if alive:
        assert ok(response)["state"] == "SEALED"
        return
    assert refusal(response) == (409, "RECORDING_EXPIRED")
    segment = await declare(deal.seller, inspected, "PITCH", 0, 300)
    assert refusal(segment) == (409, "RECORDING_EXPIRED")
    kept = ok(await deal.seller.get(f"/v1/recordings/{inspected['id']}"))
    assert (kept["state"], kept["started_at"]) == ("INSPECTED", inspected["started_at"])
