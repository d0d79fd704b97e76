"""A sale on its way to the gate, made through REST and topics as the world makes it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.filming import SEGMENTS, ready, seal
from services.compliance.tests.recorders import Machine
from services.compliance.tests.registers import (
    EMPLOYEES,
    KINDS,
    Employee,
    Json,
    admit,
    admit_product,
    case_body,
    checklist_body,
    consent_body,
    etag,
    introduce,
    list_product,
    ok,
    open_outlet,
    partner_body,
    prepare_zone,
    register,
    state_circumstances,
)

#: The gate found nothing and logged the sale.
LOGGED: list[tuple[str, str]] = []

#: The clock of a test begins at 09:00 in Shanghai on 2026-03-02.
SECOND = timedelta(seconds=1)


@dataclass
class Deal:
    """One case with everything around it; ids and versions as the clients know them."""

    kit: ServiceKit
    outlet_id: str
    employee: Employee
    qualification_id: UUID
    product: Json
    customer: Json
    partner: Json | None = None
    zone: Json | None = None
    case: Json | None = None
    recording: Json | None = None
    machine: Machine | None = None

    @property
    def seller(self) -> Caller:
        """The seller, with a token of now."""
        return self.kit.client("seller", subject=self.employee.subject or "", outlets=(self.outlet_id,))

    @property
    def buyer(self) -> Caller:
        """The customer, with a token of now."""
        return self.kit.client("customer", outlets=(), subject=self.customer["subject"])

    async def assess(self, level: int = 2, **given: Any) -> None:
        """The customer completes an assessment at the outlet."""
        body = {"level": level, "place": "OUTLET"} | given
        await self._customer_changed("assessments", self.buyer, body)

    async def import_assessment(self, completed_at: datetime, level: int = 2, **given: Any) -> None:
        """Another system of the bank knows of an older assessment."""
        crm = self.kit.client("integration", subject="crm")
        body = {
            "level": level,
            "completed_at": completed_at.isoformat(),
            "source": "crm",
            "place": "OUTLET",
        } | given
        await self._customer_changed("imported_assessments", crm, body)

    async def report_change(self) -> None:
        """The customer tells of changed circumstances."""
        await self._customer_changed("reported_changes", self.buyer, None)

    async def _customer_changed(self, what: str, caller: Caller, body: Json | None) -> None:
        path = f"/v1/customers/{self.customer['id']}"
        crm = self.kit.client("integration", subject="crm")
        version = ok(await crm.get(path))["version"]
        ok(await caller.post(f"{path}/{what}", json=body, headers=etag(version)))

    async def equip(self) -> Machine:
        """The zone gets a recorder, which is heard of at once."""
        assert self.zone is not None
        self.machine = Machine(self.kit)
        await self.machine.register(self.zone)
        await self.machine.beat()
        return self.machine

    async def nobody(self) -> Json:
        """Another customer, of whom the bank knows nothing."""
        crm = self.kit.client("integration", subject="crm")
        return await register(crm, f"customer-{new_id().hex[-12:]}")

    async def state(self, **given: Any) -> None:
        """The bank's customer system states something more about the customer."""
        await state_circumstances(self.kit.client("integration", subject="crm"), self.customer["id"], **given)

    async def guardian_answers(self, **given: Any) -> None:
        """The customer's legal representative agrees to the product, or what is given instead."""
        crm = self.kit.client("integration", subject="crm")
        about = {"product_id": self.product["id"]} if "case_id" not in given else {}
        body = about | {"given": True, "evidence_id": str(new_id())} | given
        await self._customer_changed("guardian_consents", crm, body)

    async def guard(self, what: str, caller: Caller, body: Json | None = None) -> httpx.Response:
        """Something is done in the case for the customer's protection."""
        assert self.case is not None
        path = f"/v1/cases/{self.case['id']}"
        seen = await self.seller.get(path)
        return await caller.post(f"{path}/{what}", json=body, headers={"If-Match": seen.headers["etag"]})

    async def care(self, **done: bool) -> None:
        """The seller takes special care of an old customer."""
        items = ("risks_explained", "loss_understood", "companion_offered", "lower_risk_offered")
        ok(await self.guard("elderly_care", self.seller, dict.fromkeys(items, True) | done))

    async def approve(self, subject: str = "head-1") -> httpx.Response:
        """An outlet head approves the amount."""
        head = self.kit.client("outlet_head", subject=subject, outlets=(self.outlet_id,))
        return await self.guard("approval", head)

    async def cancel(self) -> Json:
        """The customer changes his mind."""
        return ok(await self.guard("cancellation", self.buyer))

    async def insurer_accepts(self) -> None:
        """The insurer has looked at the application itself."""
        ok(await self.guard("insurer_acceptance", self.kit.client("integration", subject="insurer")))

    async def sign(self, document: str) -> None:
        """The customer signs a document."""
        ok(await self.guard("signatures", self.buyer, {"document": document}))

    async def inspect_zone(self, **found: bool) -> httpx.Response:
        """An officer inspects the zone."""
        return await self._zone("inspections", checklist_body(**found))

    async def suspend_zone(self) -> httpx.Response:
        """An officer suspends the zone."""
        return await self._zone("suspension", {"reason": "Sign missing"})

    async def _zone(self, what: str, body: Json) -> httpx.Response:
        assert self.zone is not None
        officer = self.kit.client("compliance_officer", subject="officer-1")
        path = f"/v1/zones/{self.zone['id']}"
        version = ok(await officer.get(path))["version"]
        return await officer.post(f"{path}/{what}", json=body, headers=etag(version))

    async def grade(self, bank: int | None, issuer: int | None = None) -> None:
        """The product department grades the product anew."""
        body = {"issuer_risk_level": issuer, "bank_risk_level": bank, "reason": "Review"}
        await self.change_product("risk_levels", body)

    async def withdraw_product(self) -> None:
        """The product is no longer sold."""
        await self.change_product("withdrawal", {"status": "EXISTING", "reason": "Subscription is over"})

    async def change_product(self, what: str, body: Json) -> httpx.Response:
        """The product department changes the product."""
        admin = self.kit.client("product_admin", subject="admin-1")
        path = f"/v1/products/{self.product['id']}"
        version = ok(await admin.get(path))["version"]
        response = await admin.post(f"{path}/{what}", json=body, headers=etag(version))
        ok(response)
        return response

    async def change_partner(self, what: str, body: Json) -> Json:
        """Head office does something about the partner: ``""`` corrects it, else a route below it."""
        assert self.partner is not None
        admin = self.kit.client("product_admin", subject="admin-1")
        path = f"/v1/partners/{self.partner['id']}"
        version = etag(ok(await admin.get(path))["version"])
        if what:
            return ok(await admin.post(f"{path}/{what}", json=body, headers=version))
        known = {name: self.partner[name] for name in partner_body() if name in self.partner}
        del known["code"]
        return ok(await admin.put(path, json=known | body, headers=version))

    async def open_case(self, *, told: bool = True, **given: Any) -> Json:
        """The seller opens the case and tells the customer what he has to know, where that is possible."""
        body = case_body(
            self.outlet_id,
            self.customer["id"],
            **(
                {
                    "product_id": self.product["id"],
                    "seller_id": self.employee.id,
                    "zone_id": None if self.zone is None else self.zone["id"],
                }
                | given
            ),
        )
        self.case = ok(await self.seller.post("/v1/cases", json=body), 1)
        if told:
            path = f"/v1/cases/{self.case['id']}/matching_opinions"
            given_opinion = await self.seller.post(path)
            if given_opinion.status_code == 201:
                await self._acknowledge("matching_opinions", given_opinion.json())
            else:
                assert given_opinion.json()["code"] == "MATCHING_NOT_POSSIBLE", given_opinion.text
            await self.disclose()
        return self.case

    async def match(self, *, acknowledged: bool = True) -> Json:
        """The seller gives the matching opinion; the customer acknowledges it."""
        return await self._tell("matching_opinions", None, acknowledged=acknowledged)

    async def disclose(self, *, acknowledged: bool = True) -> Json:
        """The seller shows the risks; the customer acknowledges that he knows them."""
        body = {"document": "risk-disclosure-2026-01", "sha256": "ab" * 32}
        return await self._tell("risk_disclosures", body, acknowledged=acknowledged)

    async def _tell(self, what: str, body: Json | None, *, acknowledged: bool) -> Json:
        assert self.case is not None
        told = ok(await self.seller.post(f"/v1/cases/{self.case['id']}/{what}", json=body), 1)
        return await self._acknowledge(what, told) if acknowledged else told

    async def _acknowledge(self, what: str, told: Json) -> Json:
        return ok(await self.buyer.post(f"/v1/{what}/{told['id']}/acknowledgement", headers=etag(1)), 2)

    async def consent(self, **given: Any) -> Json:
        """The customer answers whether he may be recorded."""
        assert self.case is not None
        return ok(await self.buyer.post("/v1/consents", json=consent_body(self.case["id"], **given)), 1)

    async def record(self, *, sealed: bool = True, **given: Any) -> Json:
        """The recording, sealed a second before the present of the clock, or only inspected.

        The zone's recorder is heard of when it begins.
        """
        assert self.case is not None
        if self.machine is not None:
            await self.machine.beat()
        self.recording = await ready(self.kit, self.seller, self.case, **given)
        if sealed:
            self.recording = ok(await seal(self.seller, self.recording))
        self.kit.clock.advance(SECOND)
        return self.recording

    async def beat(self) -> None:
        """Staffing is heard of at the present of the clock."""
        await self.kit.beat(EMPLOYEES)

    def body(self, **given: Any) -> Json:
        """What the seller asks the gate."""
        return {"recording_id": self.recording["id"] if self.recording else None} | given

    async def sell(
        self, *, key: str | None = None, version: int | None = None, **given: Any
    ) -> httpx.Response:
        """The seller asks the gate to log the sale, of the case as it stands unless of another version."""
        assert self.case is not None
        if version is None:
            version = ok(await self.seller.get(f"/v1/cases/{self.case['id']}"))["version"]
        headers = etag(version) | ({} if key is None else {"Idempotency-Key": key})
        path = f"/v1/cases/{self.case['id']}/sale"
        return await self.seller.post(path, json=self.body(**given), headers=headers)

    async def check(self) -> Json:
        """The seller asks what the gate would say."""
        assert self.case is not None
        return ok(await self.seller.post(f"/v1/cases/{self.case['id']}/gate-check", json=self.body()))


