"""Use cases of the rulebook: keep the release that decides."""

from datetime import datetime

from sqlalchemy import String, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.reads import Read
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.tables import rule_releases

#: The release ``release``, by its digest, where it is stored.
STORED = Read[dict[str, str]](
    dict,
    select(rule_releases.c.digest).where(rule_releases.c.digest == bindparam("release", type_=String)),
    by="digest",
)


async def keep_release(session: AsyncSession, now: datetime, release: RuleRelease) -> None:
    """Stores the release unless it is stored already; a decision names it by its digest."""
    known = select(rule_releases.c.digest).where(rule_releases.c.digest == release.digest)
    if await session.scalar(known) is not None:
        return
    statement = insert(rule_releases).values(digest=release.digest, content=release.plain, stored_at=now)
    await session.execute(statement.on_conflict_do_nothing())
