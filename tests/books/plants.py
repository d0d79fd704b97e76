"""Imbalances to plant into the played day: for each check, what it alone must find.

A plant changes one side. Where one flaw is visible from several sides, those that see it are named.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from deploy.books.model import StoredObject
from tests.books import branch, gate
from tests.books.day import Day, at

Plant = Callable[[Day], Any]

TICKETS = "ticketing.tickets.v1"
ISSUED, CALLED = "ticketing.ticket.issued.v1", "ticketing.ticket.called.v1"
COMPLETED, CANCELLED = "ticketing.ticket.completed.v1", "ticketing.ticket.cancelled.v1"
OPENED = "feedback.complaint.opened.v1"


def change(service: str, table: str, place: int = 0, /, **values: Any) -> Plant:
    """A row was changed."""
    return lambda day: day.row(service, table, place).update(values)


def remove(service: str, table: str, place: int = 0) -> Plant:
    """A row has gone."""
    return lambda day: day.rows(service, table).pop(place)


def double(service: str, table: str, place: int = 0, /, **values: Any) -> Plant:
    """A row stands twice, or a second one beside it."""
    return lambda day: day.rows(service, table).append({**day.row(service, table, place), **values})


def alter(type_: str, number: int = 0, **values: Any) -> Plant:
    """A fact was told and archived otherwise than the row says."""

    def plant(day: Day) -> None:
        for fact in day.both(type_, number):
            fact["data"].update(values)

    return plant


def alter_act(op: str, place: int = 0, /, **ids: str) -> Plant:
    """A client saw something else."""
    return lambda day: day.acted(op, place)["ids"].update(ids)


def forget_act(op: str, number: int = 0) -> Plant:
    """No client asked for it."""
    return lambda day: day.acts.remove(day.acted(op, number))


def unsend(type_: str, number: int = 0) -> Plant:
    """A fact is on no topic, though everybody took it."""

    def plant(day: Day) -> None:
        fact = day.told(type_, number)
        day.topics[fact["topic"]].remove(fact)

    return plant


def stray(type_: str, **values: Any) -> Plant:
    """A record stands on a topic that its service never sent."""

    def plant(day: Day) -> None:
        fact = {**day.told(type_), "id": "stray", "key": None, **values}
        day.send(fact)

    return plant


def move(type_: str, partition: int) -> Plant:
    """A fact stands on another partition than the rest of its key."""
    return lambda day: day.told(type_).update(partition=partition)


def swap(topic: str, key: str, first: int, second: int) -> Plant:
    """Two facts of a key stand on the topic in the wrong order."""

    def plant(day: Day) -> None:
        facts = day.topics[topic]
        places = [n for n, fact in enumerate(facts) if fact["key"] == key]
        a, b = places[first], places[second]
        facts[a], facts[b] = facts[b], facts[a]

    return plant


def exchange(type_: str, place: int, other_type: str, other_place: int) -> Plant:
    """Two facts were archived in the other order."""

    def plant(day: Day) -> None:
        for first, second in zip(day.both(type_, place), day.both(other_type, other_place), strict=True):
            first["seq"], second["seq"] = second["seq"], first["seq"]

    return plant


def stranger_called(day: Day) -> None:
    """The counter's session belongs to somebody else."""
    for fact in day.both("ticketing.counter_session.opened.v1"):
        fact["data"]["employee_id"] = "employee-2"


def second_offer(day: Day) -> None:
    """A ticket was offered twice."""
    offer = copy.deepcopy(day.row("feedback", "evaluations", 1))
    day.rows("feedback", "evaluations").append({**offer, "id": "evaluation-9"})


def file_gone(day: Day) -> None:
    """Somebody removed a file of evidence."""
    files = dict(day.objects[branch.RECORDING])
    files.pop(next(iter(files)))
    day.objects[branch.RECORDING] = files


def file_altered(day: Day) -> None:
    """Somebody wrote into a file of evidence."""
    files = dict(day.objects[branch.RECORDING])
    name = next(iter(files))
    files[name] = StoredObject(sha256="0" * 64, size=files[name].size)
    day.objects[branch.RECORDING] = files


def stray_file(day: Day) -> None:
    """A file lies in the evidence that no upload brought."""
    files = dict(day.objects[branch.RECORDING])
    day.objects[branch.RECORDING] = {**files, "f" * 64: StoredObject(sha256="f" * 64, size=1)}


def forged_seal(day: Day) -> None:
    """The manifest in the database was replaced, its digest left."""
    seal = day.row("compliance", "recording_seals")
    seal["manifest_bytes"] = seal["manifest_bytes"].replace(b"visit-1", b"visit-2")


