"""A logged sale as complaints need it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass
class Sale:
    """Where a sale was made, by whom, and what was sold. It never changes."""

    id: UUID
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    logged_at: datetime
