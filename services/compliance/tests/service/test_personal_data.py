"""PRI-09 and PRI-10 through the routes: fields sealed, masked, and revealed for a purpose on record."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from chassis.testing import Caller, ServiceKit
from compliance.personal_data import queries
from compliance.personal_data.commands import reseal
from compliance.personal_data.domain import CUSTOMERS_A_DAY, PersonalField
from compliance.personal_data.sealing import SealUnreadable, keyring, parsed
from deploy.keyring import new_keyring, with_new_key
from services.compliance.tests.registers import Json, etag, ok, refusal, register

PERSON = {
    "name": "欧阳测试",
    "identity_type": "RESIDENT_ID",
    "identity_number": "11010519491231002x",
    "identity_expires_on": "2027-03-01",
    "phone": "+86 139-0000-1111",
    "address": "Somewhere Road 7",
    "birth_date": "1949-12-31",
}
CLEAR = ("欧阳", "11010519491231002", "13900001111", "Somewhere", "1949-12-31", "2027-03-01")


async def person(kit: ServiceKit, subject: str = "customer-1", **given: Any) -> Json:
    """A customer whose personal fields were entered from his document."""
    crm = kit.client("integration", subject="crm")
    who = await register(crm, subject)
    path = f"/v1/customers/{who['id']}/personal_data"
    ok(await crm.put(path, json=PERSON | given, headers=etag(1)), 2)
    return who


def ask(who: Json, *fields: str, purpose: str = "CONTACT", **given: Any) -> Json:
    """What a reveal asks."""
    return {"customer_id": who["id"], "fields": list(fields), "purpose": purpose} | given


async def records(kit: ServiceKit, **wanted: str) -> list[Json]:
    """The uses on record, as the auditor lists them."""
    auditor = kit.client("auditor", subject="auditor-1")
    items: list[Json] = ok(await auditor.get("/v1/personal_data/accesses", params=wanted))["items"]
    return items


def rows(kit: ServiceKit, table: str) -> str:
    """Everything that a table holds, as the owner of the database sees it."""
    with psycopg.connect(kit.database.owner_url) as connection:
        return repr(connection.execute(f"SELECT * FROM {table}".encode()).fetchall())


@pytest.mark.rule("PRI-09", side="refuse")
@pytest.mark.parametrize("role", ["auditor", "customer", "product_admin"])
async def test_a_role_without_the_task_sees_no_clear_field(kit: ServiceKit, role: str) -> None:
    who = await person(kit)
    refused = await kit.client(role).post("/v1/personal_data/reveals", json=ask(who, "PHONE"))
    assert refusal(refused) == (403, "ACTION_FORBIDDEN")
    assert await records(kit) == []


@pytest.mark.rule("PRI-09", side="refuse")
async def test_a_role_sees_none_for_a_purpose_that_is_not_its_own(kit: ServiceKit, seller: Caller) -> None:
    who = await person(kit)
    for purpose in ("COMPLAINT", "AUTHORITY", "DATA_REQUEST"):
        asked = ask(who, "PHONE", purpose=purpose)
        refused = await seller.post("/v1/personal_data/reveals", json=asked)
        assert refusal(refused) == (403, "PII_PURPOSE_NOT_ALLOWED")
    without = await seller.post("/v1/personal_data/reveals", json=ask(who, "PHONE") | {"purpose": None})
    assert without.status_code == 422
    assert await records(kit) == []


@pytest.mark.rule("PRI-09", side="pass")
async def test_a_role_with_a_purpose_sees_what_it_asked_for(kit: ServiceKit, seller: Caller) -> None:
    who = await person(kit)
    asked = ask(who, "PHONE", "NAME", matter_id="visit-7")
    shown = ok(await seller.post("/v1/personal_data/reveals", json=asked))
    assert shown["fields"] == dict.fromkeys(shown["fields"]) | {"name": "欧阳测试", "phone": "+8613900001111"}


@pytest.mark.rule("PRI-09", side="pass")
async def test_everybody_else_sees_masks_and_the_tables_hold_seals(kit: ServiceKit, seller: Caller) -> None:
    who = await person(kit)
    path = f"/v1/customers/{who['id']}/personal_data"
    masked = {
        "name": "欧***",
        "identity_type": "RESIDENT_ID",
        "identity_number": "**************002X",
        "identity_expires_on": "****-**-**",
        "phone": "**********1111",
        "address": "****",
        "birth_date": "****-**-**",
    }
    himself = kit.client("customer", outlets=(), subject="customer-1")
    for caller in (seller, kit.client("auditor"), kit.client("complaint_handler"), himself):
        assert ok(await caller.get(path), 2)["fields"] == masked
    changed = await seller.put(path, json={"address": "Elsewhere 9"}, headers=etag(2))
    assert ok(changed, 3)["fields"] == masked
    everything = "".join(rows(kit, table) for table in ("personal_fields", "idempotency", "fact"))
    assert not [text for text in (*CLEAR, "Elsewhere") if text in everything]


@pytest.mark.rule("PRI-10", side="refuse")
async def test_what_cannot_be_recorded_is_not_shown(kit: ServiceKit, seller: Caller) -> None:
    who = await person(kit)
    role = "compliance_app"
    with psycopg.connect(kit.database.owner_url, autocommit=True) as owner:
        owner.execute(f"REVOKE INSERT ON personal_data_accesses FROM {role}".encode())
        try:
            answers = [
                await seller.post("/v1/personal_data/reveals", json=ask(who, "PHONE")),
                await seller.post(
                    "/v1/personal_data/searches", json={"phone": "13900001111", "purpose": "CONTACT"}
                ),
            ]
        finally:
            owner.execute(f"GRANT INSERT ON personal_data_accesses TO {role}".encode())
    for answer in answers:
        assert refusal(answer) == (503, "PII_ACCESS_UNLOGGED")
        assert not [text for text in CLEAR if text in answer.text]
    assert await records(kit) == []


@pytest.mark.rule("PRI-10", side="pass")
async def test_each_reveal_and_each_search_leaves_one_record(kit: ServiceKit, seller: Caller) -> None:
    who = await person(kit)
    asked = ask(who, "PHONE", "NAME", matter_id="visit-7")
    key = {"Idempotency-Key": "the-same"}
    shown = [
        ok(await seller.post("/v1/personal_data/reveals", json=asked, headers=key))["access_id"]
        for _ in range(2)
    ]
    found = ok(
        await seller.post("/v1/personal_data/searches", json={"phone": "13900001111", "purpose": "ADVICE"})
    )
    assert [item["customer_id"] for item in found["items"]] == [who["id"]]
    listed = await records(kit)
    assert [item["id"] for item in listed[:2]] == shown
    assert {item["kind"] for item in listed} == {"REVEAL", "SEARCH"}
    assert len(listed) == 3
    first = listed[0]
    assert (first["accessed_by"], first["purpose"], first["matter_id"]) == ("seller-1", "CONTACT", "visit-7")
    assert first["fields"] == ["NAME", "PHONE"]
    assert first["customer_id"] == who["id"]
    assert await records(kit, accessed_by="somebody else") == []
    assert len(await records(kit, customer_id=who["id"])) == 3
    assert not [text for text in CLEAR if text in json.dumps(listed)]
    with psycopg.connect(kit.database.app_url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(b"DELETE FROM personal_data_accesses")


@pytest.mark.rule("PRI-10", side="refuse")
async def test_an_identity_number_needs_the_grant_of_a_second_person(
    kit: ServiceKit, seller: Caller, officer: Caller
) -> None:
    who, other = await person(kit), await register(seller, None)
    asked = ask(who, "IDENTITY_NUMBER", "NAME")
    refused = await seller.post("/v1/personal_data/reveals", json=asked)
    assert refusal(refused) == (403, "PII_GRANT_MISSING")
    assert "IDENTITY_NUMBER" in refused.json()["messages"]["zh-CN"]
    wanted = {"grantee": "seller-1", "customer_id": who["id"], "fields": ["IDENTITY_NUMBER"]}
    grant = wanted | {"purpose": "CONTACT", "hours": 2}
    for near in (
        {"grantee": "seller-2"},
        {"customer_id": other["id"]},
        {"fields": ["BIRTH_DATE"]},
        {"purpose": "ADVICE"},
    ):
        ok(await officer.post("/v1/personal_data/grants", json=grant | near))
    assert refusal(await seller.post("/v1/personal_data/reveals", json=asked)) == (403, "PII_GRANT_MISSING")
    own = await officer.post("/v1/personal_data/grants", json=grant | {"grantee": "officer-1"})
    assert refusal(own) == (403, "PII_GRANT_TO_ONESELF")
    assert await records(kit) == []


@pytest.mark.rule("PRI-10", side="pass")
async def test_a_grant_opens_the_field_until_it_ends(
    kit: ServiceKit, seller: Caller, officer: Caller
) -> None:
    who = await person(kit)
    grant = {"grantee": "seller-1", "customer_id": who["id"], "fields": ["IDENTITY_NUMBER"]}
    made = ok(await officer.post("/v1/personal_data/grants", json=grant | {"purpose": "CONTACT", "hours": 2}))
    begun = kit.clock.instant
    kit.clock.instant = begun + timedelta(hours=2, microseconds=-1)
    seller = kit.client("seller", subject="seller-1")
    shown = ok(await seller.post("/v1/personal_data/reveals", json=ask(who, "IDENTITY_NUMBER")))
    assert shown["fields"]["identity_number"] == "11010519491231002X"
    assert [item["grant_id"] for item in await records(kit)] == [made["id"]]
    kit.clock.instant = begun + timedelta(hours=2)
    late = await seller.post("/v1/personal_data/reveals", json=ask(who, "IDENTITY_NUMBER"))
    assert refusal(late) == (403, "PII_GRANT_MISSING")
    listed = ok(await kit.client("auditor").get("/v1/personal_data/grants"))["items"]
    assert listed == [made]


async def test_many_customers_in_a_day_need_a_grant_for_many(
    kit: ServiceKit, seller: Caller, officer: Caller
) -> None:
    crm = kit.client("integration", subject="crm")
    people = [await register(crm, None) for _ in range(CUSTOMERS_A_DAY + 1)]
    for who in people[:-1]:
        ok(await seller.post("/v1/personal_data/reveals", json=ask(who, "NAME")))
    ok(await seller.post("/v1/personal_data/reveals", json=ask(people[0], "NAME")))
    last = ask(people[-1], "NAME")
    assert refusal(await seller.post("/v1/personal_data/reveals", json=last)) == (403, "PII_GRANT_MISSING")
    grant = {"grantee": "seller-1", "customer_id": None, "fields": ["NAME"], "purpose": "CONTACT", "hours": 1}
    ok(await officer.post("/v1/personal_data/grants", json=grant))
    ok(await seller.post("/v1/personal_data/reveals", json=last))


async def test_a_search_finds_by_the_whole_number_alone(kit: ServiceKit, seller: Caller) -> None:
    who = await person(kit)
    await person(kit, "customer-2", phone="13900002222", identity_number="P1234567")

    async def found(**given: str) -> list[str]:
        body = {"purpose": "CONTACT"} | given
        items = ok(await seller.post("/v1/personal_data/searches", json=body))["items"]
        return [item["customer_id"] for item in items]

    for phone in ("13900001111", "+8613900001111", "008613900001111", "139 0000 1111"):
        assert await found(phone=phone) == [who["id"]]
    assert await found(identity_number="11010519491231002X") == [who["id"]]
    assert await found(phone="1390000111") == []
    assert await found(identity_number="13900001111") == []
    nobody = (await records(kit))[-1]
    assert (nobody["kind"], nobody["customer_id"]) == ("SEARCH", None)


@pytest.mark.parametrize(
    "wrong",
    [{"phone": "call me"}, {"identity_number": "no number!"}, {"birth_date": "2026-03-03"}, {"phone": "1"}],
)
async def test_a_value_that_is_none_is_refused_without_being_repeated(
    kit: ServiceKit, seller: Caller, wrong: dict[str, str]
) -> None:
    who = await register(seller)
    path = f"/v1/customers/{who['id']}/personal_data"
    refused = await seller.put(path, json=wrong, headers=etag(1))
    assert refusal(refused) == (422, "PERSONAL_FIELD_INVALID")
    ((name, value),) = wrong.items()
    assert refused.json()["errors"][0]["pointer"] == f"/{name}"
    assert len(value) == 1 or value not in refused.text
    assert ok(await seller.put(path, json={"birth_date": "2026-03-02"}, headers=etag(1)), 2)
    assert refusal(await seller.put(path, json={"name": "Li"}, headers=etag(1))) == (412, "VERSION_STALE")


async def test_a_value_opens_only_where_it_was_sealed(kit: ServiceKit, seller: Caller) -> None:
    who, other = await person(kit), await person(kit, "customer-2", phone="13900002222")
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute(
            b"UPDATE personal_fields SET sealed = moved.sealed, nonce = moved.nonce"
            b" FROM personal_fields moved WHERE moved.customer_id = %s AND personal_fields.customer_id = %s"
            b" AND moved.field = 'PHONE' AND personal_fields.field = 'PHONE'",
            (who["id"], other["id"]),
        )
    answer = await seller.post("/v1/personal_data/reveals", json=ask(other, "PHONE"))
    assert refusal(answer) == (503, "PERSONAL_DATA_UNREADABLE")
    assert "1111" not in answer.text


async def test_other_capabilities_learn_ages_and_no_dates(kit: ServiceKit) -> None:
    who = await person(kit)
    keys = keyring(kit.settings)
    async with kit.session() as session:
        day = kit.clock.now().date()
        assert await queries.age(session, keys, who["id"], day) == 76
        eve, birthday = day.replace(year=2014, month=12, day=30), day.replace(year=2014, month=12, day=31)
        assert [await queries.age(session, keys, who["id"], on) for on in (eve, birthday)] == [64, 65]


@pytest.mark.parametrize("algorithm", ["AES-256-GCM", "SM4-GCM"])
async def test_after_a_change_of_keys_everything_is_resealed_and_still_found(
    kit: ServiceKit, algorithm: str
) -> None:
    who = await person(kit)
    old = keyring(kit.settings)
    changed = json.loads(with_new_key(kit.further["keyring_file"].read_text(), algorithm))
    index = json.loads(new_keyring())["index_keys"]
    changed |= {"index_active": index[0]["id"], "index_keys": changed["index_keys"] + index}
    new = parsed(json.dumps(changed))
    async with kit.session() as session:
        before = await queries.masked_fields(session, new, UUID(who["id"]))
        assert await queries.found_by(session, new, PersonalField.PHONE, "13900001111") == [UUID(who["id"])]
    async with kit.session() as session:
        assert [await reseal(session, new, 5) for _ in range(3)] == [5, 2, 0]
    left = new.index_keys[new.index_active]
    alone = replace(new, keys={new.active: new.keys[new.active]}, index_keys={new.index_active: left})
    async with kit.session() as session:
        assert await queries.masked_fields(session, alone, UUID(who["id"])) == before
        assert await queries.found_by(session, alone, PersonalField.PHONE, "13900001111") == [UUID(who["id"])]
        assert await queries.found_by(session, old, PersonalField.PHONE, "13900001111") == []
        with pytest.raises(SealUnreadable):
            await queries.masked_fields(session, old, UUID(who["id"]))
