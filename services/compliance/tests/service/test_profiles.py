"""M065 through the routes: a file on a customer's needs and finances, with consent and a last day."""

from datetime import date, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from chassis.runtime import run_job
from chassis.testing import Caller, ServiceKit
from compliance.personal_data.sealing import SealUnreadable, keyring, parsed
from compliance.profiles.commands import removal, reseal_profiles
from deploy.keyring import with_new_key
from services.compliance.tests.consenting import agree, content_body, crm_of, customer, publish, withdraw
from services.compliance.tests.keeping import last_instant
from services.compliance.tests.registers import Json, etag, ok, refusal

NOTE = "Grows apples, wants a cold store"
FILE = {
    "kind": "FARMER",
    "needs": ["FARM_LOAN", "DEPOSIT"],
    "household_members": 4,
    "finances": {
        "yearly_income_minor": 8_000_000,
        "debts_minor": 1_200_000,
        "currency": "CNY",
        "land_mu": 12,
    },
    "note": NOTE,
}
#: Written on 2026-03-02 under a notice of 24 months.
LAST_DAY = date(2028, 3, 2)


async def consented(kit: ServiceKit, *kinds: str) -> tuple[Json, Json]:
    """A customer who agreed to a file of these kinds, and his consent."""
    who = await customer(kit)
    notice = await publish(kit, "CUSTOMER_FILE", content=content_body(kinds=list(kinds)))
    return who, await agree(kit, notice, who)


async def write(kit: ServiceKit, who: Json, **given: Any) -> httpx.Response:
    """The file is written at the counter."""
    version = ok(await crm_of(kit).get(f"/v1/customers/{who['id']}"))["version"]
    seller = kit.client("seller", subject="seller-1")
    path = f"/v1/customers/{who['id']}/profile"
    return await seller.put(path, json=FILE | given, headers=etag(version))


async def read(kit: ServiceKit, who: Json, purpose: str = "ADVICE") -> httpx.Response:
    """The seller reads the file."""
    seller = kit.client("seller", subject="seller-1")
    return await seller.post(f"/v1/customers/{who['id']}/profile/readings", json={"purpose": purpose})


@pytest.mark.mechanism("M065")
async def test_with_consent_there_is_a_file_sealed_until_its_last_day_and_read_on_record(
    kit: ServiceKit,
) -> None:
    who, consent = await consented(kit, "NEEDS", "FINANCES")
    entry = ok(await write(kit, who))
    assert (entry["consent_id"], entry["retain_until"]) == (consent["id"], LAST_DAY.isoformat())
    assert ok(await kit.client("auditor").get(f"/v1/customers/{who['id']}/profile")) == entry
    content = ok(await read(kit, who))
    assert {name: content[name] for name in FILE} == FILE | {"needs": ["DEPOSIT", "FARM_LOAN"]}
    (access,) = ok(await kit.client("auditor").get("/v1/personal_data/accesses"))["items"]
    assert (access["kind"], access["customer_id"], access["accessed_by"]) == (
        "PROFILE",
        who["id"],
        "seller-1",
    )
    assert refusal(await read(kit, who, "AUTHORITY")) == (403, "PII_PURPOSE_NOT_ALLOWED")
    again = ok(await write(kit, who, note=None, finances=None))
    assert again["written_at"] == entry["written_at"]
    assert ok(await read(kit, who))["note"] is None
    with psycopg.connect(kit.database.owner_url) as owner:
        kept = repr(owner.execute(b"SELECT * FROM customer_profiles").fetchall())
        kept += repr(owner.execute(b"SELECT * FROM idempotency").fetchall())
    assert NOTE not in kept
    assert "FARM_LOAN" not in kept


@pytest.mark.mechanism("M065")
@pytest.mark.parametrize("kinds", [["FINANCES"], ["NEEDS"], ["PHONE"]])
async def test_without_a_consent_that_covers_it_there_is_no_file(kit: ServiceKit, kinds: list[str]) -> None:
    who, _ = await consented(kit, *kinds)
    assert refusal(await write(kit, who)) == (422, "PROFILE_CONSENT_MISSING")
    needs_alone = await write(kit, who, finances=None)
    assert (needs_alone.status_code == 200) == (kinds == ["NEEDS"])


@pytest.mark.mechanism("M065")
async def test_a_withdrawal_closes_the_file_at_once_and_the_job_removes_it(
    kit: ServiceKit, officer: Caller
) -> None:
    who, consent = await consented(kit, "NEEDS", "FINANCES")
    ok(await write(kit, who))
    await withdraw(kit, consent)
    assert refusal(await read(kit, who)) == (422, "PROFILE_CONSENT_MISSING")
    assert refusal(await write(kit, who)) == (422, "PROFILE_CONSENT_MISSING")
    await run_job(kit.sessions, kit.clock, kit.settings, removal)
    assert refusal(await read(kit, who)) == (404, "NOT_FOUND")
    (ending,) = ok(await officer.get(f"/v1/customers/{who['id']}/profile/endings"))["items"]
    assert (ending["reason"], ending["consent_id"]) == ("WITHDRAWN", consent["id"])


@pytest.mark.mechanism("M065")
async def test_the_file_is_kept_through_its_last_day_and_not_longer(kit: ServiceKit) -> None:
    who, _ = await consented(kit, "NEEDS", "FINANCES")
    ok(await write(kit, who))
    kit.clock.instant = last_instant(LAST_DAY)
    await run_job(kit.sessions, kit.clock, kit.settings, removal)
    ok(await read(kit, who))
    kit.clock.instant += timedelta(seconds=1)
    assert refusal(await read(kit, who)) == (422, "PROFILE_CONSENT_MISSING")
    await run_job(kit.sessions, kit.clock, kit.settings, removal)
    officer = kit.client("compliance_officer")
    (ending,) = ok(await officer.get(f"/v1/customers/{who['id']}/profile/endings"))["items"]
    assert ending["reason"] == "EXPIRED"


async def test_after_a_change_of_keys_the_files_are_resealed(kit: ServiceKit) -> None:
    who, _ = await consented(kit, "NEEDS", "FINANCES")
    ok(await write(kit, who))
    new = parsed(with_new_key(kit.further["keyring_file"].read_text()))
    async with kit.session() as session:
        assert [await reseal_profiles(session, new, 5) for _ in range(2)] == [1, 0]
    assert refusal(await read(kit, who)) == (503, "PERSONAL_DATA_UNREADABLE")
    async with kit.session() as session:
        old = keyring(kit.settings)
        with pytest.raises(SealUnreadable):
            await reseal_profiles(session, old, 5)
