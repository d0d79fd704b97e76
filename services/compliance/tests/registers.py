"""What the tests of the registers send: good bodies, staffing's facts, calls that make a start."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from chassis.ids import new_id
from chassis.inbox import Record
from chassis.testing import Caller, ServiceKit
from compliance.rulebook.facts import ProductKind

OUTLETS, EMPLOYEES = "staffing.outlets.v1", "staffing.employees.v1"
UNKNOWN = "0190a000-0000-7000-8000-000000000000"

Json = dict[str, Any]

#: Of all kinds of products.
KINDS = [kind.value for kind in ProductKind]
ROUND_THE_CLOCK: Json = {"opens": "00:00", "closes": "23:59"}
OPINION: Json = {"approved": True, "opinion": "In order"}


def etag(version: int) -> dict[str, str]:
    """The header that names the version to change."""
    return {"If-Match": f'"{version}"'}


def ok(response: httpx.Response, version: int | None = None) -> Json:
    """The answer's body; fails the test when the request was refused, or the object is not at ``version``."""
    assert response.status_code < 400, response.text
    assert version is None or response.headers["etag"] == f'"{version}"'
    body: Json = response.json()
    return body


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]


def product_body(**given: Any) -> Json:
    """A wealth product of the bank, R2, closed-end."""
    body = {
        "code": "WM-0001",
        "name": "Steady Spring 180",
        "issuer": "City Bank",
        "origin": "OWN",
        "kind": "WEALTH",
        "form": "CLOSED_END",
        "offering": "PUBLIC",
        "term_months": 6,
        "issuer_risk_level": None,
        "bank_risk_level": 2,
    }
    return body | given


def partner_body(**given: Any) -> Json:
    """An insurer with a licence until the end of 2028."""
    body = {
        "code": "INS-0001",
        "name": "Harbour Life",
        "kinds": ["INSURANCE", "INVESTMENT_INSURANCE"],
        "licence_number": "L10001",
        "authority": "NFRA",
        "licence_from": "2020-01-01",
        "licence_to": "2028-12-31",
        "reason": "All criteria of admission are satisfied",
    }
    return body | given


def review_body(**given: Any) -> Json:
    """A review in which everything was in order."""
    items = ("is_sound", "products_in_order", "helps_with_complaints")
    return dict.fromkeys(items, True) | {"findings": "In order"} | given


def terms_body(**given: Any) -> Json:
    """What may be corrected of a product."""
    body = {"name": "Steady Spring 181", "issuer": "City Bank", "offering": "PUBLIC", "term_months": 7}
    return body | given


def checklist_body(**given: bool) -> Json:
    """A zone that is ready."""
    items = ("zone_sign", "product_check_reminder", "risk_warning", "report_hotline", "product_list")
    return dict.fromkeys(items, True) | given


def zone_body(outlet_id: str, **given: Any) -> Json:
    """A separate sales zone."""
    return {"outlet_id": outlet_id, "code": "Z1", "zone_type": "ZONE", "type_reason": None} | given


def case_body(outlet_id: str, customer_id: str, **given: Any) -> Json:
    """Ten thousand yuan of something, outside any zone."""
    body = {
        "customer_id": customer_id,
        "product_id": UNKNOWN,
        "seller_id": UNKNOWN,
        "outlet_id": outlet_id,
        "zone_id": None,
        "channel": "OUTLET",
        "amount_minor": 1_000_000,
        "currency": "CNY",
    }
    return body | given


def consent_body(case_id: str, **given: Any) -> Json:
    """The customer agrees to be recorded."""
    return {"case_id": case_id, "purpose": "RECORDING", "given": True, "notice_version": "2026-01"} | given


def circumstances_body(**given: Any) -> Json:
    """Forty years old on the clock's first day, of full capacity, ten million yuan, an income of one."""
    body = {
        "birth_date": "1986-03-02",
        "capacity": "FULL",
        "means": {
            "household_annual_income_minor": 100_000_000,
            "liquid_assets_minor": 1_000_000_000,
            "currency": "CNY",
        },
    }
    return body | given


def outlet_state(**given: Any) -> Json:
    """The state, as staffing publishes it, of an outlet that never closes, with more fields than we use."""
    state = {
        "code": "SH-0001",
        "name": "Renmin Road",
        "outlet_class": "B",
        "grade": 10,
        "capabilities": ["cash", "wealth_sale"],
        "timezone": "Asia/Shanghai",
        "cutover_hour": 0,
        "week": [ROUND_THE_CLOCK] * 7,
        "exceptions": {},
    }
    return state | given


async def open_outlet(kit: ServiceKit, code: str = "SH-0001") -> str:
    """An outlet that staffing has opened; its id."""
    outlet_id = str(new_id())
    data = {"outlet_id": outlet_id, "outlet": outlet_state(code=code)}
    await kit.deliver(kit.record(OUTLETS, "staffing.outlet.opened.v1", outlet_id, data))
    return outlet_id


