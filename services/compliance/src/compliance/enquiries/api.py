"""Routes of questions about products: anybody asks, the registry answers, officers see how often (M139)."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from chassis.auth import action
from chassis.http.problems import Messages
from chassis.http.routing import Input, Now, Output, Page, PageQuery, ReadSession, Session, paginate, routes
from compliance.enquiries import commands, queries
from compliance.enquiries.domain import UNLISTED, Answer, EnquiryChannel, Known, answer_about, words_about
from compliance.rulebook.facts import ProductKind, ProductOrigin, ProductStatus

public_router = routes("/v1/public/product_enquiries", "product enquiries")
router = routes("/v1/product_enquiries", "product enquiries")

Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]


class ProductEnquiry(Input):
    """The code of a product, as it stands on what was offered, and where it is asked."""

    code: Code
    channel: EnquiryChannel = EnquiryChannel.WEBSITE


class EnquiryAnswer(Output):
    """What the product is, as the registry has it; all null but the answer where it is not listed."""

    answer: Answer
    messages: Messages
    code: str | None
    name: str | None
    issuer: str | None
    origin: ProductOrigin | None
    kind: ProductKind | None
    risk_level: int | None
    status: ProductStatus | None

    @classmethod
    def of(cls, known: Known | None) -> "EnquiryAnswer":
        """The answer about a product, None for one that is not listed."""
        zh, en = words_about(known)
        product = None if known is None else known.product
        return cls(
            answer=answer_about(known),
            messages=Messages.model_validate({"zh-CN": zh, "en": en}),
            code=None if product is None else product.code,
            name=None if product is None else product.name,
            issuer=None if product is None else product.issuer,
            origin=None if product is None else product.origin,
            kind=None if product is None else product.kind,
            risk_level=None if product is None else product.levels.effective,
            status=None if product is None else product.status,
        )


class EnquiryCount(Output):
    """How often a product was asked about on a legal day. ``product_code`` null: codes of no product."""

    asked_on: date
    product_code: str | None
    channel: EnquiryChannel
    answer: Answer
    enquiries: int

    @classmethod
    def of(cls, row: Any) -> "EnquiryCount":
        """The view of a row of counts."""
        return cls(
            asked_on=row.asked_on,
            product_code=None if row.product_code == UNLISTED else row.product_code,
            channel=row.channel,
            answer=row.answer,
            enquiries=row.enquiries,
        )


@public_router.post("")
@action("product_enquiry.ask", public=True)
async def ask_about_product(body: ProductEnquiry, session: Session, clock: Now) -> EnquiryAnswer:
    """Ask what a product is; that it was asked is counted, who asked is not."""
    return EnquiryAnswer.of(await commands.answer_enquiry(session, clock, body.code, body.channel))


@router.get("")
@action("product_enquiry.count")
async def count_product_enquiries(
    session: ReadSession,
    page: PageQuery,
    first_day: date | None = None,
    last_day: date | None = None,
    product_code: Code | None = None,
) -> Page[EnquiryCount]:
    """Count the questions by legal day, product, channel and answer, oldest day first."""
    statement = queries.counts(first_day, last_day, product_code)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[EnquiryCount.of(row) for row in rows], next_cursor=cursor)
