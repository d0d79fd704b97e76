"""What waits for a second person waits through its last day, and is submitted anew after it (REV-01)."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpx
import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.applying import Desk, form_body, open_desk
from services.compliance.tests.keeping import over
from services.compliance.tests.ordering import ask_reversal, sold
from services.compliance.tests.publicity import benchmark_body, campaign_body, innovation_body, submit
from services.compliance.tests.registers import (
    KINDS,
    OPINION,
    Json,
    admit,
    etag,
    list_product,
    ok,
    open_outlet,
    refusal,
)

MOMENT = timedelta(microseconds=1)
LAPSED = (409, "REVIEW_LAPSED")

Submitting = Callable[[ServiceKit, Caller], Awaitable[tuple[str, Json]]]


async def campaign(_: ServiceKit, admin: Caller) -> tuple[str, Json]:
    made = ok(await admin.post("/v1/campaigns", json=campaign_body()), 1)
    return f"/v1/campaigns/{made['id']}", made


async def material(_: ServiceKit, admin: Caller) -> tuple[str, Json]:
    told = {"declared_kind": None, "features": None, "risks": None, "text": "国庆期间营业时间调整"}
    made = ok(await submit(admin, None, **told), 1)
    return f"/v1/materials/{made['id']}", made


async def benchmark(_: ServiceKit, admin: Caller) -> tuple[str, Json]:
    product = await list_product(admin)
    made = ok(await admin.post(f"/v1/products/{product['id']}/benchmarks", json=benchmark_body()), 1)
    return f"/v1/benchmarks/{made['id']}", made


async def innovation(_: ServiceKit, admin: Caller) -> tuple[str, Json]:
    made = ok(await admin.post("/v1/innovations", json=innovation_body()), 1)
    return f"/v1/innovations/{made['id']}", made


async def enabling(kit: ServiceKit, admin: Caller) -> tuple[str, Json]:
    product, outlet = await list_product(admin), await open_outlet(kit)
    body = {"product_id": product["id"], "region": "Shanghai", "outlet_ids": [outlet], "reason": "Far away"}
    proposer = kit.client("compliance_officer", subject="officer-1")
    made = ok(await proposer.post("/v1/remote_recordings", json=body), 1)
    return f"/v1/remote_recordings/{made['id']}", made


async def reversal(kit: ServiceKit, admin: Caller) -> tuple[str, Json]:
    _, sale, _ = await sold(kit)
    made = ok(await ask_reversal(kit, sale), 1)
    return f"/v1/reversal_requests/{made['id']}", made


EACH = [campaign, material, benchmark, innovation, enabling, reversal]


async def review(kit: ServiceKit, path: str, how: str) -> httpx.Response:
    """Another officer approves or rejects; a reversal is decided without a word."""
    body: Json | None = {"note": "Too late"} if how == "rejection" else {}
    if "innovations" in path and how == "approval":
        body = {"residual": "LOW"}
    elif "reversal_requests" in path:
        body = None
    caller = kit.client("compliance_officer", subject="officer-2")
    return await caller.post(f"{path}/{how}", json=body, headers=etag(1))


def last_day_over(made: Json) -> datetime:
    """Thirty days behind the legal day of the submission, and that day in full."""
    return over(datetime.fromisoformat(made.get("submitted_at") or made["requested_at"]), 30)


@pytest.mark.parametrize("submitted", EACH)
async def test_it_is_approved_through_the_last_day(
    kit: ServiceKit, admin: Caller, submitted: Submitting
) -> None:
    path, made = await submitted(kit, admin)
    until = datetime.fromisoformat(made["approvable_until"])
    assert until == last_day_over(made)
    kit.clock.instant = until - MOMENT
    assert ok(await review(kit, path, "approval"), 2)["state"] == "APPROVED"


@pytest.mark.parametrize("submitted", EACH)
async def test_it_is_not_approved_after_it_and_can_be_rejected(
    kit: ServiceKit, admin: Caller, submitted: Submitting
) -> None:
    """What was looked into long ago is looked into again; whoever waits for it is told by the rejection."""
    path, made = await submitted(kit, admin)
    kit.clock.instant = datetime.fromisoformat(made["approvable_until"])
    before = len(await kit.facts())
    refused = await review(kit, path, "approval")
    assert refusal(refused) == LAPSED
    assert made["approvable_until"][:10] in refused.text
    assert len(await kit.facts()) == before
    assert ok(await review(kit, path, "rejection"), 2)["state"] == "REJECTED"


async def test_an_agency_product_is_admitted_within_half_a_year_of_its_due_diligence(
    kit: ServiceKit, admin: Caller
) -> None:
    """A new due diligence begins a new round; a rejection is never too late."""
    partner = await admit(admin, kinds=KINDS)
    product = await list_product(admin, partner_id=partner["id"], origin="AGENCY", issuer_risk_level=2)
    path = f"/v1/products/{product['id']}"

    async def examined(version: int) -> datetime:
        examiner = kit.client("product_admin", subject="admin-1")
        body = {"summary": "Sound"}
        ok(await examiner.post(f"{path}/due_diligence", json=body, headers=etag(version)), version + 1)
        return over(kit.clock.now(), 180)

    async def decided(version: int, **given: object) -> httpx.Response:
        officer = kit.client("compliance_officer", subject="officer-2")
        return await officer.post(f"{path}/compliance_approval", json=OPINION | given, headers=etag(version))

    kit.clock.instant = await examined(1)
    assert refusal(await decided(2)) == LAPSED
    ok(await decided(2, approved=False, opinion="Too old"), 3)
    kit.clock.instant = await examined(3) - MOMENT
    ok(await decided(4), 5)


@pytest.fixture
async def desk(kit: ServiceKit, admin: Caller, crm: Caller) -> Desk:
    """An application of which nothing is missing but the decision."""
    opened = await open_desk(kit, admin, crm)
    ok(await opened.choose())
    await opened.identify()
    for code in ("review", "opening"):
        ok(await opened.step(code))
    return opened


async def test_an_application_is_approved_within_half_a_year_of_its_opening(
    kit: ServiceKit, desk: Desk
) -> None:
    until = datetime.fromisoformat(desk.application["approvable_until"])
    assert until == over(datetime.fromisoformat(desk.application["opened_at"]), 180)
    kit.clock.instant = until - MOMENT
    assert ok(await desk.decide(), 6)["state"] == "APPROVED"


async def test_a_lapsed_application_goes_on_no_more_and_ends(kit: ServiceKit, desk: Desk) -> None:
    """It is declined, or the customer withdraws it, however late; what is over is said to be over."""
    kit.clock.instant = datetime.fromisoformat(desk.application["approvable_until"])
    assert refusal(await desk.decide()) == LAPSED
    checked = {"method": "DOCUMENT_READER", "passed": False}
    assert refusal(await desk.do(desk.seller, "identity_checks", checked)) == LAPSED
    assert refusal(await desk.step("x")) == LAPSED
    assert await kit.facts("compliance.application.decided.v1") == []
    assert ok(await desk.decide("DECLINED", "The papers are too old"), 6)["state"] == "DECLINED"
    assert refusal(await desk.step("x")) == (409, "APPLICATION_OVER")


@pytest.mark.parametrize("ended", ["WITHDRAWN", "DECLINED"])
async def test_a_lapsed_application_without_a_choice_is_ended_by_either_side(
    kit: ServiceKit, admin: Caller, crm: Caller, ended: str
) -> None:
    desk = await open_desk(kit, admin, crm)
    kit.clock.instant = datetime.fromisoformat(desk.application["approvable_until"])
    assert refusal(await desk.choose()) == LAPSED
    withdrawn = ended == "WITHDRAWN"
    answer = await (desk.do(desk.buyer, "withdrawal") if withdrawn else desk.decide(ended, "Too old"))
    assert ok(answer, 2)["state"] == ended


@pytest.mark.parametrize(("days", "published"), [((90, 90), True), ((90, 91), False)])
async def test_the_published_steps_of_a_form_fit_into_that_time(
    admin: Caller, days: tuple[int, int], published: bool
) -> None:
    steps = [step | {"days": number} for step, number in zip(form_body()["steps"], days, strict=True)]
    answer = await admin.post("/v1/application-forms", json=form_body(steps=steps))
    if published:
        ok(answer)
    else:
        assert refusal(answer) == (422, "APPLICATION_FORM_TOO_LONG")
        assert "181" in answer.text
