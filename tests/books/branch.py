"""The front of the played day: an outlet, a teller, tickets, an evaluation, a complaint about the sale."""

from typing import Any

from deploy.books.law import deadline
from tests.books.day import DAY, Day, at, text

OUTLET, TELLER, QUEUE, COUNTER, SESSION = "outlet-1", "employee-1", "queue-1", "counter-1", "session-1"
LICENCE, SALE, COMPLAINT, RECORDING = "licence-1", "sale-1", "complaint-1", "recording-1"
TRAINING, EXPERIENCE, FALSE_TRAINING = "training-1", "experience-1", "training-2"
HOURS = {"opens": "09:00:00", "closes": "17:00:00"}
CALENDAR = {"timezone": "Asia/Shanghai", "cutover_hour": 0, "week": [HOURS] * 7, "exceptions": {}}
TICKETS = ("completed", "no_show", "cancelled", "expired", "completed")


def play(day: Day) -> None:
    """Everything but the sale itself."""
    registers(day)
    tickets(day)
    evaluation(day)
    complaint(day)


def registers(day: Day) -> None:
    state = {
        "code": "0001",
        "name": "First Outlet",
        "outlet_class": "A",
        "grade": 12,
        "capabilities": ["cash", "wealth"],
        **CALENDAR,
    }
    opened = {"outlet_id": OUTLET, "outlet": state}
    day.tell("staffing.outlet.opened.v1", "staffing.outlets.v1", OUTLET, 1, 0, **opened)
    day.rows("staffing", "outlets").append(
        {
            "id": OUTLET,
            "version": 1,
            "code": "0001",
            "name": "First Outlet",
            "capabilities": ["wealth", "cash"],
            "calendar": CALENDAR,
            "status": "open",
        }
    )
    day.rows("ticketing", "outlets").append(
        {"id": OUTLET, "version": 1, "code": "0001", "status": "open", **CALENDAR}
    )
    day.rows("feedback", "outlets").append(
        {
            "id": OUTLET,
            "version": 1,
            "code": "0001",
            "name": "First Outlet",
            "timezone": "Asia/Shanghai",
            "cutover_hour": 0,
            "closed": False,
        }
    )
    day.rows("compliance", "outlets").append(
        {
            "id": OUTLET,
            "version": 1,
            "sequence": 1,
            "state": {
                "code": "0001",
                "name": "First Outlet",
                "capabilities": ["cash", "wealth"],
                "calendar": CALENDAR,
            },
            "status": "open",
        }
    )
    day.act("outlet_open", outlet_id=OUTLET)
    teller(day)


def teller(day: Day) -> None:
    about = {"employee_id": TELLER}
    joined = {
        "outlet_id": OUTLET,
        "staff_number": "S1",
        "subject": "teller-1",
        "employer": "bank",
    }
    topic = "staffing.employees.v1"
    day.tell("staffing.employee.joined.v1", topic, TELLER, 1, 1, **about, **joined, active=True)
    licence = {"qualification_id": LICENCE, "kind": "wealth"}
    days = {"valid_from": "2026-01-01", "valid_to": None}
    day.tell("staffing.qualification.granted.v1", topic, TELLER, 2, 2, **about, **licence, **days)
    day.rows("staffing", "employees").append({"id": TELLER, "version": 6, **joined, "left_at": None})
    day.rows("staffing", "qualifications").append(
        {
            "id": LICENCE,
            "employee_id": TELLER,
            "kind": "wealth",
            "valid_from": DAY.replace(month=1, day=1),
            "valid_to": None,
            "suspensions": [],
            "revoked_at": None,
        }
    )
    held = {"suspended_from": None, "suspended_until": None, "revoked_at": None}
    day.rows("compliance", "sellers").append(
        {
            "id": TELLER,
            "version": 6,
            "sequence": 6,
            **joined,
            "active": True,
            "left_at": None,
            "qualifications": [{**licence, **days, **held}],
            "waiting": [],
        }
    )
    day.act("employee_join", employee_id=TELLER, outlet_id=OUTLET)
    day.act("grant", employee_id=TELLER, qualification_id=LICENCE)
    preparation(day)
    sitting = {"session_id": SESSION, "counter_id": COUNTER, "outlet_id": OUTLET, "employee_id": TELLER}
    topic = "ticketing.counters.v1"
    day.tell("ticketing.counter_session.opened.v1", topic, SESSION, 1, 3, **sitting, opened_at=text(at(3)))
    day.rows("ticketing", "counter_sessions").append(
        {"id": SESSION, "version": 1, **sitting, "opened_at": at(3), "closed_at": None}
    )
    day.act("session_open", **sitting)


