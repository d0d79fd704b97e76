"""The newer paths of the played day: a joint account buys, a risk had changed, half is redeemed elsewhere."""

from typing import Any

from deploy.books import gate as rules
from deploy.books import matrix
from tests.books.branch import OUTLET, RECORDING, TELLER
from tests.books.day import Day, at
from tests.books.gate import CASE, CUSTOMER, IDS, PRODUCT, VISIT
from tests.books.selling import AMOUNT, decide, inputs, seal

ACCOUNT, SPOUSE, PARTY = "account-1", "customer-2", "party-1"
PART, WAY_OUT, REDEMPTION = "recording-2", "case-4", "transaction-1"
GRADED = "compliance.product.risk_changed.v1"
LOGGED = "compliance.transaction.logged.v1"


def play(day: Day) -> None:
    """What the sale rests on besides, and what its customer does later."""
    account(day)
    graded(day)
    redeemed(day)


def account(day: Day) -> None:
    """Two hold the account and decide together; both have come."""
    day.rows("compliance", "customers").append({"id": SPOUSE})
    day.act("customer_register", customer_id=SPOUSE)
    day.rows("compliance", "joint_accounts").append({"id": ACCOUNT, "version": 1})
    day.act("joint_account", account_id=ACCOUNT)
    for holder in (CUSTOMER, SPOUSE):
        day.rows("compliance", "joint_holders").append({"account_id": ACCOUNT, "customer_id": holder})
    terms = {"account_version": 1, "mandate": "ALL", "required": None, "closed": False}
    day.rows("compliance", "joint_terms").append({"account_id": ACCOUNT, **terms, "stated_at": at(1)})
    stated = {"case_id": CASE, "case_version": 2, "account_id": ACCOUNT}
    day.rows("compliance", "case_accounts").append({**stated, "stated_at": at(6)})
    day.act("paying_account", case_id=CASE, account_id=ACCOUNT)
    came = {"id": PARTY, "case_id": CASE, "role": "JOINT_HOLDER", "person_id": SPOUSE}
    day.rows("compliance", "case_parties").append({**came, "identified_at": at(6)})
    day.act("party", party_id=PARTY, case_id=CASE)


def graded(day: Day) -> None:
    """The product was graded anew before it was recorded, and something was recorded again, never sealed."""
    told = {"previous_risk_level": 2, "effective_risk_level": 3}
    day.tell(GRADED, "compliance.products.v1", PRODUCT, 2, 8, product_id=PRODUCT, **told)
    day.row("compliance", "products").update(version=2, kind="WEALTH", origin="OWN")
    day.row("compliance", "recordings").update(main_id=None, started_at=at(10))
    for kind in rules.SEGMENTS:
        day.rows("compliance", "recording_segments").append({"recording_id": RECORDING, "kind": kind})
    part = {"id": PART, "version": 1, "state": "OPEN", **IDS, "main_id": RECORDING, "started_at": at(20)}
    day.rows("compliance", "recordings").append(part)
    day.act("recording_open", recording_id=PART)


def redeemed(day: Day) -> None:
    """An older holding is redeemed, in a zone that is suspended and without any recording."""
    who = {"outlet_id": OUTLET, "product_id": PRODUCT, "customer_id": CUSTOMER, "seller_id": TELLER}
    case = {"id": WAY_OUT, "sale_id": REDEMPTION, "state": "LOGGED", "session_id": VISIT, **who, **AMOUNT}
    ended = {"opened_at": at(65), "ended_at": None, "abandoned_for": None}
    day.rows("compliance", "cases").append(case | ended)
    day.act("case_open", case_id=WAY_OUT)
    facts = inputs(70) | redemption()
    spared = matrix.not_asked(facts, frozenset(rules.RULES))
    decide(day, "decision-3", facts, {}, spared=spared)
    about = {"case_id": WAY_OUT, "decision_id": "decision-3", "kind": "REDEMPTION"}
    done = {**about, "source_product_id": None, **who, **AMOUNT}
    day.rows("compliance", "transactions").append({"id": REDEMPTION, **done, "logged_at": at(70)})
    topic = "compliance.transactions.v1"
    day.tell(LOGGED, topic, REDEMPTION, 1, 70, transaction_id=REDEMPTION, **done, **seal(day, 2))
    day.act("transaction", transaction_id=REDEMPTION, **about)


def redemption() -> dict[str, Any]:
    """What is asked of a way out, and what would bar a sale."""
    holding = {"own": True, "level": None}
    zone = {
        "zone_id": "zone-2",
        "outlet_id": OUTLET,
        "state": "SUSPENDED",
        "checklist": None,
        "recorders": (),
    }
    return {
        "transaction": {"kind": "REDEMPTION", "holding": holding, "rollover_consent": None, "heir": None},
        "zone": zone,
        "recordings": [],
        "consent": None,
        "staffing_fresh": False,
    }
