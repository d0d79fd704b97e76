"""Any course of grants, suspensions, reinstatements, revocations and departures, against its plain replay.

The oracle keeps the list of what was accepted and answers by going through it from the start; days are sets
of numbers, Shanghai is UTC plus eight hours. It shares no code with the domain.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chassis.errors import ServiceError
from staffing.employees.domain import Employee, Employer, Post
from staffing.qualifications.domain import QualificationKind

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KINDS = (QualificationKind.WEALTH, QualificationKind.AGENCY_FUND)
#: Where the oracle's sets of days end; no test looks further.
OPEN_END = date(2027, 1, 1)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Entry:
    """One accepted command."""

    verb: str
    at: datetime
    id: int = 0
    kind: str = ""
    days: frozenset[int] = frozenset()
    start: datetime | None = None
    end: datetime | None = None


@dataclass
class Oracle:
    """Everything that was accepted, in order."""

    log: list[Entry] = field(default_factory=list)

    def left(self) -> bool:
        return any(entry.verb == "leave" for entry in self.log)

    def granted(self) -> list[Entry]:
        return [entry for entry in self.log if entry.verb == "grant"]

    def revoked(self, id_: int, at: datetime | None = None) -> bool:
        return any(e.verb == "revoke" and e.id == id_ and (at is None or e.at <= at) for e in self.log)

    def suspension(self, id_: int, at: datetime) -> Entry | None:
        """The last suspension known at the instant, unless it was lifted by then."""
        current = None
        for entry in self.log:
            if entry.id == id_ and entry.at <= at and entry.verb in ("suspend", "reinstate"):
                current = entry if entry.verb == "suspend" else None
        return current

    def stands(self, id_: int, at: datetime) -> bool:
        current = self.suspension(id_, at)
        return current is not None and (current.end is None or at < current.end)

    def holds(self, kind: str, at: datetime) -> bool:
        if any(entry.verb == "leave" and entry.at <= at for entry in self.log):
            return False
        today = (at + timedelta(hours=8)).date().toordinal()
        for entry in self.granted():
            if entry.kind == kind and today in entry.days and not self.revoked(entry.id, at):
                current = self.suspension(entry.id, at)
                begun = current is not None and current.start is not None and current.start <= at
                if not (begun and self.stands(entry.id, at)):
                    return True
        return False

    def why_not_grant(self, kind: str, days: frozenset[int], now: datetime) -> str | None:
        if self.left():
            return "EMPLOYEE_LEFT"
        if not days:
            return "VALIDITY_INVALID"
        for other in self.granted():
            if other.kind == kind and not self.revoked(other.id):
                if other.days & days:
                    return "QUALIFICATION_OVERLAPS"
                if self.stands(other.id, now):
                    return "QUALIFICATION_SUSPENDED"
        return None

    def why_not_change(self, id_: int) -> str | None:
        if self.left():
            return "EMPLOYEE_LEFT"
        if id_ not in {entry.id for entry in self.granted()}:
            return "QUALIFICATION_NOT_FOUND"
        return "QUALIFICATION_REVOKED" if self.revoked(id_) else None


picks = st.integers(0, 20)
#: What ends a course is drawn seldom, so that courses become long.
seldom = st.sampled_from((False, False, False, True))
hardly_ever = st.sampled_from((False,) * 49 + (True,))
steps = st.timedeltas(timedelta(0), timedelta(days=2))


class Lifecycle(RuleBasedStateMachine):
    """One employee; small numbers, so that commands meet one another."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.oracle = Oracle()
        self.count = 0
        self.employee, joined = Employee.join(
            UUID(int=1),
            staff_number="100001",
            outlet_id=UUID(int=2),
            subject="seller-1",
            employer=Employer.BANK,
            posts=(Post.WEALTH_MANAGER,),
            at=START,
        )
        assert joined.version == 1

    def judge(self, expected: str | None, entry: Entry, command: str, *args: UUID, **kwargs: object) -> None:
        """Runs the command: refused as the oracle says, or accepted as one version with one fact."""
        before = self.employee.version
        execute = partial(getattr(self.employee, command), *args, **kwargs, at=self.now)
        if expected is not None:
            with pytest.raises(ServiceError) as refused:
                execute()
            assert refused.value.code == expected
            assert self.employee.version == before
            return
        fact = execute()
        assert (fact.version, fact.occurred_at, fact.employee_id) == (before + 1, self.now, UUID(int=1))
        assert self.employee.version == fact.version
        self.oracle.log.append(entry)

    def picked(self, pick: int) -> int:
        """One of the qualifications granted, or seldom one that nobody has."""
        known = [entry.id for entry in self.oracle.granted()]
        return 0 if pick == 20 or not known else known[pick % len(known)]

    @initialize(kind=st.sampled_from(KINDS), length=st.none() | st.integers(4, 60))
    def begin(self, kind: QualificationKind, length: int | None) -> None:
        self.grant(kind, 0, length)

    @rule(step=steps)
    def time_passes(self, step: timedelta) -> None:
        self.now += step

    @rule(kind=st.sampled_from(KINDS), start=st.integers(-3, 4), length=st.none() | st.integers(-1, 4))
    def grant(self, kind: QualificationKind, start: int, length: int | None) -> None:
        valid_from = (self.now + timedelta(days=start)).date()
        valid_to = None if length is None else valid_from + timedelta(days=length)
        last = OPEN_END if valid_to is None else valid_to
        days = frozenset(range(valid_from.toordinal(), last.toordinal() + 1))
        self.count += 1
        entry = Entry("grant", self.now, self.count, kind.value, days)
        expected = self.oracle.why_not_grant(kind.value, days, self.now)
        values = {"kind": kind, "valid_from": valid_from, "valid_to": valid_to}
        self.judge(expected, entry, "grant", UUID(int=self.count), **values)

    @rule(pick=picks, really=seldom)
    def revoke(self, pick: int, really: bool) -> None:
        number = self.picked(pick)
        if not really:
            return
        entry = Entry("revoke", self.now, number)
        self.judge(self.oracle.why_not_change(number), entry, "revoke", UUID(int=number), reason="x")

    @rule(
        pick=picks, wait=st.sampled_from((0, 0, 0, 1, 24, -1)), hours=st.sampled_from((None, None, 1, 30, 0))
    )
    def suspend(self, pick: int, wait: int, hours: int | None) -> None:
        number = self.picked(pick)
        start = self.now + timedelta(hours=wait)
        end = None if hours is None else start + timedelta(hours=hours)
        expected = self.oracle.why_not_change(number)
        if expected is None and self.oracle.stands(number, self.now):
            expected = "QUALIFICATION_SUSPENDED"
        if expected is None and (wait < 0 or hours == 0):
            expected = "SUSPENSION_INVALID"
        entry = Entry("suspend", self.now, number, start=start, end=end)
        values = {"suspended_from": start, "suspended_until": end, "reason": "x"}
        self.judge(expected, entry, "suspend", UUID(int=number), **values)

    @rule(pick=picks)
    def reinstate(self, pick: int) -> None:
        number = self.picked(pick)
        expected = self.oracle.why_not_change(number)
        if expected is None and not self.oracle.stands(number, self.now):
            expected = "QUALIFICATION_NOT_SUSPENDED"
        self.judge(expected, Entry("reinstate", self.now, number), "reinstate", UUID(int=number))

    @rule(pick=picks, before=steps, during=steps)
    def come_back(self, pick: int, before: timedelta, during: timedelta) -> None:
        """A whole suspension at once: alone, its parts would meet too seldom."""
        self.time_passes(before)
        self.suspend(pick, 0, None)
        self.time_passes(during)
        self.reinstate(pick)

    @rule(really=hardly_ever)
    def leave(self, really: bool) -> None:
        if not really:
            return
        expected = "EMPLOYEE_LEFT" if self.oracle.left() else None
        self.judge(expected, Entry("leave", self.now), "leave")

    @invariant()
    def holds_what_the_replay_says(self) -> None:
        """At every instant where something may change, on both sides of it, past and future."""
        edges = {self.now}
        for entry in self.oracle.log:
            edges |= {edge for edge in (entry.at, entry.start, entry.end) if edge is not None}
            for ordinal in (min(entry.days), max(entry.days) + 1) if entry.days else ():
                midnight = datetime.combine(date.fromordinal(ordinal), datetime.min.time(), UTC)
                edges.add(midnight - timedelta(hours=8))
        moments = {moment for edge in edges for moment in (edge - TICK, edge, edge + TICK)}
        for at in (moment for moment in moments if moment.date() < OPEN_END):
            for kind in KINDS:
                assert self.employee.holds(kind, at) == self.oracle.holds(kind.value, at), (kind, at)

    @invariant()
    def every_command_is_one_version(self) -> None:
        assert self.employee.version == 1 + len(self.oracle.log)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
