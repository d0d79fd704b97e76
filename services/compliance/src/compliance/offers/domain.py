"""An offer of several things together (SAL-06): entered as a whole, withdrawn once, changed never."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.rulebook.domain import Finding
from compliance.rulebook.offers import TYING, OfferFacts, PartFacts


class PartKind(StrEnum):
    """What a part of an offer is; a PRODUCT stands in the product registry under its code."""

    PRODUCT = "PRODUCT"
    LOAN = "LOAN"
    CARD = "CARD"
    ACCOUNT = "ACCOUNT"
    SERVICE = "SERVICE"


class TyingForbidden(Invalid):
    """SAL-06."""

    code = TYING
    zh = "组合中的 {parts} 为必选,属于捆绑搭售;请改为客户可自行选择。"
    en = "The offer makes {parts} mandatory, which ties them; let the customer take or leave each part."


class OfferPartTwice(Invalid):
    """A part is named once."""

    code = "OFFER_PART_TWICE"
    zh = "组合中 {part} 出现多次;每项只列一次。"
    en = "The offer names {part} more than once; list each part once."


class OfferCodeTaken(Conflict):
    """One code is one offer."""

    code = "OFFER_CODE_TAKEN"
    zh = "组合代码 {taken} 已被使用;请换一个代码。"
    en = "An offer has the code {taken} already; choose another."


class OfferIsWithdrawn(Conflict):
    """An offer ends once."""

    code = "OFFER_WITHDRAWN"
    zh = "该组合已停止提供;无需再次停止。"
    en = "The offer is withdrawn already; there is nothing to end."


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part; ``mandatory``: the customer must take it to get the others."""

    kind: PartKind
    code: str
    mandatory: bool


@dataclass
class Offer:
    """The aggregate. ``withdrawn_at`` None: it is offered."""

    id: UUID
    version: int
    code: str
    name: str
    parts: tuple[Part, ...]
    entered_by: str
    entered_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def enter(
        cls, offer_id: UUID, *, code: str, name: str, parts: tuple[Part, ...], by: str, at: datetime
    ) -> "Offer":
        """A new offer at version 1. Raises :class:`OfferPartTwice`."""
        for n, part in enumerate(parts):
            if any((part.kind, part.code) == (other.kind, other.code) for other in parts[:n]):
                raise OfferPartTwice(part=part.code, pointer=f"/parts/{n}/code")
        return cls(offer_id, 1, code, name, parts, by, at, None)

    def withdraw(self, *, at: datetime) -> None:
        """Ends the offer. Raises :class:`OfferIsWithdrawn`."""
        if self.withdrawn_at is not None:
            raise OfferIsWithdrawn
        self.withdrawn_at = at
        self.version += 1

    def facts(self) -> OfferFacts:
        """What the rule of offers judges."""
        return OfferFacts(
            parts=tuple(PartFacts(code=one.code, mandatory=one.mandatory) for one in self.parts)
        )


def tied(finding: Finding) -> TyingForbidden:
    """SAL-06: the refusal of an offer, with what it ties."""
    return TyingForbidden(parts=", ".join(finding.details["parts"]), pointer="/parts")
