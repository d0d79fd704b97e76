"""The ticket's state machine against an oracle of another kind: a regular expression over its whole life."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.events import Fact
from ticketing.tickets.domain import IN_HAND, STEPS, Channel, Step, StepNotPossible, Ticket, TicketState
from ticketing.tickets.events import TicketCompleted

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
COUNTER, EMPLOYEE = UUID(int=7), UUID(int=8)

#: One letter a step. A life: called, called again and again, then served or given up; or never called.
LETTERS = {
    Step.CALL: "C",
    Step.RECALL: "R",
    Step.START: "S",
    Step.NO_SHOW: "N",
    Step.COMPLETE: "D",
    Step.CANCEL: "X",
    Step.EXPIRE: "E",
}
LIFE = re.compile(r"(X|E|C(R*(N|S(D)?)?)?)?")
ENDS = {"": "waiting", "C": "called", "R": "called", "S": "serving", "D": "completed", "N": "no_show"}
ENDS |= {"X": "cancelled", "E": "expired"}


def waiting() -> Ticket:
    return Ticket(
        id=UUID(int=1),
        version=1,
        outlet_id=UUID(int=2),
        business_date=date(2026, 3, 2),
        queue_id=UUID(int=3),
        serial=1,
        number="A001",
        service_code="cash",
        channel=Channel.KIOSK,
        visitor=None,
        state=TicketState.WAITING,
        issued_at=START,
        counter_id=None,
        employee_id=None,
        attempt=0,
        called_at=None,
        started_at=None,
        ended_at=None,
    )


def take(ticket: Ticket, step: Step, at: datetime) -> Fact:
    if step is Step.CALL:
        return ticket.call(counter_id=COUNTER, employee_id=EMPLOYEE, at=at)
    methods: dict[Step, Callable[..., Fact]] = {
        Step.RECALL: ticket.recall,
        Step.START: ticket.start,
        Step.NO_SHOW: ticket.no_show,
        Step.COMPLETE: ticket.complete,
        Step.CANCEL: ticket.cancel,
        Step.EXPIRE: ticket.expire,
    }
    return methods[step](at=at)


@given(st.lists(st.sampled_from(Step), max_size=12))
def test_life_is_what_the_oracle_allows(steps: list[Step]) -> None:
    ticket, life, at = waiting(), "", START
    for step in steps:
        at += timedelta(seconds=1)
        wanted = life + LETTERS[step]
        if LIFE.fullmatch(wanted) is None:
            before = dict(vars(ticket))
            with pytest.raises(StepNotPossible):
                take(ticket, step, at)
            assert vars(ticket) == before
            continue
        fact, life = take(ticket, step, at), wanted
        assert fact.version == ticket.version == len(life) + 1
        assert fact.occurred_at == at
        assert fact.key == str(ticket.id)
    assert ticket.state == ENDS[life[-1:]]
    assert ticket.attempt == life.count("C") + life.count("R")
    assert (ticket.counter_id is None) == ("C" not in life)
    assert (ticket.ended_at is None) == (ticket.state in IN_HAND | {TicketState.WAITING})


def test_every_step_has_a_fact_of_its_own() -> None:
    seen = set()
    for steps in (["call", "recall", "start", "complete"], ["call", "no_show"], ["cancel"], ["expire"]):
        ticket = waiting()
        seen |= {take(ticket, Step(step), START).type for step in steps}
    assert len(seen) == len(Step)


def test_final_states_lead_nowhere() -> None:
    final = {state for state, steps in STEPS.items() if not steps}
    assert final == {"completed", "no_show", "cancelled", "expired"}
    assert set(STEPS) == set(TicketState)


def test_completed_fact_says_who_served_whom_and_how_long() -> None:
    ticket = waiting()
    take(ticket, Step.CALL, START)
    take(ticket, Step.START, START + timedelta(minutes=1))
    fact = take(ticket, Step.COMPLETE, START + timedelta(minutes=9))
    assert isinstance(fact, TicketCompleted)
    assert (fact.counter_id, fact.employee_id) == (COUNTER, EMPLOYEE)
    assert fact.completed_at - fact.started_at == timedelta(minutes=8)


def test_refusal_says_what_is_possible() -> None:
    ticket = waiting()
    take(ticket, Step.CALL, START)
    with pytest.raises(StepNotPossible) as refusal:
        ticket.cancel(at=START)
    assert "recall, start, no_show" in refusal.value.messages["en"]
    assert "已叫号" in refusal.value.messages["zh-CN"]
