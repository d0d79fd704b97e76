"""SAL-06 through the routes: what is offered together is never tied."""

from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, etag, list_product, ok, refusal


@pytest.fixture
def department(kit: ServiceKit) -> Caller:
    """The department that says what is offered."""
    return kit.client("product_admin", subject="admin-1")


def part(kind: str, code: str, *, mandatory: bool = False) -> Json:
    """One part of an offer."""
    return {"kind": kind, "code": code, "mandatory": mandatory}


def offer_body(*parts: Json, **given: Any) -> Json:
    """A mortgage with an account and a wealth product, each to be taken or left."""
    body = {
        "code": "HOME-1",
        "name": "Home and garden",
        "parts": list(parts) or [part("LOAN", "M-30"), part("ACCOUNT", "A-1")],
    }
    return body | given


@pytest.mark.rule("SAL-06", side="refuse")
@pytest.mark.parametrize("tied", ["M-30", "CARD-7"])
async def test_an_offer_with_one_mandatory_part_is_refused(department: Caller, tied: str) -> None:
    parts = [
        part(kind, code, mandatory=code == tied) for kind, code in (("LOAN", "M-30"), ("CARD", "CARD-7"))
    ]
    refused = await department.post("/v1/offers", json=offer_body(*parts))
    assert refusal(refused) == (422, "TYING_FORBIDDEN")
    assert refused.json()["errors"][0]["pointer"] == "/parts"
    assert all(tied in message for message in refused.json()["messages"].values())
    assert ok(await department.get("/v1/offers"))["items"] == []


@pytest.mark.rule("SAL-06", side="pass")
async def test_an_offer_whose_every_part_is_optional_is_entered(department: Caller) -> None:
    product = await list_product(department)
    parts = [part("LOAN", "M-30"), part("CARD", "CARD-7"), part("PRODUCT", product["code"])]
    offer = ok(await department.post("/v1/offers", json=offer_body(*parts)), 1)
    assert offer["parts"] == parts
    assert ok(await department.get(f"/v1/offers/{offer['id']}"), 1) == offer


async def test_only_what_the_registry_has_is_offered(department: Caller) -> None:
    parts = [part("LOAN", "M-30"), part("PRODUCT", "WM-9999")]
    refused = await department.post("/v1/offers", json=offer_body(*parts))
    assert refusal(refused) == (422, "OFFER_PRODUCT_UNKNOWN")
    assert refused.json()["errors"][0]["pointer"] == "/parts/1/code"


async def test_a_part_is_named_once_and_a_code_is_one_offer(department: Caller) -> None:
    twice = [part("CARD", "CARD-7"), part("CARD", "CARD-7")]
    refused = await department.post("/v1/offers", json=offer_body(*twice))
    assert refusal(refused) == (422, "OFFER_PART_TWICE")
    ok(await department.post("/v1/offers", json=offer_body()), 1)
    assert refusal(await department.post("/v1/offers", json=offer_body())) == (409, "OFFER_CODE_TAKEN")


async def test_one_thing_is_no_offer(department: Caller) -> None:
    assert (await department.post("/v1/offers", json=offer_body(part("CARD", "CARD-7")))).status_code == 422


async def test_an_offer_is_withdrawn_once(department: Caller) -> None:
    offer = ok(await department.post("/v1/offers", json=offer_body()), 1)
    path = f"/v1/offers/{offer['id']}"
    assert (await department.post(f"{path}/withdrawal")).status_code == 428
    assert ok(await department.post(f"{path}/withdrawal", headers=etag(1)), 2)["withdrawn_at"]
    again = await department.post(f"{path}/withdrawal", headers=etag(2))
    assert refusal(again) == (409, "OFFER_WITHDRAWN")
    assert ok(await department.get("/v1/offers"))["items"] == []
    assert ok(await department.get(path), 2)["withdrawn_at"]
