"""A ticket and what may become of it.

waiting ──call──► called ──start──► serving ──complete──► completed
   │               │ ▲ └ recall ┘
   ├─cancel─► cancelled │
   └─expire─► expired   └─no_show─► no_show
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.errors import Conflict, Invalid
from ticketing.tickets.events import (
    TicketCalled,
    TicketCancelled,
    TicketCompleted,
    TicketExpired,
    TicketNoShow,
    TicketRecalled,
    TicketStarted,
)


class TicketState(StrEnum):
    """Where a ticket stands; the last four are final."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Channel(StrEnum):
    """How a ticket was taken: at the kiosk, from the lobby manager, by the customer's own device."""

    KIOSK = "kiosk"
    LOBBY_MANAGER = "lobby_manager"
    CUSTOMER = "customer"


class Step(StrEnum):
    """What can be done to a ticket."""

    CALL = "call"
    RECALL = "recall"
    START = "start"
    NO_SHOW = "no_show"
    COMPLETE = "complete"
    CANCEL = "cancel"
    EXPIRE = "expire"


IN_HAND = frozenset({TicketState.CALLED, TicketState.SERVING})

STEPS: dict[TicketState, dict[Step, TicketState]] = {
    TicketState.WAITING: {
        Step.CALL: TicketState.CALLED,
        Step.CANCEL: TicketState.CANCELLED,
        Step.EXPIRE: TicketState.EXPIRED,
    },
    TicketState.CALLED: {
        Step.RECALL: TicketState.CALLED,
        Step.START: TicketState.SERVING,
        Step.NO_SHOW: TicketState.NO_SHOW,
    },
    TicketState.SERVING: {Step.COMPLETE: TicketState.COMPLETED},
    TicketState.COMPLETED: {},
    TicketState.NO_SHOW: {},
    TicketState.CANCELLED: {},
    TicketState.EXPIRED: {},
}

CHINESE: dict[TicketState | Step, str] = {
    TicketState.WAITING: "等候中",
    TicketState.CALLED: "已叫号",
    TicketState.SERVING: "办理中",
    TicketState.COMPLETED: "已办结",
    TicketState.NO_SHOW: "过号",
    TicketState.CANCELLED: "已取消",
    TicketState.EXPIRED: "已过期",
    Step.CALL: "叫号",
    Step.RECALL: "重呼",
    Step.START: "开始办理",
    Step.NO_SHOW: "过号",
    Step.COMPLETE: "办结",
    Step.CANCEL: "取消",
    Step.EXPIRE: "日终作废",
}


class StepNotPossible(Conflict):
    """The ticket stands where this cannot be done."""

    code = "TICKET_STATE"
    zh = "号票 {number} 当前为「{zh_state}」,不能{zh_step};可执行:{zh_possible}。"
    en = "Ticket {number} is {en_state}, so {en_step} is not possible; possible: {en_possible}."


class ServiceNotOffered(Conflict):
    """No queue of the outlet serves it."""

    code = "SERVICE_NOT_OFFERED"
    zh = "该网点不办理此项业务;请在可办业务中选择,或咨询大堂经理。"
    en = "The outlet does not offer this service; choose one of its own, or ask the lobby manager."


class QueueNotAccepting(Conflict):
    """The queue gives out no more numbers."""

    code = "QUEUE_NOT_ACCEPTING"
    zh = "该业务的队列已停止取号;请咨询大堂经理。"
    en = "The queue for this service gives out no more numbers; ask the lobby manager."


class DayIsClosed(Conflict):
    """The business day at the outlet has been closed."""

    code = "DAY_CLOSED"
    zh = "{business_date} 营业日已结束,不再取号;请改日办理。"
    en = "The business day {business_date} has been closed; come another day."


class QueueEmpty(Conflict):
    """Nobody waits for this counter. Nothing is recorded: the same key may ask again."""

    code = "QUEUE_EMPTY"
    zh = "本柜台的队列无人等候;请稍后再叫号。"
    en = "Nobody waits in the queues of this counter; call again later."


