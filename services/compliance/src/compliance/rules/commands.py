"""Use cases of releases: an officer stands for one."""

from dataclasses import asdict

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from compliance.retention.release import shipped_release
from compliance.rulebook.commands import keep_release
from compliance.rules.queries import release_state
from compliance.rules.releases import ReleaseState
from compliance.rules.tables import release_approvals

LOCK_RELEASE = text("SELECT pg_advisory_xact_lock(7107011, hashtext(:digest))")


async def approve_release(
    session: AsyncSession, clock: Clock, digest: str, expected_version: int, *, by: str
) -> ReleaseState:
    """The officer ``by`` stands for the release; one that is only shipped is stored with it.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReleaseApprovedAlready``.
    """
    await session.execute(LOCK_RELEASE, {"digest": digest})
    state = await release_state(session, digest)
    check_version(state.version, expected_version)
    now = clock.now()
    approval = state.approve(by, now)
    if state.stored_at is None:
        await keep_release(session, now, shipped_release())
    await session.execute(insert(release_approvals).values(**asdict(approval)))
    return await release_state(session, digest)
