"""Old sales: imported whole or not at all, marked for good, kept by the clocks, what is missing named."""

from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from compliance.access import Role
from services.compliance.tests.keeping import CONTRACTS, Keeper
from services.compliance.tests.migrating import csv_of, gaps, kept, old_sale, recorded
from services.compliance.tests.registers import Json, etag, ok, open_outlet, refusal
from services.compliance.tests.selling import LOGGED, judged, make_ready

PATH = "/v1/legacy_batches"
CSV = {"Content-Type": "text/csv"}


async def imported(officer: Caller, *rows: Json) -> Json:
    """A list that is taken; its batch."""
    answer = await officer.post(PATH, json={"sales": list(rows)})
    assert answer.status_code == 201, answer.text
    return ok(answer, 1)


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    """Pointer and code of each error of a refused list; each says its row in both languages."""
    assert refusal(answer) == (422, "LEGACY_IMPORT_REFUSED")
    for one in answer.json()["errors"]:
        row = int(one["pointer"].split("/")[2]) + 1
        assert f"第 {row} 行" in one["messages"]["zh-CN"]
        assert f"Row {row}" in one["messages"]["en"]
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


async def test_an_old_sale_says_that_it_was_imported_and_what_is_missing(
    kit: ServiceKit, officer: Caller, admin: Caller
) -> None:
    deal = await make_ready(kit)
    known = {"product_code": deal.product["code"], "seller_id": deal.employee.id}
    known |= {"customer_id": deal.customer["id"], "assessed_level": 2, "assessed_on": "2024-05-06"}
    whole = old_sale(deal.outlet_id, **known)
    bare = old_sale(str(new_id()), **recorded())
    batch = await imported(officer, whole, bare)
    assert (batch["sales"], batch["recordings"], batch["gaps"]) == (2, 1, 7)
    assert batch["imported_by"] == "officer-1"
    assert await gaps(officer, batch) == [
        (1, "NO_RECORDING"),
        (2, "NO_ASSESSMENT"),
        (2, "RECORDING_NOT_GIVEN"),
        (2, "UNKNOWN_CUSTOMER"),
        (2, "UNKNOWN_OUTLET"),
        (2, "UNKNOWN_PRODUCT"),
        (2, "UNKNOWN_SELLER"),
    ]
    only = ok(await officer.get(f"{PATH}/{batch['id']}/gaps", params={"kind": "NO_RECORDING"}))["items"]
    assert [one["sale_id"] for one in only] == [whole["sale_id"]]
    sale = ok(await deal.seller.get(f"/v1/legacy_sales/{whole['sale_id']}"), 1)
    assert (sale["origin"], sale["product_id"]) == ("IMPORTED", deal.product["id"])
    assert (sale["gaps"], sale["recording"], sale["amount_minor"]) == (["NO_RECORDING"], None, 5_000_000)
    assert "decision_id" not in sale
    other = ok(await officer.get(f"/v1/legacy_sales/{bare['sale_id']}"))
    assert (other["recording"]["state"], other["recording"]["size"]) == ("REGISTERED", None)
    assert other["product_id"] is None
    # The outlet sees its own; nothing of it is a sale of the gate.
    listed = ok(await deal.seller.get("/v1/legacy_sales"))["items"]
    assert [(one["id"], one["origin"]) for one in listed] == [(whole["sale_id"], "IMPORTED")]
    assert refusal(await deal.seller.get(f"/v1/legacy_sales/{bare['sale_id']}"))[0] == 404
    assert ok(await officer.get("/v1/sales"))["items"] == []
    assert refusal(await officer.get(f"/v1/sales/{whole['sale_id']}"))[0] == 404


async def test_an_assessment_counts_that_was_there_when_it_was_sold(kit: ServiceKit, officer: Caller) -> None:
    outlet_id = await open_outlet(kit)
    days = ("2024-05-05", "2024-05-06", "2024-05-07")
    rows = [old_sale(outlet_id, assessed_level=3, assessed_on=day) for day in days]
    batch = await imported(officer, *rows)
    assert [row for row, kind in await gaps(officer, batch) if kind == "NO_ASSESSMENT"] == [3]


async def test_the_same_file_again_is_the_same_batch(kit: ServiceKit, officer: Caller) -> None:
    outlet_id = await open_outlet(kit)
    content = csv_of(old_sale(outlet_id, **recorded()), old_sale(outlet_id))
    first = ok(await officer.post(PATH, content=content, headers=CSV))
    kit.clock.advance(timedelta(days=1))
    officer = kit.client("compliance_officer", subject="officer-2")
    again = ok(await officer.post(PATH, content=content, headers=CSV))
    assert again == first
    assert (first["format"], first["sales"]) == ("CSV", 2)
    assert len(ok(await officer.get(PATH))["items"]) == 1
    assert len(ok(await officer.get("/v1/legacy_sales"))["items"]) == 2
    # Another file with the same sales doubles nothing either.
    altered = await officer.post(PATH, content=content + b"\n", headers=CSV)
    assert errors(altered) == [
        ("/sales/0/sale_id", "LEGACY_SALE_KNOWN"),
        ("/sales/1/sale_id", "LEGACY_SALE_KNOWN"),
    ]


