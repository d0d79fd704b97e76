"""SAL-03, M121: what staff did is looked for by the service, and told by other systems; each finding once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from chassis.events import to_json
from chassis.ids import new_id
from chassis.inbox import Record
from chassis.testing import Caller, ServiceKit
from compliance.conduct.cli import app
from compliance.conduct.screening import Screening
from services.compliance.tests.registers import Json, etag, ok
from services.compliance.tests.selling import SECOND, Deal, broken, filmed, make_ready, prepared

OBSERVED = "corebanking.conduct.v1"
DAY = timedelta(days=1)
#: What the service's own role could write (D1).
KEPT_AS_IF = """
INSERT INTO retention_sales (sale_id, recording_id, kind, form, sold_on, begun_at)
VALUES (:sale_id, :recording_id, 'WEALTH', 'OPEN_ENDED', CAST(:at AS date), :at)
"""


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate now."""
    return await make_ready(kit)


def officer(kit: ServiceKit) -> Caller:
    """Who looks into incidents."""
    return kit.client("compliance_officer", subject="officer-1")


async def screened(kit: ServiceKit) -> list[Json]:
    """The incidents that stand after a whole round."""
    screening = Screening()
    more = True
    while more:
        async with kit.session() as session:
            more = await screening.run(session, kit.clock, kit.settings)
    return await incidents(kit)


async def incidents(kit: ServiceKit) -> list[Json]:
    """The incidents that stand."""
    found: list[Json] = ok(await officer(kit).get("/v1/incidents"))["items"]
    return found


def findings(found: list[Json]) -> list[str]:
    """What was found: the signals."""
    return [str(one["finding"]).split(":", maxsplit=1)[0] for one in found]


# --- Found by the service ----------------------------------------------------------------------------------


@pytest.mark.rule("SAL-03", side="refuse")
@pytest.mark.mechanism("M121")
async def test_a_recording_without_a_sale_is_a_finding_on_the_sixth_day(deal: Deal) -> None:
    deal.kit.clock.advance(6 * DAY)
    (found,) = await screened(deal.kit)
    assert deal.recording is not None
    assert found["kind"] == "STAFF_ABNORMAL_BEHAVIOUR"
    assert found["finding"] == f"RECORDING_WITHOUT_SALE:{deal.recording['id']}"
    assert (found["seller_id"], found["outlet_id"]) == (deal.employee.id, deal.outlet_id)
    assert {"kind": "RECORDING", "id": deal.recording["id"]} in found["about"]
    assert await screened(deal.kit) == [found]
    assert await deal.kit.facts("compliance.conduct.alert_raised.v1") == []


async def test_a_keeping_without_a_sale_does_not_hide_it(deal: Deal) -> None:
    assert deal.recording is not None
    async with deal.kit.session() as session:
        row = {"sale_id": new_id(), "recording_id": deal.recording["id"], "at": deal.kit.clock.now()}
        await session.execute(text(KEPT_AS_IF), row)
    deal.kit.clock.advance(6 * DAY)
    assert findings(await screened(deal.kit)) == ["RECORDING_WITHOUT_SALE"]


@pytest.mark.rule("SAL-03", side="pass")
@pytest.mark.parametrize("days", [4, 5])
async def test_a_recording_may_wait_five_days_for_its_sale(deal: Deal, days: int) -> None:
    deal.kit.clock.advance(days * DAY)
    assert await screened(deal.kit) == []


@pytest.mark.rule("SAL-03", side="pass")
async def test_a_recording_with_its_sale_is_ordinary(deal: Deal) -> None:
    ok(await deal.sell())
    deal.kit.clock.advance(6 * DAY)
    assert await screened(deal.kit) == []


async def confirm_level(deal: Deal) -> None:
    """The customer stands by his new level (SUI-11)."""
    path = f"/v1/customers/{deal.customer['id']}"
    seen = ok(await deal.buyer.get(path))
    which = seen["assessment"]["id"]
    confirmation = f"{path}/assessments/{which}/confirmation"
    ok(await deal.buyer.post(confirmation, headers=etag(seen["version"])))


