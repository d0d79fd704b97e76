"""Every operation × every role, and every kind of object of another outlet: nothing leaks."""

from datetime import date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.testing import ServiceKit
from compliance.retention import clocks
from compliance.retention.release import shipped_release
from compliance.sales.export_rows import Scope
from compliance.sales.exporting import export
from services.compliance.tests.applying import form_body
from services.compliance.tests.attending import joint_account, other_customer, pays
from services.compliance.tests.charging import confirm, priced, quote, render
from services.compliance.tests.consenting import one_of_each_private
from services.compliance.tests.filming import CHUNK, TUS, b64, begin, create
from services.compliance.tests.migrating import old_sale
from services.compliance.tests.ordering import one_reversed
from services.compliance.tests.publicity import one_of_each_shown
from services.compliance.tests.registers import Json, admit, etag, ok, open_outlet
from services.compliance.tests.security.policy import POLICY
from services.compliance.tests.selling import Deal, broken, make_ready
from services.compliance.tests.transacting import one_of_each_logged
from tests.security.attacks import check_attacks
from tests.security.authorisation import World, check_functions, check_objects
from tests.security.fuzzing import check_fuzzed
from tests.security.personal import check_credentials, check_personal_data

#: Fields of facts whose text the bank itself chose, and what it is.
NAMED_BY_BANK = {
    "compliance.product.changed.v1 product": "the product's name in the public registry",
}

HEAD_OFFICE = (
    "change_partner", "let_partner_go", "readmit_partner", "review_partner",
    "approve_product", "examine_product", "name_product_partner", "record_senior_approval",
    "set_product_script", "set_offering_window",
    "approve_remote_recording", "reject_remote_recording", "withdraw_remote_recording",
)  # fmt: skip


async def test_functions(kit: ServiceKit) -> None:
    await check_functions(kit, POLICY)