async def test_every_error_is_told_and_nothing_is_imported(kit: ServiceKit, officer: Caller) -> None:
    outlet_id = await open_outlet(kit)
    good, taken = old_sale(outlet_id), str(new_id())
    alike = recorded()
    rows: list[Any] = [
        good,
        good,
        old_sale(outlet_id, amount_minor=0, currency="yuan", sold_at="2024-05-06T10:00:00"),
        old_sale(outlet_id, kind="GOLD", name="Li"),
        old_sale(outlet_id, recording_id=taken),
        old_sale(outlet_id, assessed_level=2),
        old_sale(outlet_id, contract_end_on="2024-05-05", final_payout_on="2026-03-03"),
        old_sale(outlet_id, **alike),
        old_sale(outlet_id, **(alike | {"recording_sha256": "0" * 64})),
        old_sale(outlet_id, sold_at="2026-03-02T09:00:00+08:00"),
        old_sale(outlet_id, recording_file="../x", **recorded()),
        7,
    ]
    assert errors(await officer.post(PATH, json={"sales": rows})) == [
        ("/sales/1/sale_id", "LEGACY_SALE_REPEATED"),
        ("/sales/2/amount_minor", "GREATER_THAN"),
        ("/sales/2/currency", "STRING_PATTERN_MISMATCH"),
        ("/sales/2/sold_at", "TIMEZONE_AWARE"),
        ("/sales/3/kind", "ENUM"),
        ("/sales/3/name", "EXTRA_FORBIDDEN"),
        ("/sales/4/recording_id", "LEGACY_ROW_INCOMPLETE"),
        ("/sales/5/assessed_level", "LEGACY_ROW_INCOMPLETE"),
        ("/sales/6/contract_end_on", "LEGACY_DAY_IMPOSSIBLE"),
        ("/sales/6/final_payout_on", "LEGACY_DAY_IMPOSSIBLE"),
        ("/sales/8/recording_id", "LEGACY_RECORDING_CONTRADICTS"),
        ("/sales/9/sold_at", "LEGACY_SALE_NOT_OLD"),
        ("/sales/10/recording_file", "STRING_PATTERN_MISMATCH"),
        ("/sales/11", "MODEL_TYPE"),
    ]
    assert ok(await officer.get(PATH))["items"] == []
    assert ok(await officer.get("/v1/legacy_sales"))["items"] == []


@pytest.mark.parametrize(
    ("content", "headers", "problem"),
    [
        (b"sale_id\nx", CSV, "CSV_COLUMNS_INVALID"),
        (b"sale_id,login_password\nx,y", CSV, "C3_DATA_REJECTED"),
        (b"\xff\xfe", CSV, "CSV_UNREADABLE"),
        (b'{"sales": []}', {}, "LEGACY_LIST_INVALID"),
        (b'{"sales": {}}', {}, "LEGACY_LIST_INVALID"),
        (b'{"sales": [1], "more": 1}', {}, "LEGACY_LIST_INVALID"),
        (b'{"pin": "1"}', {}, "C3_DATA_REJECTED"),
        (b'{"sales": [{"pin": "1"}]}', {}, "C3_DATA_REJECTED"),
        (b'{"sales": [' + b",".join([b"1"] * 501) + b"]}", {}, "LEGACY_LIST_INVALID"),
    ],
)
async def test_what_is_no_list_is_refused(
    officer: Caller, content: bytes, headers: dict[str, str], problem: str
) -> None:
    given = {"Content-Type": "application/json"} | headers
    assert refusal(await officer.post(PATH, content=content, headers=given)) == (422, problem)


async def test_only_an_officer_imports_and_only_for_his_outlets(kit: ServiceKit) -> None:
    outlet_id = await open_outlet(kit)
    body = {"sales": [old_sale(outlet_id)]}
    for role in set(Role) - {Role.COMPLIANCE_OFFICER}:
        assert refusal(await kit.client(role).post(PATH, json=body)) == (403, "ACTION_FORBIDDEN"), role
    elsewhere = kit.client("compliance_officer", outlets=(str(new_id()),))
    assert refusal(await elsewhere.post(PATH, json=body))[0] == 404
    here = kit.client("compliance_officer", outlets=(outlet_id,))
    assert ok(await here.post(PATH, json=body))["sales"] == 1


