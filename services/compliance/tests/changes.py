"""Whatever a decision rests on, changed by the command that changes it in the bank."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.charging import append, confirm, price_body, priced, quote, render
from services.compliance.tests.footage import script
from services.compliance.tests.racing import Change
from services.compliance.tests.registers import (
    KINDS,
    Json,
    admit,
    etag,
    ok,
    review_body,
    terms_body,
)
from services.compliance.tests.selling import Deal, filmed, make_ready, prepared

Make = Callable[[ServiceKit], Awaitable[Deal]]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of fact: a member of the facts, the rule that it turns, a deal, and its change.

    ``rule`` fails either before the change or after it; None: the facts stay as they are.
    ``foreign``: the instants in the fact are those of another system. ``free``: nothing is locked for it.
    """

    member: str
    name: str
    rule: str | None
    change: Change
    make: Make
    foreign: bool = False
    free: bool = False


AGENCY: Json = {"origin": "AGENCY", "issuer_risk_level": 2}
YUAN = 100


def sold(**given: Any) -> Make:
    """A deal that passes the gate, about such a product."""

    async def make(kit: ServiceKit) -> Deal:
        return await make_ready(kit, **given)

    return make


def risky(level: int = 4, state: Json | None = None, case: Json | None = None, **product: Any) -> Make:
    """A deal about a product of this level, with a customer whom it suits and of whom more was stated."""

    async def make(kit: ServiceKit) -> Deal:
        deal = await prepared(kit, level=level, bank_risk_level=level, **product)
        if "INSURANCE" in product.get("kind", ""):
            await kit.deliver(deal.employee.granted(new_id(), kind="agency_insurance"))
        await deal.state(**({"bought_wealth_before": True} | (state or {})))
        return await filmed(deal, **(case or {}))

    return make


# --- Product, partner, fees --------------------------------------------------------------------------------


async def grade(deal: Deal) -> None:
    """The product department grades the product higher."""
    await deal.grade(bank=4, issuer=2)


async def correct(deal: Deal) -> None:
    """The product becomes one for qualified investors."""
    admin = deal.kit.client("product_admin", subject="admin-1")
    path = f"/v1/products/{deal.product['id']}"
    body = terms_body(offering="PRIVATE")
    ok(await admin.put(path, json=body, headers=etag(ok(await admin.get(path))["version"])))


async def of_two(kit: ServiceKit) -> Deal:
    """A deal about an agency product, while there is another partner."""
    deal = await make_ready(kit, **AGENCY)
    await admit(kit.client("product_admin", subject="admin-1"), kinds=KINDS)
    return deal


async def supply(deal: Deal) -> None:
    """The other partner supplies the product."""
    admin = deal.kit.client("product_admin", subject="admin-1")
    known = ok(await admin.get("/v1/partners"))["items"]
    (other,) = [one for one in known if one["id"] != deal.product["partner_id"]]
    path = f"/v1/products/{deal.product['id']}"
    version = etag(ok(await admin.get(path))["version"])
    ok(await admin.put(f"{path}/partner", json={"partner_id": other["id"]}, headers=version))


async def examine(deal: Deal) -> None:
    """A new due diligence: earlier approvals count no more."""
    await deal.change_product("due_diligence", {"summary": "Anew"})


async def offer_later(deal: Deal) -> None:
    """The product is offered from tomorrow on."""
    tomorrow = deal.kit.clock.now() + timedelta(days=1)
    body = {"offered_from": tomorrow.isoformat(), "offered_until": None}
    await deal.change_product("offering_windows", body)


async def chargeable(kit: ServiceKit) -> Deal:
    """A deal that passes the gate; there is a service, of which its product knows nothing."""
    deal = await make_ready(kit)
    await priced(kit.client("product_admin", subject="admin-1"))
    return deal


async def told(kit: ServiceKit) -> Deal:
    """A deal whose product is charged for; the customer was told what it costs."""
    deal = await chargeable(kit)
    await charge(deal)
    await quote(deal.seller, await service_of(deal), deal, amount_minor=1_000_000)
    return deal


async def agreed(kit: ServiceKit) -> Deal:
    """The same; the customer has confirmed it."""
    deal = await told(kit)
    await agree(deal)
    return deal


async def service_of(deal: Deal) -> Json:
    """The only service of the tariff."""
    (service,) = ok(await deal.seller.get("/v1/fee-services"))["items"]
    return dict(service)


async def quote_of(deal: Deal) -> Json:
    """The only quote."""
    (told,) = ok(await deal.seller.get("/v1/fee-quotes"))["items"]
    return dict(told)


async def charge(deal: Deal) -> None:
    """The sale of the product is charged for from now on."""
    admin = deal.kit.client("product_admin", subject="admin-1")
    body = {"product_id": deal.product["id"], "charged": True}
    ok(await append(admin, await service_of(deal), "products", body))


async def agree(deal: Deal) -> None:
    """The customer confirms what he was told."""
    ok(await confirm(deal.buyer, await quote_of(deal)))


async def price(deal: Deal) -> None:
    """The service gets another price, from today on."""
    admin = deal.kit.client("product_admin", subject="admin-1")
    ok(await append(admin, await service_of(deal), "prices", price_body(acceptance=100)))


async def use(deal: Deal) -> object:
    """The quote serves for the service by itself."""
    return await render(deal.seller, await quote_of(deal))


OWN = (
    Kind(member="product.status", name="withdrawn", rule="PRD-01", make=sold(), change=Deal.withdraw_product),
    Kind(member="product.bank_level", name="graded", rule="SUI-03", make=sold(**AGENCY), change=grade),
    Kind(member="product.offering", name="corrected", rule="SUI-17", make=sold(), change=correct),
    Kind(member="product.partner_id", name="supplied", rule="AGY-05", make=of_two, change=supply),
    Kind(member="product.admission", name="examined", rule="AGY-05", make=sold(**AGENCY), change=examine),
    Kind(
        member="partner.state",
        name="exited",
        rule="AGY-04",
        make=sold(**AGENCY),
        change=lambda deal: deal.change_partner("exit", {"reason": "Unsound"}),
    ),
    Kind(
        member="partner.state",
        name="reviewed",
        rule="AGY-04",
        make=sold(**AGENCY),
        change=lambda deal: deal.change_partner("reviews", review_body(is_sound=False)),
    ),
    Kind(
        member="partner.licence_to",
        name="licensed",
        rule="AGY-01",
        make=sold(**AGENCY),
        change=lambda deal: deal.change_partner("", {"licence_to": "2026-03-01"}),
    ),
    Kind(member="product.window", name="offered later", rule="PRD-01", make=sold(), change=offer_later),
    Kind(
        member="footage",
        name="scripted",
        rule="REC-02",
        make=sold(),
        change=lambda deal: script(deal, "PITCH"),
    ),
    Kind(member="fees", name="charged", rule="FEE-01", make=chargeable, change=charge),
    Kind(member="fees", name="confirmed", rule="FEE-02", make=told, change=agree),
    Kind(member="fees", name="priced", rule="FEE-01", make=agreed, change=price),
    Kind(member="fees", name="used", rule="FEE-01", make=agreed, change=use),
)
