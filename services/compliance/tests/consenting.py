"""Notices and consents, made through REST as officers, sellers and customers make them."""

from typing import Any

import httpx

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, etag, ok, register


def text_body(**given: Any) -> Json:
    """What a notice says in one language."""
    body = {"purpose": "To offer", "method": "By text message", "withdrawal": "In the app", "necessity": None}
    return body | given


def content_body(**given: Any) -> Json:
    """The content of a notice about marketing."""
    body = {
        "controller": "City Bank",
        "contact": "95599",
        "kinds": ["PHONE"],
        "retention_months": 24,
        "zh": text_body(),
        "en": text_body(),
    }
    return body | given


def notice_body(purpose: str = "MARKETING", content: Json | None = None, **given: Any) -> Json:
    """A notice."""
    code = f"N-{purpose.lower()}"
    return {"code": code, "purpose": purpose, "aim": "offers", "content": content or content_body()} | given


def officer_of(kit: ServiceKit) -> Caller:
    """A compliance officer, with a token of now."""
    return kit.client("compliance_officer", subject="officer-1")


def customer_of(kit: ServiceKit, subject: str = "customer-1") -> Caller:
    """A customer, with a token of now."""
    return kit.client("customer", outlets=(), subject=subject)


def crm_of(kit: ServiceKit) -> Caller:
    """The bank's customer system, with a token of now."""
    return kit.client("integration", subject="crm")


async def publish(kit: ServiceKit, purpose: str = "MARKETING", **given: Any) -> Json:
    """A published notice."""
    return ok(await officer_of(kit).post("/v1/privacy_notices", json=notice_body(purpose, **given)), 1)


async def assess_impact(kit: ServiceKit, *kinds: str, aim: str = "check-in") -> Json:
    """A recorded impact assessment."""
    body = {"kinds": list(kinds), "aim": aim, "reference": "PIA-2026-7"}
    return ok(await officer_of(kit).post("/v1/impact_assessments", json=body))


async def publish_sensitive(kit: ServiceKit, *kinds: str, **given: Any) -> Json:
    """A notice about face or voice, its impact assessed before."""
    assessed = await assess_impact(kit, *kinds)
    needed = text_body(necessity="No card at hand")
    content = content_body(
        kinds=list(kinds), assessment_id=assessed["id"], zh=needed, en=needed, retention_months=1
    )
    return await publish(kit, "SENSITIVE", content=content, **({"aim": "check-in"} | given))


async def show(kit: ServiceKit, notice: Json, who: Json) -> Json:
    """The notice is put before the customer at the counter."""
    body = {"customer_id": who["id"], "language": "zh-CN"}
    return ok(await crm_of(kit).post(f"/v1/privacy_notices/{notice['id']}/showings", json=body))


async def answer(
    kit: ServiceKit, notice: Json, who: Json, *, subject: str = "customer-1", **given: Any
) -> httpx.Response:
    """The customer answers, without more."""
    body = {
        "customer_id": who["id"],
        "notice_id": notice["id"],
        "notice_version": notice["version"],
        "given": True,
    }
    return await customer_of(kit, subject).post("/v1/privacy_consents", json=body | given)


async def agree(kit: ServiceKit, notice: Json, who: Json, *, subject: str = "customer-1") -> Json:
    """The customer is shown the notice and agrees."""
    await show(kit, notice, who)
    return ok(await answer(kit, notice, who, subject=subject), 1)


async def withdraw(kit: ServiceKit, consent: Json, subject: str = "customer-1") -> Json:
    """The customer takes the consent back."""
    path = f"/v1/privacy_consents/{consent['id']}/withdrawal"
    return ok(await customer_of(kit, subject).post(path, headers=etag(1)), 2)


async def ask(kit: ServiceKit, who: Json, use: str, **given: Any) -> httpx.Response:
    """Another system asks before it acts."""
    body = {"customer_id": who["id"], "use": use} | given
    return await crm_of(kit).post("/v1/permission_checks", json=body)


async def customer(kit: ServiceKit, subject: str | None = "customer-1", born: str | None = None) -> Json:
    """A customer, with his birth date where it is known."""
    who = await register(crm_of(kit), subject)
    if born is not None:
        path = f"/v1/customers/{who['id']}/personal_data"
        ok(await crm_of(kit).put(path, json={"birth_date": born}, headers=etag(1)))
    return who


async def one_of_each_private(kit: ServiceKit, who: Json) -> dict[str, str]:
    """The ids of a notice, a consent, a question, a request and an incident; the customer has a file, too."""
    subject, path = who["subject"], f"/v1/customers/{who['id']}"
    notice = await publish(kit)
    agreed = await agree(kit, notice, who, subject=subject)
    asked = ok(await ask(kit, who, "MARKET"))
    filed = await publish(kit, "CUSTOMER_FILE", content=content_body(kinds=["NEEDS"]))
    await agree(kit, filed, who, subject=subject)
    version = ok(await crm_of(kit).get(path))["version"]
    body: Json = {"kind": "FARMER", "needs": []}
    ok(await crm_of(kit).put(f"{path}/profile", json=body, headers=etag(version)))
    body = {"customer_id": who["id"], "kind": "COPY"}
    request = ok(await customer_of(kit, subject).post("/v1/data_requests", json=body))
    body = {"reference": "DI-1", "kinds": ["PHONE"], "harm_possible": True}
    body["discovered_at"] = "2026-03-02T01:00:00Z"
    leak = ok(await officer_of(kit).post("/v1/data_incidents", json=body))
    return {
        "notice_id": notice["id"],
        "privacy_consent_id": agreed["id"],
        "check_id": asked["id"],
        "data_request_id": request["id"],
        "data_incident_id": leak["id"],
    }
