"""Use cases of questions about products."""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import ObjectNotFound
from chassis.ids import new_id
from compliance.enquiries.domain import UNLISTED, Enquiry, EnquiryChannel, Known, answer_about
from compliance.periods.domain import legal_date
from compliance.products.queries import is_admitted, product_by_code


async def answer_enquiry(
    session: AsyncSession, clock: Clock, code: str, channel: EnquiryChannel
) -> Known | None:
    """M139: the product with this code, None where the registry has none; that it was asked is logged."""
    at = clock.now()
    try:
        product = await product_by_code(session, code)
        admitted = await is_admitted(session, product, legal_date(at))
        known = Known(product=product, admitted=admitted)
    except ObjectNotFound:
        known = None
    session.add(
        Enquiry(
            id=new_id(),
            asked_on=legal_date(at),
            asked_at=at,
            product_code=UNLISTED if known is None else known.product.code,
            channel=channel,
            answer=answer_about(known),
        )
    )
    return known
