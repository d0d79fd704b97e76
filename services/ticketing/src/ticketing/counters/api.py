"""Routes of counters and sessions. Closing a session stands with tickets: one in hand forbids it."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
from chassis.db import load
from chassis.http.routing import (
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from ticketing.counters import commands, queries
from ticketing.counters.domain import QUEUES_MAX, CounterSession, CounterWindow
from ticketing.counters.views import SessionView

outlet_counters = routes("/v1/outlets/{outlet_id}/counters", "counters")
counters = routes("/v1/counters", "counters")
outlet_sessions = routes("/v1/outlets/{outlet_id}/sessions", "counters")
sessions = routes("/v1/sessions", "counters")


class CounterBody(Input):
    """What describes a counter: what stands above it, and the queues that it calls from."""

    label: Annotated[str, Field(min_length=1, max_length=32)]
    queue_ids: Annotated[frozenset[UUID], Field(min_length=1, max_length=QUEUES_MAX)]


class NewSession(Input):
    """Who sits down at the counter."""

    employee_id: UUID


class CounterView(Output):
    """A counter of an outlet."""

    id: UUID
    version: int
    outlet_id: UUID
    label: str
    queue_ids: list[UUID]

    @classmethod
    def of(cls, counter: CounterWindow) -> "CounterView":
        """The view of an aggregate."""
        return cls(
            id=counter.id,
            version=counter.version,
            outlet_id=counter.outlet_id,
            label=counter.label,
            queue_ids=sorted(counter.queue_ids),
        )


@outlet_counters.post("", status_code=201)
@action("counter.set_up")
async def set_up_counter(
    outlet_id: UUID, body: CounterBody, session: Session, guard: Guard, response: Response
) -> CounterView:
    """Set up a counter at an outlet."""
    guard(outlet_id=outlet_id)
    counter = await commands.set_up_counter(session, outlet_id, label=body.label, queue_ids=body.queue_ids)
    respond(response, version=counter.version, location=f"/v1/counters/{counter.id}")
    return CounterView.of(counter)


@outlet_counters.get("")
@action("counter.list")
async def list_counters(
    outlet_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[CounterView]:
    """List the counters of an outlet by label."""
    guard(outlet_id=outlet_id)
    rows, cursor = await paginate(session, queries.counters_of(outlet_id), page, order=queries.BY_LABEL)
    return Page(items=[CounterView.of(row) for row in rows], next_cursor=cursor)


@counters.get("/{counter_id}")
@action("counter.read")
async def read_counter(
    counter_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> CounterView:
    """Read a counter."""
    counter = await load(session, CounterWindow, counter_id)
    guard(outlet_id=counter.outlet_id)
    respond(response, version=counter.version)
    return CounterView.of(counter)


@counters.put("/{counter_id}")
@action("counter.change")
async def change_counter(
    counter_id: UUID,
    body: CounterBody,
    session: Session,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> CounterView:
    """Replace what describes a counter."""
    guard(outlet_id=(await load(session, CounterWindow, counter_id)).outlet_id)
    counter = await commands.change_counter(
        session, counter_id, if_match, label=body.label, queue_ids=body.queue_ids
    )
    respond(response, version=counter.version)
    return CounterView.of(counter)


@counters.post("/{counter_id}/sessions", status_code=201)
@action("session.open")
async def open_session(
    counter_id: UUID, body: NewSession, session: Session, clock: Now, guard: Guard, response: Response
) -> SessionView:
    """Seat an employee at a counter."""
    guard(outlet_id=(await load(session, CounterWindow, counter_id)).outlet_id)
    opened = await commands.open_session(session, clock.now(), counter_id, body.employee_id)
    respond(response, version=opened.version, location=f"/v1/sessions/{opened.id}")
    return SessionView.model_validate(opened)


@outlet_sessions.get("")
@action("session.list")
async def list_open_sessions(
    outlet_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[SessionView]:
    """List who serves at an outlet now: its open sessions."""
    guard(outlet_id=outlet_id)
    rows, cursor = await paginate(
        session, queries.open_sessions_of(outlet_id), page, order=queries.BY_COUNTER
    )
    return Page(items=[SessionView.model_validate(row) for row in rows], next_cursor=cursor)


@sessions.get("/{session_id}")
@action("session.read")
async def read_session(
    session_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> SessionView:
    """Read a session."""
    found = await load(session, CounterSession, session_id)
    guard(outlet_id=found.outlet_id)
    respond(response, version=found.version)
    return SessionView.model_validate(found)
