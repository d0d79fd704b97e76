"""A list of products by one request: entered whole or not at all, every error by row and field."""

from typing import Any

import httpx
import pytest

from chassis.testing import Caller, ServiceKit
from compliance.access import Role
from services.compliance.tests.registers import UNKNOWN, Json, admit, list_product, ok, product_body, refusal

CSV = {"Content-Type": "text/csv; charset=utf-8"}
HEAD = "code,name,issuer,origin,kind,form,offering,term_months,issuer_risk_level,bank_risk_level,partner_id"
PATH = "/v1/products/import"


def rows(*given: Json) -> Json:
    """A list as JSON."""
    return {"products": [product_body(**one) for one in given]}


def csv(*lines: str, head: str = HEAD) -> bytes:
    """A list as CSV."""
    return "\r\n".join((head, *lines)).encode()


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    """Pointer and code of each error of a refused list; each says its row in both languages."""
    assert refusal(answer) == (422, "IMPORT_REFUSED")
    found = answer.json()["errors"]
    for one in found:
        row = int(one["pointer"].split("/")[2]) + 1
        assert f"第 {row} 行" in one["messages"]["zh-CN"]
        assert f"Row {row}" in one["messages"]["en"]
    return [(one["pointer"], one["code"]) for one in found]


async def codes(caller: Caller) -> list[str]:
    return [one["code"] for one in ok(await caller.get("/v1/products"))["items"]]


async def test_a_list_is_entered_as_json(kit: ServiceKit, admin: Caller) -> None:
    partner = await admit(admin, kinds=["FUND"])
    fund: Json = {"code": "FD-1", "origin": "AGENCY", "kind": "FUND", "issuer_risk_level": 3}
    fund |= {"partner_id": partner["id"]}
    answer = await admin.post(PATH, json=rows({"code": "WM-1"}, fund))
    body = ok(answer)
    assert (answer.status_code, body["count"]) == (201, 2)
    assert [(one["row"], one["code"]) for one in body["products"]] == [(1, "WM-1"), (2, "FD-1")]
    entered = ok(await admin.get(f"/v1/products/{body['products'][1]['id']}"), 1)
    assert (entered["partner_id"], entered["risk_level"], entered["status"]) == (partner["id"], 3, "ON_SALE")
    assert len(await kit.facts("compliance.product.listed.v1")) == 2


async def test_a_list_is_entered_as_csv(admin: Caller) -> None:
    content = csv(
        'WM-1,"稳健, 六月",City Bank,OWN,WEALTH,CLOSED_END,PUBLIC,6,,2,',
        "",
        "WM-2, Open ,City Bank,OWN,WEALTH,OPEN_ENDED,PRIVATE,,,5,",
    )
    body = ok(await admin.post(PATH, content=b"\xef\xbb\xbf" + content, headers=CSV))
    assert [one["code"] for one in body["products"]] == ["WM-1", "WM-2"]
    first, second = [ok(await admin.get(f"/v1/products/{one['id']}"), 1) for one in body["products"]]
    assert (first["name"], first["term_months"], first["bank_risk_level"]) == ("稳健, 六月", 6, 2)
    assert (second["name"], second["term_months"], second["offering"]) == ("Open", None, "PRIVATE")


async def test_columns_that_may_be_empty_may_be_left_out(admin: Caller) -> None:
    head = "name,code,issuer,origin,kind,form,offering"
    content = csv("Metal,PM-1,City Bank,OWN,PHYSICAL_METAL,OPEN_ENDED,PUBLIC", head=head)
    assert ok(await admin.post(PATH, content=content, headers=CSV))["count"] == 1


@pytest.mark.rule("PRD-04", side="refuse")
async def test_every_error_is_told_and_nothing_is_entered(kit: ServiceKit, admin: Caller) -> None:
    await list_product(admin, code="WM-1")
    insurer = (await admit(admin))["id"]
    good = product_body(code="GOOD")
    body = rows(
        {"code": "WM-1"},
        {"code": "WM-2", "name": "稳健保本180天", "term_months": 0},
        {"code": "WM-3", "bank_risk_level": 6, "issuer_risk_level": 0},
        {"code": "WM-4", "origin": "AGENCY", "kind": "FUND", "partner_id": insurer},
        {"code": "WM-5", "partner_id": insurer},
        {"code": "WM-6", "origin": "AGENCY", "partner_id": UNKNOWN},
        {"code": "", "kind": "GOLD", "term_months": "6", "colour": "red"},
    )
    body["products"] += [good, good, 7]
    del body["products"][0]["form"]
    before = len(await kit.facts())
    assert errors(await admin.post(PATH, json=body)) == [
        ("/products/0/form", "MISSING"),
        ("/products/1/term_months", "TERM_OUT_OF_RANGE"),
        ("/products/1/name", "PRODUCT_NAME_BANNED_TERM"),
        ("/products/2/issuer_risk_level", "RISK_LEVEL_OUT_OF_RANGE"),
        ("/products/3/partner_id", "PARTNER_SUPPLIES_OTHER"),
        ("/products/4/partner_id", "PARTNER_OF_OWN_PRODUCT"),
        ("/products/5/partner_id", "PARTNER_UNKNOWN"),
        ("/products/6/term_months", "INT_TYPE"),
        ("/products/6/code", "STRING_TOO_SHORT"),
        ("/products/6/kind", "ENUM"),
        ("/products/6/colour", "EXTRA_FORBIDDEN"),
        ("/products/8/code", "PRODUCT_CODE_REPEATED"),
        ("/products/9", "MODEL_TYPE"),
    ]
    assert await codes(admin) == ["WM-1"]
    assert len(await kit.facts()) == before
    body["products"] = [product_body(code="WM-1"), good]
    assert errors(await admin.post(PATH, json=body)) == [("/products/0/code", "PRODUCT_CODE_TAKEN")]
    assert await codes(admin) == ["WM-1"]


