"""The life of a complaint against a model: every order of transitions, at every moment."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chassis.errors import ServiceError
from chassis.events import Fact
from feedback.complaints.deadlines import Period, Regime
from feedback.complaints.domain import (
    Channel,
    Complaint,
    ComplaintAlreadyDecided,
    ComplaintEnded,
    ComplaintStatus,
    ComplaintUndecided,
    Outcome,
    StepKind,
    ToldVia,
)
from feedback.complaints.events import ComplaintDecided, ComplaintEscalated, ComplaintOverdue

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
REGIME = Regime(
    id="T",
    effective_from=START.date(),
    effective_to=None,
    decide_within=Period(days=15),
    warn_days=3,
    citation="-",
    confirmed_by=None,
)

#: What each transition needs, what it makes, and what it says otherwise.
MODEL: dict[str, tuple[set[str], str]] = {
    "decide": ({"opened"}, "decided"),
    "settle": ({"decided"}, "settled"),
    "withdraw": ({"opened", "decided"}, "withdrawn"),
}


def expected_refusal(name: str, status: str) -> type[ServiceError] | None:
    if status in MODEL[name][0]:
        return None
    if status in ("settled", "withdrawn"):
        return ComplaintEnded
    return ComplaintAlreadyDecided if name == "decide" else ComplaintUndecided


class Life(RuleBasedStateMachine):
    """One complaint and its clock; ``status`` and ``noted`` are the model."""

    @initialize()
    def receive(self) -> None:
        self.now = START
        self.complaint, fact = Complaint.open(
            UUID(int=1),
            reference="TS-2026-0001-000001",
            outlet_id=UUID(int=2),
            sale_id=UUID(int=3),
            complainant="party-1",
            channel=Channel.OUTLET,
            category="-",
            summary="-",
            received_at=START,
            opened_by="handler-1",
            first_contact_owner="handler-1",
            deadline=REGIME.deadline(START),
            at=START,
        )
        self.facts: list[Fact] = [fact]
        self.status = "opened"
        self.noted: set[StepKind] = set()

    @rule(hours=st.integers(1, 150))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def watch(self) -> None:
        facts = self.complaint.watch(self.now)
        due: list[type[Fact]] = []
        if self.status == "opened":
            if self.now >= datetime(2026, 3, 13, 16, tzinfo=UTC) and StepKind.ESCALATED not in self.noted:
                due.append(ComplaintEscalated)
                self.noted.add(StepKind.ESCALATED)
            if self.now >= datetime(2026, 3, 17, 16, tzinfo=UTC) and StepKind.OVERDUE not in self.noted:
                due.append(ComplaintOverdue)
                self.noted.add(StepKind.OVERDUE)
        assert [type(fact) for fact in facts] == due
        self.facts += facts

    @rule(outcome=st.sampled_from(Outcome), told_via=st.sampled_from(ToldVia))
    def decide(self, outcome: Outcome, told_via: ToldVia) -> None:
        refusal = expected_refusal("decide", self.status)
        if refusal is not None:
            with pytest.raises(refusal):
                self.complaint.decide(
                    outcome=outcome, told_via=told_via, findings="-", by="handler-2", at=self.now
                )
            return
        fact = self.complaint.decide(
            outcome=outcome, told_via=told_via, findings="-", by="handler-2", at=self.now
        )
        assert isinstance(fact, ComplaintDecided)
        assert fact.late == (self.now >= datetime(2026, 3, 17, 16, tzinfo=UTC))
        self.done("decide", fact)

    @rule()
    def settle(self) -> None:
        refusal = expected_refusal("settle", self.status)
        if refusal is None:
            self.done("settle", self.complaint.settle(note="-", by="handler-2", at=self.now))
            return
        with pytest.raises(refusal):
            self.complaint.settle(note="-", by="handler-2", at=self.now)

    @rule()
    def withdraw(self) -> None:
        refusal = expected_refusal("withdraw", self.status)
        if refusal is None:
            self.done("withdraw", self.complaint.withdraw(note=None, by="party-1", at=self.now))
            return
        with pytest.raises(refusal):
            self.complaint.withdraw(note=None, by="party-1", at=self.now)

    def done(self, name: str, fact: Fact) -> None:
        self.status = MODEL[name][1]
        self.facts.append(fact)

    @invariant()
    def follows_the_model(self) -> None:
        complaint = self.complaint
        assert complaint.status is ComplaintStatus(self.status)
        assert [fact.version for fact in self.facts] == list(range(1, complaint.version + 1))
        assert [step.version for step in complaint.steps] == list(range(2, complaint.version + 1))
        kinds = [step.kind for step in complaint.steps]
        assert len(kinds) == len(set(kinds))
        assert complaint.first_contact_owner == "handler-1"
        assert complaint.due_at == datetime(2026, 3, 17, 16, tzinfo=UTC)
        assert (complaint.watch_at is not None) == (
            self.status == "opened" and StepKind.OVERDUE not in self.noted
        )


TestLife = Life.TestCase
