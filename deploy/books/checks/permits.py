"""Permits and reversals: each sale may be ordered once, and what is taken back is taken back by two."""

from collections import Counter
from datetime import datetime
from typing import Any

from deploy.books.model import Books, Check, Fact, Findings, told_once
from deploy.permit_tokens import NotSigned, content_of, signed_content

ISSUED = "compliance.permit.issued.v1"
ENDED = {"compliance.permit.used.v1": "USED", "compliance.permit.revoked.v1": "REVOKED"}
REVERSED = "compliance.sale.reversed.v1"
ORDERS = {f"corebanking.order.{step.lower()}.v1": step for step in ("PLACED", "CONFIRMED", "CANCELLED")}
TOPIC, SALES_TOPIC = "compliance.permits.v1", "compliance.sales.v1"

#: What a permit repeats of its sale, and an end of its permit.
SOLD = ("outlet_id", "customer_id", "product_id", "amount_minor", "currency")
PERMITTED = ("sale_id", "customer_id", "product_id", "product_version", "amount_minor", "currency")
#: What a reversal's fact repeats of its row.
TOLD = ("sale_id", "request_id", "outlet_id", "reason", "amount_minor", "currency", "order_id")


def permits_are_of_sales(books: Books, found: Findings) -> int:
    """G1: each sale has one permit, of what was sold and the version decided on; its token says the same."""
    permits = books.rows("compliance", "permits")
    sales = {row["id"]: row for row in books.rows("compliance", "sales")}
    decided = {
        row["id"]: (row["decision"]["inputs"]["product"] or {}).get("version")
        for row in books.rows("compliance", "decisions")
    }
    first = min((row["issued_at"] for row in permits), default=None)
    # What was logged before there were permits has none.
    since = [key for key, row in sales.items() if first is not None and row["logged_at"] >= first]
    held = Counter(row["sale_id"] for row in permits)
    found.expect_same(since, held, lost="logged without a permit", stray="a permit of no sale")
    for permit in permits:
        sale = sales.get(permit["sale_id"])
        if sale is None:
            continue
        for name in SOLD:
            found.expect_equal(permit["id"], permit[name], sale[name], f"{name}, permit and sale")
        version = decided.get(sale["decision_id"])
        found.expect_equal(permit["id"], permit["product_version"], version, "version, permit and decision")
        found.expect_equal(permit["id"], permit["issued_at"], sale["logged_at"], "issued and logged")
        signed = content_of(permit["token"])
        for name in ("sale_id", "product_version", *SOLD):
            found.expect_equal(permit["id"], permit[name], signed.get(name), f"{name}, row and token")
        until = datetime.fromisoformat(signed["expires_at"])
        found.expect_equal(permit["id"], permit["expires_at"], until, "expires, row and token")
    for key, count in held.items():
        if count > 1:
            found.add(key, f"{count} permits of this sale")
    return len(permits)


def permits_are_told(books: Books, found: Findings) -> int:
    """T1: each permit, each use and each revocation was told once, as it is kept."""
    rows = {row["id"]: row for row in books.rows("compliance", "permits")}
    ends = {row["permit_id"]: row for row in books.rows("compliance", "permit_endings")}
    issued = told_once(
        books,
        found,
        rows,
        ISSUED,
        key="permit_id",
        topic=TOPIC,
        lost="a permit that was never told",
        stray="told, no such permit",
    )
    for fact, row in issued:
        for name in ("sale_id", "token", "key_id"):
            found.expect_equal(row["id"], row[name], fact.data[name], f"{name}, row and fact")
    ended = told_once(
        books,
        found,
        ends,
        *ENDED,
        key="permit_id",
        topic=TOPIC,
        lost="ended, never told",
        stray="told as ended, it has not",
    )
    for fact, row in ended:
        kept = (row["kind"], row["order_id"], row["reversal_id"])
        told = (ENDED[fact.type], fact.data.get("order_id"), fact.data.get("reversal_id"))
        found.expect_equal(row["permit_id"], kept, told, "end, row and fact")
    return len(rows) + len(ends)


def permits_end_lawfully(books: Books, found: Findings) -> int:
    """I5: a permit ends once: by one order of what it says, in time, or by the reversal of its sale."""
    permits = {row["id"]: row for row in books.rows("compliance", "permits")}
    reversals = {row["id"]: row["sale_id"] for row in books.rows("compliance", "sale_reversals")}
    ends = books.rows("compliance", "permit_endings")
    for what in ("permit_id", "order_id"):
        for key, count in Counter(row[what] for row in ends if row[what] is not None).items():
            if count > 1:
                found.add(key, f"{count} ends")
    for row in ends:
        permit = permits.get(row["permit_id"])
        if permit is None:
            found.add(row["permit_id"], "the end of no permit")
            continue
        for name in PERMITTED:
            found.expect_equal(permit["id"], row[name], permit[name], f"{name}, end and permit")
        if row["kind"] == "USED" and row["ended_at"] >= permit["expires_at"]:
            found.add(permit["id"], f"used at {row['ended_at']}, expired at {permit['expires_at']}")
        if row["kind"] == "REVOKED" and reversals.get(row["reversal_id"]) != permit["sale_id"]:
            found.add(permit["id"], "revoked, and its sale stands")
    return len(ends)


