"""What is noted about outlets: the newest description wins, a closing is for good."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.outlets.tables import outlets


async def describe_outlet(
    session: AsyncSession,
    outlet_id: UUID,
    version: int,
    *,
    code: str,
    name: str,
    timezone: str,
    cutover_hour: int,
) -> None:
    """Notes what describes the outlet at ``version``, unless a newer description stands (N4)."""
    described = {"code": code, "name": name, "timezone": timezone, "cutover_hour": cutover_hour}
    statement = insert(outlets).values(id=outlet_id, version=version, closed=False, **described)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[outlets.c.id],
            set_={**described, "version": func.greatest(outlets.c.version, version)},
            where=(outlets.c.version < version) | outlets.c.code.is_(None),
        )
    )


async def close_outlet(session: AsyncSession, outlet_id: UUID, version: int) -> None:
    """Notes that the outlet is closed for good, also where nothing else is known of it yet (N4)."""
    statement = insert(outlets).values(id=outlet_id, version=version, cutover_hour=0, closed=True)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[outlets.c.id],
            set_={"closed": True, "version": func.greatest(outlets.c.version, version)},
        )
    )
