"""Cases that end without a sale: told as they ended, in time, and nothing logged of them."""

from datetime import datetime, timedelta

from deploy.books.law import legal_date
from deploy.books.model import Books, Check, Findings, told_once

ABANDONED = "compliance.case.abandoned.v1"
TOPIC = "compliance.cases.v1"
#: Whole legal days behind that of the opening, by the rule of the bank (CAS-01).
LIFE = timedelta(days=30)
ABOUT = ("session_id", "outlet_id", "seller_id", "product_id", "customer_id")


def abandonments_are_told(books: Books, found: Findings) -> int:
    """T1: a case that ended without a sale was told once, as it ended, and nothing was logged of it."""
    rows = {row["id"]: row for row in books.rows("compliance", "cases") if row["state"] == "ABANDONED"}
    pairs = told_once(
        books,
        found,
        rows,
        ABANDONED,
        key="case_id",
        topic=TOPIC,
        lost="abandoned, not told",
        stray="told, not abandoned",
    )
    for fact, row in pairs:
        is_ = (row["version"], row["ended_at"], row["abandoned_for"], *(row[name] for name in ABOUT))
        said = (fact.sequence, fact.occurred_at, fact.data["reason"])
        found.expect_equal(row["id"], is_, (*said, *(fact.data[name] for name in ABOUT)), "case and fact")
    for row in (*books.rows("compliance", "sales"), *books.rows("compliance", "transactions")):
        if row["case_id"] in rows:
            found.add(row["case_id"], f"abandoned, and {row['id']} was logged of it")
    return len(rows)


def cases_end_in_time(books: Books, found: Findings) -> int:
    """CAS-01: nothing is logged of a case whose days are over, and none is over before."""
    rows = {row["id"]: row for row in books.rows("compliance", "cases")}
    for row in (*books.rows("compliance", "sales"), *books.rows("compliance", "transactions")):
        if (case := rows.get(row["case_id"])) and _is_over(case["opened_at"], row["logged_at"]):
            found.add(row["case_id"], f"opened at {case['opened_at']}, logged at {row['logged_at']}")
    for key, case in rows.items():
        if case["abandoned_for"] == "EXPIRED" and not _is_over(case["opened_at"], case["ended_at"]):
            found.add(key, f"opened at {case['opened_at']}, out of time at {case['ended_at']}")
    return len(rows)


def _is_over(opened_at: datetime, at: datetime) -> bool:
    return legal_date(at) > legal_date(opened_at) + LIFE


CHECKS: tuple[Check, ...] = (abandonments_are_told, cases_end_in_time)
