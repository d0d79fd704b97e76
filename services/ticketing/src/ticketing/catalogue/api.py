"""Routes of the catalogue."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field

from chassis.auth import action
from chassis.db import load
from chassis.http.routing import (
    Guard,
    IfMatch,
    Input,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from ticketing.catalogue import commands, queries
from ticketing.catalogue.domain import SERVICES_MAX, OfferedService, Queue, ServiceNotFound
from ticketing.catalogue.views import SERVICE_CODE, ServiceCode

services = routes("/v1/services", "catalogue")
outlet_queues = routes("/v1/outlets/{outlet_id}/queues", "catalogue")
queues = routes("/v1/queues", "catalogue")

ServicePath = Annotated[str, Path(pattern=SERVICE_CODE)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class NamesBody(Input):
    """How people read it."""

    name_zh: Name
    name_en: Name


class NewService(NamesBody):
    """A new service, with the code that it keeps."""

    code: ServiceCode


class QueueBody(NamesBody):
    """What describes a queue."""

    service_codes: Annotated[frozenset[ServiceCode], Field(min_length=1, max_length=SERVICES_MAX)]
    accepting: bool = True


class NewQueue(QueueBody):
    """A new queue, with the letter that it keeps."""

    letter: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")]


class ServiceView(Output):
    """A service of the catalogue."""

    code: str
    version: int
    name_zh: str
    name_en: str


class QueueView(Output):
    """A queue of an outlet."""

    id: UUID
    version: int
    outlet_id: UUID
    letter: str
    name_zh: str
    name_en: str
    service_codes: list[str]
    accepting: bool

    @classmethod
    def of(cls, queue: Queue) -> "QueueView":
        """The view of an aggregate."""
        return cls(
            id=queue.id,
            version=queue.version,
            outlet_id=queue.outlet_id,
            letter=queue.letter,
            name_zh=queue.name_zh,
            name_en=queue.name_en,
            service_codes=sorted(queue.service_codes),
            accepting=queue.accepting,
        )


@services.post("", status_code=201)
@action("service.enter")
async def enter_service(body: NewService, session: Session, response: Response) -> ServiceView:
    """Enter a service into the catalogue."""
    service = await commands.enter_service(
        session, code=body.code, name_zh=body.name_zh, name_en=body.name_en
    )
    respond(response, version=service.version, location=f"/v1/services/{service.code}")
    return ServiceView.model_validate(service)


@services.get("")
@action("service.list")
async def list_services(session: ReadSession, page: PageQuery) -> Page[ServiceView]:
    """List the services of the catalogue by code."""
    rows, cursor = await paginate(session, queries.offered(), page, order=queries.BY_CODE)
    return Page(items=[ServiceView.model_validate(row) for row in rows], next_cursor=cursor)


@services.get("/{code}")
@action("service.read")
async def read_service(
    code: ServicePath, session: ReadSession, guard: Guard, response: Response
) -> ServiceView:
    """Read a service of the catalogue."""
    guard(outlet_id=None)
    service = await session.get(OfferedService, code)
    if service is None:
        raise ServiceNotFound(unknown=code)
    respond(response, version=service.version)
    return ServiceView.model_validate(service)


@services.put("/{code}")
@action("service.rename")
async def rename_service(
    code: ServicePath, body: NamesBody, session: Session, guard: Guard, if_match: IfMatch, response: Response
) -> ServiceView:
    """Change the names of a service."""
    guard(outlet_id=None)
    service = await commands.rename_service(
        session, code, if_match, name_zh=body.name_zh, name_en=body.name_en
    )
    respond(response, version=service.version)
    return ServiceView.model_validate(service)


@outlet_queues.post("", status_code=201)
@action("queue.set_up")
async def set_up_queue(
    outlet_id: UUID, body: NewQueue, session: Session, guard: Guard, response: Response
) -> QueueView:
    """Set up a queue at an outlet, whether or not staffing has told us about the outlet yet."""
    guard(outlet_id=outlet_id)
    queue = await commands.set_up_queue(
        session,
        outlet_id,
        letter=body.letter,
        name_zh=body.name_zh,
        name_en=body.name_en,
        service_codes=body.service_codes,
        accepting=body.accepting,
    )
    respond(response, version=queue.version, location=f"/v1/queues/{queue.id}")
    return QueueView.of(queue)


@queues.get("/{queue_id}")
@action("queue.read")
async def read_queue(queue_id: UUID, session: ReadSession, guard: Guard, response: Response) -> QueueView:
    """Read a queue."""
    queue = await load(session, Queue, queue_id)
    guard(outlet_id=queue.outlet_id)
    respond(response, version=queue.version)
    return QueueView.of(queue)


@queues.put("/{queue_id}")
@action("queue.change")
async def change_queue(
    queue_id: UUID, body: QueueBody, session: Session, guard: Guard, if_match: IfMatch, response: Response
) -> QueueView:
    """Replace what describes a queue; its letter stays."""
    guard(outlet_id=(await load(session, Queue, queue_id)).outlet_id)
    queue = await commands.change_queue(
        session,
        queue_id,
        if_match,
        name_zh=body.name_zh,
        name_en=body.name_en,
        service_codes=body.service_codes,
        accepting=body.accepting,
    )
    respond(response, version=queue.version)
    return QueueView.of(queue)
