"""Reads of the rulebook."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.loading import Functions, RulebookInvalid, stored_release
from compliance.rulebook.tables import rule_releases


class ReleaseAltered(RulebookInvalid):
    """A stored release is not what its digest says."""


async def kept_release(session: AsyncSession, digest: str, functions: Functions) -> RuleRelease:
    """The stored release with this digest.

    Raises ``ObjectNotFound``, ``RulebookInvalid`` and its kind :class:`ReleaseAltered`.
    """
    plain = await session.scalar(select(rule_releases.c.content).where(rule_releases.c.digest == digest))
    if plain is None:
        raise ObjectNotFound
    release = stored_release(plain, functions)
    if release.digest != digest:
        raise ReleaseAltered(digest)
    return release
