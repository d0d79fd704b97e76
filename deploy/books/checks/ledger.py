"""The ledger: what clients saw acknowledged is there as they saw it, and nothing is there that none explains.

What a client got no answer for may have happened or not: it explains what is there, and asks for nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from deploy.books.model import Books, Check, Findings, Row
from deploy.demo.ledger import Entry

#: What a client makes, and the row that then exists: operation → service, table, its column, the id's name.
MADE: Mapping[str, tuple[str, str, str, str]] = {
    "outlet_open": ("staffing", "outlets", "id", "outlet_id"),
    "employee_join": ("staffing", "employees", "id", "employee_id"),
    "grant": ("staffing", "qualifications", "id", "qualification_id"),
    "train": ("staffing", "trainings", "id", "training_id"),
    "experience": ("staffing", "selling_experiences", "id", "experience_id"),
    "session_open": ("ticketing", "counter_sessions", "id", "session_id"),
    "partner_admit": ("compliance", "partners", "id", "partner_id"),
    "product_list": ("compliance", "products", "id", "product_id"),
    "customer_register": ("compliance", "customers", "id", "customer_id"),
    "joint_account": ("compliance", "joint_accounts", "id", "account_id"),
    "zone_open": ("compliance", "zones", "id", "zone_id"),
    "case_open": ("compliance", "cases", "id", "case_id"),
    "party": ("compliance", "case_parties", "id", "party_id"),
    "transaction": ("compliance", "transactions", "id", "transaction_id"),
    "reversal_request": ("compliance", "reversal_requests", "id", "request_id"),
    "reversal_approve": ("compliance", "sale_reversals", "id", "reversal_id"),
    "consent": ("compliance", "consents", "id", "consent_id"),
    "recording_open": ("compliance", "recordings", "id", "recording_id"),
    "recording_seal": ("compliance", "recording_seals", "recording_id", "recording_id"),
    "complaint_open": ("feedback", "complaints", "id", "complaint_id"),
}

#: What a client does to a ticket, and the states in which the ticket then is.
DONE: Mapping[str, frozenset[str]] = {
    "call": frozenset({"called", "serving", "completed", "no_show"}),
    "recall": frozenset({"called", "serving", "completed", "no_show"}),
    "start": frozenset({"serving", "completed"}),
    "complete": frozenset({"completed"}),
    "no_show": frozenset({"no_show"}),
    "cancel": frozenset({"cancelled"}),
}

#: Which operations explain a final state; the closing of the day explains two of them as well.
EXPLAINS = {"completed": "complete", "no_show": "no_show", "cancelled": "cancel"}
CLOSED_BY_DAY = frozenset({"expired", "no_show"})

#: What a client changes: operation → service, table, the id's name, whether the row shows it.
CHANGED: Mapping[str, tuple[str, str, str, Callable[[Row], bool]]] = {
    "session_close": (
        "ticketing",
        "counter_sessions",
        "session_id",
        lambda row: row["closed_at"] is not None,
    ),
    "revoke": ("staffing", "qualifications", "qualification_id", lambda row: row["revoked_at"] is not None),
    "product_withdraw": ("compliance", "products", "product_id", lambda row: row["status"] != "ON_SALE"),
    "complaint_decide": ("feedback", "complaints", "complaint_id", lambda row: row["status"] != "opened"),
    "complaint_settle": ("feedback", "complaints", "complaint_id", lambda row: row["status"] == "settled"),
}


def acknowledged_tickets_exist(books: Books, found: Findings) -> int:
    """I1: each ticket that a client was given exists with the number, queue and date that the client saw."""
    rows = {row["id"]: row for row in books.rows("ticketing", "tickets")}
    issued = list(books.done("issue"))
    for act in issued:
        row = rows.get(act.ids["ticket_id"])
        if row is None:
            found.add(act.ids["ticket_id"], f"acknowledged as {act.ids['number']}, does not exist")
            continue
        for name in ("number", "queue_id", "outlet_id", "business_date"):
            found.expect_equal(act.ids["ticket_id"], str(row[name]), act.ids[name], f"{name}, row and client")
    given = Counter(act.ids["ticket_id"] for act in issued)
    for ticket, count in given.items():
        if count > 1:
            found.add(ticket, f"given to {count} clients")
    return len(issued)


def numbers_seen_once(books: Books, found: Findings) -> int:
    """I2: no two clients of a queue were given the same number on a business date."""
    seen = Counter(
        (act.ids["queue_id"], act.ids["business_date"], act.ids["number"]) for act in books.done("issue")
    )
    for place, count in seen.items():
        if count > 1:
            found.add(" ".join(place), f"shown to {count} clients")
    return len(seen)


def acknowledged_steps_stand(books: Books, found: Findings) -> int:
    """I1: each call, start and end of a ticket that a client saw acknowledged shows in its row."""
    rows = {row["id"]: row for row in books.rows("ticketing", "tickets")}
    acts = list(books.done(*DONE))
    for act in acts:
        ticket = act.ids["ticket_id"]
        state = rows[ticket]["state"] if ticket in rows else "missing"
        if state not in DONE[act.op]:
            found.add(ticket, f"{act.op} was acknowledged, the row is {state}")
        elif act.op == "call":
            for name in ("counter_id", "employee_id"):
                found.expect_equal(ticket, rows[ticket][name], act.ids[name], f"{name}, row and client")
    for (op, ticket), count in Counter((act.op, act.ids["ticket_id"]) for act in acts).items():
        if count > 1 and op != "recall":
            found.add(ticket, f"{op} was acknowledged {count} times")
    return len(acts)


def tickets_are_explained(books: Books, found: Findings) -> int:
    """I4: each ticket of a queue in use was given to a client, or is one that a client got no answer for."""
    given = {act.ids["ticket_id"] for act in books.done("issue")}
    open_ = Counter(act.ids["outlet_id"] for act in books.done("issue", outcome="unknown"))
    rows = _of_queues_in_use(books)
    strays = defaultdict(list)
    for row in rows:
        if row["id"] not in given:
            strays[row["outlet_id"]].append(row["id"])
    for outlet, tickets in strays.items():
        for ticket in tickets[open_[outlet] :]:
            found.add(ticket, "no client asked for this ticket")
    return len(rows)


def _of_queues_in_use(books: Books) -> list[Row]:
    """Tickets of the queues that clients of the ledger used; others are tried out by hand beside them."""
    used = {
        act.ids["queue_id"] for outcome in ("ok", "unknown") for act in books.done("issue", outcome=outcome)
    }
    return [row for row in books.rows("ticketing", "tickets") if row["queue_id"] in used]


def final_states_are_explained(books: Books, found: Findings) -> int:
    """I4: each final state of such a ticket was asked for by a client, or by the closing of its day."""
    asked = {
        (act.op, act.ids.get("ticket_id"))
        for outcome in ("ok", "unknown")
        for act in books.done(*EXPLAINS.values(), outcome=outcome)
    }
    closed = {
        (act.ids.get("outlet_id"), act.ids.get("business_date"))
        for outcome in ("ok", "unknown")
        for act in books.done("day_close", outcome=outcome)
    }
    calendars = {row["id"]: row["calendar"] for row in books.rows("staffing", "outlets")}
    rows = _of_queues_in_use(books)
    for row in rows:
        state = row["state"]
        if state in CLOSED_BY_DAY and (
            (row["outlet_id"], str(row["business_date"])) in closed or _day_was_over(row, calendars)
        ):
            continue
        if state in {*EXPLAINS, *CLOSED_BY_DAY} and (EXPLAINS.get(state), row["id"]) not in asked:
            found.add(row["id"], f"is {state}, which nobody asked for")
    return len(rows)


def acknowledged_rows_exist(books: Books, found: Findings) -> int:
    """T1: everything else that a client saw made is there, and everything that it saw changed is changed."""
    examined = 0
    for op, (service, table, column, name) in MADE.items():
        ids = {row[column] for row in books.rows(service, table)}
        for act in books.done(op):
            examined += 1
            if act.ids[name] not in ids:
                found.add(act.ids[name], f"{op} was acknowledged, no row in {service}.{table}")
    for op, (service, table, name, shows) in CHANGED.items():
        rows = {row["id"]: row for row in books.rows(service, table)}
        for act in books.done(op):
            examined += 1
            if act.ids[name] not in rows or not shows(rows[act.ids[name]]):
                found.add(act.ids[name], f"{op} was acknowledged, the row does not show it")
    return examined


def rows_are_explained(books: Books, found: Findings) -> int:
    """I4: each outlet, employee, case, recording, complaint … was made by a client (or may have been)."""
    examined = 0
    for op, (service, table, column, name) in MADE.items():
        made = {act.ids[name] for act in books.done(op)}
        open_ = sum(1 for _ in books.done(op, outcome="unknown"))
        rows = books.rows(service, table)
        examined += len(rows)
        strays = sorted(row[column] for row in rows if row[column] not in made)
        for stray in strays[open_:]:
            found.add(stray, f"in {service}.{table}, made by no client")
    return examined


def evaluations_as_seen(books: Books, found: Findings) -> int:
    """I9: each answer that a visitor saw accepted stands with its score, and no answer stands without one."""
    scores = {row["evaluation_id"]: row["score"] for row in books.rows("feedback", "evaluation_answers")}
    seen: dict[str, Entry] = {}
    for act in books.done("evaluation"):
        key = act.ids["evaluation_id"]
        if key in seen:
            found.add(key, "accepted twice")
        seen[key] = act
        if scores.get(key) != act.request["score"]:
            found.add(key, f"score {act.request['score']} was accepted, {scores.get(key)} stands")
    unknown = {act.ids.get("evaluation_id") for act in books.done("evaluation", outcome="unknown")}
    for key in sorted(scores.keys() - seen.keys() - unknown):
        found.add(key, "answered by no visitor")
    return len(scores)


def complaints_as_seen(books: Books, found: Findings) -> int:
    """I9: each complaint stands under the reference and about the sale that its complainant was told."""
    rows = {row["id"]: row for row in books.rows("feedback", "complaints")}
    acts = list(books.done("complaint_open"))
    for act in acts:
        key = act.ids["complaint_id"]
        if row := rows.get(key):
            for name in ("reference", "sale_id", "outlet_id"):
                found.expect_equal(key, row[name], act.ids.get(name), f"{name}, row and client")
    for reference, count in Counter(act.ids["reference"] for act in acts).items():
        if count > 1:
            found.add(reference, f"told to {count} complainants")
    return len(acts)


def _day_was_over(row: Row, calendars: Mapping[str, Row]) -> bool:
    """The service itself closes days that are over by their outlet's calendar."""
    calendar = calendars.get(row["outlet_id"], {"timezone": "Asia/Shanghai", "cutover_hour": 0})
    if row["ended_at"] is None:
        return False
    local = row["ended_at"].astimezone(ZoneInfo(calendar["timezone"]))
    return bool((local - timedelta(hours=calendar["cutover_hour"])).date() > row["business_date"])


CHECKS: tuple[Check, ...] = (
    acknowledged_tickets_exist,
    numbers_seen_once,
    acknowledged_steps_stand,
    tickets_are_explained,
    final_states_are_explained,
    acknowledged_rows_exist,
    rows_are_explained,
    evaluations_as_seen,
    complaints_as_seen,
)
