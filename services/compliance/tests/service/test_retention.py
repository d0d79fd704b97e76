"""How long a recording is kept, through the topics and the API: REC-07."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import new_id
from chassis.inbox import Record
from chassis.testing import ServiceKit
from compliance.retention import clocks
from compliance.retention.audit import suspicions
from compliance.rulebook.facts import ProductForm, ProductKind
from services.compliance.tests.filming import folder_of
from services.compliance.tests.keeping import (
    DAY_AFTER,
    LAST_DAY,
    PAID_ON,
    Keeper,
    broken,
    last_instant,
    noon,
)
from services.compliance.tests.registers import ok

NOT_EXPIRED = ("REC-07", "RETENTION_NOT_EXPIRED")


@pytest.mark.rule("REC-07", side="refuse")
async def test_through_its_last_day_a_recording_is_not_disposed_of(kit: ServiceKit, keeper: Keeper) -> None:
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(last_instant(LAST_DAY))
    response = await keeper.dispose()
    assert broken(response) == [NOT_EXPIRED]
    assert "2026-09-10" in response.json()["violations"][0]["messages"]["zh-CN"]
    # The refusal is a record, with its fact and its decision; nothing else has changed.
    attempt = response.json()["record"]
    assert ok(await kit.client("auditor").get(response.headers["location"])) == attempt
    assert (attempt["result"], attempt["certificate"]) == ("refused", None)
    (fact,) = await kit.facts("compliance.disposal.refused.v1")
    assert (fact.key, fact.data["codes"]) == (attempt["id"], ["RETENTION_NOT_EXPIRED"])
    assert fact.data["decision"] == attempt["decision"]
    assert (await keeper.read())["state"] == "KEPT"
    # Its release is kept too, so that it can be decided again.
    async with kit.session() as session:
        assert await suspicions(session, kit.clock.now()) == []


@pytest.mark.rule("REC-07", side="pass")
async def test_the_day_after_it_is_disposed_of_and_the_record_stays(kit: ServiceKit, keeper: Keeper) -> None:
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(last_instant(LAST_DAY) + timedelta(seconds=1))
    response = await keeper.dispose()
    assert response.status_code == 202, response.text
    authorised = response.json()
    assert (authorised["result"], authorised["retain_until"]) == ("passed", "2026-09-10")
    assert (await keeper.read())["state"] == "DISPOSING"
    assert list(folder_of(kit, keeper.recording_id).iterdir()) != []
    assert await keeper.complete()
    assert not await keeper.complete()
    assert list(folder_of(kit, keeper.recording_id).iterdir()) == []
    done = ok(await kit.client("auditor").get(response.headers["location"]))
    assert (done["ending"], done["certificate"]) == ("DISPOSED", authorised["certificate"])
    (fact,) = await kit.facts("compliance.recording.disposed.v1")
    assert fact.data["certificate"] == done["certificate"]
    recording = ok(await kit.client("auditor").get(f"/v1/recordings/{keeper.recording_id}"), fact.sequence)
    assert recording["state"] == "DISPOSED"
    verified = await kit.client("auditor").get(f"/v1/recordings/{keeper.recording_id}/verification")
    assert ok(verified)["intact"] is True


async def test_every_row_is_explained(keeper: Keeper) -> None:
    sale_id = await keeper.sell()
    before = await keeper.read()
    assert (before["retain_until"], before["rows"][0]["missing"]) == (None, ["anchor.FINAL_PAYOUT"])
    await keeper.pay_out()
    after = await keeper.read()
    (row,) = after["rows"]
    assert (row["rule"], row["sale_id"], row["until"]) == ("REC-07", sale_id, "2026-09-10")
    assert "六个月" in row["requirement_zh"]
    assert row["citation"].startswith("《")
    assert [(item["kind"], item["claimed_on"]) for item in row["anchors"]] == [("FINAL_PAYOUT", "2026-03-10")]
    assert after["retain_until"] == after["floor"] == "2026-09-10"


async def test_a_pay_out_before_its_sale_waits_and_is_joined(kit: ServiceKit, keeper: Keeper) -> None:
    sale_id = str(new_id())
    await keeper.pay_out(sale_id=sale_id)
    auditor = kit.client("auditor")
    waiting = ok(await auditor.get("/v1/retention/unmatched"))
    assert (waiting["total"], waiting["items"][0]["sale_id"]) == (1, sale_id)
    await keeper.sell(sale_id)
    assert ok(await auditor.get("/v1/retention/unmatched"))["total"] == 0
    assert (await keeper.read())["retain_until"] == "2026-09-10"


async def test_a_pay_out_that_is_not_final_starts_nothing(keeper: Keeper) -> None:
    await keeper.sell()
    await keeper.pay_out(final=False)
    assert (await keeper.read())["retain_until"] is None
    await keeper.go_to(noon(date(2036, 1, 1)))
    assert broken(await keeper.dispose()) == [NOT_EXPIRED]


async def test_a_backdated_pay_out_counts_from_the_day_on_which_it_was_reported(
    kit: ServiceKit, keeper: Keeper
) -> None:
    await keeper.sell()
    kit.clock.instant = noon(date(2026, 8, 10))
    await keeper.take(keeper.paid_out(PAID_ON))
    assert (await keeper.read())["retain_until"] == "2027-02-10"
    await keeper.go_to(noon(DAY_AFTER))
    assert broken(await keeper.dispose()) == [NOT_EXPIRED]


async def test_a_repeated_fact_is_taken_once(kit: ServiceKit, keeper: Keeper) -> None:
    await keeper.sell()
    await keeper.pay_out()
    fact = keeper.paid_out(PAID_ON)
    assert await kit.deliver(fact) == 1
    assert await kit.deliver(fact) == 0
    assert (await keeper.read())["retain_until"] == "2026-09-10"


@pytest.mark.parametrize(
    ("told", "until"),
    [
        pytest.param(lambda keeper: [keeper.paid_out(PAID_ON)], "2026-09-10", id="same content, other id"),
        pytest.param(lambda keeper: [keeper.paid_out(date(2026, 3, 5))], "2026-09-10", id="earlier day"),
        pytest.param(lambda keeper: [keeper.paid_out(date(2020, 1, 1))], "2026-09-10", id="before the sale"),
        pytest.param(lambda keeper: [keeper.paid_out(date(2027, 1, 1))], "2026-09-10", id="in the future"),
        pytest.param(lambda keeper: [keeper.ended(date(2026, 3, 3))], "2026-09-10", id="ended earlier"),
        pytest.param(lambda keeper: [keeper.ended(date(2026, 3, 15))], "2026-09-15", id="ended later"),
        pytest.param(
            lambda keeper: [keeper.paid_out(date(2026, 3, 15), final=False)], "2026-09-15", id="one more"
        ),
    ],
)
async def test_a_second_report_never_shortens(
    kit: ServiceKit, keeper: Keeper, told: Callable[[Keeper], list[Record]], until: str
) -> None:
    await keeper.sell()
    await keeper.pay_out()
    kit.clock.instant = noon(date(2026, 3, 15))
    await keeper.take(*told(keeper))
    assert (await keeper.read())["retain_until"] == until
    await keeper.go_to(last_instant(date.fromisoformat(until)))
    assert broken(await keeper.dispose()) == [NOT_EXPIRED]


async def test_a_pay_out_that_does_not_say_whether_it_is_final_is_not_taken(keeper: Keeper) -> None:
    await keeper.sell()
    with pytest.raises(ValidationError):
        await keeper.pay_out(final="true")
    assert (await keeper.read())["retain_until"] is None


async def test_a_recording_that_proves_two_sales_is_kept_for_the_later_one(keeper: Keeper) -> None:
    await keeper.sell()
    await keeper.pay_out()
    await keeper.sell()
    assert (await keeper.read())["retain_until"] is None
    await keeper.take(keeper.paid_out(PAID_ON, sale_id=keeper.sales[1]))
    assert (await keeper.read())["retain_until"] == "2026-09-10"


async def test_a_recording_without_a_sale_is_kept(keeper: Keeper) -> None:
    await keeper.go_to(noon(date(2040, 1, 1)))
    # Its case is open, about a product that nobody has listed.
    assert broken(await keeper.dispose()) == [("ABN-01", NOT_EXPIRED[1])] * 2


async def test_an_unconfirmed_row_keeps(keeper: Keeper) -> None:
    await keeper.sell(kind=ProductKind.FUND, form=ProductForm.OPEN_ENDED, term_months=None)
    await keeper.pay_out()
    await keeper.take(keeper.ended(PAID_ON))
    await keeper.go_to(noon(date(2060, 1, 1)))
    assert ("REC-15", "RETENTION_UNCONFIRMED") in broken(await keeper.dispose())
    assert (await keeper.read())["retain_until"] is None


async def insure(keeper: Keeper) -> None:
    """Insurance of one year, sold and ended: kept five years from the end of the contract."""
    await keeper.sell(kind=ProductKind.INSURANCE, term_months=12)
    await keeper.pay_out()
    await keeper.take(keeper.ended(PAID_ON))
    assert (await keeper.read())["retain_until"] == "2031-03-10"


@pytest.mark.rule("REC-09", side="refuse")
async def test_insurance_is_kept_five_years(keeper: Keeper) -> None:
    await insure(keeper)
    await keeper.go_to(last_instant(date(2031, 3, 10)))
    assert broken(await keeper.dispose()) == [("REC-09", "RETENTION_NOT_EXPIRED")]


@pytest.mark.rule("REC-09", side="pass")
async def test_insurance_is_not_kept_any_longer(keeper: Keeper) -> None:
    await insure(keeper)
    await keeper.go_to(noon(date(2031, 3, 11)))
    assert (await keeper.dispose()).status_code == 202


async def test_a_sale_and_its_pay_out_at_one_moment_do_not_overlook_each_other(
    kit: ServiceKit, keeper: Keeper
) -> None:
    kit.clock.instant = noon(PAID_ON)
    sales = [str(new_id()) for _ in range(6)]
    await asyncio.gather(
        *(keeper.sell(sale_id) for sale_id in sales),
        *(keeper.take(keeper.paid_out(sale_id=sale_id)) for sale_id in sales),
    )
    kept = await keeper.read()
    assert [len(sale["anchors"]) for sale in kept["sales"]] == [1] * 6
    assert kept["retain_until"] == kept["floor"] == "2026-09-10"


async def test_a_stale_register_of_complaints_keeps(kit: ServiceKit, keeper: Keeper) -> None:
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))
    kit.clock.advance(timedelta(seconds=16))
    assert broken(await keeper.dispose()) == [("REC-08", "REGISTER_STALE")]


@pytest.mark.parametrize("step", [timedelta(days=365), timedelta(seconds=6), timedelta(seconds=-6)])
async def test_a_clock_that_the_database_does_not_share_unlocks_nothing(
    kit: ServiceKit, keeper: Keeper, monkeypatch: pytest.MonkeyPatch, step: timedelta
) -> None:
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))

    async def elsewhere(session: AsyncSession) -> datetime:
        return kit.clock.now() - step

    monkeypatch.setattr(clocks, "database_clock", elsewhere)
    assert broken(await keeper.dispose()) == [("REC-07", "CLOCK_UNTRUSTED")]


async def test_a_clock_far_from_the_last_fact_unlocks_nothing_however_often_one_asks(
    kit: ServiceKit, keeper: Keeper
) -> None:
    await keeper.sell()
    await keeper.pay_out()
    kit.clock.instant = noon(DAY_AFTER)
    await kit.beat("feedback.complaints.v1")
    for _ in range(2):
        assert broken(await keeper.dispose()) == [("REC-07", "CLOCK_UNTRUSTED")]
