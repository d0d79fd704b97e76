"""The use case of presentations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.presentations.domain import Presentation
from compliance.presentations.queries import presented


async def keep_presentation(
    session: AsyncSession, at: datetime, subject_id: UUID, *, case_id: UUID, product_id: UUID
) -> None:
    """Keeps what is presented of the case's product now that ``subject_id`` begins.

    The case is stored already. Nothing is kept of a product outside the registry.
    """
    content = await presented(session, product_id, at)
    if content is not None:
        session.add(Presentation(subject_id=subject_id, case_id=case_id, content=content, taken_at=at))
