"""The regulated side of the played day: a sale with its recording, a refusal, a pay-out, a hold."""

import hashlib
from datetime import timedelta
from typing import Any

from deploy.books.canonical import digest
from deploy.books.law import months_later
from deploy.books.model import StoredObject
from tests.books.branch import COMPLAINT, OUTLET, RECORDING, SALE, TELLER
from tests.books.day import CHUNKS, DAY, Day, at, manifest, text

VISIT = "visit-1"
CASE, REFUSED_CASE, GIVEN_UP = "case-1", "case-2", "case-3"
PRODUCT, CUSTOMER, ZONE = "product-1", "customer-1", "zone-1"
RECORDINGS = "compliance.recordings.v1"
LAST_DAY = months_later(DAY, 6)
IDS = {
    "session_id": VISIT,
    "customer_id": CUSTOMER,
    "seller_id": TELLER,
    "outlet_id": OUTLET,
    "zone_id": ZONE,
}


def play(day: Day) -> None:
    """A product is listed, a sale recorded, sealed and logged, another refused."""
    listed(day)
    recorded(day)
    kept(day)
    kept_on(day)


def listed(day: Day) -> None:
    topic = "compliance.products.v1"
    day.tell("compliance.product.listed.v1", topic, PRODUCT, 1, 4, product_id=PRODUCT)
    day.rows("compliance", "products").append({"id": PRODUCT, "version": 1, "status": "ON_SALE"})
    day.act("product_list", product_id=PRODUCT)
    made = {"customers": CUSTOMER, "zones": ZONE, "consents": "consent-1"}
    for table, key in made.items():
        day.rows("compliance", table).append({"id": key})
    day.act("customer_register", customer_id=CUSTOMER)
    day.act("zone_open", zone_id=ZONE)
    day.act("consent", consent_id="consent-1")
    for case in (CASE, REFUSED_CASE, GIVEN_UP):
        is_over = case == GIVEN_UP
        day.rows("compliance", "cases").append(
            {
                "id": case,
                "outlet_id": OUTLET,
                "product_id": PRODUCT,
                "customer_id": CUSTOMER,
                "seller_id": TELLER,
                "amount_minor": 1_000_000,
                "currency": "CNY",
                "state": "LOGGED" if case == CASE else "ABANDONED" if is_over else "OPEN",
                "version": 2,
                "opened_at": at(20),
                "expires_at": at(20) + timedelta(days=31),
                "ended_at": at(30) if is_over else None,
                "abandoned_for": "CUSTOMER_DECLINED" if is_over else None,
                "sale_id": SALE if case == CASE else None,
                "session_id": VISIT,
            }
        )
        day.act("case_open", case_id=case)
    ids = {"case_id": GIVEN_UP, "session_id": VISIT, "outlet_id": OUTLET, "seller_id": TELLER}
    ids |= {"product_id": PRODUCT, "customer_id": CUSTOMER, "reason": "CUSTOMER_DECLINED"}
    day.tell("compliance.case.abandoned.v1", "compliance.cases.v1", GIVEN_UP, 2, 30, **ids)


def recorded(day: Day) -> None:
    content, seal = manifest(recording_id=RECORDING, **IDS)
    day.rows("compliance", "recordings").append({"id": RECORDING, "version": 10, "state": "SEALED", **IDS})
    day.rows("compliance", "recording_uploads").append({"id": "upload-1", "recording_id": RECORDING})
    files = {}
    for number, chunk in enumerate(CHUNKS):
        name = hashlib.sha256(chunk).hexdigest()
        files[name] = StoredObject(sha256=name, size=len(chunk))
        day.rows("compliance", "recording_chunks").append(
            {"upload_id": "upload-1", "position": number, "sha256": name}
        )
    files[seal] = StoredObject(sha256=seal, size=len(content))
    day.objects[RECORDING] = files
    day.wholes[RECORDING] = hashlib.sha256(b"".join(CHUNKS)).hexdigest()
    day.rows("compliance", "recording_seals").append(
        {"recording_id": RECORDING, "manifest_bytes": content, "digest": seal, "sealed_at": at(25)}
    )
    keeping(day, "recording.sealed", 5, 25, manifest=seal)
    day.act("recording_open", recording_id=RECORDING)
    day.act("recording_seal", recording_id=RECORDING)


