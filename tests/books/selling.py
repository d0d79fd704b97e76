"""The sale of the played day that was logged, and the one that was refused."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deploy.books import gate
from deploy.books.canonical import digest
from tests.books.branch import LICENCE, OUTLET, RECORDING, SALE, TELLER, TRAINING
from tests.books.day import DAY, Day, at, text
from tests.books.gate import CASE, CUSTOMER, PRODUCT, REFUSED_CASE, VISIT, ZONE

TITLE = "办法"
TOPIC = "compliance.sales.v1"
ATTEMPT = "attempt-9"
BUYER = {
    "age": 40,
    "capacity": "FULL",
    "guardian_consent": None,
    "investor": None,
    "bought_wealth_before": False,
    "means": {
        "annual_income_minor": 100_000_000,
        "liquid_assets_minor": 1_000_000_000,
        "currency": "CNY",
    },
}
#: Minutes of the day at which the sale is logged and taken back.
SOLD, TAKEN_BACK = 30, 60
AMOUNT = {"amount_minor": 1_000_000, "currency": "CNY"}


#: Nothing stands against seller, customer or fees.
UNOPPOSED: dict[str, Any] = {
    "parties": {
        **dict.fromkeys(("declared", "presenters", "on_both_sides", "resolutions"), ()),
        "holds_jointly": False,
        "account_stated": False,
        "account_id": None,
        "account": None,
        "assistance": {"read_aloud_at": None, "thumbprint_at": None, "call_back": None},
    },
    "alerts": [],
    "fees": [],
    "check": {"cleared_through": None},
    "hands": {"assessed": "CUSTOMER", "consented": "CUSTOMER", "buys_himself": False},
}


def play(day: Day) -> None:
    """One is logged, one is refused: above the customer's level, in a zone that is not ready."""
    rules = [
        {"id": rule, "effective_from": "2016-01-01", "citations": [{"document": TITLE}], "code": code}
        for rule, code in (dict.fromkeys(gate.RULES, "") | {"REC-02": "KEY_POINTS_OUTDATED"}).items()
    ]
    release = {"rules": rules, "terms": {}}
    day.rows("compliance", "rule_releases").append({"digest": digest(release), "content": release})
    logged(day)
    refused(day)


def inputs(minutes: float) -> dict[str, Any]:
    """A sale against which nothing stands."""
    who = {"customer_id": CUSTOMER, "session_id": VISIT}
    checklist = {"inspected_at": text(at(5)), **dict.fromkeys(gate.CHECKLIST, True)}
    return {
        **who,
        **AMOUNT,
        "footage": footage(),
        "decided_at": text(at(minutes)),
        "staffing_fresh": True,
        "product": {
            "product_id": PRODUCT,
            "version": 4,
            "kind": "WEALTH",
            "origin": "OWN",
            "status": "ON_SALE",
            "issuer_level": None,
            "bank_level": 3,
            "offering": "PUBLIC",
        },
        "partner": None,
        "entry_mode": "SYSTEM",
        "seller": seller(),
        "zone": {
            "zone_id": ZONE,
            "outlet_id": OUTLET,
            "state": "ACTIVE",
            "checklist": checklist,
            "recorders": [{"began_at": text(at(5)), "heard_at": text(at(8)), "offset_ms": 12}],
        },
        "outlet": clock(minutes),
        **told(),
        **UNOPPOSED,
        "channel": "OUTLET",
        "customer": {**BUYER, "bought_wealth_before": SOLD < minutes < TAKEN_BACK},
        "safeguards": {"care": None, "approved_at": None, "agreed_off_outlet_at": None},
        "assessment": {
            "assessment_id": "assessment-1",
            "customer_id": CUSTOMER,
            "level": 3,
            "completed_at": text(at(0)),
            "change_reported_at": None,
            "imported": False,
            "place": "OUTLET",
        },
        "consent": {**who, "given": True, "at": text(at(6)), "withdrawn_at": None},
        "recordings": [
            {
                **who,
                "recording_id": RECORDING,
                "started_at": text(at(7)),
                "sealed_at": text(at(25)),
                "manifest": "0" * 64,
                "duration_ms": 5000,
                "has_picture": True,
                "has_sound": True,
                "segments": segments(),
            }
        ],
    }


def clock(minutes: float) -> dict[str, Any]:
    """The outlet at that time: open from nine to five."""
    local = at(minutes).astimezone(ZoneInfo("Asia/Shanghai"))
    return {
        "outlet_id": OUTLET,
        "sequence": 1,
        "minute": 60 * local.hour + local.minute,
        "cutover": 0,
        "day": {"opens": 540, "closes": 1020},
        "opens_next": None,
        "business_date": str(local.date()),
    }


def footage() -> dict[str, Any]:
    """The recording one by one, and what was presented in it: nothing has changed since."""
    shown = {"terms": "1" * 64, "risk_level": 3, "prices": [], "scripts": []}
    take = {
        "kind": "MAIN",
        "customer_id": CUSTOMER,
        "session_id": VISIT,
        "seller_id": TELLER,
        "device_id": None,
        "started_at": text(at(10)),
        "duration_ms": 5000,
        "segments": segments(),
        "presented": shown,
    }
    return {"takes": [take], "presented": shown}