def preparation(day: Day) -> None:
    """What the teller has learnt: a course, one that he did not attend, and since when he sells."""
    topic, about = "staffing.employees.v1", {"employee_id": TELLER}
    course = {"kind": "wealth", "minutes": 1200}
    completed_on = DAY.replace(month=10, day=1)
    lessons: list[tuple[str, dict[str, Any]]] = []
    for training in (TRAINING, FALSE_TRAINING):
        held = {"training_id": training, **course, "completed_on": str(completed_on)}
        lessons.append(("training.recorded", {"change": "trained", **held}))
        row = {"id": training, "employee_id": TELLER, **course, "completed_on": completed_on}
        day.rows("staffing", "trainings").append(row)
        day.act("train", employee_id=TELLER, training_id=training)
    lessons.append(("training.annulled", {"change": "training_annulled", "training_id": FALSE_TRAINING}))
    day.rows("staffing", "training_annulments").append({"training_id": FALSE_TRAINING})
    since = DAY.replace(year=2024)
    lessons.append(("experience.recorded", {"change": "experienced", "selling_since": str(since)}))
    day.rows("staffing", "selling_experiences").append(
        {"id": EXPERIENCE, "employee_id": TELLER, "selling_since": since}
    )
    day.act("experience", employee_id=TELLER, experience_id=EXPERIENCE)
    for version, (what, change) in enumerate(lessons, start=3):
        told = {name: value for name, value in change.items() if name != "change"}
        day.tell(f"staffing.{what}.v1", topic, TELLER, version, 2, **about, **told)
        day.rows("compliance", "seller_lessons").append(
            {"seller_id": TELLER, "sequence": version, "change": change}
        )


def tickets(day: Day) -> None:
    """Five tickets: two completed (the second last of all), one of each other end."""
    for serial, end in enumerate(TICKETS, start=1):
        issue(day, serial, end)
    for serial, end in enumerate(TICKETS, start=1):
        serve(day, serial, end)
    day.rows("ticketing", "number_series").append(
        {
            "queue_id": QUEUE,
            "business_date": DAY,
            "outlet_id": OUTLET,
            "issued": len(TICKETS),
            "closed": True,
        }
    )
    day.act("day_close", outlet_id=OUTLET, business_date=str(DAY))


def about(serial: int) -> dict[str, Any]:
    """What every fact of a ticket says."""
    return {
        "ticket_id": f"ticket-{serial}",
        "outlet_id": OUTLET,
        "business_date": str(DAY),
        "number": f"A{serial:03d}",
        "queue_id": QUEUE,
        "service_code": "cash",
        "channel": "kiosk",
        "visitor": None,
    }


def issue(day: Day, serial: int, end: str) -> None:
    ticket = f"ticket-{serial}"
    day.tell("ticketing.ticket.issued.v1", "ticketing.tickets.v1", ticket, 1, 10, **about(serial))
    served = end in {"completed", "no_show"}
    day.rows("ticketing", "tickets").append(
        {
            "id": ticket,
            "version": {"completed": 4, "no_show": 3}.get(end, 2),
            **{name: value for name, value in about(serial).items() if name != "ticket_id"},
            "business_date": DAY,
            "serial": serial,
            "state": end,
            "counter_id": COUNTER if served else None,
            "employee_id": TELLER if served else None,
            "ended_at": at(40),
        }
    )
    seen = ("ticket_id", "number", "queue_id", "outlet_id", "business_date")
    day.act("issue", **{name: about(serial)[name] for name in seen})


