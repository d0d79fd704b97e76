"""SUI-11 through the routes: a level that differs from the one before waits for the customer's own word."""

from datetime import timedelta

import httpx
import pytest

from chassis.testing import ServiceKit
from services.compliance.tests.registers import Json, etag, ok, refusal, register
from services.compliance.tests.selling import SECOND, Deal, broken, filmed, prepared

PENDING = [("SUI-11", "ASSESSMENT_RECONFIRMATION_PENDING")]


async def assessed(kit: ServiceKit, *levels: int) -> Deal:
    """A deal whose customer was assessed with these levels, one after the other, ready for the gate."""
    deal = await prepared(kit, level=None)
    for level in levels:
        await deal.assess(level)
    kit.clock.advance(SECOND)
    return await filmed(deal)


async def confirm(deal: Deal, assessment_id: str | None = None) -> httpx.Response:
    """The customer confirms the level that counts, or another one."""
    path = f"/v1/customers/{deal.customer['id']}"
    seen = ok(await deal.buyer.get(path))
    which = assessment_id or seen["assessment"]["id"]
    return await deal.buyer.post(f"{path}/assessments/{which}/confirmation", headers=etag(seen["version"]))


async def of(deal: Deal) -> Json:
    """The customer as he sees himself."""
    return ok(await deal.buyer.get(f"/v1/customers/{deal.customer['id']}"))


@pytest.mark.rule("SUI-11", side="refuse")
@pytest.mark.parametrize("levels", [(2, 3), (3, 2)], ids=["up", "down"])
async def test_a_changed_level_is_not_used_before_the_customer_confirms_it(
    kit: ServiceKit, levels: tuple[int, ...]
) -> None:
    deal = await assessed(kit, *levels)
    assert (await of(deal))["awaits_confirmation"] is True
    assert broken(await deal.sell()) == PENDING
    check = await deal.check()
    assert check["result"] == "held"


@pytest.mark.rule("SUI-11", side="pass")
@pytest.mark.parametrize("levels", [(2, 3), (3, 2)], ids=["up", "down"])
async def test_a_confirmed_level_is_used(kit: ServiceKit, levels: tuple[int, ...]) -> None:
    deal = await assessed(kit, *levels)
    assert ok(await confirm(deal))["awaits_confirmation"] is False
    assert (await deal.sell()).status_code == 201


@pytest.mark.rule("SUI-11", side="pass")
async def test_the_same_level_needs_no_confirmation(kit: ServiceKit) -> None:
    deal = await assessed(kit, 2, 2)
    assert (await of(deal))["awaits_confirmation"] is False
    assert (await deal.sell()).status_code == 201


@pytest.mark.rule("SUI-11", side="refuse")
async def test_repeating_an_unconfirmed_level_does_not_make_it_count(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None)
    await deal.import_assessment(kit.clock.now() - timedelta(days=1), level=2)
    await deal.assess(4)
    await deal.assess(4)
    kit.clock.advance(SECOND)
    await filmed(deal)
    assert broken(await deal.sell()) == PENDING
    ok(await confirm(deal))
    assert (await deal.sell()).status_code == 201


async def test_only_the_customer_confirms_and_only_what_waits(kit: ServiceKit) -> None:
    deal = await assessed(kit, 2, 3)
    path = f"/v1/customers/{deal.customer['id']}"
    seen = await of(deal)
    target = f"{path}/assessments/{seen['assessment']['id']}/confirmation"
    by_seller = await deal.seller.post(target, headers=etag(seen["version"]))
    assert refusal(by_seller) == (403, "ACTION_FORBIDDEN")
    other = await register(kit.client("integration", subject="crm"), "customer-other")
    stranger = kit.client("customer", outlets=(), subject=other["subject"])
    assert refusal(await stranger.post(target, headers=etag(seen["version"])))[0] == 404
    first = ok(await deal.buyer.get(f"{path}/assessments"))["items"][0]
    assert refusal(await confirm(deal, first["id"])) == (409, "CONFIRMATION_NOT_NEEDED")
    ok(await confirm(deal))
    assert refusal(await confirm(deal)) == (409, "CONFIRMATION_NOT_NEEDED")
    assert refusal(await deal.buyer.post(target, headers=etag(seen["version"]))) == (412, "VERSION_STALE")
