"""Use cases of questions about products."""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import ObjectNotFound
from chassis.ids import new_id
from compliance.enquiries.domain import UNLISTED, Enquiry, EnquiryChannel, answer_about
from compliance.periods.domain import legal_date
from compliance.products.domain import Product
from compliance.products.queries import product_by_code


async def answer_enquiry(
    session: AsyncSession, clock: Clock, code: str, channel: EnquiryChannel
) -> Product | None:
    """M139: the product with this code, None where the registry has none; that it was asked is logged."""
    try:
        product = await product_by_code(session, code)
    except ObjectNotFound:
        product = None
    at = clock.now()
    session.add(
        Enquiry(
            id=new_id(),
            asked_on=legal_date(at),
            asked_at=at,
            product_code=UNLISTED if product is None else product.code,
            channel=channel,
            answer=answer_about(product),
        )
    )
    return product