def kept(day: Day) -> None:
    """A final pay-out from outside, then the complaint's hold, placed and released."""
    day.rows("compliance", "retention_sales").append(
        {
            "sale_id": SALE,
            "recording_id": RECORDING,
            "kind": "WEALTH",
            "form": "CLOSED_END",
            "term_months": 12,
            "sold_on": DAY,
        }
    )
    paid_out(day)
    dated(day, 6, 40, LAST_DAY)
    matter = {"source": "COMPLAINT", "matter_id": COMPLAINT}
    keeping(day, "recording.hold_placed", 7, 60, **matter, open_holds=1)
    dated(day, 8, 60, None)
    keeping(day, "recording.hold_released", 9, 62, **matter, resolved_on=str(DAY), open_holds=0)
    dated(day, 10, 62, LAST_DAY)
    day.rows("compliance", "holds").append(
        {"id": "hold-1", "recording_id": RECORDING, **matter, "placed_at": at(60)}
    )
    day.rows("compliance", "hold_releases").append(
        {"hold_id": "hold-1", "resolved_on": DAY, "released_at": at(62)}
    )
    for step, kind, claimed_on in (
        ("opened", "COMPLAINT_OPENED", None),
        ("settled", "COMPLAINT_ENDED", DAY),
    ):
        fact = day.archived(f"feedback.complaint.{step}.v1")
        report(day, fact["source"], fact["id"], kind, claimed_on, 63)


def paid_out(day: Day) -> None:
    data = {"sale_id": SALE, "contract_no": "C-1", "paid_out_on": str(DAY), "final": True}
    fact = {
        "id": "payout-1",
        "source": "corebanking",
        "type": "corebanking.contract.paid_out.v1",
        "topic": "corebanking.contracts.v1",
        "key": SALE,
        "sequence": 1,
        "occurred_at": at(39),
        "seq": 0,
        "data": data,
    }
    day.send(fact)
    report(day, "corebanking", "payout-1", "FINAL_PAYOUT", DAY, 40)
    day.act("payout", sale_id=SALE, fact_id="payout-1", contract_no="C-1")


def report(day: Day, source: str, fact_id: str, kind: str, claimed_on: Any, minutes: float) -> None:
    """Something that was reported about the sale, and told on."""
    report_id = f"report-{len(day.rows('compliance', 'retention_reports')) + 1}"
    told = {"sale_id": SALE, "kind": kind, "source": source, "fact_id": fact_id}
    day.tell(
        "compliance.report.taken.v1",
        RECORDINGS,
        report_id,
        1,
        minutes,
        report_id=report_id,
        claimed_on=None if claimed_on is None else str(claimed_on),
        **told,
    )
    day.rows("compliance", "retention_reports").append(
        {
            "id": report_id,
            **told,
            "claimed_on": claimed_on,
            "reported_at": at(minutes),
        }
    )


def dated(day: Day, version: int, minutes: float, last_day: Any) -> None:
    """The last day became known, or changed."""
    day.rows("compliance", "retention_dates").append(
        {"recording_id": RECORDING, "recording_version": version, "retain_until": last_day}
    )
    told = None if last_day is None else str(last_day)
    keeping(day, "recording.retention_dated", version, minutes, retain_until=told, rules=["REC-07"])


def keeping(day: Day, what: str, version: int, minutes: float, **data: Any) -> None:
    """A fact about the recording."""
    type_ = f"compliance.{what}.v1"
    day.tell(type_, RECORDINGS, RECORDING, version, minutes, recording_id=RECORDING, **data)


def kept_on(day: Day) -> None:
    """Somebody asked for its disposal too early, and was refused."""
    outcomes = [
        {"rule": "REC-07", "state": "failed"},
        {"rule": "REC-08", "state": "failed"},
        {"rule": "REC-09", "state": "passed"},
    ]
    decision = {"subject": "retention", "result": "refused", "outcomes": outcomes}
    day.rows("compliance", "disposal_attempts").append(
        {
            "id": "attempt-0",
            "recording_id": RECORDING,
            "result": "refused",
            "decision": decision,
            "digest": digest(decision),
        }
    )
    day.tell(
        "compliance.disposal.refused.v1",
        RECORDINGS,
        "attempt-0",
        1,
        65,
        attempt_id="attempt-0",
        recording_id=RECORDING,
        rules=["REC-07", "REC-08"],
    )


def disposed(day: Day) -> None:
    """The same recording, disposed of the day after its last day, with its record."""
    gone = at(0).replace(year=LAST_DAY.year, month=LAST_DAY.month, day=LAST_DAY.day + 1)
    decision = {"subject": "retention", "result": "passed", "decided_at": text(gone)}
    certificate = {"certificate_id": "attempt-1", "recording_id": RECORDING}
    about = {"id": "attempt-1", "recording_id": RECORDING, "result": "passed"}
    day.rows("compliance", "disposal_attempts").append(
        {**about, "decision": decision, "digest": digest(decision)}
    )
    day.rows("compliance", "disposal_certificates").append(
        {**about, "authorised_at": gone, "certificate": certificate, "digest": digest(certificate)}
    )
    day.rows("compliance", "disposal_endings").append(
        {"certificate_id": "attempt-1", "recording_id": RECORDING, "ending": "DISPOSED"}
    )
    day.row("compliance", "recordings")["state"] = "DISPOSED"
    day.objects[RECORDING] = {}
    day.wholes.clear()
    day.certificates[RECORDING] = digest(certificate)
