"""Registers: what each service knows of outlets and sellers against what staffing holds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deploy.books.model import Books, Check, Findings, Row


def ticketing_knows_the_outlets(books: Books, found: Findings) -> int:
    """I3: ticketing's register of outlets is staffing's state: version, code, calendar, open or closed."""
    ours, theirs = _outlets(books, "ticketing", found)
    for key in ours.keys() & theirs.keys():
        calendar = ours[key]["calendar"]
        told = {
            "version": ours[key]["version"],
            "code": ours[key]["code"],
            "status": ours[key]["status"],
            "timezone": calendar["timezone"],
            "cutover_hour": calendar["cutover_hour"],
            "week": calendar["week"],
            "exceptions": calendar["exceptions"],
        }
        _compare(key, told, theirs[key], found)
    return len(ours)


def feedback_knows_the_outlets(books: Books, found: Findings) -> int:
    """I3: feedback's register of outlets is staffing's state: version, code, name, open or closed."""
    ours, theirs = _outlets(books, "feedback", found)
    for key in ours.keys() & theirs.keys():
        told = {
            "version": ours[key]["version"],
            "code": ours[key]["code"],
            "name": ours[key]["name"],
            "closed": ours[key]["status"] == "closed",
            "timezone": ours[key]["calendar"]["timezone"],
            "cutover_hour": ours[key]["calendar"]["cutover_hour"],
        }
        _compare(key, told, theirs[key], found)
    return len(ours)


def compliance_knows_the_outlets(books: Books, found: Findings) -> int:
    """I3: compliance's outlets are as staffing has them: version, name, capabilities, calendar, status."""
    ours, theirs = _outlets(books, "compliance", found)
    for key in ours.keys() & theirs.keys():
        closed = ours[key]["status"] == "closed"
        state = theirs[key]["state"]
        told = {
            # The closing is a version of its own, and carries no state that is taken.
            "sequence": ours[key]["version"] - closed,
            "status": ours[key]["status"],
            "code": ours[key]["code"],
            "name": ours[key]["name"],
            "capabilities": sorted(ours[key]["capabilities"]),
            "calendar": ours[key]["calendar"],
        }
        known = {
            "sequence": theirs[key]["sequence"],
            "status": theirs[key]["status"],
            "code": state["code"],
            "name": state["name"],
            "capabilities": sorted(state["capabilities"]),
            "calendar": state["calendar"],
        }
        _compare(key, told, known, found)
    return len(ours)


def sellers_are_the_employees(books: Books, found: Findings) -> int:
    """I3, S1: compliance's sellers are staffing's employees, at the same version, with nothing waiting."""
    employees = {row["id"]: row for row in books.rows("staffing", "employees")}
    sellers = {row["id"]: row for row in books.rows("compliance", "sellers")}
    found.expect_same(employees, sellers, lost="employee, no seller", stray="seller, no employee")
    for key in employees.keys() & sellers.keys():
        if sellers[key]["waiting"]:
            found.add(key, f"{len(sellers[key]['waiting'])} facts wait behind a gap")
        told = {
            "sequence": employees[key]["version"],
            "outlet_id": employees[key]["outlet_id"],
            "staff_number": employees[key]["staff_number"],
            "subject": employees[key]["subject"],
            "employer": employees[key]["employer"],
            "active": employees[key]["left_at"] is None,
            "left_at": employees[key]["left_at"],
        }
        _compare(key, told, sellers[key], found)
    return len(employees)


def sellers_hold_the_qualifications(books: Books, found: Findings) -> int:
    """I3, SAL-01: compliance knows each qualification as staffing holds it: days, suspension, revocation."""
    granted = {row["id"]: _granted(row) for row in books.rows("staffing", "qualifications")}
    known: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for seller in books.rows("compliance", "sellers"):
        for item in seller["qualifications"]:
            known[item["qualification_id"]].append({**item, "employee_id": seller["id"]})
    found.expect_same(granted, known, lost="granted, unknown to compliance", stray="known, never granted")
    for key in granted.keys() & known.keys():
        if len(known[key]) > 1:
            found.add(key, f"stands {len(known[key])} times in the register")
        _compare(key, granted[key], _plain(known[key][0]), found)
    return len(granted)


