"""A counter window, and the session of the employee who serves at it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Conflict, Invalid
from ticketing.counters.events import CounterSessionClosed, CounterSessionOpened

QUEUES_MAX = 50


class LabelTaken(Conflict):
    """A label belongs to one counter of an outlet."""

    code = "COUNTER_LABEL_TAKEN"
    zh = "本网点已有名为 {taken} 的柜台;请换一个名称。"
    en = "The outlet has a counter {taken} already; choose another label."


class CounterServesNothing(Invalid):
    """A counter calls from at least one queue."""

    code = "COUNTER_SERVES_NOTHING"
    zh = "柜台至少须服务一个队列,最多 {limit} 个;请更正队列编号。"
    en = "A counter calls from one to {limit} queues; correct the list of ids."


class QueueUnknown(Invalid):
    """A counter calls from queues of its own outlet."""

    code = "QUEUE_UNKNOWN"
    zh = "本网点没有队列 {unknown};请核对队列编号。"
    en = "The outlet has no queue {unknown}; check the id."


class CounterInUse(Conflict):
    """One employee at a time."""

    code = "COUNTER_IN_USE"
    zh = "该柜台已有柜员在岗;请先关闭其服务时段。"
    en = "Somebody serves at this counter; close that session first."


class EmployeeAtOtherCounter(Conflict):
    """One counter at a time."""

    code = "EMPLOYEE_AT_OTHER_COUNTER"
    zh = "该柜员已在其他柜台在岗;请先关闭那里的服务时段。"
    en = "The employee serves at another counter; close that session first."


class CounterClosed(Conflict):
    """Only an employee at the counter can call."""

    code = "COUNTER_CLOSED"
    zh = "该柜台无人在岗;请先开启服务时段再叫号。"
    en = "Nobody serves at this counter; open a session first."


class SessionIsClosed(Conflict):
    """A session ends once."""

    code = "SESSION_CLOSED"
    zh = "该服务时段已经结束;请开启新的服务时段。"
    en = "The session has ended already; open a new one."


@dataclass
class CounterWindow:
    """A counter of an outlet, and the queues that it calls from."""

    id: UUID
    version: int
    outlet_id: UUID
    label: str
    queue_ids: frozenset[UUID]

    def __post_init__(self) -> None:
        _check_queues(self.queue_ids)

    def change(self, *, label: str, queue_ids: frozenset[UUID]) -> None:
        """Replaces what describes the counter. Raises :class:`CounterServesNothing`."""
        _check_queues(queue_ids)
        self.label, self.queue_ids = label, queue_ids
        self.version += 1


@dataclass
class CounterSession:
    """An employee's time at a counter: open, then closed. Whatever is called belongs to who sits there."""

    id: UUID
    version: int
    counter_id: UUID
    outlet_id: UUID
    employee_id: UUID
    opened_at: datetime
    closed_at: datetime | None

    @classmethod
    def open(
        cls, session_id: UUID, counter: CounterWindow, employee_id: UUID, *, at: datetime
    ) -> tuple["CounterSession", CounterSessionOpened]:
        """The employee sits down at the counter."""
        session = cls(session_id, 1, counter.id, counter.outlet_id, employee_id, at, None)
        fact = CounterSessionOpened(
            version=1,
            occurred_at=at,
            session_id=session_id,
            counter_id=counter.id,
            outlet_id=counter.outlet_id,
            employee_id=employee_id,
            opened_at=at,
        )
        return session, fact

    def close(self, *, at: datetime) -> CounterSessionClosed:
        """The employee leaves the counter. Raises :class:`SessionIsClosed`."""
        self.must_be_open()
        self.closed_at = at
        self.version += 1
        return CounterSessionClosed(
            version=self.version,
            occurred_at=at,
            session_id=self.id,
            counter_id=self.counter_id,
            outlet_id=self.outlet_id,
            employee_id=self.employee_id,
            opened_at=self.opened_at,
            closed_at=at,
        )

    def must_be_open(self) -> None:
        """Raises :class:`SessionIsClosed`."""
        if self.closed_at is not None:
            raise SessionIsClosed


def check_queues_known(wanted: frozenset[UUID], known: frozenset[UUID]) -> None:
    """Raises :class:`QueueUnknown` for the first queue that the outlet does not have."""
    for queue_id in sorted(wanted - known):
        raise QueueUnknown(unknown=queue_id, pointer="/queue_ids")


def _check_queues(queue_ids: frozenset[UUID]) -> None:
    if not 1 <= len(queue_ids) <= QUEUES_MAX:
        raise CounterServesNothing(limit=QUEUES_MAX, pointer="/queue_ids")
