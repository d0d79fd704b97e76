"""A small service with an API, for the tests of the edge: notes that belong to outlets."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from asyncpg import InternalClientError
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import Column, Integer, String, Table, Uuid, text
from sqlalchemy.exc import DBAPIError

from chassis.auth import Principal, Resource, Verdict, action
from chassis.db import load, lock, new_registry
from chassis.errors import Conflict, RecordedRefusal, Violation, check_version
from chassis.http import idempotency
from chassis.http.routing import (
    Caller,
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
    refused,
    respond,
    routes,
)
from chassis.ids import new_id
from chassis.outbox import record
from chassis.service import Capability, Service
from libs.chassis.tests import sample

mapper = new_registry()


@dataclass
class Note:
    """The aggregate."""

    id: UUID
    version: int
    outlet_id: UUID
    name: str
    parent_id: UUID | None

    def rename(self, name: str, at: datetime) -> sample.Counted:
        """Another name: one version, one fact."""
        self.name = name
        self.version += 1
        return sample.Counted(version=self.version, occurred_at=at, counter_id=self.id, text=name)


notes = Table(
    "notes",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("name", String, nullable=False),
    Column("parent_id", Uuid),
)
mapper.map_imperatively(Note, notes, version_id_col=notes.c.version, version_id_generator=False)

DDL = """
CREATE TABLE notes (
    id uuid PRIMARY KEY, version integer NOT NULL, outlet_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT uq_notes_name UNIQUE,
    -- Deferred: broken by a statement, found by the commit.
    parent_id uuid CONSTRAINT fk_notes_parent REFERENCES notes DEFERRABLE INITIALLY DEFERRED
);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO sample_app
"""


class Locked(Conflict):
    """What a test raises after it has written."""

    code = "NOTE_LOCKED"
    zh = "便签已锁定；请先解锁。"
    en = "The note is locked; unlock it first."


class NewNote(Input):
    """A new note."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    outlet_id: UUID
    parent_id: UUID | None = None


class Renaming(Input):
    """Another name."""

    name: Annotated[str, Field(min_length=1, max_length=20)]


class Shape(Input):
    """One of everything that JSON can spell in two ways."""

    count: int = 0
    ratio: float = 0.0
    open: bool = False
    at: datetime | None = None
    on: date | None = None
    lines: list[Renaming] = []


class NoteView(Output):
    """A note."""

    id: UUID
    version: int
    name: str


router = routes("/v1/notes", "notes")
odd = routes("/v1/odd", "odd")