def sellers_have_learnt_what_was_recorded(books: Books, found: Findings) -> int:
    """I3, SAL-10: compliance knows each training, annulment and first day in a selling post, nothing else."""
    trainings = {row["id"]: row for row in books.rows("staffing", "trainings")}
    recorded = [_course(row["employee_id"], row) for row in trainings.values()]
    recorded += [
        (trainings[row["training_id"]]["employee_id"], "annulled", row["training_id"])
        for row in books.rows("staffing", "training_annulments")
    ]
    experience = sorted(books.rows("staffing", "selling_experiences"), key=lambda row: row["id"])
    recorded += _numbered((row["employee_id"], str(row["selling_since"])) for row in experience)
    lessons = sorted(books.rows("compliance", "seller_lessons"), key=lambda row: row["sequence"])
    known = [_lesson(row["seller_id"], row["change"]) for row in lessons]
    told = [lesson for lesson in known if lesson[1] != "experienced"]
    told += _numbered((one[0], one[2]) for one in known if one[1] == "experienced")
    found.expect_same(recorded, told, lost="recorded, unknown to compliance", stray="known, never recorded")
    return len(recorded)


def _lesson(seller: str, change: Mapping[str, Any]) -> tuple[Any, ...]:
    if change["change"] == "trained":
        return _course(seller, {**change, "id": change["training_id"]})
    if change["change"] == "training_annulled":
        return seller, "annulled", change["training_id"]
    return seller, change["change"], change["selling_since"]


def _course(employee: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return employee, "trained", row["id"], row["kind"], row["minutes"], str(row["completed_on"])


def _numbered(days: Iterable[tuple[str, str]]) -> list[tuple[Any, ...]]:
    """First days with their place among those of the employee: the last one counts."""
    count: Counter[str] = Counter()
    numbered = []
    for employee, day in days:
        count[employee] += 1
        numbered.append((employee, "experienced", day, count[employee]))
    return numbered


def _outlets(books: Books, service: str, found: Findings) -> tuple[dict[str, Row], dict[str, Row]]:
    ours = {row["id"]: row for row in books.rows("staffing", "outlets")}
    theirs = {row["id"]: row for row in books.rows(service, "outlets")}
    found.expect_same(
        ours, theirs, lost=f"an outlet of staffing, unknown to {service}", stray=f"known to {service} only"
    )
    return ours, theirs


def _compare(key: str, told: Mapping[str, Any], known: Mapping[str, Any], found: Findings) -> None:
    for name, value in told.items():
        found.expect_equal(key, value, known[name], f"{name}, staffing and register")


def _granted(row: Row) -> dict[str, Any]:
    """A qualification as the register should know it: of suspensions, the one that was lifted by nobody."""
    last = row["suspensions"][-1] if row["suspensions"] else None
    standing = last if last is not None and last["lifted_at"] is None else None
    return {
        "employee_id": row["employee_id"],
        "kind": row["kind"],
        "valid_from": str(row["valid_from"]),
        "valid_to": None if row["valid_to"] is None else str(row["valid_to"]),
        "suspended_from": _instant(standing["suspended_from"]) if standing else None,
        "suspended_until": _instant(standing["suspended_until"]) if standing else None,
        "revoked_at": row["revoked_at"],
    }


def _plain(known: Mapping[str, Any]) -> dict[str, Any]:
    instants = ("suspended_from", "suspended_until", "revoked_at")
    return {**known, **{name: _instant(known[name]) for name in instants}}


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


CHECKS: tuple[Check, ...] = (
    ticketing_knows_the_outlets,
    feedback_knows_the_outlets,
    compliance_knows_the_outlets,
    sellers_are_the_employees,
    sellers_hold_the_qualifications,
    sellers_have_learnt_what_was_recorded,
)
