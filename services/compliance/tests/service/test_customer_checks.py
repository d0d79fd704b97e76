"""AML-01 and SAL-08 at the gate: checks that another system told of, and whose hands were on the sale."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from chassis.ids import new_id
from chassis.inbox import Poison, Record
from chassis.testing import ServiceKit
from services.compliance.tests.registers import Json, introduce, ok
from services.compliance.tests.selling import SECOND, Deal, broken, filmed, make_ready, prepared

TOPIC, CHECKED = "crm.customers.v1", "crm.customer.checked.v1"
TODAY = date(2026, 3, 2)
PENDING = [("AML-01", "CUSTOMER_CHECK_PENDING")]
ACTED = [("SAL-08", "ACTING_FOR_CUSTOMER")]


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate now, on 2 March 2026."""
    return await make_ready(kit)


def checked(deal: Deal, sequence: int, until: date | None = None, **given: Any) -> Record:
    """What the CRM tells of the deal's customer, as its own version ``sequence``."""
    day = None if until is None else until.isoformat()
    data = {"customer_id": deal.customer["id"], "cleared": True, "cleared_until": day} | given
    return deal.kit.record(TOPIC, CHECKED, str(data["customer_id"]), data, sequence=sequence)


# --- AML-01 ------------------------------------------------------------------------------------------------


@pytest.mark.rule("AML-01", side="refuse")
async def test_after_the_last_day_of_his_document_the_customer_buys_nothing(deal: Deal) -> None:
    await deal.kit.deliver(checked(deal, 1, TODAY - timedelta(days=1)))
    assert broken(await deal.sell()) == PENDING


@pytest.mark.rule("AML-01", side="pass")
@pytest.mark.parametrize("until", [TODAY, TODAY + timedelta(days=1), None])
async def test_through_the_last_day_he_buys(deal: Deal, until: date | None) -> None:
    await deal.kit.deliver(checked(deal, 1, until))
    assert (await deal.sell()).status_code == 201


@pytest.mark.rule("AML-01", side="refuse")
async def test_from_the_day_on_which_something_stands_he_buys_nothing(deal: Deal) -> None:
    await deal.kit.deliver(checked(deal, 1), checked(deal, 2, cleared=False))
    assert broken(await deal.sell()) == PENDING


@pytest.mark.rule("AML-01", side="pass")
async def test_the_next_status_lifts_it(deal: Deal) -> None:
    await deal.kit.deliver(checked(deal, 1, cleared=False))
    assert broken(await deal.sell()) == PENDING
    await deal.kit.deliver(checked(deal, 2, TODAY))
    assert (await deal.sell()).status_code == 201


async def test_the_newest_status_counts_in_whatever_order_they_come(deal: Deal) -> None:
    await deal.kit.deliver(checked(deal, 3, cleared=False), checked(deal, 2), checked(deal, 3))
    assert broken(await deal.sell()) == PENDING


async def test_what_is_told_of_another_customer_changes_nothing(kit: ServiceKit) -> None:
    """N4: one who is not registered here is kept and counted."""
    deal, stranger = await make_ready(kit), str(new_id())
    await kit.deliver(checked(deal, 1, customer_id=stranger, cleared=False))
    assert (await deal.sell()).status_code == 201
    async with kit.session() as session:
        kept = await session.scalar(text("SELECT count(*) FROM customer_checks"))
    assert kept == 1


async def test_a_status_bumps_the_customers_head(deal: Deal) -> None:
    """G1: once for each that is news."""
    path, crm = f"/v1/customers/{deal.customer['id']}", deal.kit.client("integration", subject="crm")
    before = ok(await crm.get(path))["version"]
    await deal.kit.deliver(checked(deal, 1), checked(deal, 1))
    assert ok(await crm.get(path))["version"] == before + 1


async def test_the_seller_sees_no_reason(deal: Deal) -> None:
    """A document that ended yesterday and a freeze of today look the same to him."""
    shown = []
    freeze: Json = {"cleared": False}
    document: Json = {"cleared_until": "2026-03-01"}
    for sequence, told in enumerate((freeze, document), start=1):
        await deal.kit.deliver(checked(deal, sequence, **told))
        refused = (await deal.sell()).json()
        decision = ok(await deal.seller.get(f"/v1/decisions/{refused['record']['decision_id']}"))
        shown.append((refused["violations"], decision["inputs"]["check"]))
    assert shown[0] == shown[1]
    (violation,) = shown[0][0]
    assert violation["messages"]["zh-CN"] == "客户信息需要核实,暂不能办理;请客户到柜台核实信息。"


async def test_a_status_without_a_version_or_with_two_meanings_is_not_taken(deal: Deal) -> None:
    with pytest.raises(Poison):
        await deal.kit.deliver(checked(deal, 0))
    with pytest.raises(ValidationError):
        await deal.kit.deliver(checked(deal, 1, TODAY, cleared=False))
    assert (await deal.sell()).status_code == 201


# --- SAL-08 ------------------------------------------------------------------------------------------------


async def buying_colleague(kit: ServiceKit) -> Deal:
    """A deal of seller-1 whose customer is seller-1 too, under his own token's subject."""
    deal = await prepared(kit, level=None)
    deal.customer = await introduce(kit.client("integration", subject="crm"), "seller-1")
    await deal.assess()
    kit.clock.advance(SECOND)
    return deal


@pytest.mark.rule("SAL-08", side="refuse")
async def test_a_seller_does_not_sell_to_himself(kit: ServiceKit) -> None:
    refused = await (await filmed(await buying_colleague(kit))).sell()
    assert broken(refused) == ACTED
    assert "does not sell to himself" in refused.json()["violations"][0]["messages"]["en"]


@pytest.mark.rule("SAL-08", side="pass")
async def test_a_colleague_sells_to_him(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None, subject="seller-2")
    deal.customer = await introduce(kit.client("integration", subject="crm"), "seller-1")
    await deal.assess()
    kit.clock.advance(SECOND)
    assert (await (await filmed(deal)).sell()).status_code == 201


async def imported(kit: ServiceKit, by: str) -> Deal:
    """A deal that rests on an assessment which the token subject ``by`` imported."""
    deal = await prepared(kit, level=None)
    path = f"/v1/customers/{deal.customer['id']}"
    importer = kit.client("integration", subject=by)
    version = ok(await importer.get(path))["version"]
    body = {"level": 2, "completed_at": "2026-03-01T02:00:00Z", "source": "crm", "place": "OUTLET"}
    ok(await importer.post(f"{path}/imported_assessments", json=body, headers={"If-Match": f'"{version}"'}))
    return await filmed(deal)


@pytest.mark.rule("SAL-08", side="refuse")
async def test_an_assessment_that_the_seller_brought_in_does_not_count(kit: ServiceKit) -> None:
    assert broken(await (await imported(kit, "seller-1")).sell()) == ACTED


@pytest.mark.rule("SAL-08", side="pass")
async def test_an_assessment_that_a_system_brought_in_counts(kit: ServiceKit) -> None:
    assert (await (await imported(kit, "crm")).sell()).status_code == 201


async def test_the_decision_names_no_subject(deal: Deal) -> None:
    sale = ok(await deal.sell())
    shown = await deal.seller.get(f"/v1/decisions/{sale['decision_id']}")
    assert deal.customer["subject"] not in shown.text
    hands = {"assessed": "CUSTOMER", "consented": "CUSTOMER", "buys_himself": False}
    assert ok(shown)["inputs"]["hands"] == hands
