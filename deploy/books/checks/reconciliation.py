"""The daily reconciliation done a second time: sales, permits, orders and confirmations of each legal day.

Written from what the bank has decided (ADR 26, PMT-01), not from the services' code.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from deploy.books.law import legal_date
from deploy.books.model import Books, Check, Findings, Row, told_once

COMPLETED = "compliance.reconciliation.completed.v1"
TOPIC = "compliance.reconciliations.v1"
#: PMT-01: days after the use of a permit through which its order is to be confirmed.
CONFIRM_WITHIN = timedelta(days=2)
#: What a day's fact counts, by kind.
COUNTED = {
    "SALE_WITHOUT_PERMIT": "sales_without_permit",
    "PERMIT_UNUSED": "permits_unused",
    "ORDER_UNCONFIRMED": "orders_unconfirmed",
    "CONFIRMED_OTHERWISE": "confirmed_otherwise",
    "ORDER_WITHOUT_PERMIT": "orders_without_permit",
}


@dataclass(frozen=True)
class Difference:
    """Something that does not fit, known from ``day`` on. ``is_certain``: however late one looks."""

    kind: str
    subject: str
    day: date
    is_certain: bool = True


def days_are_reconciled(books: Books, found: Findings) -> int:
    """PMT-01: sales, permits, orders and confirmations fit, or the service has noted what does not."""
    done = {row["day"] for row in books.rows("compliance", "reconciliations")}
    last = max(done, default=date.min)
    noted = {
        (row["kind"], row["subject_id"]) for row in books.rows("compliance", "reconciliation_differences")
    }
    ours = list(_differences(books))
    due = {(one.kind, one.subject) for one in ours if one.is_certain and one.day <= last}
    for kind, subject in sorted(due - noted):
        found.add(subject, f"{kind}: its day is over, and nobody has noted it")
    for kind, subject in sorted(noted - {(one.kind, one.subject) for one in ours}):
        found.add(subject, f"{kind}: noted, and it fits")
    return sum(len(books.rows("compliance", table)) for table in ("sales", "permits", "order_reports"))


def days_follow_each_other(books: Books, found: Findings) -> int:
    """T1: days are reconciled one after the other, each told once, with what was noted for it."""
    rows = {row["id"]: row for row in books.rows("compliance", "reconciliations")}
    days = sorted(row["day"] for row in rows.values())
    if any(later != earlier + timedelta(days=1) for earlier, later in pairwise(days)):
        found.add("days", f"not one after the other: {[str(day) for day in days]}")
    noted = Counter(
        (row["day"], row["kind"]) for row in books.rows("compliance", "reconciliation_differences")
    )
    pairs = told_once(
        books,
        found,
        rows,
        COMPLETED,
        key="reconciliation_id",
        topic=TOPIC,
        lost="reconciled, never told",
        stray="told, was not reconciled",
    )
    for fact, row in pairs:
        counted = {kind: fact.data[name] for kind, name in COUNTED.items()}
        wanted = {kind: noted[row["day"], kind] for kind in COUNTED}
        found.expect_equal(row["id"], fact.data["day"], str(row["day"]), "day, told and kept")
        found.expect_equal(row["id"], counted, wanted, "differences, told and noted")
    return len(rows)


def _differences(books: Books) -> Iterator[Difference]:
    permits = {row["id"]: row for row in books.rows("compliance", "permits")}
    ends = {row["permit_id"]: row for row in books.rows("compliance", "permit_endings")}
    first = min((row["issued_at"] for row in permits.values()), default=None)
    permitted = {row["sale_id"] for row in permits.values()}
    for sale in books.rows("compliance", "sales"):
        if first is not None and sale["logged_at"] >= first and sale["id"] not in permitted:
            yield Difference("SALE_WITHOUT_PERMIT", sale["id"], legal_date(sale["logged_at"]))
    for key, permit in permits.items():
        ended = ends[key]["ended_at"] if key in ends else None
        if ended is None or ended >= permit["expires_at"]:
            # A reversal may have ended it behind its time, before anybody looked.
            yield Difference("PERMIT_UNUSED", key, legal_date(permit["expires_at"]), ended is None)
    yield from _of_orders(books, permits, ends)


def _of_orders(books: Books, permits: Mapping[str, Row], ends: Mapping[str, Row]) -> Iterator[Difference]:
    used = {row["order_id"]: row for row in ends.values() if row["kind"] == "USED"}
    answered: dict[str, list[datetime]] = defaultdict(list)
    for report in books.rows("compliance", "order_reports"):
        use, reported = used.get(report["order_id"]), report["reported_at"]
        if report["step"] != "PLACED":
            answered[report["order_id"]].append(reported)
        if report["step"] != "CANCELLED" and (
            use is None or legal_date(use["ended_at"]) > legal_date(reported)
        ):
            yield Difference("ORDER_WITHOUT_PERMIT", report["id"], legal_date(reported))
        if use is not None and report["step"] == "CONFIRMED":
            permit = permits[use["permit_id"]]
            if any(report[name] != permit[name] for name in ("amount_minor", "currency")):
                known = max(reported, use["ended_at"])
                yield Difference("CONFIRMED_OTHERWISE", report["id"], legal_date(known))
    for order, use in used.items():
        due = legal_date(use["ended_at"]) + CONFIRM_WITHIN
        if all(legal_date(at) > due for at in answered[order]):
            yield Difference("ORDER_UNCONFIRMED", use["permit_id"], due)


CHECKS: tuple[Check, ...] = (days_are_reconciled, days_follow_each_other)
