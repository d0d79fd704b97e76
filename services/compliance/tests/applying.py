"""What the tests of applications send, and an application seen by both sides."""

from dataclasses import dataclass
from typing import Any

import httpx

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, etag, ok, open_outlet, register


def form_body(**given: Any) -> Json:
    """A current account with three services offered along, in two steps."""
    body = {
        "code": "ACCOUNT-01",
        "kind": "ACCOUNT",
        "conditions_zh": "年满十八周岁,持有效身份证件。",
        "conditions_en": "Of age, with a valid identity document.",
        "options": [
            {"code": code, "name_zh": code, "name_en": code} for code in ("sms", "atm_limit", "bill_payment")
        ],
        "steps": [
            {"code": "review", "name_zh": "审核", "name_en": "Review", "days": 1},
            {"code": "opening", "name_zh": "开户", "name_en": "Opening", "days": 2},
        ],
    }
    return body | given


@dataclass
class Desk:
    """An application at an outlet, seen by both sides with tokens of now."""

    kit: ServiceKit
    outlet_id: str
    customer: Json
    form: Json
    application: Json

    @property
    def seller(self) -> Caller:
        """Who serves there."""
        return self.kit.client("seller", subject="seller-1", outlets=(self.outlet_id,))

    @property
    def head(self) -> Caller:
        """Who decides there."""
        return self.kit.client("outlet_head", subject="head-1", outlets=(self.outlet_id,))

    @property
    def buyer(self) -> Caller:
        """The applicant."""
        return self.kit.client("customer", outlets=(), subject="customer-1")

    async def do(self, caller: Caller, what: str, body: Json | None = None) -> httpx.Response:
        """Something is done about the application as it stands."""
        path = f"/v1/applications/{self.application['id']}"
        version = ok(await self.seller.get(path))["version"]
        return await caller.post(f"{path}/{what}", json=body, headers=etag(version))

    async def choose(self, *options: str, conditions_shown: bool = True) -> httpx.Response:
        """The customer chooses."""
        body = {"conditions_shown": conditions_shown, "options": list(options)}
        return await self.do(self.buyer, "choice", body)

    async def identify(self, *, passed: bool = True) -> Json:
        """The outlet checks who he is."""
        body = {"method": "DOCUMENT_READER", "passed": passed}
        return ok(await self.do(self.seller, "identity_checks", body))

    async def step(self, code: str) -> httpx.Response:
        """The outlet takes a step."""
        return await self.do(self.seller, "steps", {"step": code})

    async def decide(self, outcome: str = "APPROVED", reason: str | None = None) -> httpx.Response:
        """The outlet decides."""
        return await self.do(self.head, "decision", {"outcome": outcome, "reason": reason})


async def open_desk(kit: ServiceKit, admin: Caller, crm: Caller) -> Desk:
    """A new application by a new form, of a new customer at a new outlet."""
    outlet_id, customer = await open_outlet(kit), await register(crm)
    form = ok(await admin.post("/v1/application-forms", json=form_body()))
    body = {"form_id": form["id"], "customer_id": customer["id"], "outlet_id": outlet_id}
    seller = kit.client("seller", outlets=(outlet_id,))
    return Desk(kit, outlet_id, customer, form, ok(await seller.post("/v1/applications", json=body), 1))
