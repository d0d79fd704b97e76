"""Transactions that are no sale: each rests on a decision of its kind and is told; a way out stays open."""

from deploy.books import matrix
from deploy.books.model import Books, Check, Findings, told_once

LOGGED = "compliance.transaction.logged.v1"
TOPIC = "compliance.transactions.v1"

#: What a transaction repeats of its case, and its fact of it.
OF_CASE = ("outlet_id", "seller_id", "product_id", "customer_id", "amount_minor", "currency")
TOLD = ("kind", "case_id", "decision_id", "source_product_id", *OF_CASE)


def transactions_passed(books: Books, found: Findings) -> int:
    """I5: each logged transaction has a passing decision of its own kind, and is what its case says."""
    decisions = {row["id"]: row for row in books.rows("compliance", "decisions")}
    cases = {row["id"]: row for row in books.rows("compliance", "cases")}
    rows = books.rows("compliance", "transactions")
    for row in rows:
        decided = decisions.get(row["decision_id"])
        if decided is None or decided["result"] != "passed":
            found.add(row["id"], f"rests on no passing decision: {decided and decided['result']}")
            continue
        kind = matrix.kind_of(decided["decision"]["inputs"])
        found.expect_equal(row["id"], row["kind"], kind, "kind, logged and decided")
        if kind in matrix.RECORDED:
            found.add(row["id"], f"a {kind} is a sale, and was logged without a recording")
        for name in OF_CASE:
            found.expect_equal(row["id"], row[name], cases[row["case_id"]][name], f"{name}, logged and case")
    return len(rows)


def transactions_are_told(books: Books, found: Findings) -> int:
    """D1: each transaction was told as logged, once, as its row says."""
    rows = {row["id"]: row for row in books.rows("compliance", "transactions")}
    digests = {row["id"]: row["digest"] for row in books.rows("compliance", "decisions")}
    pairs = told_once(
        books,
        found,
        rows,
        LOGGED,
        key="transaction_id",
        topic=TOPIC,
        lost="logged, never told",
        stray="told, no such transaction",
    )
    for fact, row in pairs:
        decided = digests.get(row["decision_id"])
        found.expect_equal(row["id"], fact.data["decision"], decided, "digest, told and decided")
        for name in TOLD:
            found.expect_equal(row["id"], row[name], fact.data[name], f"{name}, row and fact")
    return len(rows)


def ways_out_stay_open(books: Books, found: Findings) -> int:
    """No redemption is refused for its zone, recorder, seller or product: only for whose holding it is."""
    examined = 0
    for row in books.rows("compliance", "decisions"):
        decision = row["decision"]
        kind = matrix.kind_of(decision["inputs"])
        if kind != "REDEMPTION":
            continue
        examined += 1
        failed = {one["rule"] for one in decision["outcomes"] if one["state"] not in {"passed", "not_asked"}}
        barred = sorted(failed - matrix.OUT[kind])
        if barred:
            found.add(row["id"], f"a redemption was asked {', '.join(barred)}")
    return examined


CHECKS: tuple[Check, ...] = (transactions_passed, transactions_are_told, ways_out_stay_open)
