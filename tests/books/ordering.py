"""What follows the sale of the played day: its permit is used, the order cancelled, the sale reversed."""

import base64
import json
from typing import Any

from tests.books.branch import OUTLET, SALE
from tests.books.day import Day, at, text
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
    for number, step in enumerate(("placed", "confirmed", "cancelled")):
        report(day, number, step)
    request = {"id": "request-1", "sale_id": SALE, "requested_by": "officer-1"}
    day.rows("compliance", "reversal_requests").append(request)
    reversal = {
        "sale_id": SALE,
        "request_id": "request-1",
        "outlet_id": OUTLET,
        "reason": "CUSTOMER_CANCELLED",
        "amount_minor": -1_000_000,
        "currency": "CNY",
        "order_id": ORDER,
    }
    day.rows("compliance", "sale_reversals").append(
        {"id": REVERSAL, **reversal, "requested_by": "officer-1", "approved_by": "officer-2"}
    )
    day.tell(
        "compliance.sale.reversed.v1", "compliance.sales.v1", SALE, 2, 60, reversal_id=REVERSAL, **reversal
    )


def token(**given: Any) -> str:
    """A permit as it is signed, with whatever is wanted changed; nobody here looks at the signature."""
    content = {"outlet_id": OUTLET, **ABOUT, "expires_at": text(at(EXPIRES))} | given
    payload = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


def report(day: Day, number: int, step: str) -> None:
    """Core banking tells of its order."""
    data: dict[str, Any] = {"order_id": ORDER}
    if step != "cancelled":
        data |= {"amount_minor": 1_000_000, "currency": "CNY"}
    fact = {
        "id": f"order-{number}",
        "source": "/corebanking",
        "type": f"corebanking.order.{step}.v1",
        "topic": "corebanking.orders.v1",
        "key": ORDER,
        "sequence": 0,
        "occurred_at": at(50 + number),
        "seq": 0,
        "data": data,
    }
    day.send(fact)
    row = {"source": "/corebanking", "fact_id": fact["id"], "order_id": ORDER, "step": step.upper()}
    amounts = {"amount_minor": data.get("amount_minor"), "currency": data.get("currency")}
    day.rows("compliance", "order_reports").append(row | amounts)
