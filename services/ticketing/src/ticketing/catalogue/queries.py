"""Reads of the catalogue."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from ticketing.catalogue.domain import OfferedService, Queue
from ticketing.catalogue.tables import queues, services

BY_CODE = (services.c.code,)
BY_LETTER = (queues.c.letter,)


def offered() -> Select[Any]:
    """The services of the catalogue."""
    return select(OfferedService)


def queues_of(outlet_id: UUID) -> Select[Any]:
    """The queues of an outlet."""
    return select(Queue).where(queues.c.outlet_id == outlet_id)


async def known_services(session: AsyncSession, codes: Collection[str]) -> frozenset[str]:
    """Those of the codes that the catalogue has."""
    found = await session.scalars(select(services.c.code).where(services.c.code.in_(codes)))
    return frozenset(found)


async def queue_ids(session: AsyncSession, outlet_id: UUID) -> list[UUID]:
    """The ids of an outlet's queues, sorted: the order in which their series are locked."""
    return list(
        await session.scalars(
            select(queues.c.id).where(queues.c.outlet_id == outlet_id).order_by(queues.c.id)
        )
    )


async def serving(session: AsyncSession, outlet_id: UUID, service_code: str) -> list[Queue]:
    """The queues of an outlet that serve a service, by letter, accepting or not."""
    statement = queues_of(outlet_id).where(queues.c.service_codes.bool_op("?")(literal(service_code, String)))
    return list(await session.scalars(statement.order_by(queues.c.letter)))
