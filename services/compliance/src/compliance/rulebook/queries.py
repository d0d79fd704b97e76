"""Reads of the rulebook."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.loading import Functions, RulebookInvalid, stored_release
from compliance.rulebook.tables import rule_releases

RELEASE_ORDER = (rule_releases.c.stored_at, rule_releases.c.digest)


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


def kept_releases() -> Select[Any]:
    """Every stored release: ``digest``, ``stored_at``, and how many ``rules`` it holds."""
    rules = func.jsonb_array_length(rule_releases.c.content["rules"]).label("rules")
    return select(rule_releases.c.digest, rule_releases.c.stored_at, rules)
