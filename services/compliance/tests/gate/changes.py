"""Changes of a good sale, one fact at a time, for the borders of the gate's rules."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from compliance.periods.domain import legal_date
from compliance.rulebook.facts import ProductKind, ProductOrigin, SaleFacts
from services.compliance.tests.unit.builders import OPINION, an_id

Change = Callable[[SaleFacts], SaleFacts]
MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
NEVER = timedelta(0)
FOREIGN = an_id(99)


@dataclass(frozen=True, kw_only=True)
class Border:
    """One border of a rule: changes of a good sale that leave it satisfied, and changes that break it.

    ``broken`` break this rule alone, ``among`` break it among others.
    """

    held: tuple[Change, ...] = ()
    broken: tuple[Change, ...] = ()
    among: tuple[Change, ...] = ()


def valued(facts: SaleFacts, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with values that are functions of the facts worked out."""
    return {key: value(facts) if callable(value) else value for key, value in changes.items()}


def whole(**changes: Any) -> Change:
    """Changes members of the facts themselves; values may be functions of the facts."""
    return lambda facts: replace(facts, **valued(facts, changes))


def part(path: str, **changes: Any) -> Change:
    """Changes members of a part of the facts (``zone.checklist``), of each where there are several."""
    name, _, rest = path.partition(".")

    def inner(value: Any, given: dict[str, Any], rest: str) -> Any:
        if value is None:
            return None
        if isinstance(value, tuple):
            return tuple(inner(one, given, rest) for one in value)
        if not rest:
            return replace(value, **given)
        first, _, later = rest.partition(".")
        return replace(value, **{first: inner(getattr(value, first), given, later)})

    def change(facts: SaleFacts) -> SaleFacts:
        given = valued(facts, changes)
        return replace(facts, **{name: inner(getattr(facts, name), given, rest)})

    return change


def together(*changes: Change) -> Change:
    """One change after the other."""

    def change(facts: SaleFacts) -> SaleFacts:
        for one in changes:
            facts = one(facts)
        return facts

    return change


def each(path: str, name: str, *values: Any) -> tuple[Change, ...]:
    """A change for each of the values of one member."""
    return tuple(part(path, **{name: value}) if path else whole(**{name: value}) for value in values)


def after(before: Change, *changes: Change) -> tuple[Change, ...]:
    """Each of the changes, behind the same one."""
    return tuple(together(before, change) for change in changes)


def decided(distance: timedelta) -> Callable[[SaleFacts], datetime]:
    """So far from the instant of the sale."""
    return lambda facts: facts.decided_at + distance


def begun(distance: timedelta) -> Callable[[SaleFacts], datetime]:
    """So far from the beginning of the recording, or of where it would have begun."""
    return lambda facts: next((one.started_at for one in facts.recordings), facts.decided_at) + distance


def on_day(distance: int) -> Callable[[SaleFacts], date]:
    """So many days from the legal day of the sale."""
    return lambda facts: legal_date(facts.decided_at) + timedelta(days=distance)


def before_and_at(path: str, name: str, at: Callable[[timedelta], Any], *, else_held: Any = ...) -> Border:
    """What may have happened up to an instant, itself included, and not a moment later."""
    good = () if else_held is ... else (else_held,)
    return Border(
        held=each(path, name, at(-MOMENT), at(NEVER), *good),
        broken=each(path, name, at(MOMENT)),
    )


def told(facts: SaleFacts) -> SaleFacts:
    """The customer was told the opinion on the product and the assessment as they are."""
    if facts.product is None or facts.assessment is None:
        return facts
    level = facts.product.effective_level
    opinion = replace(
        facts.opinion or OPINION,
        product_level=OPINION.product_level if level is None else level,
        customer_level=facts.assessment.level or OPINION.customer_level,
    )
    return replace(facts, opinion=opinion)


def product(**changes: Any) -> Change:
    """The product changed, and the customer told."""
    return together(part("product", **changes), told)


def customer(**changes: Any) -> Change:
    """The customer changed."""
    return part("customer", **changes)


def of_kind(kind: ProductKind, qualification: str) -> Change:
    """Another kind of product, sold by somebody with the right to."""
    return together(part("product", kind=kind), part("seller.qualifications", kind=qualification))


RISKY = together(part("assessment", level=5), product(bank_level=4))
FROM_AFAR = together(
    whole(channel="SELF_SERVICE"), part("terminal", staff_assisted=False, risk_page_shown=True)
)
AGENCY = product(origin=ProductOrigin.AGENCY, issuer_level=3)
FUND = of_kind(ProductKind.FUND, "AGENCY_FUND")
TRUST = of_kind(ProductKind.TRUST, "AGENCY_TRUST")
INSURED = of_kind(ProductKind.INSURANCE, "AGENCY_INSURANCE")
INVESTED = of_kind(ProductKind.INVESTMENT_INSURANCE, "AGENCY_INSURANCE")
SECURITIES = of_kind(ProductKind.SECURITIES, "AGENCY_SECURITIES")
GRADED_KINDS = (FUND, SECURITIES, TRUST, INVESTED)
BOND = together(of_kind(ProductKind.GOV_BOND, "WEALTH"), product(bank_level=None))


def moved(facts: SaleFacts, by: timedelta) -> SaleFacts:
    """The facts at another time: instants later by ``by``, days by as many legal days as the sale is."""
    days = legal_date(facts.decided_at + by) - legal_date(facts.decided_at)
    result: SaleFacts = _moved(facts, by, days)
    return result


def at(instant: datetime) -> Change:
    """Everything moved so that the sale happens at the instant."""
    return lambda facts: moved(facts, instant - facts.decided_at)


def _moved(value: Any, by: timedelta, days: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, date):
        return value + days
    if isinstance(value, tuple):
        return tuple(_moved(one, by, days) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        given = {one.name: _moved(getattr(value, one.name), by, days) for one in fields(value)}
        return replace(value, **given)
    return value
