"""What follows the sale of the played day: its permit is used, the order cancelled, the sale reversed."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.books.checks.reconciliation import COMPLETED, COUNTED
from tests.books.branch import OUTLET, SALE
from tests.books.day import DAY, Day, at, text
from tests.books.gate import CUSTOMER, PRODUCT

PERMIT, ORDER, REVERSAL = "permit-1", "O-1", "reversal-1"
ABOUT: dict[str, Any] = {
    "sale_id": SALE,
    "customer_id": CUSTOMER,
    "product_id": PRODUCT,
    "product_version": 4,
    "amount_minor": 1_000_000,
    "currency": "CNY",
}
EXPIRES = 24 * 60 + 30
KEY, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
#: An order that no permit was used for, which the reconciliation has noted.
STRAY = "O-7"


def play(day: Day) -> None:
    """Ordered, confirmed, cancelled; two officers take the sale back."""
    sealed = {"key_id": "key-1", "token": token()}
    permit = {"outlet_id": OUTLET, **ABOUT, **sealed}
    day.rows("compliance", "permits").append(
        {"id": PERMIT, **permit, "issued_at": at(30), "expires_at": at(EXPIRES)}
    )
    topic = "compliance.permits.v1"
    day.tell("compliance.permit.issued.v1", topic, PERMIT, 1, 30, permit_id=PERMIT, **permit)
    end = {"kind": "USED", "order_id": ORDER, "reversal_id": None, "ended_at": at(40)}
    day.rows("compliance", "permit_endings").append({"permit_id": PERMIT, **ABOUT, **end})
    used = {"permit_id": PERMIT, "sale_id": SALE, "order_id": ORDER}
    day.tell("compliance.permit.used.v1", topic, PERMIT, 2, 40, **used)
    published = {"kid": "key-1", "x": _base64(KEY.public_key().public_bytes_raw())}
    day.act("permit_keys", body={"keys": [published]})
    day.act("permit_redeem", permit_id=PERMIT, order_id=ORDER)
    day.act("permit_redeem", "refused", permit_id=PERMIT, order_id="O-2")["code"] = "PERMIT_USED"
    for number, step in enumerate(("placed", "confirmed", "cancelled")):
        report(day, number, step)
    report(day, 3, "placed", STRAY)
    reconciled(day)
    request = {"id": "request-1", "sale_id": SALE, "requested_by": "officer-1"}
    day.rows("compliance", "reversal_requests").append(request)
    day.act("reversal_request", request_id="request-1")
    reversal = {
        "sale_id": SALE,
        "request_id": "request-1",
        "outlet_id": OUTLET,
        "reason": "CUSTOMER_CANCELLED",
        "amount_minor": -1_000_000,
        "currency": "CNY",
        "order_id": ORDER,
    }
    officers = {"requested_by": "officer-1", "approved_by": "officer-2", "reversed_at": at(60)}
    day.rows("compliance", "sale_reversals").append({"id": REVERSAL, **reversal, **officers})
    day.act("reversal_approve", reversal_id=REVERSAL)
    day.tell(
        "compliance.sale.reversed.v1", "compliance.sales.v1", SALE, 2, 60, reversal_id=REVERSAL, **reversal
    )


def reconciled(day: Day) -> None:
    """The day was gone through: one order had no permit."""
    difference = {"kind": "ORDER_WITHOUT_PERMIT", "subject_id": "report-3", "day": DAY}
    day.rows("compliance", "reconciliation_differences").append(difference)
    key = "reconciliation-1"
    day.rows("compliance", "reconciliations").append({"id": key, "day": DAY})
    counts = dict.fromkeys(COUNTED.values(), 0) | {"orders_without_permit": 1, "open": 1}
    told = {"reconciliation_id": key, "day": str(DAY), **counts}
    day.tell(COMPLETED, "compliance.reconciliations.v1", key, 1, EXPIRES, **told)


def token(key: Ed25519PrivateKey = KEY, **given: Any) -> str:
    """A permit as it is signed by a key, with whatever is wanted changed."""
    content = {"outlet_id": OUTLET, **ABOUT, "expires_at": text(at(EXPIRES))} | given
    header = {"alg": "Ed25519", "kid": "key-1"}
    signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, content))
    return f"{signed}.{_base64(key.sign(signed.encode()))}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def report(day: Day, number: int, step: str, order: str = ORDER) -> None:
    """Core banking tells of an order."""
    data: dict[str, Any] = {"order_id": order}
    if step != "cancelled":
        data |= {"amount_minor": 1_000_000, "currency": "CNY"}
    fact = {
        "id": f"order-{number}",
        "source": "/corebanking",
        "type": f"corebanking.order.{step}.v1",
        "topic": "corebanking.orders.v1",
        "key": order,
        "sequence": 0,
        "occurred_at": at(50 + number),
        "seq": 0,
        "data": data,
    }
    day.send(fact)
    day.act("order", order_id=order, step=step, fact_id=fact["id"])
    kept = {"id": f"report-{number}", "reported_at": at(50 + number)}
    row = {"source": "/corebanking", "fact_id": fact["id"], "order_id": order, "step": step.upper(), **kept}
    amounts = {"amount_minor": data.get("amount_minor"), "currency": data.get("currency")}
    day.rows("compliance", "order_reports").append(row | amounts)