async def fitted(kit: ServiceKit, first: int, second: int, level: int, *, apart: timedelta = SECOND) -> Deal:
    """A sale of a product of ``level`` to a customer who was assessed twice, ``apart``."""
    deal = await prepared(kit, level=first, bank_risk_level=level)
    kit.clock.advance(apart)
    await deal.assess(second)
    if second != first:
        await confirm_level(deal)
    kit.clock.advance(SECOND)
    ok(await (await filmed(deal)).sell())
    return deal


@pytest.mark.rule("SAL-03", side="refuse")
@pytest.mark.mechanism("M121")
async def test_an_assessment_repeated_until_the_product_fits_is_a_finding(kit: ServiceKit) -> None:
    deal = await fitted(kit, 2, 3, 3)
    (found,) = await screened(kit)
    assert findings([found]) == ["ASSESSED_UNTIL_FIT"]
    assert found["seller_id"] == deal.employee.id
    assert len(await screened(kit)) == 1


@pytest.mark.rule("SAL-03", side="pass")
@pytest.mark.parametrize(("first", "second", "level"), [(3, 4, 3), (4, 3, 3), (3, 3, 3)])
async def test_an_assessment_that_changed_nothing_for_the_product_is_ordinary(
    kit: ServiceKit, first: int, second: int, level: int
) -> None:
    await fitted(kit, first, second, level)
    assert await screened(kit) == []


@pytest.mark.rule("SAL-03", side="pass")
async def test_another_level_on_another_day_is_ordinary(kit: ServiceKit) -> None:
    await fitted(kit, 2, 3, 3, apart=DAY)
    assert await screened(kit) == []


def ended(kit: ServiceKit, sale_id: str) -> Record:
    """Core banking reports the end of a contract."""
    data = {"sale_id": sale_id, "ended_on": "2026-03-01"}
    return kit.record("corebanking.contracts.v1", "corebanking.contract.ended.v1", sale_id, data)


@pytest.mark.rule("SAL-03", side="refuse")
async def test_a_contract_of_a_sale_that_was_never_recorded_is_a_finding(kit: ServiceKit) -> None:
    sale_id = str(new_id())
    await kit.deliver(ended(kit, sale_id))
    kit.clock.advance(5 * DAY)
    assert await screened(kit) == []
    kit.clock.advance(DAY)
    (found,) = await screened(kit)
    assert (found["finding"], found["seller_id"]) == (f"SALE_WITHOUT_RECORDING:{sale_id}", None)
    assert len(await screened(kit)) == 1


@pytest.mark.rule("SAL-03", side="pass")
async def test_a_contract_of_a_logged_sale_is_ordinary(deal: Deal) -> None:
    sale = ok(await deal.sell())
    await deal.kit.deliver(ended(deal.kit, sale["id"]))
    deal.kit.clock.advance(6 * DAY)
    assert await screened(deal.kit) == []


