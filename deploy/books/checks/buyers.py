"""Buyers: who has bought before, worked out again from sales, reversals and statements (SUI-15)."""

from datetime import timedelta

from deploy.books.model import Books, Check, Findings

#: How long a decision may be under way: what was logged meanwhile may be known to it, or not.
UNDER_WAY = timedelta(minutes=1)


def first_purchases_are_first(books: Books, found: Findings) -> int:
    """SUI-15: who counts as having bought before has a standing sale of the bank's own, or was stated to."""
    own = {
        row["id"]
        for row in books.rows("compliance", "products")
        if row.get("kind") == "WEALTH" and row.get("origin") == "OWN"
    }
    reversed_at = {row["sale_id"]: row["reversed_at"] for row in books.rows("compliance", "sale_reversals")}
    sales = [
        (row["customer_id"], row["logged_at"], reversed_at.get(row["id"]))
        for row in books.rows("compliance", "sales")
        if row["product_id"] in own
    ]
    stated = sorted(books.rows("compliance", "stated_circumstances"), key=lambda row: row["customer_version"])
    decisions = books.rows("compliance", "decisions")
    examined = 0
    for row in decisions:
        inputs, at = row["decision"]["inputs"], row["decided_at"]
        counted = (inputs.get("customer") or {}).get("bought_wealth_before")
        if counted is None:
            continue
        examined += 1
        told = [
            one for one in stated if one["customer_id"] == inputs["customer_id"] and one["stated_at"] <= at
        ]
        said = [one["bought_wealth_before"] for one in told if one["bought_wealth_before"] is not None][-1:]
        standing = [
            logged
            for customer, logged, undone in sales
            if customer == inputs["customer_id"] and logged < at and (undone is None or undone > at)
        ]
        if counted and not standing and said != [True]:
            found.add(row["id"], "counted as having bought before: no sale stands, and nobody stated it")
        if not counted and (said == [True] or any(logged < at - UNDER_WAY for logged in standing)):
            found.add(row["id"], "counted as a first purchase, and the customer has bought before")
    return examined


CHECKS: tuple[Check, ...] = (first_purchases_are_first,)
