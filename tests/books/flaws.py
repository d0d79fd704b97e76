"""Flaws, each of which changes one side of the played day."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from deploy.books.canonical import digest
from deploy.books.model import StoredObject
from tests.books import branch, gate, ordering
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


def forgotten(place: int, name: str) -> Plant:
    """A decision was written without a fact that its rules ask for, with a digest that fits."""

    def plant(day: Day) -> None:
        redecided(place)(day)
        del day.row("compliance", "decisions", place)["decision"]["inputs"][name]
        redecided(place)(day)

    return plant


def redecided(place: int, **inputs: Any) -> Plant:
    """A decision was written on other inputs, with a digest that fits, in the facts too."""

    def plant(day: Day) -> None:
        row = day.row("compliance", "decisions", place)
        row["decision"] = copy.deepcopy(row["decision"])
        row["decision"]["inputs"].update(inputs)
        row["digest"] = digest(row["decision"])
        for type_ in (
            "compliance.sale.logged.v1",
            "compliance.sale.refused.v1",
            "compliance.transaction.logged.v1",
        ):
            for fact in day.both(type_):
                if fact["data"]["decision_id"] == row["id"]:
                    fact["data"]["decision"] = row["digest"]

    return plant


def failed(place: int, rule: str, code: str, reason: str | None = None) -> Plant:
    """A decision says that a rule has failed, with a digest that fits."""

    def plant(day: Day) -> None:
        redecided(place)(day)
        for outcome in day.row("compliance", "decisions", place)["decision"]["outcomes"]:
            if outcome["rule"] == rule:
                outcome.update(state="failed", findings=[{"code": code, "reason": reason}])
        redecided(place)(day)

    return plant


def resigned(**content: Any) -> Plant:
    """A permit says something else in row and fact, and was signed anew."""
    return retold(ordering.token(**content))


def retold(token: str) -> Plant:
    """A permit has another token in row and fact."""
    return both_plants(
        change("compliance", "permits", token=token), alter("compliance.permit.issued.v1", token=token)
    )


def forged_sale(day: Day) -> None:
    """A sale was inserted by plain SQL, with an invented passing decision, a case and its keeping."""
    decision = copy.deepcopy(day.row("compliance", "decisions"))
    day.rows("compliance", "decisions").append({**decision, "id": "decision-forged"})
    day.rows("compliance", "cases")[1].update(sale_id="sale-forged", state="LOGGED")
    forged = {"id": "sale-forged", "decision_id": "decision-forged", "case_id": gate.REFUSED_CASE}
    day.rows("compliance", "sales").append({**day.row("compliance", "sales"), **forged})
    kept = day.row("compliance", "retention_sales")
    day.rows("compliance", "retention_sales").append({**kept, "sale_id": "sale-forged"})


def unseen_rule(day: Day) -> None:
    """A seller was shown one of two broken rules."""
    day.acted("sale", 1)["violations"].pop()


def uncited_rule(day: Day) -> None:
    """A seller was shown a broken rule without its source."""
    day.acted("sale", 1)["violations"][0]["citation"] = ""


def both_plants(*plants: Plant) -> Plant:
    """Several changes that are one flaw."""

    def plant(day: Day) -> None:
        for one in plants:
            one(day)

    return plant
