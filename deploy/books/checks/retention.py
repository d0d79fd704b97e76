"""Retention: what was reported is joined to its sale once, and the last day is worked out again."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from deploy.books.law import Held, Intended, Reported, Sold, legal_date, retain_until, unsold_until
from deploy.books.model import Books, Check, Fact, Findings, Row, told_once

PAID_OUT = "corebanking.contract.paid_out.v1"
ENDED = "corebanking.contract.ended.v1"
COMPLAINTS = {
    "feedback.complaint.opened.v1": "COMPLAINT_OPENED",
    "feedback.complaint.settled.v1": "COMPLAINT_ENDED",
    "feedback.complaint.withdrawn.v1": "COMPLAINT_ENDED",
}
ANCHORS = frozenset({"PARTIAL_PAYOUT", "FINAL_PAYOUT", "CONTRACT_END"})
TAKEN = "compliance.report.taken.v1"
DATED = "compliance.recording.retention_dated.v1"


def reports_are_what_was_told(books: Books, found: Findings) -> int:
    """I3, N4: each pay-out, contract end, complaint and its end is kept once, known sale or not."""
    told = {
        (fact.source, fact.id): _report(fact)
        for fact in books.of_type(PAID_OUT, ENDED, *COMPLAINTS)
        if fact.data["sale_id"] is not None
    }
    kept = Counter((row["source"], row["fact_id"]) for row in books.rows("compliance", "retention_reports"))
    rows = {(row["source"], row["fact_id"]): row for row in books.rows("compliance", "retention_reports")}
    found.expect_same(told, rows, lost="told, no report kept", stray="a report that nobody told")
    for identity, count in kept.items():
        if count > 1:
            found.add(" ".join(identity), f"kept {count} times")
    for identity in told.keys() & rows.keys():
        row = rows[identity]
        is_ = (row["sale_id"], row["kind"], row["claimed_on"] if row["kind"] in ANCHORS else None)
        found.expect_equal(" ".join(identity), is_, told[identity], "report and fact")
    return len(told)


def reports_are_told(books: Books, found: Findings) -> int:
    """T1: each report that is kept was told on as it is kept, once."""
    rows = {row["id"]: row for row in books.rows("compliance", "retention_reports")}
    topic = "compliance.recordings.v1"
    if topic in books.trimmed:
        return 0
    pairs = told_once(
        books,
        found,
        rows,
        TAKEN,
        key="report_id",
        topic=topic,
        lost="kept, not told on",
        stray="told on, not kept",
    )
    for fact, row in pairs:
        claimed = None if row["claimed_on"] is None else str(row["claimed_on"])
        kept = (row["sale_id"], row["kind"], claimed, row["source"], row["fact_id"])
        names = ("sale_id", "kind", "claimed_on", "source", "fact_id")
        found.expect_equal(row["id"], kept, tuple(fact.data[name] for name in names), "report and fact")
    return len(rows)


def last_days_are_lawful(books: Books, found: Findings) -> int:
    """REC-07, REC-08, A12: the last day of each recording is what the law makes of its reports and holds."""
    dated: dict[str, list[tuple[int, date | None]]] = defaultdict(list)
    for row in books.rows("compliance", "retention_dates"):
        dated[row["recording_id"]].append((row["recording_version"], row["retain_until"]))
    # Once a disposal has been authorised, the last day is no longer moved.
    kept = {row["id"] for row in books.rows("compliance", "recordings") if row["state"] == "SEALED"}
    proven = {row["recording_id"] for row in books.rows("compliance", "retention_sales")}
    recordings = proven & kept
    for key in sorted(recordings):
        days = [day for _, day in sorted(dated[key], key=lambda item: item[0])]
        expected = until(books, key)
        if expected is not None:
            # What was promised before is never shortened.
            expected = max([expected, *(day for day in days if day is not None)])
        found.expect_equal(key, days[-1] if days else None, expected, "last day, kept and lawful")
    return len(recordings)


def last_days_are_told(books: Books, found: Findings) -> int:
    """T1: each change of a last day is told once, as it is kept."""
    rows = {
        (row["recording_id"], row["recording_version"]): row["retain_until"]
        for row in books.rows("compliance", "retention_dates")
    }
    told = {
        (fact.data["recording_id"], fact.sequence): fact.data["retain_until"] for fact in books.of_type(DATED)
    }
    if "compliance.recordings.v1" not in books.trimmed:
        found.expect_same(rows, told, lost="dated, not told", stray="told, not dated")
    for key in rows.keys() & told.keys():
        day = None if rows[key] is None else str(rows[key])
        found.expect_equal(key[0], day, told[key], "last day, kept and told")
    return len(rows)


def nothing_went_early(books: Books, found: Findings) -> int:
    """I6: no disposal was authorised before the last day, as known then, was over."""
    certificates = books.rows("compliance", "disposal_certificates")
    for row in certificates:
        last = until(books, row["recording_id"], row["authorised_at"])
        if last is None or legal_date(row["authorised_at"]) <= last:
            found.add(row["recording_id"], f"disposal authorised at {row['authorised_at']}, last day {last}")
    return len(certificates)


def until(books: Books, recording_id: str, at: datetime | None = None) -> date | None:
    """The last day of a recording, worked out from reports and holds (those known at an instant)."""
    reports: dict[str, list[Reported]] = defaultdict(list)
    for row in books.rows("compliance", "retention_reports"):
        if row["kind"] in ANCHORS and _known(row["reported_at"], at):
            reports[row["sale_id"]].append(Reported(row["kind"], row["claimed_on"], row["reported_at"]))
    for row in books.rows("compliance", "imported_sales"):
        # What an old system claimed was told with the import.
        for kind, day in (("CONTRACT_END", row["contract_end_on"]), ("FINAL_PAYOUT", row["final_payout_on"])):
            if day is not None:
                reports[row["id"]].append(Reported(kind, day, row["imported_at"]))
    # What belongs to another recording is kept for the sales of that one, and under its holds too.
    recordings = {row["id"]: row for row in books.rows("compliance", "recordings")}
    main_id = recordings.get(recording_id, {}).get("main_id") or recording_id
    sales = _sold(books, {main_id}, reports)
    holds = _holds(books, {recording_id, main_id}, at)
    if sales or main_id not in recordings:
        return retain_until(sales, holds)
    # What proves nothing is kept for its visit, and for what other recordings of it prove.
    visit = [
        row
        for row in books.rows("compliance", "cases")
        if row["session_id"] == recordings[main_id]["session_id"] and _known(row["opened_at"], at)
    ]
    kinds = {row["id"]: row.get("kind") for row in books.rows("compliance", "products")}
    intended = [Intended(kinds.get(row["product_id"]), _ended(row, at)) for row in visit]
    logged = {row["sale_id"] for row in visit if row["sale_id"]}
    others = {
        row["recording_id"] for row in books.rows("compliance", "retention_sales") if row["sale_id"] in logged
    }
    return unsold_until(intended, holds, _sold(books, others, reports), _holds(books, others, at))


def _ended(case: Row, at: datetime | None) -> datetime | None:
    ended_at: datetime | None = case["ended_at"]
    return ended_at if ended_at is not None and _known(ended_at, at) else None


def _sold(books: Books, recordings: set[str], reports: Mapping[str, list[Reported]]) -> list[Sold]:
    return [
        Sold(row["kind"], row["form"], row["term_months"], row["sold_on"], reports.get(row["sale_id"], []))
        for row in books.rows("compliance", "retention_sales")
        if row["recording_id"] in recordings
    ]


def _holds(books: Books, recordings: set[str], at: datetime | None) -> list[Held]:
    releases = {row["hold_id"]: row for row in books.rows("compliance", "hold_releases")}
    return [
        _held(row, releases)
        for row in books.rows("compliance", "holds")
        if row["recording_id"] in recordings and _known(row["placed_at"], at)
    ]


def _held(row: Row, releases: Mapping[str, Row]) -> Held:
    release = releases.get(row["id"], {})
    return Held(row["source"], row["placed_at"], release.get("resolved_on"), release.get("released_at"))


def _known(reported_at: datetime, at: datetime | None) -> bool:
    return at is None or reported_at <= at


def _report(fact: Fact) -> tuple[str, str, date | None]:
    sale = fact.data["sale_id"]
    if fact.type == PAID_OUT:
        kind = "FINAL_PAYOUT" if fact.data["final"] else "PARTIAL_PAYOUT"
        return sale, kind, date.fromisoformat(fact.data["paid_out_on"])
    if fact.type == ENDED:
        return sale, "CONTRACT_END", date.fromisoformat(fact.data["ended_on"])
    return sale, COMPLAINTS[fact.type], None


CHECKS: tuple[Check, ...] = (
    reports_are_what_was_told,
    reports_are_told,
    last_days_are_lawful,
    last_days_are_told,
    nothing_went_early,
)