async def test_what_is_wrong_with_cells_is_told_by_row_and_field(admin: Caller) -> None:
    content = csv(
        "WM-1,Fine,City Bank,OWN,WEALTH,CLOSED_END,PUBLIC,six,,2,",
        "WM-2,Fine,City Bank,OWN,WEALTH,CLOSED_END,PUBLIC,6,,2,,,",
        "WM-3,Fine,City Bank,,WEALTH,CLOSED_END,PUBLIC,6,,2,x",
        "WM-4,Fine",
    )
    found = errors(await admin.post(PATH, content=content, headers=CSV))
    assert found[:4] == [
        ("/products/0/term_months", "INT_TYPE"),
        ("/products/1", "CSV_ROW_TOO_LONG"),
        ("/products/2/origin", "ENUM"),
        ("/products/2/partner_id", "UUID_PARSING"),
    ]
    assert {code for pointer, code in found[4:] if pointer.startswith("/products/3/")} == {"MISSING"}
    assert await codes(admin) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe", (422, "CSV_UNREADABLE")),
        (csv('WM-1,"open'), (422, "CSV_UNREADABLE")),
        (csv(head="code,name"), (422, "CSV_COLUMNS_INVALID")),
        (csv(head=f"{HEAD},code"), (422, "CSV_COLUMNS_INVALID")),
        (csv(head=f"{HEAD},colour"), (422, "CSV_COLUMNS_INVALID")),
        (csv(head=f"{HEAD},pay_password"), (422, "C3_DATA_REJECTED")),
        (csv(), (422, "PAYLOAD_INVALID")),
        (b"", (422, "CSV_COLUMNS_INVALID")),
    ],
)
async def test_what_is_no_list_is_refused(admin: Caller, content: bytes, problem: tuple[int, str]) -> None:
    assert refusal(await admin.post(PATH, content=content, headers=CSV)) == problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"products": []}, (422, "PAYLOAD_INVALID")),
        ({"products": 1}, (422, "PAYLOAD_INVALID")),
        ([], (422, "PAYLOAD_INVALID")),
        ({"products": [product_body()], "pin": "1"}, (422, "C3_DATA_REJECTED")),
        ({"products": [product_body(pin="1")]}, (422, "C3_DATA_REJECTED")),
        ({"products": [{}] * 501}, (422, "PAYLOAD_INVALID")),
    ],
)
async def test_a_list_has_rows_and_not_too_many(admin: Caller, body: Any, problem: tuple[int, str]) -> None:
    assert refusal(await admin.post(PATH, json=body)) == problem


async def test_five_hundred_rows_are_a_list_and_more_bytes_than_a_mebibyte_are_none(admin: Caller) -> None:
    many = rows(*({"code": f"WM-{number}"} for number in range(500)))
    assert ok(await admin.post(PATH, json=many))["count"] == 500
    padded = b" " * (1 << 20) + csv()
    assert refusal(await admin.post(PATH, content=padded, headers=CSV))[0] == 413
    other = await admin.post(PATH, content=csv(), headers={"Content-Type": "text/plain"})
    assert refusal(other)[0] == 415


async def test_the_department_alone_imports(kit: ServiceKit) -> None:
    for role in set(Role) - {Role.PRODUCT_ADMIN}:
        refused = await kit.client(role).post(PATH, json=rows({"code": "WM-1"}))
        assert refusal(refused) == (403, "ACTION_FORBIDDEN"), role


@pytest.mark.rule("PRD-04", side="pass")
async def test_the_same_key_enters_a_list_once(kit: ServiceKit, admin: Caller) -> None:
    key = {"Idempotency-Key": "list-1"}
    first = await admin.post(PATH, json=rows({"code": "WM-1"}), headers=key)
    again = await admin.post(PATH, json=rows({"code": "WM-1"}), headers=key)
    assert ok(first) == ok(again)
    assert len(await kit.facts()) == 1
