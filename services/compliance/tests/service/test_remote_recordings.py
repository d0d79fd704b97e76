"""Remote recording is off until two officers enabled it for product and region (REC-01)."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.footage import main, on
from services.compliance.tests.registers import Json, etag, list_product, ok, open_outlet, refusal
from services.compliance.tests.selling import LOGGED, Deal, judged, prepared

MINUTE = timedelta(minutes=1)
OFF = (422, "REMOTE_RECORDING_NOT_ENABLED")
REFUSED = [("REC-01", "REMOTE_RECORDING_NOT_ENABLED")]
PATH = "/v1/remote_recordings"


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A case whose customer has agreed to be recorded."""
    deal = await prepared(kit)
    await deal.open_case()
    await deal.consent()
    return deal


def officer(kit: ServiceKit, number: int = 1) -> Caller:
    """One of the officers."""
    return kit.client("compliance_officer", subject=f"officer-{number}")


async def propose(deal: Deal, **given: Any) -> Json:
    """An officer proposes it for the product and the outlet of the deal."""
    body = {
        "product_id": deal.product["id"],
        "region": "Shanghai",
        "outlet_ids": [deal.outlet_id],
        "reason": "Customers who cannot come",
    } | given
    return ok(await officer(deal.kit).post(PATH, json=body), 1)


async def enable(deal: Deal, **given: Any) -> Json:
    """Another one approves it."""
    proposed = await propose(deal, **given)
    path = f"{PATH}/{proposed['id']}/approval"
    return ok(await officer(deal.kit, 2).post(path, json={}, headers=etag(1)), 2)


async def withdraw(deal: Deal, enabling: Json) -> Json:
    """An officer switches it off."""
    path = f"{PATH}/{enabling['id']}/withdrawal"
    return ok(await officer(deal.kit).post(path, headers=etag(2)), 3)


async def begin(deal: Deal) -> tuple[int, str | None]:
    """The seller begins a remote recording: the status, and the code of a refusal."""
    assert deal.case is not None
    body = {"case_id": deal.case["id"], "channel": "REMOTE"}
    response = await on(deal).post("/v1/recordings", json=body)
    return response.status_code, response.json().get("code")


async def test_it_is_off_until_two_officers_have_enabled_it(deal: Deal) -> None:
    assert await begin(deal) == OFF
    proposed = await propose(deal)
    assert await begin(deal) == OFF
    path = f"{PATH}/{proposed['id']}/approval"
    alone = await officer(deal.kit).post(path, json={}, headers=etag(1))
    assert refusal(alone) == (403, "REVIEWER_IS_AUTHOR")
    assert await begin(deal) == OFF
    ok(await officer(deal.kit, 2).post(path, json={}, headers=etag(1)), 2)
    assert await begin(deal) == (201, None)


async def test_another_product_or_region_stays_off(kit: ServiceKit, deal: Deal) -> None:
    other = await list_product(kit.client("product_admin", subject="admin-1"), code="P-OTHER")
    await enable(deal, product_id=other["id"])
    await enable(deal, region="Beijing", outlet_ids=[await open_outlet(kit, "BJ-0001")])
    assert await begin(deal) == OFF


@pytest.mark.rule("REC-01", side="pass")
@pytest.mark.parametrize("later", [timedelta(0), MINUTE])
async def test_what_begins_after_the_approval_is_recorded_remotely(deal: Deal, later: timedelta) -> None:
    await enable(deal)
    deal.kit.clock.advance(later)
    recording = await main(deal, channel="REMOTE")
    assert recording["channel"] == "REMOTE"
    await deal.beat()
    assert await judged(deal) == LOGGED


async def test_what_began_before_the_withdrawal_stays_what_it_was(deal: Deal) -> None:
    enabling = await enable(deal)
    await main(deal, channel="REMOTE")
    withdrawn = await withdraw(deal, enabling)
    assert (withdrawn["state"], withdrawn["withdrawn_by"]) == ("WITHDRAWN", "officer-1")
    assert await begin(deal) == OFF
    await deal.beat()
    assert await judged(deal) == LOGGED
    again = await officer(deal.kit).post(f"{PATH}/{enabling['id']}/withdrawal", headers=etag(3))
    assert refusal(again) == (409, "ENABLING_NOT_IN_FORCE")


@pytest.mark.rule("REC-01", side="refuse")
async def test_a_remote_recording_does_not_serve_another_product_of_the_visit(
    kit: ServiceKit, deal: Deal
) -> None:
    await enable(deal)
    other = await list_product(kit.client("product_admin", subject="admin-1"), code="P-OTHER")
    session_id = deal.case and deal.case["session_id"]
    await main(deal, channel="REMOTE")
    await deal.open_case(session_id=session_id, product_id=other["id"])
    await deal.beat()
    assert await judged(deal) == REFUSED
    await main(deal)
    await deal.beat()
    assert await judged(deal) == LOGGED


async def test_proposals_are_rejected_listed_and_of_what_is_known(kit: ServiceKit, deal: Deal) -> None:
    proposed = await propose(deal)
    path = f"{PATH}/{proposed['id']}/rejection"
    ok(await officer(kit, 2).post(path, json={"note": "Too early"}, headers=etag(1)), 2)
    assert await begin(deal) == OFF
    enabling = await enable(deal)
    listed = ok(await kit.client("auditor").get(f"{PATH}?state=APPROVED"))["items"]
    assert listed == [enabling]
    assert ok(await deal.seller.get(f"{PATH}/{enabling['id']}")) == enabling
    unknown = {"product_id": "0190a000-0000-7000-8000-000000000000"}
    body = {"region": "Shanghai", "outlet_ids": [deal.outlet_id], "reason": "x"} | unknown
    assert refusal(await officer(kit).post(PATH, json=body)) == (422, "REMOTE_PRODUCT_UNKNOWN")
    bound = kit.client("compliance_officer", subject="officer-3", outlets=(deal.outlet_id,))
    assert refusal(await bound.post(PATH, json=body))[0] == 403
