"""Reads of personal data: masked, or ages alone. To reveal is a command, because it is recorded."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.periods.domain import end_of, start_of, years_of_age
from compliance.personal_data.domain import (
    Access,
    AccessKind,
    Grant,
    PersonalField,
    UsePurpose,
    masked,
    searched,
)
from compliance.personal_data.sealing import Keyring, Sealed
from compliance.personal_data.tables import (
    SealedField,
    personal_data_accesses,
    personal_data_grants,
    personal_fields,
)

ACCESS_ORDER = (personal_data_accesses.c.id,)
GRANT_ORDER = (personal_data_grants.c.id,)


def place_of(customer_id: UUID, field: PersonalField) -> str:
    """The place for which a field is sealed: a value that was moved does not open."""
    return f"{customer_id}/{field.value}"


async def opened(
    session: AsyncSession, keys: Keyring, customer_id: UUID, fields: Collection[PersonalField]
) -> dict[PersonalField, str]:
    """The clear values on record. For use inside the process: who shows them records it first (PRI-10).

    Raises ``SealUnreadable``.
    """
    statement = select(SealedField).where(
        personal_fields.c.customer_id == customer_id, personal_fields.c.field.in_(list(fields))
    )
    return {
        row.field: keys.open(place_of(customer_id, row.field), Sealed(row.key_id, row.nonce, row.sealed))
        for row in await session.scalars(statement)
    }


async def masked_fields(
    session: AsyncSession, keys: Keyring, customer_id: UUID
) -> Mapping[PersonalField, str]:
    """PRI-09: every field on record as it is shown by default. Raises ``SealUnreadable``."""
    found = await opened(session, keys, customer_id, tuple(PersonalField))
    return {field: masked(field, kept) for field, kept in found.items()}


async def age(session: AsyncSession, keys: Keyring, customer_id: UUID, on: date) -> int | None:
    """Completed years on a legal day, and no date; None: not on record. Raises ``SealUnreadable``."""
    born = (await opened(session, keys, customer_id, (PersonalField.BIRTH_DATE,))).get(
        PersonalField.BIRTH_DATE
    )
    return None if born is None else years_of_age(date.fromisoformat(born), on)


async def found_by(session: AsyncSession, keys: Keyring, field: PersonalField, kept: str) -> list[UUID]:
    """The customers with exactly this phone or identity number, by blind index."""
    statement = select(personal_fields.c.customer_id).where(
        personal_fields.c.field == field,
        personal_fields.c.digest.in_(keys.digests(field.value, searched(field, kept))),
    )
    return list(await session.scalars(statement.order_by(personal_fields.c.customer_id)))


async def written_since(
    session: AsyncSession, customer_id: UUID, fields: Collection[PersonalField], since: datetime
) -> bool:
    """Whether every one of the fields was written at or after ``since``."""
    statement = select(func.count()).where(
        personal_fields.c.customer_id == customer_id,
        personal_fields.c.field.in_(list(fields)),
        personal_fields.c.written_at >= since,
    )
    return await session.scalar(statement) == len(set(fields))


async def granted(
    session: AsyncSession,
    grantee: str,
    customer_id: UUID | None,
    fields: Collection[PersonalField],
    purpose: UsePurpose,
    at: datetime,
) -> Grant | None:
    """A grant about this customer (None: about many) that covers the fields now; None where there is none."""
    statement = select(Grant).where(
        personal_data_grants.c.grantee == grantee,
        personal_data_grants.c.customer_id == customer_id
        if customer_id is not None
        else personal_data_grants.c.customer_id.is_(None),
        personal_data_grants.c.expires_at > at,
    )
    rows = await session.scalars(statement.order_by(personal_data_grants.c.id))
    return next((row for row in rows if row.covers(fields, purpose)), None)


async def customers_seen(session: AsyncSession, by: str, day: date, besides: UUID) -> int:
    """How many customers other than ``besides`` the person has been shown on the legal day."""
    access = personal_data_accesses.c
    statement = select(func.count(access.customer_id.distinct())).where(
        access.accessed_by == by,
        access.kind == AccessKind.REVEAL,
        access.accessed_at >= start_of(day),
        access.accessed_at < end_of(day),
        access.customer_id != besides,
    )
    return await session.scalar(statement) or 0


def accesses(customer_id: UUID | None, accessed_by: str | None) -> Select[Any]:
    """The uses of personal data, all or of one customer, of one person."""
    statement = select(Access)
    if customer_id is not None:
        statement = statement.where(personal_data_accesses.c.customer_id == customer_id)
    if accessed_by is not None:
        statement = statement.where(personal_data_accesses.c.accessed_by == accessed_by)
    return statement


def grants() -> Select[Any]:
    """The grants, running and expired."""
    return select(Grant)
