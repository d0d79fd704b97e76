"""Reads of counters and sessions."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from ticketing.counters.domain import CounterSession, CounterWindow
from ticketing.counters.tables import counter_sessions, counters

BY_LABEL = (counters.c.label,)
BY_COUNTER = (counter_sessions.c.counter_id,)


def counters_of(outlet_id: UUID) -> Select[Any]:
    """The counters of an outlet."""
    return select(CounterWindow).where(counters.c.outlet_id == outlet_id)


def open_sessions_of(outlet_id: UUID) -> Select[Any]:
    """The open sessions of an outlet."""
    return select(CounterSession).where(
        counter_sessions.c.outlet_id == outlet_id, counter_sessions.c.closed_at.is_(None)
    )
