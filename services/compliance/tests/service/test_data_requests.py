"""PRI-06 through the routes: see, copy, correct, delete; a deletion yields to what the law keeps."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from chassis.testing import ServiceKit
from services.compliance.tests.consenting import agree, content_body, crm_of, customer_of, officer_of, publish
from services.compliance.tests.keeping import DAY_AFTER, LAST_DAY, Keeper, last_instant, noon, over
from services.compliance.tests.registers import Json, etag, ok, refusal, register

PERSON = {"name": "欧阳测试", "phone": "13900001111", "birth_date": "1949-12-31"}


async def person(kit: ServiceKit, who: Json) -> None:
    """The customer's fields are entered."""
    version = ok(await crm_of(kit).get(f"/v1/customers/{who['id']}"))["version"]
    path = f"/v1/customers/{who['id']}/personal_data"
    ok(await crm_of(kit).put(path, json=PERSON, headers=etag(version)))


async def buyer(kit: ServiceKit) -> Json:
    """The one customer of the kept recording, with his fields."""
    (who,) = ok(await crm_of(kit).get("/v1/customers"))["items"]
    await person(kit, who)
    found: Json = who
    return found


async def newcomer(kit: ServiceKit) -> Json:
    """A customer who has bought nothing, with his fields."""
    who = await register(crm_of(kit))
    await person(kit, who)
    return who


async def ask_for(kit: ServiceKit, who: Json, kind: str, *fields: str) -> Json:
    """The customer asks."""
    body = {"customer_id": who["id"], "kind": kind, "fields": list(fields)}
    return ok(await customer_of(kit, who["subject"]).post("/v1/data_requests", json=body))


async def complete(kit: ServiceKit, request: Json, version: int = 1) -> Any:
    """The officer completes the request."""
    path = f"/v1/data_requests/{request['id']}/completion"
    return await officer_of(kit).post(path, headers=etag(version))


async def shown(kit: ServiceKit, who: Json) -> set[str | None]:
    """What everybody sees of the customer's fields."""
    fields = ok(await crm_of(kit).get(f"/v1/customers/{who['id']}/personal_data"))["fields"]
    return set(fields.values())


@pytest.mark.rule("PRI-06", side="refuse")
async def test_a_deletion_yields_to_the_last_day_of_the_recording(kit: ServiceKit, keeper: Keeper) -> None:
    who = await buyer(kit)
    await keeper.sell()
    early = await complete(kit, await ask_for(kit, who, "DELETE"))
    assert refusal(early) == (422, "RETENTION_NOT_EXPIRED")
    assert early.json()["record"]["kept_until"] is None
    await keeper.pay_out()
    await keeper.go_to(last_instant(LAST_DAY))
    request = await ask_for(kit, who, "DELETE")
    refused = await complete(kit, request)
    assert refusal(refused) == (422, "RETENTION_NOT_EXPIRED")
    body = refused.json()
    assert [(one["rule"], one["code"]) for one in body["violations"]] == [("PRI-06", "RETENTION_NOT_EXPIRED")]
    for words in body["violations"][0]["messages"].values():
        assert LAST_DAY.isoformat() in words
    assert body["record"]["kept_until"] == LAST_DAY.isoformat()
    assert "欧***" in await shown(kit, who)
    told = ok(await customer_of(kit, who["subject"]).get(f"/v1/data_requests/{request['id']}"), 2)
    assert told == body["record"]
    assert told["state"] == "REFUSED"
    assert refusal(await complete(kit, request, 2)) == (409, "DATA_REQUEST_ANSWERED")


@pytest.mark.rule("PRI-06", side="pass")
async def test_on_the_day_after_the_data_are_deleted(kit: ServiceKit, keeper: Keeper) -> None:
    who = await buyer(kit)
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))
    done = ok(await complete(kit, await ask_for(kit, who, "DELETE")), 2)
    assert done["state"] == "DONE"
    assert await shown(kit, who) == {None}
    with psycopg.connect(kit.database.owner_url) as owner:
        assert owner.execute(b"SELECT count(*) FROM personal_fields").fetchone() == (0,)


