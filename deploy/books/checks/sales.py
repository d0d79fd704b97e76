"""Sales: each rests on one passing decision and one sealed recording, is told, kept, and asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from deploy.books import matrix
from deploy.books.footage import sealed_in_time
from deploy.books.law import legal_date
from deploy.books.model import Books, Check, Fact, Findings, Row

LOGGED = "compliance.sale.logged.v1"
TOPIC = "compliance.sales.v1"

#: What a sale's fact repeats of its row.
TOLD = (
    "case_id",
    "decision_id",
    "outlet_id",
    "seller_id",
    "product_id",
    "customer_id",
    "recording_id",
    "amount_minor",
    "currency",
)


def sales_passed(books: Books, found: Findings) -> int:
    """I5: each logged sale has a passing decision of its own, about the same product, seller and customer."""
    decisions = {row["id"]: row for row in books.rows("compliance", "decisions")}
    sales = books.rows("compliance", "sales")
    for key, count in Counter(row["decision_id"] for row in sales).items():
        if count > 1:
            found.add(key, f"{count} sales rest on this decision")
    for sale in sales:
        row = decisions.get(sale["decision_id"])
        if row is None or row["result"] != "passed":
            found.add(sale["id"], f"rests on no passing decision: {row and row['result']}")
            continue
        inputs = row["decision"]["inputs"]
        if matrix.kind_of(inputs) not in matrix.RECORDED:
            found.add(sale["id"], f"logged as a sale, decided as a {matrix.kind_of(inputs)}")
        (recording, *_) = inputs["recordings"] or [{"recording_id": None}]
        judged = {
            "product_id": (inputs["product"] or {}).get("product_id"),
            "seller_id": (inputs["seller"] or {}).get("seller_id"),
            "customer_id": inputs["customer_id"],
            "recording_id": recording["recording_id"],
            "amount_minor": inputs["amount_minor"],
            "currency": inputs["currency"],
            "business_date": _business_date(inputs),
        }
        for name, value in judged.items():
            found.expect_equal(sale["id"], sale[name], value, f"{name}, sale and decision")
    return len(sales)


def sales_are_told(books: Books, found: Findings) -> int:
    """D1: each sale was told as logged, once, as its row says; a row without its fact is forged."""
    rows = {row["id"]: row for row in books.rows("compliance", "sales")}
    told: dict[str, list[Fact]] = {}
    for fact in books.of_type(LOGGED):
        told.setdefault(fact.data["sale_id"], []).append(fact)
    if TOPIC not in books.trimmed:
        found.expect_same(rows, told, lost="a sale that was never told", stray="told, no such sale")
    digests = {row["id"]: row["digest"] for row in books.rows("compliance", "decisions")}
    for key, facts in told.items():
        if len(facts) > 1:
            found.add(key, f"told {len(facts)} times")
        if row := rows.get(key):
            decided = digests.get(row["decision_id"])
            found.expect_equal(key, facts[0].data["decision"], decided, "digest, told and decided")
            for name in TOLD:
                found.expect_equal(key, row[name], facts[0].data[name], f"{name}, row and fact")
    return len(rows)


def sales_are_recorded(books: Books, found: Findings) -> int:
    """I5, REC-01: each sale has one recording, sealed before it, of the same customer, seller and visit."""
    seals = {row["recording_id"]: row for row in books.rows("compliance", "recording_seals")}
    recordings = {row["id"]: row for row in books.rows("compliance", "recordings")}
    cases = {row["id"]: row for row in books.rows("compliance", "cases")}
    sales = books.rows("compliance", "sales")
    for sale in sales:
        seal, recording = seals.get(sale["recording_id"]), recordings.get(sale["recording_id"])
        if seal is None or recording is None:
            found.add(sale["id"], f"its recording {sale['recording_id']} is not sealed")
            continue
        if seal["sealed_at"] >= sale["logged_at"] or not sealed_in_time(recording, seal):
            found.add(sale["id"], f"logged at {sale['logged_at']}, sealed at {seal['sealed_at']}")
        case = cases.get(sale["case_id"], {})
        about = {
            "customer_id": sale["customer_id"],
            "seller_id": sale["seller_id"],
            "session_id": case.get("session_id"),
        }
        for name, value in about.items():
            found.expect_equal(sale["id"], recording[name], value, f"{name}, recording and sale")
    return len(sales)


def sales_are_kept(books: Books, found: Findings) -> int:
    """REC-07: each sale's recording is kept for it from its legal day; nothing else is but old sales'."""
    old = {row["id"] for row in books.rows("compliance", "imported_sales")}
    kept = {
        row["sale_id"]: row
        for row in books.rows("compliance", "retention_sales")
        if row["sale_id"] not in old
    }
    sales = {row["id"]: row for row in books.rows("compliance", "sales")}
    found.expect_same(sales, kept, lost="logged, kept by nobody", stray="kept as sold, never logged")
    for key in sales.keys() & kept.keys():
        found.expect_equal(
            key, kept[key]["recording_id"], sales[key]["recording_id"], "recording, kept and sold"
        )
        found.expect_equal(key, kept[key]["sold_on"], legal_date(sales[key]["logged_at"]), "day of the sale")
    return len(sales)


def cases_show_their_sales(books: Books, found: Findings) -> int:
    """T1: a case is logged exactly when its sale is, or its transaction, and by that one."""
    sales = {
        row["id"]: row["case_id"]
        for table in ("sales", "transactions")
        for row in books.rows("compliance", table)
    }
    logged = {row["sale_id"]: row["id"] for row in books.rows("compliance", "cases") if row["sale_id"]}
    found.expect_same(
        sales.items(),
        logged.items(),
        lost="the case does not show it",
        stray="a case shows a sale that is not",
    )
    return len(sales)


def sales_as_seen(books: Books, found: Findings) -> int:
    """I4: each sale that a seller saw logged stands once, and each that stands was asked for by a seller."""
    sales = {row["id"]: row for row in books.rows("compliance", "sales")}
    attempts = {row["id"]: row for row in books.rows("compliance", "refused_attempts")}
    seen = Counter(act.ids["sale_id"] for act in books.done("sale"))
    for act in books.done("sale"):
        row = sales.get(act.ids["sale_id"])
        if row is None:
            found.add(act.ids["sale_id"], "a seller saw it logged, it does not stand")
            continue
        for name in ("case_id", "recording_id", "decision_id"):
            found.expect_equal(row["id"], row[name], act.ids[name], f"{name}, row and seller")
    for key, count in seen.items():
        if count > 1:
            found.add(key, f"logged for {count} sellers")
    known = {act.ids.get("attempt_id") for act in books.done("sale", "transaction", outcome="refused")}
    _explain(books, [row for key, row in sales.items() if key not in seen], "sale", found)
    _explain(books, [row for key, row in attempts.items() if key not in known], "attempt", found)
    return len(sales) + len(attempts)


def orders_as_sent(books: Books, found: Findings) -> int:
    """N1: each step of an order that core banking sent stands on the topic, and none that nobody sent."""
    told = {
        fact.id: (fact.data["order_id"], step)
        for step in ("placed", "confirmed", "cancelled")
        for fact in books.of_type(f"corebanking.order.{step}.v1")
    }
    return _as_sent(books, found, "order", ("order_id", "step"), told)


def payouts_as_sent(books: Books, found: Findings) -> int:
    """N1: each pay-out that core banking sent stands on the topic, and none that nobody sent."""
    paid = books.of_type("corebanking.contract.paid_out.v1")
    return _as_sent(books, found, "payout", ("sale_id",), {fact.id: (fact.data["sale_id"],) for fact in paid})


def _as_sent(
    books: Books, found: Findings, op: str, names: Sequence[str], told: Mapping[str, tuple[str, ...]]
) -> int:
    """Compares what the ledger has of the sending, by the ids of the facts, with what the topic has."""
    sent = {act.ids["fact_id"]: tuple(act.ids[name] for name in names) for act in books.done(op)}
    open_ = {act.ids.get("fact_id") for act in books.done(op, outcome="unknown")}
    for id_, about in sorted(sent.items() - told.items()):
        found.add(id_, f"{' '.join(about)}: sent, not on the topic")
    for id_ in sorted(told.keys() - sent.keys() - open_):
        found.add(id_, "on the topic, sent by nobody that we know")
    return len(told)


def _business_date(inputs: Row) -> date | None:
    told = (inputs.get("outlet") or {}).get("business_date")
    return date.fromisoformat(told) if told else None


def _explain(books: Books, strays: list[Row], what: str, found: Findings) -> None:
    """What no seller saw may be what one got no answer for: at most one for each such request of its case."""
    unknown = books.done("sale", "transaction", outcome="unknown")
    open_ = Counter(act.ids.get("case_id") for act in unknown)
    for row in strays:
        open_[row["case_id"]] -= 1
        if open_[row["case_id"]] < 0:
            found.add(row["id"], f"a {what} that no seller asked for")


CHECKS: tuple[Check, ...] = (
    sales_passed,
    sales_are_told,
    sales_are_recorded,
    sales_are_kept,
    cases_show_their_sales,
    sales_as_seen,
    orders_as_sent,
    payouts_as_sent,
)