@router.post("", status_code=201)
@action("note.write")
async def write_note(
    body: NewNote, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> NoteView:
    """Write a note."""
    guard(outlet_id=body.outlet_id)
    note = Note(new_id(), 1, body.outlet_id, body.name, body.parent_id)
    session.add(note)
    fact = sample.Counted(version=1, occurred_at=clock.now(), counter_id=note.id, text=caller.subject)
    await record(session, fact)
    respond(response, version=note.version, location=f"/v1/notes/{note.id}")
    return NoteView.model_validate(note)


@router.get("")
@action("note.list")
async def list_notes(session: ReadSession, page: PageQuery, newest_first: bool = False) -> Page[NoteView]:
    """List notes by name, or the newest first."""
    order: Sequence[Column[str] | Column[UUID]] = (
        (notes.c.id,) if newest_first else (notes.c.name, notes.c.id)
    )
    found, cursor = await paginate(session, Note, page, order=order, descending=newest_first)
    return Page(items=[NoteView.model_validate(note) for note in found], next_cursor=cursor)


@router.get("/{note_id}")
@action("note.read")
async def read_note(note_id: UUID, session: ReadSession, guard: Guard, response: Response) -> NoteView:
    """Read a note."""
    note = await load(session, Note, note_id)
    guard(outlet_id=note.outlet_id)
    respond(response, version=note.version)
    return NoteView.model_validate(note)


@router.post("/{note_id}/renaming")
@action("note.rename")
async def rename_note(
    note_id: UUID,
    body: Renaming,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> NoteView:
    """Rename a note."""
    note = await lock(session, Note, note_id)
    guard(outlet_id=note.outlet_id)
    check_version(note.version, if_match)
    await record(session, note.rename(body.name, clock.now()))
    respond(response, version=note.version)
    return NoteView.model_validate(note)


@router.put("/{note_id}/race")
@action("note.race")
async def race_note(note_id: UUID, session: Session, clock: Now, guard: Guard) -> NoteView:
    """Reads without a lock, lets somebody else change the row, then writes."""
    note = await load(session, Note, note_id)
    guard(outlet_id=note.outlet_id)
    LOADED.set()
    async with asyncio.timeout(5):
        await CHANGED.wait()
    await record(session, note.rename("raced", clock.now()))
    return NoteView.model_validate(note)


LOADED, CHANGED = asyncio.Event(), asyncio.Event()


class AttemptRefused(RecordedRefusal):
    """The attempt breaks a rule, and is on record."""

    code = "ATTEMPT_REFUSED"
    zh = "申请被拒绝；原因见所列规则。"
    en = "The attempt is refused; the rules say why."


@odd.post("/refusals")
@action("odd.refuse")
async def refuse(session: Session, guard: Guard) -> Response:
    """A refusal that is a record."""
    guard()
    await session.execute(sample.taken.insert().values(key="attempt", sequence=1, text="refused"))
    broken = Violation(
        rule="SUI-03",
        code="LEVEL_TOO_HIGH",
        citation="办法第二十条",
        messages={
            "zh-CN": "产品风险高于客户等级。",
            "en": "The product's risk is above the customer's level.",
        },
    )
    return refused(
        AttemptRefused,
        [broken],
        body={"attempt": 1},
        version=1,
    )


@odd.post("/errors/{kind}")
@action("odd.fail")
async def fail(kind: str, session: Session, guard: Guard) -> None:
    """Writes, then fails in the way that is asked for."""
    guard(outlet_id=None)
    await session.execute(sample.taken.insert().values(key="attempt", sequence=1, text=kind))
    match kind:
        case "none":
            return
        case "conflict":
            raise Locked(pointer="/name")
        case "bug":
            raise LookupError("secret of the house")
        case "statement":
            await session.execute(text("SELECT secret FROM nowhere"))
        case "quoting":
            await session.execute(text("SELECT CAST('13800000000x' AS integer)"))
        case "slow-statement":
            await session.execute(text("SET LOCAL statement_timeout = '20ms'"))
            await session.execute(text("SELECT pg_sleep(1)"))
        case "cut":
            await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        case "lost-track":
            raise InternalClientError("the connection broke while it was in use")
        case "nul":
            await session.execute(sample.taken.insert().values(key="a\0b", sequence=1, text=kind))
        case "swallowed":
            with contextlib.suppress(DBAPIError):
                await session.execute(text("SELECT 1 / 0"))


@odd.put("/swallowed")
@action("odd.swallow")
async def swallow(session: Session) -> None:
    """Writes, fails, and says nothing of it."""
    await session.execute(sample.taken.insert().values(key="attempt", sequence=1, text="put"))
    with contextlib.suppress(DBAPIError):
        await session.execute(text("SELECT 1 / 0"))


@odd.put("/orphans")
@action("odd.orphan")
async def write_orphan(session: Session) -> dict[str, str]:
    """Writes what the commit will refuse."""
    session.add(Note(new_id(), 1, new_id(), "orphan", new_id()))
    return {}


@odd.post("/returned/{status}")
@action("odd.return")
async def return_status(status: int, session: Session, guard: Guard) -> Response:
    """Answers with the status, having written."""
    guard(outlet_id=None)
    await session.execute(sample.taken.insert().values(key="attempt", sequence=1, text=str(status)))
    return Response(b"{}", status_code=status, media_type="application/json")


@odd.get("/forgetful/{note_id}")
@action("odd.forget")
async def forget(note_id: UUID) -> dict[str, str]:
    """Never asks about the object in its path."""
    return {"id": str(note_id)}


@odd.post("/shapes")
@action("odd.shape", idempotent=False)
async def shape(body: Shape) -> dict[str, str]:
    """Takes a shape."""
    return {"at": str(body.at)}


@odd.get("/sleep")
@action("odd.sleep", seconds_max=0.05)
async def sleep(session: ReadSession) -> dict[str, str]:
    """Takes longer than it may."""
    await session.execute(text("SELECT pg_sleep(5)"))
    return {}


@odd.get("/writes")
@action("odd.read")
async def write_while_reading(session: ReadSession) -> dict[str, str]:
    """Tries to write in a transaction that may only read."""
    await session.execute(sample.taken.insert().values(key="x", sequence=1, text="x"))
    return {}


@odd.patch("/uploads/{upload_id}")
@action(
    "odd.upload",
    idempotent=False,
    media_types=frozenset({"application/offset+octet-stream"}),
    body_bytes_max=1_000_000,
)
async def upload(upload_id: UUID, request: Request, guard: Guard) -> dict[str, int]:
    """Takes bytes as they come."""
    guard(outlet_id=None)
    return {"bytes": sum([len(chunk) async for chunk in request.stream()])}


class Parcel(Input):
    """What a grouped request brings."""

    weight: Annotated[int, Field(ge=1)]


@odd.post("/grouped/{place}")
@action("odd.group", grouped=True)
async def grouped(place: UUID, body: Parcel, request: Request, guard: Guard) -> Response:
    """Claims its key by itself."""
    guard(outlet_id=None)
    claim: idempotency.Claim = request.state.idempotency
    seen = {"principal": claim.principal, "route": claim.route, "key": claim.key}
    return JSONResponse(
        {**seen, "caller": guard.principal.subject, "place": str(place), "weight": body.weight}
    )


async def light_ones(place: UUID, body: Parcel, request: Request, guard: Guard) -> Response | None:
    """Takes what is light, by itself."""
    guard(outlet_id=None)
    claim: idempotency.Claim = request.state.idempotency
    return JSONResponse({"by": "ahead", "key": claim.key}) if body.weight == 1 else None


@odd.post("/ahead/{place}")
@action("odd.group", ahead=light_ones)
async def heavy_ones(place: UUID, body: Parcel, guard: Guard) -> dict[str, str]:
    """Takes everything else, with a row for its key."""
    guard(outlet_id=None)
    return {"by": "the endpoint", "place": str(place)}


@odd.get("/open")
@action("odd.open", public=True)
async def open_to_all(caller: Caller, guard: Guard) -> dict[str, str]:
    """Needs no token."""
    guard(outlet_id=new_id())
    return {"caller": caller.subject}


WRITERS = frozenset({"teller"})


def allow(principal: Principal, action_name: str, resource: Resource | None) -> Verdict:
    """Tellers do everything, auditors read; a foreign outlet is hidden."""
    if action_name.partition(".")[0] not in {"note", "odd"}:
        raise KeyError(action_name)
    reads = action_name in {"note.read", "note.list"}
    if not (principal.roles & WRITERS or (reads and "auditor" in principal.roles)):
        return Verdict.FORBIDDEN
    if resource is not None and resource.outlet_id is not None and not principal.sees(resource.outlet_id):
        return Verdict.HIDDEN
    return Verdict.ALLOWED


def service_with(*routers: APIRouter) -> Service:
    """The sample service with other routers."""
    capability = Capability(name="notes", routers=routers, facts=(sample.Counted,))
    return replace(sample.service, access=allow, registers=(), capabilities=(capability,))


service = service_with(router, odd)