def seller() -> dict[str, Any]:
    """Who sells: with the right to do so, and the training."""
    return {
        "seller_id": TELLER,
        "outlet_id": OUTLET,
        "employer": "bank",
        "qualifications": [right()],
        "preparation": {"trainings": [course()], "selling_since": None, "bad_records": []},
    }


def right() -> dict[str, Any]:
    """The seller's right to sell wealth products."""
    return {
        "qualification_id": LICENCE,
        "kind": "WEALTH",
        "valid_from": "2026-01-01",
        "valid_until": None,
        "suspended_at": None,
        "revoked_at": None,
    }


def course() -> dict[str, Any]:
    """The seller's training about wealth products, as long as the law asks for."""
    return {"training_id": TRAINING, "kind": "WEALTH", "minutes": 1200, "completed_on": "2026-10-01"}


def segments() -> list[dict[str, Any]]:
    """The legal parts of the recording, a second each, in their order."""
    return [
        {"kind": kind, "starts_ms": 1000 * number, "ends_ms": 1000 * (number + 1)}
        for number, kind in enumerate(gate.SEGMENTS)
    ]


def told() -> dict[str, Any]:
    """What the customer was told, and acknowledged."""
    levels = {"product_level": 3, "customer_level": 3}
    seen = {"acknowledged_at": text(at(5))}
    return {"opinion": {"assessment_id": "assessment-1", **levels, **seen}, "disclosure": seen}


def decide(
    day: Day, key: str, facts: dict[str, Any], codes: dict[str, str], spared: Collection[str] = ()
) -> list[dict[str, str]]:
    """Decides and keeps the decision; answers the broken rules with their codes; ``spared`` are not asked."""
    outcomes = [
        {
            "rule": rule,
            "effective_from": "2016-01-01",
            "severity": "block",
            "state": "failed" if rule in codes else "not_asked" if rule in spared else "passed",
            "findings": [{"code": codes[rule]}] if rule in codes else [],
        }
        for rule in sorted(gate.RULES)
    ]
    result = "refused" if codes else "passed"
    release = day.row("compliance", "rule_releases")["digest"]
    decision = {"result": result, "inputs": facts, "outcomes": outcomes, "release": release}
    decided = {"decided_at": datetime.fromisoformat(facts["decided_at"]), "digest": digest(decision)}
    day.rows("compliance", "decisions").append({"id": key, "result": result, "decision": decision, **decided})
    return [{"rule": rule, "code": code} for rule, code in sorted(codes.items())]


def seal(day: Day, place: int) -> dict[str, str]:
    """The digest of a decision, as facts carry it."""
    return {"decision": day.row("compliance", "decisions", place)["digest"]}


def logged(day: Day) -> None:
    decide(day, "decision-1", inputs(30), {})
    sale = {
        "case_id": CASE,
        "decision_id": "decision-1",
        "outlet_id": OUTLET,
        "seller_id": TELLER,
        "product_id": PRODUCT,
        "customer_id": CUSTOMER,
        "recording_id": RECORDING,
        **AMOUNT,
    }
    day.rows("compliance", "sales").append({"id": SALE, **sale, "business_date": DAY, "logged_at": at(30)})
    day.tell("compliance.sale.logged.v1", TOPIC, SALE, 1, 30, sale_id=SALE, **sale, **seal(day, 0))
    bought = {"outlet_id": OUTLET, "seller_id": TELLER, "product_id": PRODUCT}
    day.rows("feedback", "sales").append({"id": SALE, **bought})
    day.act("sale", sale_id=SALE, case_id=CASE, recording_id=RECORDING, decision_id="decision-1")


def refused(day: Day) -> None:
    facts = inputs(35)
    facts["product"]["bank_level"] = facts["opinion"]["product_level"] = 4
    facts["zone"]["checklist"]["zone_sign"] = False
    codes = {"SUI-03": "RISK_LEVEL_MISMATCH", "ZON-03": "ZONE_NOT_READY"}
    broken = decide(day, "decision-2", facts, codes)
    attempt = {"case_id": REFUSED_CASE, "decision_id": "decision-2"}
    day.rows("compliance", "refused_attempts").append({"id": ATTEMPT, **attempt})
    cited = [{**one, "citation": f"《{TITLE}》"} for one in broken]
    day.tell(
        "compliance.sale.refused.v1",
        TOPIC,
        ATTEMPT,
        1,
        35,
        attempt_id=ATTEMPT,
        **attempt,
        **seal(day, 1),
        rules=sorted(codes),
        broken=cited,
    )
    act = day.act("sale", "refused", attempt_id=ATTEMPT, **attempt)
    act["violations"] = [{**one, "messages": {"zh-CN": "…", "en": "…"}} for one in cited]