@dataclass
class Employee:
    """Staffing's facts about one employee, in the order of his versions."""

    kit: ServiceKit
    outlet_id: str
    subject: str | None = "seller-1"
    id: str = field(default_factory=lambda: str(new_id()))
    version: int = 0

    def joined(self, **given: Any) -> Record:
        """He joined the bank."""
        return self._stated("joined", **given)

    def changed(self, **given: Any) -> Record:
        """His state changed."""
        return self._stated("changed", **given)

    def left(self, **given: Any) -> Record:
        """He left for good."""
        return self._stated("left", **({"active": False, "subject": None} | given))

    def granted(self, qualification_id: UUID, **given: Any) -> Record:
        """He may sell wealth products in 2026."""
        data = {"kind": "wealth", "valid_from": "2026-01-01", "valid_to": "2026-12-31"} | given
        return self._fact("staffing.qualification.granted.v1", {"qualification_id": qualification_id} | data)

    def revoked(self, qualification_id: UUID, at: datetime | None = None) -> Record:
        """He may no longer."""
        data = {"qualification_id": qualification_id, "kind": "wealth", "reason": "Mis-selling"}
        return self._fact("staffing.qualification.revoked.v1", data, at)

    def suspended(
        self, qualification_id: UUID, suspended_from: datetime, suspended_until: datetime | None = None
    ) -> Record:
        """He may not for a while."""
        data = {
            "qualification_id": qualification_id,
            "kind": "wealth",
            "suspended_from": suspended_from,
            "suspended_until": suspended_until,
            "reason": "Conduct alert",
        }
        return self._fact("staffing.qualification.suspended.v1", data)

    def reinstated(self, qualification_id: UUID) -> Record:
        """He may again."""
        data = {"qualification_id": qualification_id, "kind": "wealth"}
        return self._fact("staffing.qualification.reinstated.v1", data)

    def trained(self, **given: Any) -> Record:
        """He completed twenty hours about wealth products on the first day of 2026."""
        course = {"training_id": new_id(), "kind": "wealth", "minutes": 1200, "completed_on": "2026-01-01"}
        return self._fact("staffing.training.recorded.v1", course | given)

    def training_annulled(self, training_id: UUID, kind: str = "wealth") -> Record:
        """A training counts no more."""
        return self._fact("staffing.training.annulled.v1", {"training_id": training_id, "kind": kind})

    def experienced(self, since: str = "2020-01-01") -> Record:
        """Since when he sells."""
        return self._fact("staffing.experience.recorded.v1", {"selling_since": since})

    def prepared(self) -> list[Record]:
        """What SAL-10 asks of him, for every kind of product."""
        insurance = self.trained(kind="investment_insurance", minutes=2400)
        return [insurance, self.trained(), self.experienced()]

    def _stated(self, verb: str, **given: Any) -> Record:
        data = {
            "outlet_id": self.outlet_id,
            "staff_number": "100001",
            "subject": self.subject,
            "employer": "bank",
            "active": True,
        }
        return self._fact(f"staffing.employee.{verb}.v1", data | given)

    def _fact(self, type_: str, data: Json, at: datetime | None = None) -> Record:
        self.version += 1
        known = {"employee_id": self.id, "version": self.version}
        return self.kit.record(EMPLOYEES, type_, self.id, known | data, sequence=self.version, occurred_at=at)


async def hire(kit: ServiceKit, outlet_id: str, subject: str = "seller-1") -> Employee:
    """An employee of the outlet who may sell wealth products in 2026."""
    employee = Employee(kit, outlet_id, subject)
    await kit.deliver(employee.joined(), employee.granted(new_id()))
    return employee


async def list_product(admin: Caller, **given: Any) -> Json:
    """A product on sale."""
    return ok(await admin.post("/v1/products", json=product_body(**given)), 1)


async def admit(admin: Caller, **given: Any) -> Json:
    """A partner on the list."""
    return ok(await admin.post("/v1/partners", json=partner_body(**given)), 1)


async def admit_product(
    kit: ServiceKit, product: Json, *, by: str = "admin-1", resolution: str | None = None
) -> Json:
    """An agency product, examined by ``by``, approved by others; with a resolution also by the management."""
    path, seen = f"/v1/products/{product['id']}", product
    steps: list[tuple[str, str, str, Json]] = [
        ("product_admin", by, "due_diligence", {"summary": "Sound"}),
        ("compliance_officer", "officer-1", "compliance_approval", OPINION),
    ]
    if resolution is not None:
        senior = OPINION | {"resolution": resolution}
        steps.append(("product_admin", "admin-2", "senior_approval", senior))
    for role, subject, step, body in steps:
        caller = kit.client(role, subject=subject)
        seen = ok(await caller.post(f"{path}/{step}", json=body, headers=etag(seen["version"])))
    return seen


async def register(caller: Caller, subject: str | None = "customer-1") -> Json:
    """A customer."""
    return ok(await caller.post("/v1/customers", json={"subject": subject}), 1)


async def state_circumstances(crm: Caller, customer_id: str, **given: Any) -> Json:
    """The bank's customer system states what it knows of a customer."""
    path = f"/v1/customers/{customer_id}"
    version = ok(await crm.get(path))["version"]
    return ok(await crm.post(f"{path}/stated_circumstances", json=given, headers=etag(version)))


async def introduce(crm: Caller, subject: str | None = "customer-1", **given: Any) -> Json:
    """A customer of whom the bank knows what the gate asks for; ``given`` changes his circumstances."""
    customer = await register(crm, subject)
    await state_circumstances(crm, customer["id"], **circumstances_body(**given))
    return customer


async def prepare_zone(head: Caller, outlet_id: str, **given: Any) -> Json:
    """A zone in preparation."""
    return ok(await head.post("/v1/zones", json=zone_body(outlet_id, **given)), 1)
