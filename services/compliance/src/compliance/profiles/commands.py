"""Use cases of customers' files (M065). Who reads one is on record before it is opened (PRI-10)."""

import json
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import ObjectNotFound, check_version
from chassis.ids import new_id
from chassis.service import Job
from chassis.settings import Settings
from compliance.customers.commands import lock_customer
from compliance.customers.domain import Customer
from compliance.evidence.domain import from_plain, to_plain
from compliance.periods.domain import legal_date
from compliance.personal_data.commands import record_accesses
from compliance.personal_data.domain import Access, AccessKind, UsePurpose, check_purpose
from compliance.personal_data.sealing import Keyring, Sealed
from compliance.privacy.queries import standing
from compliance.profiles import queries
from compliance.profiles.domain import (
    CustomerProfile,
    EndReason,
    ProfileConsentMissing,
    ProfileContent,
    ProfileEnding,
    last_day,
)
from compliance.profiles.tables import customer_profiles
from compliance.rulebook.privacy import ConsentPurpose

BATCH = 200


async def write_profile(
    session: AsyncSession,
    clock: Clock,
    keys: Keyring,
    customer_id: UUID,
    expected_version: int,
    content: ProfileContent,
    *,
    by: str,
) -> tuple[Customer, CustomerProfile]:
    """Writes the customer's file, in the place of an older one; its time begins anew.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProfileConsentMissing`` (M065).
    """
    customer = await lock_customer(session, customer_id)
    check_version(customer.version, expected_version)
    agreed = await standing(session, customer_id, ConsentPurpose.CUSTOMER_FILE)
    consent = next((one for one in reversed(agreed) if content.kinds <= set(one.kinds)), None)
    if consent is None:
        raise ProfileConsentMissing
    at = clock.now()
    sealed = keys.seal(_place(customer_id), json.dumps(to_plain(content)))
    await session.execute(delete(customer_profiles).where(customer_profiles.c.customer_id == customer_id))
    profile = CustomerProfile(
        customer_id=customer_id,
        customer_version=customer.touch(),
        consent_id=consent.id,
        retain_until=last_day(legal_date(at), consent.retention_months),
        key_id=sealed.key_id,
        nonce=sealed.nonce,
        sealed=sealed.text,
        written_by=by,
        written_at=at,
    )
    session.add(profile)
    return customer, profile


async def read_profile(
    session: AsyncSession,
    clock: Clock,
    keys: Keyring,
    customer_id: UUID,
    purpose: UsePurpose,
    *,
    matter_id: str | None,
    roles: Collection[str],
    by: str,
) -> tuple[CustomerProfile, ProfileContent]:
    """What stands in the customer's file, behind the record of who reads it for what.

    Raises ``ObjectNotFound``, ``PurposeNotAllowed``, ``ProfileConsentMissing``, ``AccessUnlogged``,
    ``SealUnreadable``.
    """
    check_purpose(roles, purpose)
    await lock_customer(session, customer_id, share=True)
    profile = await queries.find_profile(session, customer_id)
    if profile is None:
        raise ObjectNotFound
    at = clock.now()
    if await _over(session, profile, legal_date(at)) is not None:
        raise ProfileConsentMissing
    access = Access(
        id=new_id(),
        kind=AccessKind.PROFILE,
        customer_id=customer_id,
        accessed_by=by,
        purpose=purpose,
        matter_id=matter_id,
        fields=(),
        grant_id=None,
        accessed_at=at,
    )
    await record_accesses(session, [access])
    text = keys.open(_place(customer_id), Sealed(profile.key_id, profile.nonce, profile.sealed))
    return profile, from_plain(ProfileContent, json.loads(text))


async def erase_profile(session: AsyncSession, clock: Clock, customer: Customer, reason: EndReason) -> None:
    """Removes the file of a customer whose head is locked, where there is one; that stays on record."""
    profile = await queries.find_profile(session, customer.id)
    if profile is None:
        return
    ending = ProfileEnding(
        id=new_id(),
        customer_id=customer.id,
        consent_id=profile.consent_id,
        reason=reason,
        ended_at=clock.now(),
    )
    session.add(ending)
    await session.delete(profile)
    customer.touch()


async def remove_over(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """Removes files that are over: past their last day, or consent taken back; whether there may be more."""
    on = legal_date(clock.now())
    found = await queries.over(session, on, BATCH)
    for customer_id in sorted(found):
        customer = await lock_customer(session, customer_id)
        profile = await queries.find_profile(session, customer_id)
        reason = None if profile is None else await _over(session, profile, on)
        if reason is not None:
            await erase_profile(session, clock, customer, reason)
    return len(found) == BATCH


removal = Job(name="profiles.removal", seconds=60.0, run=remove_over)


async def reseal_profiles(session: AsyncSession, keys: Keyring, limit: int) -> int:
    """Seals up to ``limit`` files anew that an older key sealed; how many. Raises ``SealUnreadable``."""
    rows = await queries.unsealed_with(session, keys.active, limit)
    for row in rows:
        place = _place(row.customer_id)
        sealed = keys.seal(place, keys.open(place, Sealed(row.key_id, row.nonce, row.sealed)))
        row.key_id, row.nonce, row.sealed = sealed.key_id, sealed.nonce, sealed.text
    return len(rows)


def _place(customer_id: UUID) -> str:
    return f"{customer_id}/profile"


async def _over(session: AsyncSession, profile: CustomerProfile, on: date) -> EndReason | None:
    agreed = await standing(session, profile.customer_id, ConsentPurpose.CUSTOMER_FILE)
    return profile.over(on, consent_stands=any(one.id == profile.consent_id for one in agreed))
