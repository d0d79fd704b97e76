"""Feedback: one answer an offer, references without a gap, the legal deadline worked out again."""

import re
from collections import Counter, defaultdict

from deploy.books.law import deadline
from deploy.books.model import Books, Check, Findings

SUBMITTED = "feedback.evaluation.submitted.v1"
OPENED = "feedback.complaint.opened.v1"
REFERENCE = re.compile(r"TS-(\d{4})-(.+)-(\d{6,})")

#: What a step of a complaint is told as.
STEPS = ("escalated", "overdue", "decided", "settled", "withdrawn")


def one_answer_an_offer(books: Books, found: Findings) -> int:
    """I9: an evaluation is submitted at most once; status, answer and fact agree."""
    answers = Counter(row["evaluation_id"] for row in books.rows("feedback", "evaluation_answers"))
    scores = {row["evaluation_id"]: row["score"] for row in books.rows("feedback", "evaluation_answers")}
    told: dict[str, list[int]] = defaultdict(list)
    for fact in books.of_type(SUBMITTED):
        told[fact.data["evaluation_id"]].append(fact.data["score"])
    rows = {row["id"]: row for row in books.rows("feedback", "evaluations")}
    for key in sorted(answers.keys() | told.keys() | rows.keys()):
        submitted = key in rows and rows[key]["status"] == "submitted"
        counts = (int(submitted), answers[key], len(told[key]))
        if len(set(counts)) > 1 and not ("feedback.evaluations.v1" in books.trimmed and not told[key]):
            found.add(key, f"submitted, answered, told: {counts}")
        elif told[key] and told[key][0] != scores.get(key):
            found.add(key, f"told with score {told[key][0]}, answered with {scores.get(key)}")
    return len(rows)


def references_without_gap(books: Books, found: Findings) -> int:
    """I9: references are 1..n per outlet and business year, each once, and the series counts them."""
    numbers: dict[tuple[str, int], list[int]] = defaultdict(list)
    rows = books.rows("feedback", "complaints")
    for row in rows:
        read = REFERENCE.fullmatch(row["reference"])
        if read is None:
            found.add(row["id"], f"reference {row['reference']}")
        else:
            numbers[row["outlet_id"], int(read[1])].append(int(read[3]))
    counted = {
        (row["outlet_id"], row["year"]): row["last_number"]
        for row in books.rows("feedback", "complaint_series")
    }
    for series in sorted(numbers.keys() | counted.keys()):
        if sorted(numbers[series]) != list(range(1, counted.get(series, 0) + 1)):
            found.add(
                f"{series[0]} {series[1]}",
                f"numbers {sorted(numbers[series])}, series at {counted.get(series, 0)}",
            )
    return len(rows)


def deadlines_are_lawful(books: Books, found: Findings) -> int:
    """CMP-09: a complaint is due through the 15th day after the legal day of its receipt."""
    rows = books.rows("feedback", "complaints")
    for row in rows:
        due_on, due_at = deadline(row["received_at"])
        found.expect_equal(row["id"], row["due_on"], due_on, "last day, row and law")
        found.expect_equal(row["id"], row["due_at"], due_at, "end of the last day, row and law")
    told = {fact.data["complaint_id"]: fact.data for fact in books.of_type(OPENED)}
    for row in rows:
        if data := told.get(row["id"]):
            for name in ("reference", "outlet_id", "sale_id", "due_on"):
                value = None if row[name] is None else str(row[name])
                found.expect_equal(row["id"], value, data[name], f"{name}, row and fact")
    return len(rows)


def complaints_as_told(books: Books, found: Findings) -> int:
    """I9: each step of a complaint happened once and was told once, and its status is its last step."""
    told = Counter(
        (fact.key, fact.type.split(".")[2])
        for fact in books.of_type(*(f"feedback.complaint.{step}.v1" for step in STEPS))
    )
    steps = Counter((row["complaint_id"], row["kind"]) for row in books.rows("feedback", "complaint_steps"))
    for key in sorted(told.keys() | steps.keys(), key=str):
        if not told[key] == steps[key] == 1 and "feedback.complaints.v1" not in books.trimmed:
            found.add(f"{key[0]} {key[1]}", f"told {told[key]} times, stands {steps[key]} times")
    for row in books.rows("feedback", "complaints"):
        done = [step for step in STEPS[2:] if steps[row["id"], step]]
        if row["status"] != (done[-1] if done else "opened"):
            found.add(row["id"], f"status {row['status']}, steps {done}")
    return len(steps)


CHECKS: tuple[Check, ...] = (
    one_answer_an_offer,
    references_without_gap,
    deadlines_are_lawful,
    complaints_as_told,
)
