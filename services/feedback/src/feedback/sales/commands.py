"""What is noted about sales."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.sales.tables import sales


async def note_sale(
    session: AsyncSession,
    sale_id: UUID,
    *,
    outlet_id: UUID,
    seller_id: UUID,
    product_id: UUID,
    logged_at: datetime,
) -> None:
    """Enters a logged sale; the first entry stands."""
    statement = insert(sales).values(
        id=sale_id, outlet_id=outlet_id, seller_id=seller_id, product_id=product_id, logged_at=logged_at
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=[sales.c.id]))
