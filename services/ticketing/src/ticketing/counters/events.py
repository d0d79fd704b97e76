"""Facts about counters. The key is the session: who counts open windows counts open sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.events import Fact

TOPIC = "ticketing.counters.v1"


@dataclass(frozen=True, kw_only=True)
class AboutSession:
    """Which session, where, whose."""

    session_id: UUID
    counter_id: UUID
    outlet_id: UUID
    employee_id: UUID
    opened_at: datetime


@dataclass(frozen=True, kw_only=True)
class CounterSessionOpened(
    AboutSession, Fact, type="ticketing.counter_session.opened.v1", topic=TOPIC, key="session_id"
):
    """An employee serves at a counter from now on."""


@dataclass(frozen=True, kw_only=True)
class CounterSessionClosed(
    AboutSession, Fact, type="ticketing.counter_session.closed.v1", topic=TOPIC, key="session_id"
):
    """The employee has left the counter."""

    closed_at: datetime
