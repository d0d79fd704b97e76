"""Who takes part in a sale besides its customer and its seller, declared through REST."""

from typing import Any

import httpx

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.registers import Json, etag, introduce, ok
from services.compliance.tests.selling import SECOND, Deal

#: The clock of a test begins on this legal day; the days around it.
YESTERDAY, TODAY, TOMORROW = "2026-03-01", "2026-03-02", "2026-03-03"

#: How the bank's own people are identified.
STAFF = "STAFF_REGISTER"


def paper(**given: Any) -> Json:
    """An authority for any product, in force all the year."""
    body = {"document_id": str(new_id()), "valid_from": "2026-01-01", "valid_until": "2026-12-31"}
    return body | given


async def declare(deal: Deal, role: str, person_id: str | None = None, **given: Any) -> httpx.Response:
    """The seller declares somebody, a stranger by default."""
    body = {"role": role, "person_id": person_id or str(new_id()), "identified_by": "ID_DOCUMENT"}
    return await deal.guard("parties", deal.seller, body | given)


async def declared(deal: Deal, role: str, person_id: str | None = None, **given: Any) -> Json:
    """Somebody who was declared."""
    return ok(await declare(deal, role, person_id, **given))


async def with_agent(deal: Deal, person_id: str | None = None, **authority: Any) -> None:
    """An agent acts for the customer, who was identified too."""
    await declared(deal, "PRINCIPAL", deal.customer["id"])
    await declared(deal, "AGENT", person_id, authority=paper(**authority))


async def other_customer(kit: ServiceKit, level: int | None = 2) -> Json:
    """Another customer, assessed by himself at this level, or not at all (None)."""
    customer = await introduce(kit.client("integration", subject="crm"), f"customer-{new_id().hex[-12:]}")
    if level is not None:
        await assess(kit, customer, level)
    return customer


async def assess(kit: ServiceKit, customer: Json, level: int) -> None:
    """A customer completes an assessment at the outlet, a second before the present of the clock."""
    path = f"/v1/customers/{customer['id']}"
    version = ok(await kit.client("integration", subject="crm").get(path))["version"]
    himself = kit.client("customer", outlets=(), subject=customer["subject"])
    body = {"level": level, "place": "OUTLET"}
    ok(await himself.post(f"{path}/assessments", json=body, headers=etag(version)))
    kit.clock.advance(SECOND)


async def joint_account(kit: ServiceKit, *holders: Json, **given: Any) -> Json:
    """An account of these customers, about which all of them decide."""
    body = {"holders": [holder["id"] for holder in holders], "mandate": "ALL"} | given
    core = kit.client("integration", subject="corebanking")
    return ok(await core.post("/v1/joint_accounts", json=body), 1)


async def pays(deal: Deal, account: Json | None) -> httpx.Response:
    """The seller states whose money it is; None: the customer's own."""
    return await deal.guard("paying_accounts", deal.seller, {"account_id": account and account["id"]})


async def resolve(deal: Deal, **given: Any) -> Json:
    """The customer, a company, has a resolution: its signatory buys for ten thousand yuan in all."""
    body = {
        "document_id": str(new_id()),
        "signatory_id": str(new_id()),
        "resolved_on": "2026-02-01",
        "valid_until": "2026-12-31",
        "limit_minor": 1_000_000,
        "currency": "CNY",
    } | given
    core = deal.kit.client("integration", subject="corebanking")
    path = f"/v1/customers/{deal.customer['id']}"
    version = ok(await core.get(path))["version"]
    return ok(await core.post(f"{path}/resolutions", json=body, headers=etag(version)))


async def company(deal: Deal, **investor: Any) -> None:
    """The customer is a company, an ordinary investor unless something else is given."""
    await deal.state(legal_form="COMPANY", investor={"investor_class": "ORDINARY"} | investor)


async def signs(deal: Deal, resolution: Json, **given: Any) -> None:
    """The one whom the resolution names signs for the company."""
    authority = paper(document_id=resolution["document_id"])
    await declared(deal, "SIGNATORY", resolution["signatory_id"], authority=authority, **given)
