"""Use cases of the catalogue. It is configuration of ours: nobody outside reacts to it, so no facts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from ticketing.catalogue.domain import (
    LetterTaken,
    OfferedService,
    Queue,
    ServiceCodeTaken,
    ServiceNotFound,
    check_known,
)
from ticketing.catalogue.queries import known_services
from ticketing.outlets.domain import check_open
from ticketing.outlets.queries import known


async def enter_service(session: AsyncSession, *, code: str, name_zh: str, name_en: str) -> OfferedService:
    """Enters a service into the catalogue. Raises :class:`ServiceCodeTaken`."""
    if await session.get(OfferedService, code) is not None:
        raise ServiceCodeTaken(taken=code, pointer="/code")
    service = OfferedService(code, 1, name_zh, name_en)
    session.add(service)
    await session.flush()
    return service


async def rename_service(
    session: AsyncSession, code: str, expected_version: int, *, name_zh: str, name_en: str
) -> OfferedService:
    """Changes a service's names. Raises :class:`ServiceNotFound`, ``StaleVersion``."""
    service = await session.get(OfferedService, code, with_for_update=True)
    if service is None:
        raise ServiceNotFound(unknown=code)
    check_version(service.version, expected_version)
    service.rename(name_zh, name_en)
    return service


async def set_up_queue(
    session: AsyncSession,
    outlet_id: UUID,
    *,
    letter: str,
    name_zh: str,
    name_en: str,
    service_codes: frozenset[str],
    accepting: bool,
) -> Queue:
    """Sets up a queue at an outlet, known to us or not (N4).

    Raises ``OutletIsClosed``, :class:`LetterTaken`, ``ServiceUnknown``, ``QueueServesNothing``.
    """
    check_open(await known(session, outlet_id))
    taken = select(Queue).filter_by(outlet_id=outlet_id, letter=letter)
    if (await session.execute(taken)).first() is not None:
        raise LetterTaken(taken=letter, pointer="/letter")
    check_known(service_codes, await known_services(session, service_codes))
    queue = Queue(new_id(), 1, outlet_id, letter, name_zh, name_en, service_codes, accepting)
    session.add(queue)
    await session.flush()
    return queue


async def change_queue(
    session: AsyncSession,
    queue_id: UUID,
    expected_version: int,
    *,
    name_zh: str,
    name_en: str,
    service_codes: frozenset[str],
    accepting: bool,
) -> Queue:
    """Replaces what describes a queue. Raises ``ObjectNotFound``, ``StaleVersion``, ``ServiceUnknown``."""
    queue = await lock(session, Queue, queue_id)
    check_version(queue.version, expected_version)
    check_known(service_codes, await known_services(session, service_codes))
    queue.change(name_zh=name_zh, name_en=name_en, service_codes=service_codes, accepting=accepting)
    return queue