def permits_are_signed(books: Books, found: Findings) -> int:
    """Each permit is signed by a key that core banking read among the public ones, and names that key."""
    keys = {key["kid"]: key for act in books.done("permit_keys") for key in act.body["keys"]}
    permits = books.rows("compliance", "permits") if keys else ()
    for permit in permits:
        if permit["key_id"] not in keys:
            found.add(permit["id"], f"key {permit['key_id']} was not published")
            continue
        try:
            signed_content(permit["token"], [keys[permit["key_id"]]])
        except NotSigned as wrong:
            found.add(permit["id"], str(wrong))
    return len(permits)


def permits_as_used(books: Books, found: Findings) -> int:
    """I5: each use of a permit that core banking saw stands, and no other; what was refused had ended."""
    ends = {row["permit_id"]: row for row in books.rows("compliance", "permit_endings")}
    used = {(key, row["order_id"]) for key, row in ends.items() if row["kind"] == "USED"}
    seen = [(act.ids["permit_id"], act.ids["order_id"]) for act in books.done("permit_redeem")]
    open_ = {
        (act.ids["permit_id"], act.ids["order_id"]) for act in books.done("permit_redeem", outcome="unknown")
    }
    found.expect_same(seen, used - (open_ - set(seen)), lost="used, does not stand", stray="used by nobody")
    for key, count in Counter(permit for permit, _ in seen).items():
        if count > 1:
            found.add(key, f"{count} orders were taken on it")
    refused = list(books.done("permit_redeem", outcome="refused"))
    for act in refused:
        end = ends.get(act.ids["permit_id"])
        wanted = {"PERMIT_USED": "USED", "PERMIT_REVOKED": "REVOKED"}.get(act.code or "")
        if wanted is not None and (end is None or end["kind"] != wanted):
            found.add(act.ids["permit_id"], f"refused as {act.code}, its end is {end and end['kind']}")
    return len(seen) + len(refused)


def orders_are_what_was_told(books: Books, found: Findings) -> int:
    """N1: each order, confirmation and cancellation that core banking told is kept once."""
    told = {(fact.source, fact.id): _report(fact) for fact in books.of_type(*ORDERS)}
    rows = {(row["source"], row["fact_id"]): row for row in books.rows("compliance", "order_reports")}
    found.expect_same(told, rows, lost="told, no report kept", stray="a report that nobody told")
    for key in told.keys() & rows.keys():
        row = rows[key]
        kept = (row["order_id"], row["step"], row["amount_minor"], row["currency"])
        found.expect_equal(" ".join(key), kept, told[key], "report and fact")
    return len(told)


def reversals_are_lawful(books: Books, found: Findings) -> int:
    """A logged sale is taken back whole, once, by two persons, when nothing of it is ordered any more."""
    sales = {row["id"]: row for row in books.rows("compliance", "sales")}
    requests = {row["id"]: row for row in books.rows("compliance", "reversal_requests")}
    cancelled = {
        row["order_id"] for row in books.rows("compliance", "order_reports") if row["step"] == "CANCELLED"
    }
    ends = {row["sale_id"]: row for row in books.rows("compliance", "permit_endings")}
    permitted = {row["sale_id"] for row in books.rows("compliance", "permits")}
    reversals = books.rows("compliance", "sale_reversals")
    for key, count in Counter(row["sale_id"] for row in reversals).items():
        if count > 1:
            found.add(key, f"reversed {count} times")
    for row in reversals:
        sale, request = sales.get(row["sale_id"]), requests.get(row["request_id"])
        if sale is None or request is None:
            found.add(row["id"], "the reversal of no sale, or that nobody asked for")
            continue
        found.expect_equal(row["id"], row["amount_minor"], -sale["amount_minor"], "taken back and sold")
        asked = (request["sale_id"], request["requested_by"])
        found.expect_equal(row["id"], (row["sale_id"], row["requested_by"]), asked, "reversal and request")
        if row["approved_by"] == row["requested_by"]:
            found.add(row["id"], f"asked for and approved by {row['approved_by']}")
        end = ends.get(row["sale_id"])
        if end is None:
            if row["sale_id"] in permitted:
                found.add(row["id"], "reversed, and its permit may still be used")
        elif end["kind"] == "USED" and end["order_id"] not in cancelled:
            found.add(row["id"], f"reversed, and order {end['order_id']} is not cancelled")
    return len(reversals)


def reversals_are_told(books: Books, found: Findings) -> int:
    """T1: each reversal was told once, as its row says."""
    rows = {row["id"]: row for row in books.rows("compliance", "sale_reversals")}
    pairs = told_once(
        books,
        found,
        rows,
        REVERSED,
        key="reversal_id",
        topic=SALES_TOPIC,
        lost="reversed, never told",
        stray="told as reversed, it stands",
    )
    for fact, row in pairs:
        for name in TOLD:
            found.expect_equal(row["id"], row[name], fact.data[name], f"{name}, row and fact")
    return len(rows)


def _report(fact: Fact) -> tuple[Any, ...]:
    data = fact.data
    return data["order_id"], ORDERS[fact.type], data.get("amount_minor"), data.get("currency")


CHECKS: tuple[Check, ...] = (
    permits_are_of_sales,
    permits_are_told,
    permits_end_lawfully,
    permits_are_signed,
    permits_as_used,
    orders_are_what_was_told,
    reversals_are_lawful,
    reversals_are_told,
)
