"""Who is declared in a case, and what is recorded of the help that a customer was given."""

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.attending import STAFF, TODAY, YESTERDAY, declare, declared, paper
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import SECOND, Deal, make_ready, prepared


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    deal = await prepared(kit)
    await deal.open_case()
    return deal


async def test_only_the_customer_is_the_principal(deal: Deal) -> None:
    assert refusal(await declare(deal, "PRINCIPAL")) == (422, "PARTY_ROLE_UNFIT")
    agent = await declare(deal, "AGENT", deal.customer["id"], authority=paper())
    assert refusal(agent) == (422, "PARTY_ROLE_UNFIT")


async def test_the_banks_people_are_identified_by_its_register_alone(deal: Deal) -> None:
    assert refusal(await declare(deal, "OPERATOR")) == (422, "IDENTIFICATION_UNFIT")
    assert refusal(await declare(deal, "AGENT", identified_by=STAFF)) == (422, "IDENTIFICATION_UNFIT")
    await declared(deal, "GUARDIAN", identified_by="ONLINE_CHECK")


async def test_an_authority_is_of_somebody_who_acts_and_ends_after_it_begins(deal: Deal) -> None:
    operator = await declare(deal, "OPERATOR", identified_by=STAFF, authority=paper())
    assert refusal(operator) == (422, "AUTHORITY_INVALID")
    turned = paper(valid_from=TODAY, valid_until=YESTERDAY)
    assert refusal(await declare(deal, "AGENT", authority=turned)) == (422, "AUTHORITY_INVALID")
    await declared(deal, "AGENT", authority=paper(valid_from=TODAY, valid_until=TODAY))


async def test_declarations_stand_in_their_order_and_each_is_a_version(deal: Deal) -> None:
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}"
    begun = ok(await deal.seller.get(path))["version"]
    person = str(new_id())
    first = await declared(deal, "AGENT", person)
    deal.kit.clock.advance(SECOND)
    second = await declared(deal, "AGENT", person, authority=paper(product_kinds=["WEALTH", "WEALTH"]))
    assert (first["case_version"], second["case_version"]) == (begun + 1, begun + 2)
    assert second["authority"]["product_kinds"] == ["WEALTH"]
    listed: list[Json] = ok(await deal.buyer.get(f"{path}/parties"))["items"]
    assert listed == [first, second]
    stale = {"role": "AGENT", "person_id": person, "identified_by": "ID_DOCUMENT"}
    answer = await deal.seller.post(f"{path}/parties", json=stale, headers=etag(begun))
    assert answer.status_code == 412


async def test_what_was_done_stands_in_its_order(deal: Deal) -> None:
    assert deal.case is not None
    neighbour = deal.kit.client("seller", subject="seller-9", outlets=(deal.outlet_id,))
    evidence = str(new_id())
    done = [
        ok(await deal.guard("reading_aloud", deal.seller)),
        ok(await deal.guard("thumbprint", deal.seller, {"evidence_id": evidence})),
        ok(await deal.guard("call_back", neighbour, {"confirmed": False})),
    ]
    path = f"/v1/cases/{deal.case['id']}/assistance"
    assert ok(await deal.buyer.get(path))["items"] == done
    assert [(one["kind"], one["evidence_id"], one["confirmed"]) for one in done] == [
        ("READING_ALOUD", None, None),
        ("THUMBPRINT", evidence, None),
        ("CALL_BACK", None, False),
    ]


async def test_nothing_is_declared_about_a_logged_case(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    ok(await deal.sell())
    assert refusal(await declare(deal, "AGENT")) == (409, "CASE_LOGGED")
    assert refusal(await deal.guard("reading_aloud", deal.seller)) == (409, "CASE_LOGGED")
    paid = await deal.guard("paying_accounts", deal.seller, {"account_id": None})
    assert refusal(paid) == (409, "CASE_LOGGED")