@pytest.mark.rule("PRI-06", side="refuse")
async def test_a_hold_keeps_the_data_beyond_the_last_day(kit: ServiceKit, keeper: Keeper) -> None:
    who = await buyer(kit)
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))
    hold = {"recording_id": keeper.recording_id, "source": "COURT", "matter_id": "2026-7"}
    ok(await officer_of(kit).post("/v1/holds", json=hold))
    refused = await complete(kit, await ask_for(kit, who, "DELETE"))
    assert refusal(refused) == (422, "RETENTION_NOT_EXPIRED")
    assert refused.json()["record"]["kept_until"] is None


@pytest.mark.rule("PRI-06", side="pass")
async def test_who_has_bought_nothing_is_deleted_with_his_file(kit: ServiceKit) -> None:
    who = await newcomer(kit)
    notice = await publish(kit, "CUSTOMER_FILE", content=content_body(kinds=["NEEDS"]))
    await agree(kit, notice, who)
    path = f"/v1/customers/{who['id']}"
    version = ok(await crm_of(kit).get(path))["version"]
    body = {"kind": "FARMER", "needs": ["FARM_LOAN"]}
    ok(await crm_of(kit).put(f"{path}/profile", json=body, headers=etag(version)))
    ok(await complete(kit, await ask_for(kit, who, "DELETE")), 2)
    assert await shown(kit, who) == {None}
    assert refusal(await crm_of(kit).get(f"{path}/profile")) == (404, "NOT_FOUND")
    (ending,) = ok(await officer_of(kit).get(f"{path}/profile/endings"))["items"]
    assert ending["reason"] == "ERASED"


@pytest.mark.rule("PRI-06", side="pass")
async def test_he_sees_masks_and_gets_a_copy_in_clear_on_record(kit: ServiceKit, keeper: Keeper) -> None:
    who = await buyer(kit)
    himself = customer_of(kit, who["subject"])
    seen = await ask_for(kit, who, "ACCESS")
    assert (seen["state"], seen["version"]) == ("DONE", 2)
    masked = ok(await himself.post(f"/v1/data_requests/{seen['id']}/copies"))
    assert masked["fields"] == {"NAME": "欧***", "PHONE": "*******1111", "BIRTH_DATE": "****-**-**"}
    assert masked["evidence"] == [{"recording_id": keeper.recording_id, "last_day": None}]
    auditor = kit.client("auditor")
    assert ok(await auditor.get("/v1/personal_data/accesses"))["items"] == []
    copied = await ask_for(kit, who, "COPY")
    clear = ok(await himself.post(f"/v1/data_requests/{copied['id']}/copies"))
    assert clear["fields"] == {"NAME": "欧阳测试", "PHONE": "13900001111", "BIRTH_DATE": "1949-12-31"}
    (access,) = ok(await auditor.get("/v1/personal_data/accesses"))["items"]
    assert (access["kind"], access["accessed_by"], access["matter_id"]) == (
        "COPY",
        who["subject"],
        copied["id"],
    )
    stranger = customer_of(kit, "stranger")
    assert refusal(await stranger.post(f"/v1/data_requests/{copied['id']}/copies")) == (404, "NOT_FOUND")


@pytest.mark.rule("PRI-06", side="refuse")
async def test_a_correction_is_not_done_before_it_was_made(kit: ServiceKit) -> None:
    who = await newcomer(kit)
    kit.clock.advance(LAST_DAY - LAST_DAY.replace(day=9))
    request = await ask_for(kit, who, "CORRECT", "PHONE", "NAME")
    assert refusal(await complete(kit, request)) == (409, "CORRECTION_NOT_MADE")
    path = f"/v1/customers/{who['id']}/personal_data"
    ok(await crm_of(kit).put(path, json={"phone": "13900002222"}, headers=etag(2)), 3)
    assert refusal(await complete(kit, request)) == (409, "CORRECTION_NOT_MADE")
    ok(await crm_of(kit).put(path, json={"name": "欧阳"}, headers=etag(3)), 4)
    done = ok(await complete(kit, request), 2)
    assert done["state"] == "DONE"
    assert "*******2222" in await shown(kit, who)