async def begin(
    kit: ServiceKit,
    *,
    subject: str = "seller-1",
    code: str = "SH-0001",
    partner: Json | None = None,
    is_admitted: bool = True,
    is_prepared: bool = True,
    **product: Any,
) -> Deal:
    """An outlet, a seller with a right to sell wealth products, a product, a customer; nothing else yet.

    An agency product comes with a partner that supplies every kind (``partner``: what is different about it)
    and is admitted; the senior management resolves on it as well. ``is_prepared``: the seller has what SAL-10
    asks for.
    """
    outlet_id = await open_outlet(kit, code)
    employee, qualification_id = Employee(kit, outlet_id, subject), new_id()
    await kit.deliver(employee.joined(), employee.granted(qualification_id))
    if is_prepared:
        await kit.deliver(*employee.prepared())
    given = {"code": f"P-{new_id().hex[-12:]}"} | product
    if "INSURANCE" in given.get("kind", ""):
        given = {"instalment": False, "benefit_certain": True} | given
    admin = kit.client("product_admin", subject="admin-1")
    supplier = None
    if given.get("origin") == "AGENCY":
        named = {"code": f"A-{new_id().hex[-12:]}", "kinds": KINDS} | (partner or {})
        supplier = await admit(admin, **named)
        given = {"partner_id": supplier["id"]} | given
    listed = await list_product(admin, **given)
    if supplier is not None and is_admitted:
        await admit_product(kit, listed, resolution="2026-7")
    return Deal(
        kit=kit,
        outlet_id=outlet_id,
        employee=employee,
        qualification_id=qualification_id,
        product=listed,
        customer=await introduce(kit.client("integration", subject="crm"), f"customer-{new_id().hex[-12:]}"),
        partner=supplier,
    )


