"""The window of instants in which a product is offered: from one on, until before another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Invalid
from compliance.products.domain import Product
from compliance.products.events import ProductWindowSet
from compliance.rulebook.facts import WindowFacts


class OfferingWindowInvalid(Invalid):
    """A window begins before it ends."""

    code = "OFFERING_WINDOW_INVALID"
    zh = "发售期须先开始后结束;请更正起止时间。"
    en = "An offering begins before it ends; correct the two instants."


@dataclass(kw_only=True)
class OfferingWindow:
    """When a product is offered, on record for good; it made ``product_version``. None: without that end."""

    product_id: UUID
    product_version: int
    offered_from: datetime | None
    offered_until: datetime | None
    set_by: str
    set_at: datetime

    @property
    def facts(self) -> WindowFacts:
        """What the gate may rest on."""
        return WindowFacts(offered_from=self.offered_from, offered_until=self.offered_until)


def set_window(
    product: Product, offered_from: datetime | None, offered_until: datetime | None, *, by: str, at: datetime
) -> tuple[OfferingWindow, ProductWindowSet]:
    """Another window from now on. Raises ``ProductIsEnded``, :class:`OfferingWindowInvalid`."""
    product.must_run()
    if offered_from is not None and offered_until is not None and offered_from >= offered_until:
        raise OfferingWindowInvalid(pointer="/offered_until")
    product.version += 1
    window = OfferingWindow(
        product_id=product.id,
        product_version=product.version,
        offered_from=offered_from,
        offered_until=offered_until,
        set_by=by,
        set_at=at,
    )
    return window, ProductWindowSet(
        version=product.version,
        occurred_at=at,
        product_id=product.id,
        offered_from=offered_from,
        offered_until=offered_until,
    )