def disposed_under_hold(day: Day) -> None:
    """A disposal was authorised while a matter was open."""
    gate.disposed(day)
    day.rows("compliance", "holds").append(
        {
            "id": "hold-2",
            "recording_id": branch.RECORDING,
            "source": "COURT",
            "matter_id": "court-1",
            "placed_at": at(80),
        }
    )


def disposed_early(day: Day) -> None:
    """A disposal was authorised on the last day itself."""
    gate.disposed(day)
    certificate = day.row("compliance", "disposal_certificates")
    certificate["authorised_at"] -= timedelta(days=1)


def promised_less(day: Day) -> None:
    """The last day was set too early, in row and fact."""
    early = gate.LAST_DAY - timedelta(days=1)
    for number in (0, 2):
        day.row("compliance", "retention_dates", number)["retain_until"] = early
        for fact in day.both("compliance.recording.retention_dated.v1", number):
            fact["data"]["retain_until"] = str(early)


def both_plants(*plants: Plant) -> Plant:
    """Several changes that are one flaw."""

    def plant(day: Day) -> None:
        for one in plants:
            one(day)

    return plant


#: check → flaws that it finds, alone.
ALONE: dict[str, list[Plant]] = {
    "tickets.tickets_as_told": [change("ticketing", "tickets", service_code="gold")],
    "tickets.one_hand_at_a_time": [exchange(COMPLETED, 0, CALLED, 2)],
    "tickets.calls_at_open_counters": [stranger_called],
    "ledger.acknowledged_tickets_exist": [alter_act("issue", queue_id="queue-2")],
    "ledger.acknowledged_steps_stand": [
        alter_act("call", counter_id="counter-2"),
        lambda day: day.act("cancel", ticket_id="ticket-4", outlet_id=branch.OUTLET),
    ],
    "ledger.tickets_are_explained": [forget_act("issue")],
    "ledger.final_states_are_explained": [forget_act("complete"), forget_act("day_close")],
    "ledger.acknowledged_rows_exist": [
        lambda day: day.act("case_open", case_id="case-9"),
        lambda day: day.act("revoke", qualification_id=branch.LICENCE),
    ],
    "ledger.rows_are_explained": [forget_act("grant"), double("compliance", "customers", id="customer-9")],
    "ledger.evaluations_as_seen": [
        lambda day: day.acted("evaluation")["request"].update(score=1),
        forget_act("evaluation"),
    ],
    "ledger.complaints_as_seen": [alter_act("complaint_open", reference="TS-2026-0001-000002")],
    "facts.archive_is_on_topics": [
        unsend("compliance.product.listed.v1"),
        lambda day: day.told(ISSUED)["data"].update(occurred_at="2026-11-02T01:10:01Z"),
    ],
    "facts.topics_are_archived": [stray(ISSUED, type="ticketing.ticket.praised.v1")],
    "facts.one_key_one_partition": [move(ISSUED, -1)],
    "facts.versions_in_order": [swap("compliance.recordings.v1", branch.RECORDING, 0, 1)],
    "facts.archive_order_follows_versions": [exchange(ISSUED, 2, CANCELLED, 0)],
    "facts.last_fact_is_the_row": [change("ticketing", "tickets", version=9)],
    "facts.outbox_is_empty": [lambda day: day.outbox.update(staffing=3)],
    "facts.nothing_is_parked": [
        lambda day: day.parked["feedback"].append({"topic": TICKETS, "key": "ticket-1", "reason": "poison"})
    ],
    "effects.inbox_is_what_was_told": [
        lambda day: day.inbox["staffing"].pop(),
        lambda day: day.inbox["compliance"].add(("/staffing", "nobody told this")),
    ],
    "effects.completed_tickets_are_offered": [remove("feedback", "evaluations", 1), second_offer],
    "effects.workload_is_what_was_served": [
        remove("staffing", "served_tickets"),
        change("staffing", "served_tickets", service_seconds=31),
        double("staffing", "served_tickets"),
    ],
    "registers.ticketing_knows_the_outlets": [change("ticketing", "outlets", cutover_hour=3)],
    "registers.feedback_knows_the_outlets": [change("feedback", "outlets", closed=True)],
    "registers.compliance_knows_the_outlets": [change("compliance", "outlets", sequence=0)],
    "registers.sellers_are_the_employees": [
        change("compliance", "sellers", outlet_id="outlet-2"),
        change("compliance", "sellers", waiting=[{"sequence": 4}]),
    ],
    "registers.sellers_hold_the_qualifications": [change("compliance", "sellers", qualifications=[])],
    "feedback.one_answer_an_offer": [change("feedback", "evaluations", 1, status="submitted")],
    "feedback.references_without_gap": [change("feedback", "complaint_series", last_number=2)],
    "feedback.deadlines_are_lawful": [
        both_plants(
            change("feedback", "complaints", due_on=date(2026, 11, 16)),
            alter(OPENED, due_on="2026-11-16"),
        )
    ],
    "feedback.complaints_as_told": [remove("feedback", "complaint_steps", 0)],
    "recordings.seals_are_whole": [forged_seal],
    "recordings.evidence_is_on_disk": [file_gone, file_altered],
    "recordings.no_stray_evidence": [stray_file],
    "recordings.disposals_are_lawful": [
        both_plants(gate.disposed, lambda day: day.certificates.clear()),
        both_plants(
            gate.disposed, change("compliance", "disposal_attempts", 1, decision={"result": "passed"})
        ),
        both_plants(gate.disposed, remove("compliance", "disposal_attempts", 1)),
        change("compliance", "recordings", state="DISPOSED"),
    ],
    "recordings.refused_disposals_are_told": [alter("compliance.disposal.refused.v1", rules=["REC-07"])],
    "holds.ended_complaints_let_go": [
        change("compliance", "hold_releases", resolved_on=date(2026, 11, 1)),
    ],
    "holds.holds_are_told": [alter("compliance.recording.hold_placed.v1", matter_id="another")],
    "retention.reports_are_what_was_told": [
        lambda day: day.told("corebanking.contract.paid_out.v1")["data"].update(final=False)
    ],
    "retention.reports_are_told": [alter("compliance.report.taken.v1", claimed_on="2026-11-01")],
    "retention.last_days_are_lawful": [promised_less],
    "retention.last_days_are_told": [alter("compliance.recording.retention_dated.v1", retain_until=None)],
    "retention.nothing_went_early": [disposed_early],
}