def serve(day: Day, serial: int, end: str) -> None:
    ticket, minutes = f"ticket-{serial}", 20 + serial
    hand = {"counter_id": COUNTER, "employee_id": TELLER}

    def step(what: str, version: int, **data: Any) -> None:
        type_, topic = f"ticketing.ticket.{what}.v1", "ticketing.tickets.v1"
        day.tell(type_, topic, ticket, version, minutes, **about(serial), **data)

    if end in {"cancelled", "expired"}:
        step(end, 2)
    else:
        step("called", 2, **hand, attempt=1)
        day.act("call", **about(serial), **hand)
    if end == "cancelled":
        day.act("cancel", ticket_id=ticket, outlet_id=OUTLET)
    if end == "no_show":
        step("no_show", 3, **hand, attempt=1)
        day.act("no_show", ticket_id=ticket, outlet_id=OUTLET)
    if end == "completed":
        times = {"started_at": text(at(minutes)), "completed_at": text(at(minutes + 0.5))}
        step("started", 3, **hand, started_at=times["started_at"])
        step("completed", 4, **hand, **times)
        day.act("start", ticket_id=ticket, outlet_id=OUTLET)
        day.act("complete", ticket_id=ticket, outlet_id=OUTLET)
        counted = {"ticket_id": ticket, "outlet_id": OUTLET, "business_date": DAY, "employee_id": TELLER}
        day.rows("staffing", "served_tickets").append({**counted, "service_seconds": 30})
        day.rows("feedback", "evaluations").append(
            {
                "id": f"evaluation-{serial}",
                "version": 1,
                **counted,
                "service_code": "cash",
                "counter_id": COUNTER,
                "visitor": None,
                "status": "offered",
            }
        )


def evaluation(day: Day) -> None:
    row = day.row("feedback", "evaluations")
    row.update(status="submitted", version=2)
    rated = {"evaluation_id": row["id"], "score": 5}
    day.rows("feedback", "evaluation_answers").append(rated)
    topic = "feedback.evaluations.v1"
    day.tell("feedback.evaluation.submitted.v1", topic, row["id"], 2, 50, **rated, ticket_id="ticket-1")
    day.act("evaluation", evaluation_id=row["id"], ticket_id="ticket-1", request={"score": 5})


def complaint(day: Day) -> None:
    """Received, decided, settled; about the sale."""
    due_on, due_at = deadline(at(60))
    told = {
        "complaint_id": COMPLAINT,
        "reference": "TS-2026-0001-000001",
        "outlet_id": OUTLET,
        "sale_id": SALE,
    }
    topic = "feedback.complaints.v1"
    type_ = "feedback.complaint.{}.v1"
    day.tell(type_.format("opened"), topic, COMPLAINT, 1, 60, **told, due_on=str(due_on))
    day.tell(type_.format("decided"), topic, COMPLAINT, 2, 61, complaint_id=COMPLAINT, sale_id=SALE)
    ended = {"complaint_id": COMPLAINT, "sale_id": SALE, "settled_at": text(at(62))}
    day.tell(type_.format("settled"), topic, COMPLAINT, 3, 62, **ended)
    day.rows("feedback", "complaints").append(
        {
            "id": COMPLAINT,
            "version": 3,
            **{name: value for name, value in told.items() if name != "complaint_id"},
            "received_at": at(60),
            "due_on": due_on,
            "due_at": due_at,
            "status": "settled",
        }
    )
    for version, kind in ((2, "decided"), (3, "settled")):
        day.rows("feedback", "complaint_steps").append(
            {"complaint_id": COMPLAINT, "kind": kind, "version": version}
        )
    day.rows("feedback", "complaint_series").append({"outlet_id": OUTLET, "year": 2026, "last_number": 1})
    day.act("complaint_open", **told)
    day.act("complaint_decide", **told)
    day.act("complaint_settle", **told)
