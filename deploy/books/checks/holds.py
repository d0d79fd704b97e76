"""Holds: each complaint about a logged sale holds its recording once, and lets go when it has ended."""

from collections import Counter
from datetime import date, datetime

from deploy.books.law import legal_date
from deploy.books.model import Books, Check, Fact, Findings

OPENED = "feedback.complaint.opened.v1"
SETTLED = "feedback.complaint.settled.v1"
WITHDRAWN = "feedback.complaint.withdrawn.v1"
PLACED = "compliance.recording.hold_placed.v1"
RELEASED = "compliance.recording.hold_released.v1"
COMPLAINT = "COMPLAINT"


def complaints_hold_recordings(books: Books, found: Findings) -> int:
    """I3, REC-08: each complaint about a logged sale holds the sale's recording, exactly once."""
    recordings = {row["sale_id"]: row["recording_id"] for row in books.rows("compliance", "retention_sales")}
    wanted = Counter(
        (recordings[fact.data["sale_id"]], fact.data["complaint_id"])
        for fact in books.of_type(OPENED)
        if fact.data["sale_id"] in recordings
    )
    placed = Counter(
        (row["recording_id"], row["matter_id"])
        for row in books.rows("compliance", "holds")
        if row["source"] == COMPLAINT
    )
    _same(wanted, placed, "complaints, holds", found)
    return sum(wanted.values())


def ended_complaints_let_go(books: Books, found: Findings) -> int:
    """I3, REC-08: a hold is released when its complaint has ended, as of that day, and not before."""
    ended = {fact.data["complaint_id"]: _ended_on(fact) for fact in books.of_type(SETTLED, WITHDRAWN)}
    releases = {row["hold_id"]: row for row in books.rows("compliance", "hold_releases")}
    holds = [row for row in books.rows("compliance", "holds") if row["source"] == COMPLAINT]
    for hold in holds:
        release, day = releases.get(hold["id"]), ended.get(hold["matter_id"])
        if (release is None) != (day is None):
            found.add(hold["matter_id"], f"complaint ended on {day}, hold released: {release is not None}")
        elif release is not None:
            found.expect_equal(hold["matter_id"], release["resolved_on"], day, "end, hold and complaint")
    return len(holds)


def holds_are_told(books: Books, found: Findings) -> int:
    """T1: each hold and each release is told exactly once."""
    holds = {row["id"]: row for row in books.rows("compliance", "holds")}
    placed = Counter((row["recording_id"], row["matter_id"]) for row in holds.values())
    released = Counter(
        (holds[row["hold_id"]]["recording_id"], holds[row["hold_id"]]["matter_id"])
        for row in books.rows("compliance", "hold_releases")
        if row["hold_id"] in holds
    )
    if "compliance.recordings.v1" not in books.trimmed:
        _same(_told(books, PLACED), placed, "told, placed", found)
        _same(_told(books, RELEASED), released, "told, released", found)
    return sum(placed.values())


def _told(books: Books, type_: str) -> "Counter[tuple[str, str]]":
    return Counter((fact.data["recording_id"], fact.data["matter_id"]) for fact in books.of_type(type_))


def _same(
    left: "Counter[tuple[str, str]]", right: "Counter[tuple[str, str]]", what: str, found: Findings
) -> None:
    for key in sorted(left.keys() | right.keys()):
        if left[key] != right[key]:
            found.add(f"recording {key[0]} matter {key[1]}", f"{what}: {left[key]}, {right[key]}")


def _ended_on(fact: Fact) -> date:
    if fact.type == WITHDRAWN:
        return date.fromisoformat(fact.data["withdrawn_on"])
    return legal_date(datetime.fromisoformat(fact.data["settled_at"]))


CHECKS: tuple[Check, ...] = (complaints_hold_recordings, ended_complaints_let_go, holds_are_told)
