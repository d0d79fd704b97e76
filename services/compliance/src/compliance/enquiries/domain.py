"""A question about what a product is, and the answer that the registry gives (M139)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.products.domain import Product
from compliance.rulebook.facts import ProductOrigin, ProductStatus


class EnquiryChannel(StrEnum):
    """Where it was asked; HOTLINE: by phone, somebody of the bank looks it up."""

    HOTLINE = "HOTLINE"
    TERMINAL = "TERMINAL"
    WEBSITE = "WEBSITE"
    APP = "APP"


class Answer(StrEnum):
    """What the registry says about selling it."""

    MAY_BE_SOLD = "MAY_BE_SOLD"
    NOT_ADMITTED = "NOT_ADMITTED"
    NO_LONGER_SOLD = "NO_LONGER_SOLD"
    NOT_LISTED = "NOT_LISTED"


#: The log's word for a product that is not in the registry: what was typed may be anything, and is not kept.
UNLISTED = ""


@dataclass(kw_only=True)
class Enquiry:
    """One question, on record for good (D1): about which listed product, never by whom."""

    id: UUID
    asked_on: date
    asked_at: datetime
    product_code: str
    channel: EnquiryChannel
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class Known:
    """A product of the registry; ``admitted``: it needs no admission, or has it (AGY-05)."""

    product: Product
    admitted: bool


def answer_about(known: Known | None) -> Answer:
    """PRD-01, AGY-05: what is not listed as on sale, or not admitted, must not be sold."""
    if known is None:
        return Answer.NOT_LISTED
    if known.product.status is not ProductStatus.ON_SALE:
        return Answer.NO_LONGER_SOLD
    return Answer.MAY_BE_SOLD if known.admitted else Answer.NOT_ADMITTED


def words_about(known: Known | None) -> tuple[str, str]:
    """The answer in Chinese and in English, as it is read out or shown."""
    if known is None:
        return (
            "该代码未在产品信息查询平台登记,不得销售;如有人向您推销,请拨打咨询举报电话。",
            "No product is registered by this code: it must not be sold. Report it if it was offered to you.",
        )
    product = known.product
    own = product.origin is ProductOrigin.OWN
    level = product.levels.effective
    zh = f"“{product.name}”由{product.issuer}发行,是本行{'自有' if own else '代销'}产品"
    en = f'"{product.name}" is issued by {product.issuer} and is {_EN_ORIGIN[product.origin]}'
    zh += "" if level is None else f",风险等级R{level}"
    en += "" if level is None else f", of risk level R{level}"
    zh_end, en_end = _ENDS[answer_about(known)]
    return f"{zh},{zh_end}。", f"{en}; {en_end}."


_ENDS = {
    Answer.MAY_BE_SOLD: ("正在销售", "it is on sale"),
    Answer.NOT_ADMITTED: ("尚未完成准入审批,不得销售", "it is not admitted yet and must not be sold"),
    Answer.NO_LONGER_SOLD: ("已停止销售", "it is no longer sold"),
}


_EN_ORIGIN = {
    ProductOrigin.OWN: "the bank's own product",
    ProductOrigin.AGENCY: "a product that the bank sells as an agent",
}
