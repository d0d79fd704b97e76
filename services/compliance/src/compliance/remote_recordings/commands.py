"""Use cases of enabling remote recording."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import ObjectNotFound, check_version
from chassis.ids import new_id
from compliance.outlets.queries import open_outlet
from compliance.products.queries import product
from compliance.remote_recordings.domain import Enabling, RemoteProductUnknown
from compliance.reviews.commands import must_be_in_time


async def propose_enabling(
    session: AsyncSession,
    clock: Clock,
    *,
    product_id: UUID,
    region: str,
    outlet_ids: tuple[UUID, ...],
    reason: str,
    by: str,
) -> Enabling:
    """Proposes it for a product and a region.

    Raises ``RemoteProductUnknown``, ``OutletUnknown``, ``OutletIsClosed``.
    """
    try:
        await product(session, product_id)
    except ObjectNotFound:
        raise RemoteProductUnknown(pointer="/product_id") from None
    for outlet_id in outlet_ids:
        await open_outlet(session, outlet_id)
    enabling = Enabling.propose(
        new_id(),
        product_id=product_id,
        region=region,
        outlet_ids=tuple(sorted(set(outlet_ids))),
        reason=reason,
        by=by,
        at=clock.now(),
    )
    session.add(enabling)
    return enabling


async def approve_enabling(
    session: AsyncSession,
    clock: Clock,
    enabling_id: UUID,
    expected_version: int,
    *,
    note: str | None,
    by: str,
) -> Enabling:
    """From now on recordings may begin remotely there.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``, ``ReviewLapsed``.
    """
    enabling = await _locked(session, enabling_id, expected_version)
    at = clock.now()
    enabling.approve(note=note, by=by, at=at)
    must_be_in_time(enabling.submitted_at, at)
    return enabling


async def reject_enabling(
    session: AsyncSession, clock: Clock, enabling_id: UUID, expected_version: int, *, note: str, by: str
) -> Enabling:
    """Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``."""
    enabling = await _locked(session, enabling_id, expected_version)
    enabling.reject(note=note, by=by, at=clock.now())
    return enabling


async def withdraw_enabling(
    session: AsyncSession, clock: Clock, enabling_id: UUID, expected_version: int, *, by: str
) -> Enabling:
    """Raises ``ObjectNotFound``, ``StaleVersion``, ``EnablingNotInForce``."""
    enabling = await _locked(session, enabling_id, expected_version)
    enabling.withdraw(by=by, at=clock.now())
    return enabling


async def _locked(session: AsyncSession, enabling_id: UUID, expected_version: int) -> Enabling:
    enabling = await lock(session, Enabling, enabling_id)
    check_version(enabling.version, expected_version)
    return enabling