async def test_a_round_of_many_pages_ends(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.conduct.screening.PAGE", 1)
    await kit.deliver(*(ended(kit, str(new_id())) for _ in range(3)))
    await filmed(await prepared(kit))
    kit.clock.advance(6 * DAY)
    assert len(await screened(kit)) == 4


async def test_the_command_looks_at_everything(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command reads the real clock: what was sealed in March was sealed long ago, or not yet."""
    monkeypatch.setattr("compliance.conduct.cli.SystemClock", lambda: deal.kit.clock)
    monkeypatch.setattr("compliance.conduct.cli.Settings", lambda: deal.kit.settings)
    monkeypatch.setattr("compliance.retention.cli.Settings", lambda: deal.kit.settings)
    deal.kit.clock.advance(6 * DAY)
    for opened in (1, 0):
        result = await asyncio.to_thread(CliRunner().invoke, app, ["screen"])
        assert result.exit_code == 0, result.output
        assert f"incidents opened: {opened}" in result.output


# --- Told by other systems ---------------------------------------------------------------------------------


def observed(kit: ServiceKit, what: str, **data: Any) -> Record:
    """What core banking noticed."""
    return kit.record(OBSERVED, f"corebanking.conduct.{what}.v1", str(new_id()), to_json(data))


@pytest.mark.rule("SAL-02", side="refuse")
@pytest.mark.mechanism("M121")
async def test_an_unlisted_product_in_a_transcript_stops_the_seller(deal: Deal) -> None:
    assert deal.recording is not None
    told = {
        "observation_id": new_id(),
        "employee_id": deal.employee.id,
        "recording_id": deal.recording["id"],
        "product_named": "Golden Harvest",
    }
    for _ in range(2):
        await deal.kit.deliver(observed(deal.kit, "product_named", **told))
    (found,) = await incidents(deal.kit)
    assert (found["kind"], found["product_named"]) == ("OFF_BOOK_SALE_SUSPECTED", "Golden Harvest")
    assert broken(await deal.sell()) == [("SAL-02", "OFF_BOOK_SALE_SUSPECTED")]


@pytest.mark.rule("SAL-02", side="pass")
async def test_a_listed_product_in_a_transcript_is_ordinary(deal: Deal) -> None:
    told = {"observation_id": new_id(), "employee_id": deal.employee.id, "recording_id": None}
    await deal.kit.deliver(observed(deal.kit, "product_named", **told, product_named=deal.product["name"]))
    assert await incidents(deal.kit) == []
    ok(await deal.sell())


async def purchase(deal: Deal, after: timedelta) -> None:
    """The customer buys by himself, some time after the case was opened."""
    assert deal.case is not None
    told = {
        "purchase_id": new_id(),
        "customer_id": deal.customer["id"],
        "purchased_at": deal.kit.clock.now() + after,
    }
    for _ in range(2):
        await deal.kit.deliver(observed(deal.kit, "purchase_made", **told))


async def visited(kit: ServiceKit) -> Deal:
    """A customer whose case is opened at this instant."""
    deal = await prepared(kit)
    await deal.open_case()
    return deal


@pytest.mark.rule("SAL-03", side="refuse")
@pytest.mark.mechanism("M121")
@pytest.mark.parametrize("minutes", [59, 60])
async def test_a_purchase_soon_after_a_visit_is_a_finding(kit: ServiceKit, minutes: int) -> None:
    deal = await visited(kit)
    await purchase(deal, timedelta(minutes=minutes))
    (found,) = await incidents(kit)
    assert findings([found]) == ["BOUGHT_AFTER_VISIT"]
    assert (found["seller_id"], found["outlet_id"]) == (deal.employee.id, deal.outlet_id)


@pytest.mark.rule("SAL-03", side="pass")
@pytest.mark.parametrize("after", [timedelta(minutes=60, seconds=1), -SECOND])
async def test_a_purchase_long_after_a_visit_or_before_it_is_ordinary(
    kit: ServiceKit, after: timedelta
) -> None:
    await purchase(await visited(kit), after)
    assert await incidents(kit) == []


@pytest.mark.rule("SAL-03", side="pass")
async def test_a_purchase_after_a_visit_that_ended_in_a_sale_is_ordinary(deal: Deal) -> None:
    ok(await deal.sell())
    await purchase(deal, SECOND)
    assert await incidents(deal.kit) == []


async def transfers(
    kit: ServiceKit, employee_id: str, count: int, amount: int, currency: str = "CNY"
) -> None:
    """An employee's transfers."""
    told = {"employee_id": employee_id, "transfers": count, "amount_minor": amount, "currency": currency}
    await kit.deliver(observed(kit, "transfers_observed", observation_id=new_id(), **told))


@pytest.mark.rule("SAL-03", side="refuse")
@pytest.mark.mechanism("M121")
@pytest.mark.parametrize(
    ("count", "amount", "currency"), [(3, 100_000_000, "CNY"), (4, 100_000_001, "CNY"), (1, 1, "USD")]
)
async def test_frequent_large_transfers_are_a_finding(
    deal: Deal, count: int, amount: int, currency: str
) -> None:
    await transfers(deal.kit, deal.employee.id, count, amount, currency)
    (found,) = await incidents(deal.kit)
    assert findings([found]) == ["LARGE_TRANSFERS"]
    assert found["outlet_id"] == deal.outlet_id
    ok(await deal.sell())


@pytest.mark.rule("SAL-03", side="pass")
@pytest.mark.parametrize(("count", "amount"), [(2, 100_000_000), (3, 99_999_999)])
async def test_few_or_small_transfers_are_ordinary(deal: Deal, count: int, amount: int) -> None:
    await transfers(deal.kit, deal.employee.id, count, amount)
    assert await incidents(deal.kit) == []
