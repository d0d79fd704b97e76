"""Reads of promotional materials."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.materials.domain import Material, Release
from compliance.materials.tables import material_releases, materials
from compliance.reviews.domain import ReviewState
from compliance.rulebook.materials import PublicityChannel

ORDER = (materials.c.id,)
RELEASE_ORDER = (material_releases.c.id,)


def listed(
    outlet_ids: Collection[UUID] | None,
    *,
    state: ReviewState | None,
    product_id: UUID | None,
    released_on: PublicityChannel | None,
) -> Select[Any]:
    """The materials of the whole bank and of these outlets, or all (None); each filter None: all."""
    statement = select(Material)
    if outlet_ids is not None:
        statement = statement.where(materials.c.outlet_id.is_(None) | materials.c.outlet_id.in_(outlet_ids))
    if state is not None:
        statement = statement.where(materials.c.state == state)
    if product_id is not None:
        statement = statement.where(materials.c.product_id == product_id)
    if released_on is not None:
        released = select(material_releases.c.material_id).where(material_releases.c.channel == released_on)
        statement = statement.where(materials.c.id.in_(released))
    return statement


def releases_of(material_id: UUID) -> Select[Any]:
    """The releases of a material."""
    return select(Release).where(material_releases.c.material_id == material_id)


async def material(session: AsyncSession, material_id: UUID) -> Material:
    """One material. Raises ``ObjectNotFound``."""
    return await load(session, Material, material_id)


async def released(session: AsyncSession, material_id: UUID, channel: PublicityChannel) -> bool:
    """Whether the material is released on the channel. Lock the material first (G1)."""
    found = select(material_releases.c.id).where(
        material_releases.c.material_id == material_id, material_releases.c.channel == channel
    )
    return await session.scalar(found) is not None
