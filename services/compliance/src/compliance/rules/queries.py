"""Reads of releases and of who stands for them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from compliance.retention.release import shipped_release
from compliance.rulebook.queries import kept_releases
from compliance.rules.releases import Approval, ReleaseState
from compliance.rules.tables import release_approvals


async def states(session: AsyncSession, rows: Iterable[Row[Any]]) -> list[ReleaseState]:
    """The releases of these rows (of ``kept_releases``), with those who stand for them."""
    kept = list(rows)
    approvals = await _approvals(session, [row.digest for row in kept])
    return [
        ReleaseState(
            digest=row.digest, stored_at=row.stored_at, rules=row.rules, approvals=approvals[row.digest]
        )
        for row in kept
    ]


async def release_state(session: AsyncSession, digest: str) -> ReleaseState:
    """One release, stored or shipped. Raises ``ObjectNotFound``."""
    found = kept_releases().subquery()
    kept = (await session.execute(select(found).where(found.c.digest == digest))).all()
    if kept:
        (state,) = await states(session, kept)
        return state
    shipped = shipped_release()
    if shipped.digest != digest:
        raise ObjectNotFound
    return ReleaseState(digest=digest, stored_at=None, rules=len(shipped.rules), approvals=())


async def _approvals(session: AsyncSession, digests: list[str]) -> dict[str, tuple[Approval, ...]]:
    column = release_approvals.c
    order = (column.approved_at, column.subject)
    rows = await session.execute(select(release_approvals).where(column.digest.in_(digests)).order_by(*order))
    found: dict[str, tuple[Approval, ...]] = dict.fromkeys(digests, ())
    for row in rows:
        found[row.digest] += (Approval(**row._asdict()),)
    return found
