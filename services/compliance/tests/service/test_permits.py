"""A permit: signed, issued with its sale, redeemed once before it expires, of exactly what was sold."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from chassis.testing import ServiceKit
from services.compliance.tests.ordering import bank, order_body, permit_of, redeem, reverse, sold, stranger
from services.compliance.tests.registers import Json, ok, refusal
from services.compliance.tests.selling import make_ready

VALID = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


async def test_a_sale_is_logged_with_its_signed_permit(kit: ServiceKit) -> None:
    deal, sale, permit = await sold(kit)
    assert permit["state"] == "ISSUED"
    assert permit["product_version"] == 1
    for name in ("customer_id", "product_id", "outlet_id", "amount_minor", "currency"):
        assert permit[name] == sale[name]
    issued, expires = (datetime.fromisoformat(permit[name]) for name in ("issued_at", "expires_at"))
    assert (permit["issued_at"], expires - issued) == (sale["logged_at"], VALID)
    (logged, told) = (await kit.facts())[-2:]
    assert (logged.type, told.type) == ("compliance.sale.logged.v1", "compliance.permit.issued.v1")
    assert (told.key, told.sequence, told.data["token"]) == (permit["id"], 1, permit["token"])
    assert ok(await bank(kit).get(f"/v1/permits/{permit['id']}"), 1) == permit
    assert ok(await deal.seller.get(f"/v1/permits/{permit['id']}"), 1)["id"] == permit["id"]


async def test_anybody_can_tell_a_permit_by_the_published_keys(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    published = ok(await kit.client().get("/v1/public/permit_keys"))["keys"]
    (key,) = [one for one in published if one["kid"] == permit["key_id"]]
    assert key["active"] is True
    jwk = OKPKey.import_key({name: key[name] for name in ("kty", "crv", "x")})
    read = jws.deserialize_compact(permit["token"], jwk, algorithms=["Ed25519"])
    assert read.headers() == {"alg": "Ed25519", "kid": permit["key_id"], "typ": "wangdian-permit+jwt"}
    told: Json = json.loads(read.payload)
    assert told["sale_id"] == sale["id"]
    assert told["expires_at"] == permit["expires_at"]
    assert told["amount_minor"] == sale["amount_minor"]
    with pytest.raises(Exception, match="bad_signature"):
        jws.deserialize_compact(permit["token"], OKPKey.generate_key(), algorithms=["Ed25519"])


async def test_a_refused_sale_has_no_permit(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    assert (await deal.sell()).status_code == 422
    assert await kit.facts("compliance.permit.issued.v1") == []


async def test_a_permit_is_used_once(kit: ServiceKit) -> None:
    _, _, permit = await sold(kit)
    used = ok(await redeem(kit, permit), 2)
    assert (used["permit_id"], used["order_id"]) == (permit["id"], "O-1")
    kit.clock.advance(VALID + VALID)
    # The same order asks again, however late: the same answer, and nothing more is told.
    assert ok(await redeem(kit, permit), 2) == used
    assert refusal(await redeem(kit, permit, order_id="O-2")) == (409, "PERMIT_USED")
    (told,) = await kit.facts("compliance.permit.used.v1")
    assert (told.key, told.sequence, told.data["order_id"]) == (permit["id"], 2, "O-1")
    shown = ok(await bank(kit).get(f"/v1/permits/{permit['id']}"), 2)
    assert (shown["state"], shown["order_id"], shown["ended_at"]) == ("USED", "O-1", used["used_at"])


async def test_of_two_orders_at_once_one_is_taken(kit: ServiceKit) -> None:
    _, _, permit = await sold(kit)
    answers = await asyncio.gather(*(redeem(kit, permit, order_id=f"O-{number}") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {refusal(answer)[1] for answer in answers if answer.status_code == 409} == {"PERMIT_USED"}
    assert len(await kit.facts("compliance.permit.used.v1")) == 1


async def test_the_same_order_at_once_is_answered_the_same(kit: ServiceKit) -> None:
    _, _, permit = await sold(kit)
    answers = await asyncio.gather(*(redeem(kit, permit) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.text for answer in answers}) == 1
    assert len(await kit.facts("compliance.permit.used.v1")) == 1


@pytest.mark.parametrize(("after", "answer"), [(VALID - MOMENT, 201), (VALID, 409), (VALID + MOMENT, 409)])
async def test_a_permit_expires(kit: ServiceKit, after: timedelta, answer: int) -> None:
    _, _, permit = await sold(kit)
    kit.clock.instant = datetime.fromisoformat(permit["issued_at"]) + after
    response = await redeem(kit, permit)
    assert response.status_code == answer
    if answer == 409:
        assert refusal(response)[1] == "PERMIT_EXPIRED"
        assert ok(await bank(kit).get(f"/v1/permits/{permit['id']}"), 1)["state"] == "EXPIRED"


@pytest.mark.parametrize(
    "other",
    [
        {"customer_id": stranger()},
        {"product_id": stranger()},
        {"product_version": 2},
        {"amount_minor": 1_000_001},
        {"amount_minor": 999_999},
        {"currency": "USD"},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_an_order_is_of_exactly_what_was_sold(kit: ServiceKit, other: dict[str, Any]) -> None:
    _, _, permit = await sold(kit)
    response = await redeem(kit, permit, **other)
    assert refusal(response) == (422, "PERMIT_MISMATCH")
    assert [one["pointer"] for one in response.json()["errors"]] == [f"/{next(iter(other))}"]
    ok(await redeem(kit, permit), 2)
    # Nor does the order that was taken become another one.
    assert refusal(await redeem(kit, permit, **other)) == (422, "PERMIT_MISMATCH")


async def test_one_order_has_one_permit(kit: ServiceKit) -> None:
    _, _, one = await sold(kit)
    _, _, other = await sold(kit, subject="seller-2", code="SH-0002")
    ok(await redeem(kit, one), 2)
    assert refusal(await redeem(kit, other)) == (409, "ORDER_HAS_PERMIT")
    ok(await redeem(kit, other, order_id="O-2"), 2)


async def test_no_order_is_taken_on_a_reversed_sale(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    await reverse(kit, sale)
    assert refusal(await redeem(kit, permit)) == (409, "PERMIT_REVOKED")
    assert (await permit_of(kit, sale))["state"] == "REVOKED"


async def test_what_does_not_exist_is_not_found(kit: ServiceKit) -> None:
    _, _, permit = await sold(kit)
    path = f"/v1/permits/{stranger()}"
    assert (await bank(kit).get(path)).status_code == 404
    assert (await bank(kit).post(f"{path}/redemptions", json=order_body(permit))).status_code == 404
    assert (await bank(kit).get(f"/v1/sales/{stranger()}/permit")).status_code == 404
    # The seller sees the permit, and orders nothing on it.
    seller = kit.client("seller", subject="seller-1")
    refused = await seller.post(f"/v1/permits/{permit['id']}/redemptions", json=order_body(permit))
    assert refused.status_code == 403