#: Flaws that cannot but be seen from several sides: the check that is meant, the plant, all that see it.
TOGETHER: list[tuple[str, Plant, set[str]]] = [
    (
        "tickets.final_states_add_up",
        change("ticketing", "tickets", 3, state="waiting"),
        {"tickets.final_states_add_up", "tickets.final_states_were_told"},
    ),
    (
        "tickets.final_states_were_told",
        change("ticketing", "tickets", 3, state="no_show"),
        {"tickets.final_states_were_told"},
    ),
    (
        "tickets.numbers_without_gap",
        change("ticketing", "number_series", issued=6),
        {"tickets.final_states_add_up", "tickets.numbers_without_gap"},
    ),
    (
        "tickets.numbers_without_gap",
        change("ticketing", "tickets", 4, serial=6, number="A006"),
        {"ledger.acknowledged_tickets_exist", "tickets.numbers_without_gap", "tickets.tickets_as_told"},
    ),
    (
        "ledger.numbers_seen_once",
        alter_act("issue", 1, number="A001"),
        {"ledger.acknowledged_tickets_exist", "ledger.numbers_seen_once"},
    ),
    (
        "ledger.acknowledged_tickets_exist",
        lambda day: day.acts.append(
            {
                **day.acted("issue"),
                "ids": {**day.acted("issue")["ids"], "ticket_id": "lost", "number": "A006"},
            }
        ),
        {"ledger.acknowledged_tickets_exist"},
    ),
    (
        "recordings.evidence_is_on_disk",
        lambda day: setattr(day, "has_evidence", False),
        {"recordings.evidence_is_on_disk", "recordings.no_stray_evidence", "recordings.disposals_are_lawful"},
    ),
    (
        "recordings.disposals_are_lawful",
        disposed_under_hold,
        {
            "recordings.disposals_are_lawful",
            "holds.holds_are_told",
            "retention.nothing_went_early",
        },
    ),
    (
        "holds.complaints_hold_recordings",
        remove("compliance", "holds"),
        {"holds.complaints_hold_recordings", "holds.holds_are_told"},
    ),
    (
        "retention.reports_are_what_was_told",
        remove("compliance", "retention_reports"),
        {
            "retention.reports_are_what_was_told",
            "retention.reports_are_told",
            "retention.last_days_are_lawful",
        },
    ),
]


def plants() -> Iterator[tuple[str, Plant, set[str]]]:
    """Every plant: the check that is meant, the plant, the checks that see it."""
    for check, alone in ALONE.items():
        for plant in alone:
            yield check, plant, {check}
    yield from TOGETHER