@pytest.fixture
async def world(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> World:
    async def database_clock(session: AsyncSession) -> datetime:
        return kit.clock.now()

    monkeypatch.setattr(clocks, "database_clock", database_clock)
    deal = await make_ready(kit)
    subject = deal.employee.subject or ""
    ids = await one_of_each(kit, deal) | await one_of_each_private(kit, deal.customer)
    ids |= {"digest": shipped_release().digest} | await one_imported(kit, deal)
    metadata = f"recording_id {b64(ids['recording_id'].encode())},filename {b64(b'film.mp4')}"
    return World(
        kit,
        deal.outlet_id,
        await open_outlet(kit, "SH-0002"),
        ids,
        subjects={"customer": deal.customer["subject"], "seller": subject},
        bodies={
            "show_disclosure": {"document": "risk-disclosure-2026-01", "sha256": "ab" * 32},
            "set_product_script": {"segment": "PITCH", "document": "script-1", "sha256": "cd" * 32},
            "open_zone": {"zone_type": "ZONE", "type_reason": None},
            "report_heartbeat": {"sequence": 1, "clock_ms": 0, "signature": "AA=="},
            "redeem_permit": {"order_id": "O-1", "currency": "CNY"},
            "declare_segment": {"kind": "PITCH", "starts_ms": 0, "ends_ms": 300},
        },
        headers={
            "create_upload": TUS | {"Upload-Length": "10", "Upload-Metadata": metadata},
            "read_upload": TUS,
            "send_chunk": CHUNK | {"Upload-Offset": "0"},
        },
        unseen=dict.fromkeys(HEAD_OFFICE, "head office alone (AGY-02)"),
    )


async def test_objects(world: World) -> None:
    await check_objects(world, POLICY)


async def test_personal_data(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await check_personal_data(world, POLICY, caplog, NAMED_BY_BANK)


async def one_of_each(kit: ServiceKit, deal: Deal) -> dict[str, str]:
    """The ids of one object of each kind at the deal's outlet, by the name of its path parameter."""
    assert broken(await deal.sell(recording_id=None))
    sale = ok(await deal.sell())
    head, named = kit.client("outlet_head", subject="head-1"), {"seller_ids": [sale["seller_id"]]}
    ok(await head.post(f"/v1/outlets/{deal.outlet_id}/staff_lists", json=named))
    officer = kit.client("compliance_officer", subject="officer-1")
    held = {"recording_id": sale["recording_id"], "source": "COURT", "matter_id": "2026-77"}
    hold = ok(await officer.post("/v1/holds", json=held))
    path = f"/v1/recordings/{sale['recording_id']}"
    version = ok(await officer.get(f"{path}/retention"))["version"]
    assert (await officer.post(f"{path}/disposal", headers=etag(version))).status_code == 422
    disposals = ok(await officer.get(f"{path}/disposals"))["items"]
    attempts = ok(await officer.get("/v1/attempts"))["items"]
    said = {"kind": "OTHER", "outlet_id": deal.outlet_id, "account": "Seen at the counter"}
    incident = ok(await officer.post("/v1/incidents", json=said))
    parts = [{"kind": "CARD", "code": code, "mandatory": False} for code in ("GOLD", "PLAIN")]
    offered = {"code": "TWO", "name": "Two cards", "parts": parts}
    offer = ok(await kit.client("product_admin").post("/v1/offers", json=offered))
    relaxed = {"profile": "KEY_CUSTOMER", "rule": "INT-APPOINTMENT"}
    relaxed |= {"reason": "Busy", "expires_on": "2026-03-31"}
    relaxation = ok(await officer.post("/v1/relaxations", json=relaxed))
    logged = await one_of_each_logged(deal)
    case = await deal.open_case()
    consent = await deal.consent()
    upload = await create(deal.seller, (await begin(deal.seller, case))["id"], 10)
    shown = await one_of_each_shown(kit, deal.outlet_id, sale["product_id"])
    return (
        shown
        | logged
        | {name: sale[name] for name in ("case_id", "decision_id", "outlet_id", "recording_id")}
        | {
            "sale_id": sale["id"],
            "attempt_id": attempts[0]["id"],
            "hold_id": hold["id"],
            "incident_id": incident["id"],
            "offer_id": offer["id"],
            "proposal_id": await one_proposed(deal),
            "enabling_id": await one_enabling(deal),
            "relaxation_id": relaxation["id"],
            "disposal_id": disposals[0]["id"],
            "consent_id": consent["id"],
            "upload_id": upload.rsplit("/", 1)[1],
            "seller_id": sale["seller_id"],
            "product_id": sale["product_id"],
            "customer_id": sale["customer_id"],
            "partner_id": (await admit(kit.client("product_admin")))["id"],
            "account_id": await one_jointly_held(kit, deal),
            "zone_id": sale["zone_id"],
            **await one_told(deal, sale),
            **await one_reversed(kit, sale),
            "recorder_id": deal.machine.id if deal.machine else "",
            "code": deal.product["code"],
            **await one_charged(kit, deal),
            **await one_applied_for(kit, deal),
        }
    )


async def one_proposed(deal: Deal) -> str:
    """The id of what was recommended to the deal's customer."""
    named = {"parts": [{"product_id": deal.product["id"], "reason": "Savings at hand"}]}
    made = await deal.seller.post(f"/v1/customers/{deal.customer['id']}/proposals", json=named)
    return str(ok(made, 1)["id"])


async def one_imported(kit: ServiceKit, deal: Deal) -> dict[str, str]:
    """The ids of a batch and of an old sale at the deal's outlet, and of an export for an inspection."""
    row = old_sale(deal.outlet_id)
    officer = kit.client("compliance_officer", subject="officer-1")
    batch = ok(await officer.post("/v1/legacy_batches", json={"sales": [row]}))
    day, key = date(2024, 5, 6), Ed25519PrivateKey.generate()
    exported = await export(
        kit.sessions,
        kit.clock,
        Scope(first_day=day, last_day=day),
        kit.data_dir / f"export-{batch['id']}",
        key,
        by="officer-1",
        step=lambda done, total: None,
    )
    return {"batch_id": batch["id"], "imported_sale_id": row["sale_id"], "export_id": str(exported.id)}


async def one_enabling(deal: Deal) -> str:
    """The id of a proposal to record the deal's product remotely."""
    body = {"region": "Shanghai", "outlet_ids": [deal.outlet_id], "reason": "x"}
    officer = deal.kit.client("compliance_officer", subject="officer-1")
    asked = body | {"product_id": deal.product["id"]}
    return str(ok(await officer.post("/v1/remote_recordings", json=asked), 1)["id"])


async def one_jointly_held(kit: ServiceKit, deal: Deal) -> str:
    """The id of a joint account, of which the case that was opened last says that it pays."""
    account = await joint_account(kit, deal.customer, await other_customer(kit, None))
    ok(await pays(deal, account))
    return str(account["id"])


async def one_told(deal: Deal, sale: Json) -> dict[str, str]:
    """The ids of an opinion and a disclosure of the sold case, and of the customer's assessment."""
    path = f"/v1/cases/{sale['case_id']}"
    opinions = ok(await deal.buyer.get(f"{path}/matching_opinions"))["items"]
    disclosures = ok(await deal.buyer.get(f"{path}/risk_disclosures"))["items"]
    known = ok(await deal.buyer.get(f"/v1/customers/{sale['customer_id']}"))
    return {
        "opinion_id": opinions[0]["id"],
        "disclosure_id": disclosures[0]["id"],
        "assessment_id": known["assessment"]["id"],
    }


async def one_charged(kit: ServiceKit, deal: Deal) -> dict[str, str]:
    """The ids of a chargeable service, a quote and a service record at the deal's outlet."""
    admin = kit.client("product_admin", subject="admin-1")
    service = await priced(admin)
    told = await quote(deal.seller, service, deal)
    ok(await confirm(deal.buyer, told), 2)
    record = ok(await render(deal.seller, told))
    shown = {"price_list": True, "complaint_phone": "95599"}
    ok(await admin.post("/v1/fee-notices/website", json=shown))
    return {
        "service_id": service["id"],
        "service_code": service["code"],
        "quote_id": told["id"],
        "record_id": record["id"],
    }


async def one_applied_for(kit: ServiceKit, deal: Deal) -> dict[str, str]:
    """The ids of a form and of an application at the deal's outlet."""
    admin = kit.client("product_admin", subject="admin-1")
    form = ok(await admin.post("/v1/application-forms", json=form_body()))
    body = {"form_id": form["id"], "customer_id": deal.customer["id"], "outlet_id": deal.outlet_id}
    application = ok(await deal.seller.post("/v1/applications", json=body), 1)
    return {"form_id": form["id"], "application_id": application["id"]}


async def test_attacks(world: World) -> None:
    await check_attacks(world, POLICY)


async def test_fuzzed(world: World) -> None:
    await check_fuzzed(world, POLICY)


@pytest.mark.rule("PRI-08", side="refuse")
@pytest.mark.rule("PRI-08", side="pass")
async def test_credentials(world: World) -> None:
    await check_credentials(world, POLICY)
