"""Joint accounts: who holds and who decides, as core banking has stated it, against who has come."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deploy.books.model import Books, Check, Findings, Row

#: The reason of a refusal where the account is known, and too few of its holders have come.
MISSING = ("HOLDER_MISSING", "few")


def joint_holders_took_part(books: Books, found: Findings) -> int:
    """INT-JOINT: what a joint account bought, as many of its holders took part as its mandate asks for."""
    holders = books.rows("compliance", "joint_holders")
    terms = books.rows("compliance", "joint_terms")
    examined = 0
    for sale in books.rows("compliance", "sales"):
        key, at, customer = sale["id"], sale["logged_at"], sale["customer_id"]
        stated = _stated(books, sale["case_id"], at)
        held = {row["account_id"] for row in holders if row["customer_id"] == customer}
        if stated is None and held & {row["account_id"] for row in terms if row["stated_at"] < at}:
            found.add(key, "the customer has a joint account, nobody said whose money it is")
        if stated is not None and stated["account_id"] is not None:
            examined += 1
            missing = _missing(books, sale["case_id"], customer, stated["account_id"], at)
            if missing != 0:
                found.add(
                    key, "the account is not open" if missing is None else f"{missing} holders are missing"
                )
    return examined + _refused_rightly(books, found)


def _refused_rightly(books: Books, found: Findings) -> int:
    """Whoever was refused for a missing holder lacked one."""
    refused = [row for row in books.rows("compliance", "decisions") if MISSING in _reasons(row["decision"])]
    cases = {
        row["decision_id"]: row["case_id"]
        for table in ("refused_attempts", "sales", "transactions")
        for row in books.rows("compliance", table)
    }
    for row in refused:
        case_id, at = cases.get(row["id"], ""), row["decided_at"]
        stated = _stated(books, case_id, at)
        if stated is None or stated["account_id"] is None:
            found.add(row["id"], "refused for a missing holder, with no joint account")
        elif (
            _missing(books, case_id, row["decision"]["inputs"]["customer_id"], stated["account_id"], at) == 0
        ):
            found.add(row["id"], "refused for a missing holder, and enough of them had come")
    return len(refused)


def _reasons(decision: Mapping[str, Any]) -> set[tuple[str, str | None]]:
    found = [finding for outcome in decision["outcomes"] for finding in outcome["findings"]]
    return {(finding["code"], finding.get("reason")) for finding in found}


def _stated(books: Books, case_id: str, at: datetime) -> Row | None:
    """Whose money it was, as it was stated last."""
    accounts = books.rows("compliance", "case_accounts")
    return _last(_of(accounts, case_id), "stated_at", "case_version", at)


def _missing(books: Books, case_id: str, customer: str, account: str, at: datetime) -> int | None:
    """How many holders were missing at an instant; None: the account was not open."""
    owners = {
        row["customer_id"]
        for row in books.rows("compliance", "joint_holders")
        if row["account_id"] == account
    }
    asked = _last(
        [row for row in books.rows("compliance", "joint_terms") if row["account_id"] == account],
        "stated_at",
        "account_version",
        at,
    )
    if asked is None or asked["closed"]:
        return None
    parties = _of(books.rows("compliance", "case_parties"), case_id)
    came = {row["person_id"] for row in parties if _holder(row, at)} | {customer}
    return max(0, _wanted(asked, len(owners)) - len(came & owners))


def accounts_as_seen(books: Books, found: Findings) -> int:
    """I4: whose money it is stands as a seller stated it, and no statement stands that nobody made."""
    rows = {(row["case_id"], row["account_id"]) for row in books.rows("compliance", "case_accounts")}
    seen = {_account(act.ids) for act in books.done("paying_account")}
    open_ = {_account(act.ids) for act in books.done("paying_account", outcome="unknown")}
    found.expect_same(seen, rows - (open_ - seen), lost="stated, does not stand", stray="stated by nobody")
    return len(rows)


def _account(ids: Mapping[str, str]) -> tuple[str, str]:
    return ids["case_id"], ids["account_id"]


def _of(rows: Iterable[Row], case_id: str) -> list[Row]:
    return [row for row in rows if row["case_id"] == case_id]


def _holder(row: Row, at: datetime) -> bool:
    return row["role"] == "JOINT_HOLDER" and bool(row["identified_at"] <= at)


def _last(rows: Iterable[Row], since: str, order: str, at: datetime) -> Row | None:
    """The row that counted at an instant."""
    return max((row for row in rows if row[since] <= at), key=lambda row: int(row[order]), default=None)


def _wanted(terms: Row, holders: int) -> int:
    if terms["mandate"] == "SOME":
        return int(terms["required"])
    return {"ANY": 1, "ALL": holders}[terms["mandate"]]


CHECKS: tuple[Check, ...] = (joint_holders_took_part, accounts_as_seen)
