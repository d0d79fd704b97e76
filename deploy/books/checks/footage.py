"""What was recorded of a product's risk, against how the product was graded when it was sold (ADR 27)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from deploy.books.footage import SPEAK_OF, sealed_in_time
from deploy.books.model import Books, Check, Fact, Findings, Row

GRADED = "compliance.product.risk_changed.v1"
TOPIC = "compliance.products.v1"


def risks_were_recorded_as_graded(books: Books, found: Findings) -> int:
    """REC-02: of each sale, what speaks of the risk was last recorded while the product was graded as now."""
    if TOPIC in books.trimmed:
        return 0
    graded: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(books.of_type(GRADED), key=lambda fact: fact.sequence):
        graded[fact.data["product_id"]].append(fact)
    began = _began(books)
    examined = 0
    for sale in books.rows("compliance", "sales"):
        changes, logged = graded[sale["product_id"]], sale["logged_at"]
        for kind in SPEAK_OF["risk_level"] if changes else ():
            examined += 1
            last = max((at for at in began[sale["recording_id"], kind] if at <= logged), default=None)
            if last is None:
                found.add(sale["id"], f"{kind} was not recorded")
            else:
                recorded, now = _level(changes, last), _level(changes, logged)
                found.expect_equal(sale["id"], recorded, now, f"risk, {kind} recorded and sold")
    return examined


def _level(changes: Sequence[Fact], at: datetime) -> int | None:
    """The level of a product at an instant, by the facts of all its changes."""
    level: int | None = changes[0].data["previous_risk_level"]
    for change in changes:
        if datetime.fromisoformat(change.data["occurred_at"]) <= at:
            level = change.data["effective_risk_level"]
    return level


def parts_belong_to_their_recording(books: Books, found: Findings) -> int:
    """REC-01: what was added to a recording is of the same customer, visit and seller, and began after it."""
    rows = {row["id"]: row for row in books.rows("compliance", "recordings")}
    parts = [row for row in rows.values() if row.get("main_id") is not None]
    for part in parts:
        main = rows.get(part["main_id"])
        if main is None or main.get("main_id") is not None:
            found.add(part["id"], f"belongs to {part['main_id']}, which is no recording by itself")
            continue
        for name in ("customer_id", "session_id", "seller_id", "outlet_id"):
            found.expect_equal(part["id"], part[name], main[name], f"{name}, part and recording")
        if part["started_at"] < main["started_at"]:
            found.add(part["id"], "began before the recording that it belongs to")
    for sale in books.rows("compliance", "sales"):
        if rows.get(sale["recording_id"], {}).get("main_id") is not None:
            found.add(sale["id"], "rests on a part of a recording")
    return len(parts)


def _began(books: Books) -> dict[tuple[str, str], list[datetime]]:
    """When the recordings of each key point began that were sealed in time, by the main recording."""
    sealed = {row["recording_id"]: row for row in books.rows("compliance", "recording_seals")}
    rows: dict[str, Row] = {
        row["id"]: row
        for row in books.rows("compliance", "recordings")
        if sealed_in_time(row, sealed.get(row["id"]))
    }
    began: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for segment in books.rows("compliance", "recording_segments"):
        if row := rows.get(segment["recording_id"]):
            began[row.get("main_id") or row["id"], segment["kind"]].append(row["started_at"])
    return began


CHECKS: tuple[Check, ...] = (risks_were_recorded_as_graded, parts_belong_to_their_recording)