async def prepared(kit: ServiceKit, *, level: int | None = 2, **given: Any) -> Deal:
    """As :func:`begin`, with an assessed customer and a zone that is inspected and records, a minute later.

    No case yet.
    """
    deal = await begin(kit, **given)
    if level is not None:
        await deal.assess(level)
    deal.zone = await prepare_zone(kit.client("outlet_head", subject="head-1"), deal.outlet_id)
    ok(await deal.inspect_zone())
    await deal.equip()
    kit.clock.advance(timedelta(minutes=1))
    return deal


async def filmed(
    deal: Deal, *, segments: tuple[str, ...] = SEGMENTS, sealed: bool = True, **case: Any
) -> Deal:
    """Case, consent and recording, and staffing heard of just now."""
    await deal.open_case(**case)
    await deal.consent()
    await deal.record(segments=segments, sealed=sealed)
    await deal.beat()
    return deal


async def make_ready(kit: ServiceKit, **given: Any) -> Deal:
    """A deal that passes the gate now."""
    return await filmed(await prepared(kit, **given))


async def fellow(deal: Deal, subject: str = "customer-2", level: int = 2) -> Deal:
    """Another customer, who wants the same of the same seller; assessed, without a case yet."""
    customer = await introduce(deal.kit.client("integration", subject="crm"), subject)
    other = replace(deal, customer=customer, case=None, recording=None)
    await other.assess(level)
    deal.kit.clock.advance(SECOND)
    return other


def broken(response: httpx.Response) -> list[tuple[str, str]]:
    """Rule and code of each violation of a recorded refusal of the gate."""
    assert response.status_code == 422, response.text
    body = response.json()
    assert body["code"] == "SALE_REFUSED", body
    for item in body["violations"]:
        assert item["citation"]
        assert set(item["messages"]) == {"zh-CN", "en"}
    return [(item["rule"], item["code"]) for item in body["violations"]]


async def judged(deal: Deal) -> list[tuple[str, str]]:
    """Rule and code of whatever the gate finds now: nothing where it logs the sale. The dry run agrees."""
    check = await deal.check()
    decided = await deal.sell()
    found = [] if decided.status_code == 201 else broken(decided)
    assert [(item["rule"], item["code"]) for item in check["violations"]] == found
    return found