async def test_a_correction_can_be_rejected_with_a_reason_and_nothing_else_can(kit: ServiceKit) -> None:
    who = await newcomer(kit)
    correction, deletion = await ask_for(kit, who, "CORRECT", "NAME"), await ask_for(kit, who, "DELETE")
    officer, body = officer_of(kit), {"reason": "NOT_PROVEN"}
    path = "/v1/data_requests/{id}/rejection"
    refused = ok(await officer.post(path.format_map(correction), json=body, headers=etag(1)), 2)
    assert (refused["state"], refused["reason"]) == ("REFUSED", "NOT_PROVEN")
    never = await officer.post(path.format_map(deletion), json=body, headers=etag(1))
    assert refusal(never) == (409, "DATA_REQUEST_REJECTION_NOT_ALLOWED")
    waiting = ok(await officer.get("/v1/data_requests", params={"unanswered": "true"}))["items"]
    assert waiting == [deletion]
    own = await customer_of(kit).get(f"/v1/customers/{who['id']}/data_requests")
    assert len(ok(own)["items"]) == len(ok(await officer.get("/v1/data_requests"))["items"]) == 2
    nothing = await customer_of(kit).post(f"/v1/data_requests/{deletion['id']}/copies")
    assert refusal(nothing) == (409, "DATA_REQUEST_NOTHING_TO_COPY")
    for kind, fields in (("CORRECT", []), ("DELETE", ["NAME"])):
        wrong = {"customer_id": who["id"], "kind": kind, "fields": fields}
        answer = await customer_of(kit).post("/v1/data_requests", json=wrong)
        assert refusal(answer) == (422, "CORRECTION_FIELDS_WRONG")


async def test_a_guardian_gets_masks_where_the_customer_gets_clear_values(kit: ServiceKit) -> None:
    who = await newcomer(kit)
    parent = await register(crm_of(kit), "parent-1")
    path = f"/v1/customers/{who['id']}"
    version = ok(await crm_of(kit).get(path))["version"]
    seller = kit.client("seller", subject="seller-1")
    ok(await seller.post(f"{path}/guardians", json={"guardian_id": parent["id"]}, headers=etag(version)))
    asked = {"customer_id": who["id"], "kind": "COPY", "fields": []}
    copies = {}
    for subject in (who["subject"], "parent-1"):
        request = ok(await customer_of(kit, subject).post("/v1/data_requests", json=asked))
        answer = await customer_of(kit, subject).post(f"/v1/data_requests/{request['id']}/copies")
        copies[subject] = ok(answer)["fields"]
    assert copies[who["subject"]]["NAME"] == PERSON["name"]
    assert copies["parent-1"]["NAME"] == "欧***"
    assert PERSON["birth_date"] not in copies["parent-1"].values()


@pytest.mark.parametrize(("late", "flags"), [(-1, []), (0, [("REQ-01", "DATA_REQUEST_LATE")])])
async def test_an_answer_is_due_on_the_fifteenth_day_and_its_delay_stays(
    kit: ServiceKit, late: int, flags: list[tuple[str, str]]
) -> None:
    """It never lapses: late, it waits on, is seen to be late, and keeps the mark with its answer."""
    who = await newcomer(kit)
    request = await ask_for(kit, who, "CORRECT", "NAME")
    due = over(datetime.fromisoformat(request["requested_at"]), 15)
    assert (datetime.fromisoformat(request["due_at"]), request["flags"]) == (due, [])
    kit.clock.instant = due + timedelta(microseconds=late)
    (waiting,) = ok(await officer_of(kit).get("/v1/data_requests", params={"unanswered": "true"}))["items"]
    path = f"/v1/data_requests/{request['id']}"
    body = {"reason": "NOT_PROVEN"}
    answered = ok(await officer_of(kit).post(f"{path}/rejection", json=body, headers=etag(1)), 2)
    kit.clock.advance(timedelta(days=30))
    read = ok(await customer_of(kit, who["subject"]).get(path), 2)
    for view in (waiting, answered, read):
        assert [(one["rule"], one["code"]) for one in view["flags"]] == flags


async def test_what_is_granted_at_once_is_never_late(kit: ServiceKit) -> None:
    seen = await ask_for(kit, await newcomer(kit), "ACCESS")
    kit.clock.advance(timedelta(days=400))
    (one,) = ok(await officer_of(kit).get("/v1/data_requests"))["items"]
    assert (one["id"], one["state"], one["flags"]) == (seen["id"], "DONE", [])
