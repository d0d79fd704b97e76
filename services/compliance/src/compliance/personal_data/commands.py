"""Use cases of personal data. Nothing is opened for anybody before that is on record (PRI-10)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.customers.commands import lock_customer
from compliance.customers.domain import Customer
from compliance.periods.domain import legal_date
from compliance.personal_data import queries
from compliance.personal_data.domain import (
    CUSTOMERS_A_DAY,
    HIGH_GRADE,
    SEARCHED,
    Access,
    AccessKind,
    AccessUnlogged,
    Grant,
    GrantMissing,
    PersonalField,
    UsePurpose,
    check_purpose,
    cleaned,
    grant,
    searched,
)
from compliance.personal_data.sealing import Keyring, Sealed
from compliance.personal_data.tables import SealedField, personal_fields

#: One person's reveals are counted one after the other.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:who, 20))")


async def write_personal_data(
    session: AsyncSession,
    clock: Clock,
    keys: Keyring,
    customer_id: UUID,
    expected_version: int,
    values: Mapping[PersonalField, str],
    *,
    by: str,
) -> Customer:
    """Seals the fields given; the others stay. One version of the customer.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``PersonalFieldInvalid``.
    """
    customer = await lock_customer(session, customer_id)
    check_version(customer.version, expected_version)
    at = clock.now()
    for field, value in values.items():
        kept = cleaned(field, value, legal_date(at))
        row = await session.get(SealedField, (customer_id, field), with_for_update=True)
        if row is None:
            row = SealedField(customer_id=customer_id, field=field)
            session.add(row)
        _seal(row, keys, kept)
        row.written_by, row.written_at = by, at
    customer.touch()
    return customer


async def erase_personal_data(session: AsyncSession, customer: Customer) -> None:
    """PRI-06: removes every field of a customer whose head is locked; grants and accesses stay on record."""
    await session.execute(delete(personal_fields).where(personal_fields.c.customer_id == customer.id))
    customer.touch()


async def record_accesses(session: AsyncSession, accesses: Collection[Access]) -> None:
    """PRI-10: puts the records into this transaction. Raises ``AccessUnlogged`` where they cannot be."""
    session.add_all(accesses)
    try:
        await session.flush()
    except DBAPIError as failed:
        raise AccessUnlogged from failed


async def reveal(
    session: AsyncSession,
    clock: Clock,
    keys: Keyring,
    customer_id: UUID,
    fields: Collection[PersonalField],
    purpose: UsePurpose,
    *,
    matter_id: str | None,
    roles: Collection[str],
    by: str,
) -> tuple[Access, dict[PersonalField, str]]:
    """The clear values of the fields on record, behind the record of who sees them for what (PRI-09, PRI-10).

    Raises ``ObjectNotFound``, ``PurposeNotAllowed``, ``GrantMissing``, ``AccessUnlogged``,
    ``SealUnreadable``.
    """
    check_purpose(roles, purpose)
    await session.execute(ONE_AT_A_TIME, {"who": by})
    await lock_customer(session, customer_id, share=True)
    at = clock.now()
    needed = await _grant_needed(session, customer_id, fields, purpose, by=by, at=at)
    access = Access(
        id=new_id(),
        kind=AccessKind.REVEAL,
        customer_id=customer_id,
        accessed_by=by,
        purpose=purpose,
        matter_id=matter_id,
        fields=tuple(sorted(set(fields))),
        grant_id=None if needed is None else needed.id,
        accessed_at=at,
    )
    await record_accesses(session, [access])
    return access, await queries.opened(session, keys, customer_id, fields)


async def search(
    session: AsyncSession,
    clock: Clock,
    keys: Keyring,
    field: PersonalField,
    value: str,
    purpose: UsePurpose,
    *,
    matter_id: str | None,
    roles: Collection[str],
    by: str,
) -> list[UUID]:
    """The customers with exactly this phone or identity number; each that is found is recorded.

    Raises ``PurposeNotAllowed``, ``PersonalFieldInvalid``, ``AccessUnlogged``.
    """
    check_purpose(roles, purpose)
    at = clock.now()
    kept = cleaned(field, value, legal_date(at))
    found = await queries.found_by(session, keys, field, kept)
    whose: list[UUID | None] = [*found] or [None]
    accesses = [
        Access(
            id=new_id(),
            kind=AccessKind.SEARCH,
            customer_id=customer_id,
            accessed_by=by,
            purpose=purpose,
            matter_id=matter_id,
            fields=(field,),
            grant_id=None,
            accessed_at=at,
        )
        for customer_id in whose
    ]
    await record_accesses(session, accesses)
    return found


async def grant_access(
    session: AsyncSession,
    clock: Clock,
    *,
    grantee: str,
    customer_id: UUID | None,
    fields: Collection[PersonalField],
    purpose: UsePurpose,
    hours: int,
    by: str,
) -> Grant:
    """Lets another person see fields for a purpose, for so many hours (PRI-10).

    Raises ``ObjectNotFound``, ``GrantToOneself``.
    """
    if customer_id is not None:
        await lock_customer(session, customer_id, share=True)
    made = grant(
        new_id(),
        grantee=grantee,
        customer_id=customer_id,
        fields=fields,
        purpose=purpose,
        hours=hours,
        by=by,
        at=clock.now(),
    )
    session.add(made)
    return made


async def reseal(session: AsyncSession, keys: Keyring, limit: int) -> int:
    """Seals up to ``limit`` fields anew whose key, or index key, is no longer the active one; how many.

    Raises ``SealUnreadable``.
    """
    stale = or_(
        personal_fields.c.key_id != keys.active,
        personal_fields.c.index_key_id.is_not(None) & (personal_fields.c.index_key_id != keys.index_active),
    )
    statement = select(SealedField).where(stale).limit(limit).with_for_update(skip_locked=True)
    rows = (await session.scalars(statement)).all()
    for row in rows:
        place = queries.place_of(row.customer_id, row.field)
        _seal(row, keys, keys.open(place, Sealed(row.key_id, row.nonce, row.sealed)))
    return len(rows)


async def _grant_needed(
    session: AsyncSession,
    customer_id: UUID,
    fields: Collection[PersonalField],
    purpose: UsePurpose,
    *,
    by: str,
    at: datetime,
) -> Grant | None:
    """The grant on which the reveal rests; None where it needs none. Raises ``GrantMissing``."""
    many = await queries.customers_seen(session, by, legal_date(at), customer_id) >= CUSTOMERS_A_DAY
    high = HIGH_GRADE & set(fields)
    if not many and not high:
        return None
    wanted = set(fields) if many else high
    found = await queries.granted(session, by, None, wanted, purpose, at)
    if found is None and not many:
        found = await queries.granted(session, by, customer_id, wanted, purpose, at)
    if found is None:
        raise GrantMissing(fields=", ".join(sorted(wanted)))
    return found


def _seal(row: SealedField, keys: Keyring, kept: str) -> None:
    sealed = keys.seal(queries.place_of(row.customer_id, row.field), kept)
    row.key_id, row.nonce, row.sealed = sealed.key_id, sealed.nonce, sealed.text
    if row.field in SEARCHED:
        row.index_key_id = keys.index_active
        row.digest = keys.digest(row.field.value, searched(row.field, kept))
