"""Effects: each fact changed each of its consumers once."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from deploy.books.model import Books, Check, Findings

COMPLETED = "ticketing.ticket.completed.v1"
SALE_LOGGED = "compliance.sale.logged.v1"
TICKETS = "ticketing.tickets.v1"

OUTLETS = frozenset(f"staffing.outlet.{what}.v1" for what in ("opened", "changed", "closed"))
EMPLOYEES = frozenset(f"staffing.employee.{what}.v1" for what in ("joined", "changed", "left"))
QUALIFICATIONS = frozenset(
    f"staffing.qualification.{what}.v1" for what in ("granted", "revoked", "suspended", "reinstated")
)
PREPARATION = frozenset(
    f"staffing.{what}.v1" for what in ("training.recorded", "training.annulled", "experience.recorded")
)
COMPLAINTS = frozenset(f"feedback.complaint.{what}.v1" for what in ("opened", "settled", "withdrawn"))
ALERTS = frozenset(f"compliance.conduct.alert_{what}.v1" for what in ("raised", "cleared"))
OBSERVATIONS = frozenset(
    f"corebanking.conduct.{what}.v1" for what in ("product_named", "purchase_made", "transfers_observed")
)
CUSTOMERS = frozenset({"crm.customer.checked.v1"})
ORDERS = frozenset(f"corebanking.order.{what}.v1" for what in ("placed", "confirmed", "cancelled"))
CONTRACTS = frozenset(f"corebanking.contract.{what}.v1" for what in ("paid_out", "ended"))

#: Who takes which facts, as the design says it; not read from the services.
CONSUMED: Mapping[str, frozenset[str]] = {
    "ticketing": OUTLETS,
    "feedback": OUTLETS | {COMPLETED, SALE_LOGGED},
    "staffing": frozenset({COMPLETED}) | ALERTS,
    "compliance": OUTLETS
    | EMPLOYEES
    | QUALIFICATIONS
    | PREPARATION
    | COMPLAINTS
    | CONTRACTS
    | ORDERS
    | CUSTOMERS
    | OBSERVATIONS,
}


def inbox_is_what_was_told(books: Books, found: Findings) -> int:
    """N1: each consumer has taken each fact that it subscribes to, once, and nothing else."""
    examined = 0
    for service, types in CONSUMED.items():
        told = {(fact.source, fact.id): fact for fact in books.of_type(*sorted(types))}
        taken = books.databases[service].inbox
        examined += len(told)
        for identity in sorted(told.keys() - taken):
            fact = told[identity]
            found.add(f"{service} {fact.type} {fact.key} version {fact.sequence}", "told, not taken")
        if not {fact.topic for fact in told.values()} & books.trimmed:
            for source, id_ in sorted(taken - told.keys()):
                found.add(f"{service} {source} {id_}", "taken, though no topic has it")
    return examined


def completed_tickets_are_offered(books: Books, found: Findings) -> int:
    """I3: each completed ticket has exactly one offer of an evaluation, same employee and counter."""
    told = {fact.data["ticket_id"]: fact for fact in books.of_type(COMPLETED)}
    offers = defaultdict(list)
    for row in books.rows("feedback", "evaluations"):
        offers[row["ticket_id"]].append(row)
    if TICKETS not in books.trimmed:
        found.expect_same(
            told, offers, lost="completed, no evaluation offered", stray="offered, not completed"
        )
    for ticket, rows in offers.items():
        if len(rows) > 1:
            found.add(ticket, f"offered {len(rows)} times")
        if fact := told.get(ticket):
            for name in (
                "outlet_id",
                "business_date",
                "service_code",
                "employee_id",
                "counter_id",
                "visitor",
            ):
                found.expect_equal(ticket, _text(rows[0][name]), fact.data[name], f"{name}, offer and fact")
    return len(told)


def workload_is_what_was_served(books: Books, found: Findings) -> int:
    """I3: staffing counts, per employee and date, exactly the completed tickets and their seconds."""
    tickets: Counter[tuple[str, str, str]] = Counter()
    seconds: Counter[tuple[str, str, str]] = Counter()
    for fact in books.of_type(COMPLETED):
        group = (fact.data["employee_id"], fact.data["business_date"], fact.data["outlet_id"])
        tickets[group] += 1
        seconds[group] += _seconds(fact.data["started_at"], fact.data["completed_at"])
    counted: Counter[tuple[str, str, str]] = Counter()
    counted_seconds: Counter[tuple[str, str, str]] = Counter()
    for row in books.rows("staffing", "served_tickets"):
        group = (row["employee_id"], str(row["business_date"]), row["outlet_id"])
        counted[group] += 1
        counted_seconds[group] += row["service_seconds"]
    if TICKETS in books.trimmed:
        return 0
    for group in sorted(tickets.keys() | counted.keys()):
        found.expect_equal(" ".join(group), counted[group], tickets[group], "tickets counted and completed")
        found.expect_equal(
            " ".join(group), counted_seconds[group], seconds[group], "seconds counted and completed"
        )
    return sum(tickets.values())


def logged_sales_are_known_to_feedback(books: Books, found: Findings) -> int:
    """I3: feedback's register of sales is the set of sales that were told as logged."""
    told = {fact.data["sale_id"]: fact.data for fact in books.of_type(SALE_LOGGED)}
    known = {row["id"]: row for row in books.rows("feedback", "sales")}
    if "compliance.sales.v1" not in books.trimmed:
        found.expect_same(told, known, lost="logged, unknown to feedback", stray="in feedback, never logged")
    for sale, row in known.items():
        if data := told.get(sale):
            for name in ("outlet_id", "seller_id", "product_id"):
                found.expect_equal(sale, row[name], data[name], f"{name}, register and fact")
    return len(told)


def _seconds(started_at: str, completed_at: str) -> int:
    served = datetime.fromisoformat(completed_at) - datetime.fromisoformat(started_at)
    return max(0, int(served.total_seconds()))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


CHECKS: tuple[Check, ...] = (
    inbox_is_what_was_told,
    completed_tickets_are_offered,
    workload_is_what_was_served,
    logged_sales_are_known_to_feedback,
)
