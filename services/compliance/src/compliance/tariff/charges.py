"""Charging standards: what one step of a service costs, and when one standard is above another. Pure."""

from dataclasses import dataclass
from fractions import Fraction

from chassis.errors import Invalid

#: Amounts stay inside what every JSON reader can hold.
AMOUNT_MINOR_MAX = 2**53 - 1
#: Basis points of the whole.
FULL_BP = 10_000


class ChargeInvalid(Invalid):
    """A standard is an amount, or a rate with bounds that fit each other."""

    code = "FEE_STANDARD_INVALID"
    zh = "环节 {step} 的收费标准无效;请填写固定金额,或填写费率及不低于下限的上限。"
    en = "The standard of step {step} is invalid; give an amount, or a rate with a maximum above its minimum."


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a service that may be charged for; ``code`` names it within its service."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Standard:
    """What a step costs: ``amount_minor``, or ``rate_bp`` basis points of the amount within the bounds.

    Amounts in minor units of the service's currency; 0 is free of charge. Raises :class:`ChargeInvalid`.
    """

    step: str
    amount_minor: int | None
    rate_bp: int | None
    min_minor: int | None
    max_minor: int | None

    def __post_init__(self) -> None:
        given = [value for value in (self.amount_minor, self.min_minor, self.max_minor) if value is not None]
        fits = all(0 <= value <= AMOUNT_MINOR_MAX for value in given)
        if self.rate_bp is None:
            fits = fits and self.amount_minor is not None and len(given) == 1
        else:
            fits = fits and self.amount_minor is None and 0 <= self.rate_bp <= FULL_BP
            fits = fits and (self.max_minor is None or (self.min_minor or 0) <= self.max_minor)
        if not fits:
            raise ChargeInvalid(step=self.step, pointer="/standards")

    def exact(self, amount_minor: int | Fraction) -> Fraction:
        """The charge for an amount, before it is rounded."""
        if self.rate_bp is None:
            return Fraction(self.amount_minor or 0)
        charge = max(Fraction(self.rate_bp, FULL_BP) * amount_minor, Fraction(self.min_minor or 0))
        return charge if self.max_minor is None else min(charge, Fraction(self.max_minor))

    def fee(self, amount_minor: int) -> int:
        """The charge for an amount in minor units; parts of one are not charged."""
        return int(self.exact(amount_minor))

    def higher_than(self, other: "Standard") -> bool:
        """FEE-03: whether some amount would cost more by this standard than by the other.

        Both are straight between their bends, so that the bends and the ends tell.
        """
        places = {Fraction(0), Fraction(AMOUNT_MINOR_MAX), *self.bends(), *other.bends()}
        return any(self.exact(place) > other.exact(place) for place in places)

    def bends(self) -> list[Fraction]:
        """The amounts at which a bound begins or ends to count."""
        if not self.rate_bp:
            return []
        bounds = [bound for bound in (self.min_minor, self.max_minor) if bound]
        found = [Fraction(bound * FULL_BP, self.rate_bp) for bound in bounds]
        return [place for place in found if place <= AMOUNT_MINOR_MAX]


def reduced(charge_minor: int, discount_bp: int) -> int:
    """A charge less a discount in basis points; parts of a minor unit are not charged."""
    return charge_minor * (FULL_BP - discount_bp) // FULL_BP
