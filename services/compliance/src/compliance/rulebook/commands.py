"""Use cases of the rulebook: keep the release that decides."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.tables import rule_releases


async def keep_release(session: AsyncSession, now: datetime, release: RuleRelease) -> None:
    """Stores the release unless it is stored already; a decision names it by its digest."""
    known = select(rule_releases.c.digest).where(rule_releases.c.digest == release.digest)
    if await session.scalar(known) is not None:
        return
    statement = insert(rule_releases).values(digest=release.digest, content=release.plain, stored_at=now)
    await session.execute(statement.on_conflict_do_nothing())