class CounterOccupied(Conflict):
    """One ticket in hand at a time."""

    code = "COUNTER_OCCUPIED"
    zh = "号票 {number} 尚未办结;请先办结或按过号处理。"
    en = "Ticket {number} is still in hand; complete it or mark it as no-show first."


class DayNotBegun(Invalid):
    """A day that lies ahead cannot be closed."""

    code = "DAY_NOT_BEGUN"
    zh = "营业日 {business_date} 尚未开始;该网点当前营业日为 {today}。"
    en = "The business day {business_date} has not begun; it is {today} at the outlet."


@dataclass
class Ticket:
    """The aggregate. Issued by a statement of its own (``issue.sql``) at version 1; each step is one more.

    ``serial`` counts within the queue's business date from 1 without gaps; ``number`` is what people read.
    """

    id: UUID
    version: int
    outlet_id: UUID
    business_date: date
    queue_id: UUID
    serial: int
    number: str
    service_code: str
    channel: Channel
    visitor: str | None
    state: TicketState
    issued_at: datetime
    counter_id: UUID | None
    employee_id: UUID | None
    attempt: int
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    def call(self, *, counter_id: UUID, employee_id: UUID, at: datetime) -> TicketCalled:
        """The counter takes the ticket into its hand."""
        self._step(Step.CALL)
        self.counter_id, self.employee_id = counter_id, employee_id
        self.called_at, self.attempt = at, 1
        return TicketCalled(attempt=1, **self._at_counter(at))

    def recall(self, *, at: datetime) -> TicketRecalled:
        """The customer is called once more, to the same counter."""
        self._step(Step.RECALL)
        self.attempt += 1
        return TicketRecalled(attempt=self.attempt, **self._at_counter(at))

    def start(self, *, at: datetime) -> TicketStarted:
        """The customer has come."""
        self._step(Step.START)
        self.started_at = at
        return TicketStarted(started_at=at, **self._at_counter(at))

    def no_show(self, *, at: datetime) -> TicketNoShow:
        """The customer has not come."""
        self._step(Step.NO_SHOW)
        self.ended_at = at
        return TicketNoShow(attempt=self.attempt, **self._at_counter(at))

    def complete(self, *, at: datetime) -> TicketCompleted:
        """The customer has been served."""
        self._step(Step.COMPLETE)
        assert self.started_at is not None, "a ticket that is being served was started"
        self.ended_at = at
        return TicketCompleted(started_at=self.started_at, completed_at=at, **self._at_counter(at))

    def cancel(self, *, at: datetime) -> TicketCancelled:
        """The customer gives the place up."""
        self._step(Step.CANCEL)
        self.ended_at = at
        return TicketCancelled(**self._about(at))

    def expire(self, *, at: datetime) -> TicketExpired:
        """The business day is over."""
        self._step(Step.EXPIRE)
        self.ended_at = at
        return TicketExpired(**self._about(at))

    def _step(self, step: Step) -> None:
        """Takes the step and counts the version, or raises :class:`StepNotPossible`."""
        possible = STEPS[self.state]
        if step not in possible:
            raise StepNotPossible(
                number=self.number,
                en_state=self.state.value,
                zh_state=CHINESE[self.state],
                en_step=step.value,
                zh_step=CHINESE[step],
                en_possible=", ".join(possible) or "nothing",
                zh_possible="、".join(CHINESE[other] for other in possible) or "无",
            )
        self.state = possible[step]
        self.version += 1

    def _about(self, at: datetime) -> dict[str, Any]:
        return {
            "version": self.version,
            "occurred_at": at,
            "ticket_id": self.id,
            "outlet_id": self.outlet_id,
            "business_date": self.business_date,
            "number": self.number,
            "queue_id": self.queue_id,
            "service_code": self.service_code,
            "channel": self.channel.value,
            "visitor": self.visitor,
        }

    def _at_counter(self, at: datetime) -> dict[str, Any]:
        return {**self._about(at), "counter_id": self.counter_id, "employee_id": self.employee_id}


@dataclass(frozen=True)
class DayClosure:
    """What closing a business day did: a repeated closing finds nothing more to do.

    ``in_service``: customers who are still being served; their tellers complete them.
    """

    outlet_id: UUID
    business_date: date
    expired: int
    no_shows: int
    in_service: int
