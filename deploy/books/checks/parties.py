"""Joint accounts: who holds and who decides, as core banking has stated it, against who has come."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from deploy.books.model import Books, Check, Findings, Row


def joint_holders_took_part(books: Books, found: Findings) -> int:
    """INT-JOINT: what a joint account bought, as many of its holders took part as its mandate asks for."""
    accounts = books.rows("compliance", "case_accounts")
    parties = books.rows("compliance", "case_parties")
    holders = books.rows("compliance", "joint_holders")
    terms = books.rows("compliance", "joint_terms")
    examined = 0
    for sale in books.rows("compliance", "sales"):
        key, at = sale["id"], sale["logged_at"]
        stated = _last(_of(accounts, sale["case_id"]), "stated_at", "case_version", at)
        held = {row["account_id"] for row in holders if row["customer_id"] == sale["customer_id"]}
        opened = {row["account_id"] for row in terms if row["stated_at"] < at}
        if stated is None and held & opened:
            found.add(key, "the customer has a joint account, nobody said whose money it is")
        if stated is None or stated["account_id"] is None:
            continue
        examined += 1
        account = stated["account_id"]
        owners = {row["customer_id"] for row in holders if row["account_id"] == account}
        came = {row["person_id"] for row in _of(parties, sale["case_id"]) if _holder(row, at)}
        present = (came | {sale["customer_id"]}) & owners
        asked = _last(
            [row for row in terms if row["account_id"] == account], "stated_at", "account_version", at
        )
        if asked is None or asked["closed"]:
            found.add(key, f"bought with account {account}, which is not open")
        elif len(present) < _wanted(asked, len(owners)):
            found.add(key, f"{len(present)} of {_wanted(asked, len(owners))} holders took part")
    return examined


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