async def test_the_import_is_no_way_round_the_gate(kit: ServiceKit, officer: Caller) -> None:
    deal = await make_ready(kit)
    assert await judged(deal) == LOGGED
    (sale,) = ok(await officer.get("/v1/sales"))["items"]
    since = datetime.fromisoformat(sale["logged_at"])
    kit.clock.advance(timedelta(days=40))
    officer = kit.client("compliance_officer", subject="officer-1")
    late = old_sale(deal.outlet_id, sold_at=since.isoformat())
    assert errors(await officer.post(PATH, json={"sales": [late]})) == [
        ("/sales/0/sold_at", "LEGACY_SALE_NOT_OLD")
    ]
    # A moment earlier the gate was not at work there; at an outlet without it, nothing has begun.
    before = (since - timedelta(seconds=1)).isoformat()
    await imported(officer, old_sale(deal.outlet_id, sold_at=before))
    await imported(officer, old_sale(await open_outlet(kit, "SH-0009"), sold_at=since.isoformat()))
    taken = old_sale(deal.outlet_id, sale_id=sale["id"])
    assert errors(await officer.post(PATH, json={"sales": [taken]})) == [
        ("/sales/0/sale_id", "LEGACY_SALE_KNOWN")
    ]
    made_here = old_sale(deal.outlet_id, **recorded(recording_id=sale["recording_id"]))
    refused = await officer.post(PATH, json={"sales": [made_here]})
    assert errors(refused) == [("/sales/0/recording_id", "LEGACY_RECORDING_CONTRADICTS")]


async def test_the_gate_takes_neither_id_nor_recording_of_an_old_sale(
    kit: ServiceKit, officer: Caller
) -> None:
    deal = await make_ready(kit)
    row = old_sale(deal.outlet_id, customer_id=deal.customer["id"], **recorded())
    await imported(officer, row)
    assert refusal(await deal.sell(sale_id=row["sale_id"])) == (409, "SALE_ID_TAKEN")
    assert refusal(await deal.sell(recording_id=row["recording_id"])) == (422, "SALE_RECORDING_UNKNOWN")
    assert await judged(deal) == LOGGED


async def test_the_database_keeps_origins_apart(kit: ServiceKit, officer: Caller) -> None:
    deal = await make_ready(kit)
    assert await judged(deal) == LOGGED
    (sale,) = ok(await officer.get("/v1/sales"))["items"]
    await imported(officer, old_sale(deal.outlet_id))
    columns = "batch_id, outlet_id, customer_id, product_code, kind, form, amount_minor, currency, sold_at"
    copied = (
        f"INSERT INTO imported_sales (id, row, imported_at, {columns})"
        f" SELECT :id, 2, imported_at, {columns} FROM imported_sales"
    )
    for statement, wrong in (
        (copied, "what is imported is none of the gate"),
        ("UPDATE imported_sales SET origin = 'GATED' WHERE id = :id", "permission denied"),
        ("DELETE FROM legacy_gaps WHERE sale_id = :id", "permission denied"),
    ):
        async with kit.sessions() as session:
            with pytest.raises(DBAPIError, match=wrong):
                await session.execute(text(statement), {"id": sale["id"]})


async def test_an_old_recording_is_kept_until_its_contract_has_ended_and_the_period_is_over(
    kit: ServiceKit, keeper: Keeper, officer: Caller
) -> None:
    outlet_id = await open_outlet(kit, "SH-0002")
    open_, claimed = old_sale(outlet_id, **recorded()), old_sale(outlet_id, **recorded())
    claimed["final_payout_on"] = "2024-11-06"
    await imported(officer, open_, claimed)
    assert (await kept(kit, open_["recording_id"]))["retain_until"] is None
    # What was claimed two years late was told to us today: it shortens nothing.
    assert (await kept(kit, claimed["recording_id"]))["retain_until"] == "2026-09-02"
    data = {"sale_id": open_["sale_id"], "contract_no": "C-1", "paid_out_on": date(2026, 3, 2), "final": True}
    data |= {"amount_minor": 1, "currency": "CNY"}
    await kit.deliver(kit.record(CONTRACTS, "corebanking.contract.paid_out.v1", open_["sale_id"], data))
    assert (await kept(kit, open_["recording_id"]))["retain_until"] == "2026-09-02"
    complaint = keeper.complained(str(new_id()), sale_id=open_["sale_id"])
    await keeper.take(complaint)
    holds = ok(await officer.get(f"/v1/recordings/{open_['recording_id']}/holds"))["items"]
    assert [one["source"] for one in holds] == ["COMPLAINT"]
    body = {"recording_id": claimed["recording_id"], "source": "COURT", "matter_id": "2026-1"}
    hold = ok(await officer.post("/v1/holds", json=body), 1)
    assert (await kept(kit, claimed["recording_id"]))["retain_until"] is None
    released = await officer.post(
        f"/v1/holds/{hold['id']}/release", json={"resolved_on": "2026-03-02"}, headers=etag(1)
    )
    assert ok(released)["released_at"] is not None


async def test_reports_about_an_old_sale_without_a_recording_wait_for_nothing(
    kit: ServiceKit, officer: Caller
) -> None:
    row = old_sale(await open_outlet(kit))
    data = {"sale_id": row["sale_id"], "ended_on": date(2026, 3, 1)}
    await kit.deliver(kit.record(CONTRACTS, "corebanking.contract.ended.v1", row["sale_id"], data))
    auditor = kit.client("auditor")
    assert ok(await auditor.get("/v1/retention/unmatched"))["total"] == 1
    await imported(officer, row)
    assert ok(await auditor.get("/v1/retention/unmatched"))["total"] == 0
