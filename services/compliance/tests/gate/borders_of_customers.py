"""Borders of the rules about who buys, and what he was told and asked before (SUI)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from compliance.periods.domain import add_months, legal_date, start_of
from compliance.rulebook.buyer_rules import CARE_ITEMS
from compliance.rulebook.customer_facts import AssessmentPlace, CivilCapacity, GuardianConsentFacts, LegalForm
from compliance.rulebook.facts import ProductOrigin, SaleFacts
from services.compliance.tests.gate.changes import (
    AGENCY,
    BOND,
    DAY,
    FOREIGN,
    FROM_AFAR,
    GRADED_KINDS,
    INSURED,
    MOMENT,
    NEVER,
    RISKY,
    Border,
    Change,
    after,
    at,
    before_and_at,
    begun,
    customer,
    decided,
    each,
    part,
    product,
    together,
    whole,
)
from services.compliance.tests.unit.builders import NOW, SEGMENTS, an_id

THINKING = timedelta(hours=24)
CONFIRMED_AFTER = timedelta(milliseconds=SEGMENTS[3].starts_ms)
GUARDED = GuardianConsentFacts(consent_id=an_id(90), at=NOW - DAY)
LIMITED = customer(capacity=CivilCapacity.LIMITED, guardian_consent=GUARDED)
OLD_AND_RISKY = together(RISKY, customer(age=65, bought_wealth_before=True))
COMPANY = customer(legal_form=LegalForm.COMPANY)
AGELESS_AND_RISKY = together(OLD_AND_RISKY, customer(age=None))
MIDNIGHT = start_of(date(2026, 3, 3))
FROM_A_SHOP = part("assessment", imported=True, source="shop")
FIRST_DAY_OF_OWN_CHANNELS = start_of(date(2026, 9, 30))
LARGE = together(whole(amount_minor=100_000_000), customer(bought_wealth_before=True))


def assessed(distance: int) -> Change:
    """The assessment's last valid day lies so many days from the day of the sale, as near as months allow."""

    def completed(facts: SaleFacts) -> Any:
        wanted = legal_date(facts.decided_at) + timedelta(days=distance)
        day = date(wanted.year - 1, wanted.month, min(wanted.day, 28))
        while add_months(day + DAY, 12) <= wanted:
            day += DAY
        return start_of(day) + timedelta(hours=1)

    return part("assessment", completed_at=completed, change_reported_at=None)


def reported(distance: timedelta) -> Change:
    """A change of circumstances was reported so long after the assessment."""

    def at_that_time(facts: SaleFacts) -> Any:
        return None if facts.assessment is None else facts.assessment.completed_at + distance

    return part("assessment", change_reported_at=at_that_time)


def levels(distance: int, origin: ProductOrigin) -> Change:
    """The product's higher level lies so far above the customer's."""
    own = origin is ProductOrigin.OWN
    given = {"bank_level": 3 + distance if own else 2, "issuer_level": None if own else 3 + distance}
    return together(part("assessment", level=3), product(origin=origin, **given))


def relevelled(before: int, **changes: Any) -> Change:
    """Another level counted before the assessment."""
    return part("assessment", level_before=before, **changes)


def means(**changes: Any) -> Change:
    """What the customer has."""
    return part("customer.means", **changes)


def amount(facts: SaleFacts) -> int:
    """The amount of the sale."""
    return facts.amount_minor


def less(facts: SaleFacts) -> int:
    """A little less than the amount of the sale."""
    return facts.amount_minor - 1


BORDERS: Mapping[str, Sequence[Border]] = {
    "SUI-01": (
        Border(
            held=(part("assessment", completed_at=begun(-DAY)),),
            broken=(
                *each("assessment", "customer_id", FOREIGN),
                *each("assessment", "level", None),
                whole(assessment=None),
            ),
        ),
        Border(
            held=each("assessment", "completed_at", decided(-MOMENT)),
            among=each("assessment", "completed_at", decided(NEVER), decided(MOMENT)),
        ),
    ),
    "SUI-02": (
        before_and_at("disclosure", "acknowledged_at", decided),
        Border(broken=(part("disclosure", acknowledged_at=None), whole(disclosure=None))),
    ),
    "SUI-03": (
        *(
            Border(held=(levels(-1, origin), levels(0, origin)), broken=(levels(1, origin),))
            for origin in ProductOrigin
        ),
        Border(
            held=(BOND, together(BOND, part("assessment", level=1))),
            broken=after(together(BOND, product(bank_level=2)), part("assessment", level=1)),
            among=(
                *(product(bank_level=None), whole(product=None)),
                *(part("assessment", level=None), whole(assessment=None)),
                *after(product(bank_level=None), *GRADED_KINDS),
            ),
        ),
    ),
    "SUI-04": (
        Border(
            held=(means(liquid_assets_minor=amount),),
            broken=(means(liquid_assets_minor=less), means(currency="USD")),
        ),
        Border(
            held=(
                *after(product(bank_level=2), customer(means=None), whole(customer=None)),
                together(BOND, customer(means=None)),
            ),
            broken=(
                customer(means=None),
                *after(product(bank_level=2), means(liquid_assets_minor=less)),
            ),
            among=(
                *after(customer(means=None), product(bank_level=None), whole(product=None)),
                *after(together(customer(means=None), product(bank_level=None)), *GRADED_KINDS),
            ),
        ),
    ),
    "SUI-05": (
        before_and_at("opinion", "acknowledged_at", decided),
        Border(
            held=(together(BOND, whole(opinion=None)), part("assessment", level=3)),
            broken=(
                *each("opinion", "acknowledged_at", None),
                *each("opinion", "customer_level", 2, 4),
                *each("opinion", "assessment_id", FOREIGN),
                *each("assessment", "level", 4),
                whole(opinion=None),
            ),
            among=(
                *(part("assessment", level=None), whole(assessment=None)),
                *(whole(product=None), part("product", bank_level=None)),
            ),
        ),
    ),
    "SUI-07": (
        Border(
            held=each("assessment", "completed_at", begun(NEVER), begun(CONFIRMED_AFTER - MOMENT)),
            broken=each(
                "assessment", "completed_at", begun(CONFIRMED_AFTER), begun(CONFIRMED_AFTER + MOMENT)
            ),
        ),
        Border(
            held=(part("recordings", segments=()),),
            among=(whole(assessment=None), whole(recordings=())),
        ),
    ),
    "SUI-11": (
        Border(
            held=(
                relevelled(3),
                relevelled(2, level_confirmed_at=decided(-MOMENT)),
                relevelled(4, level_confirmed_at=decided(NEVER)),
            ),
            broken=(
                relevelled(2, level_confirmed_at=decided(MOMENT)),
                relevelled(4, level_confirmed_at=None),
            ),
            among=(part("assessment", level=None), whole(assessment=None)),
        ),
    ),
    "SUI-12": (
        Border(held=(assessed(0), assessed(1)), broken=(assessed(-1),), among=(whole(assessment=None),)),
        Border(
            held=(together(at(MIDNIGHT - MOMENT), assessed(0)),),
            broken=(together(at(MIDNIGHT), assessed(-1)),),
        ),
        Border(held=(reported(-MOMENT),), broken=(reported(NEVER), reported(MOMENT))),
        Border(
            held=each("assessment", "change_reported_at", decided(MOMENT), None),
            broken=each("assessment", "change_reported_at", decided(-MOMENT), decided(NEVER)),
        ),
    ),
    "SUI-13": (
        Border(
            held=(customer(capacity=CivilCapacity.FULL), *after(LIMITED, product(bank_level=1))),
            broken=(
                *after(LIMITED, product(bank_level=2), BOND),
                *after(product(bank_level=1), customer(capacity=CivilCapacity.LIMITED)),
                *each("customer", "capacity", CivilCapacity.NONE, None),
                *after(
                    together(LIMITED, product(bank_level=1)),
                    *each("customer", "capacity", CivilCapacity.NONE, None),
                ),
            ),
            among=(
                *after(LIMITED, product(bank_level=None), whole(product=None)),
                whole(customer=None),
            ),
        ),
    ),
    "SUI-14": (
        Border(
            held=(
                OLD_AND_RISKY,
                *after(part("safeguards", care=None), customer(age=65), *after(RISKY, customer(age=64))),
            ),
            broken=(
                *after(part("safeguards", care=None), OLD_AND_RISKY),
                *after(OLD_AND_RISKY, whole(safeguards=None)),
                AGELESS_AND_RISKY,
            ),
            among=after(RISKY, whole(customer=None)),
        ),
        # A company has no age.
        Border(held=after(AGELESS_AND_RISKY, COMPANY)),
        Border(
            held=after(OLD_AND_RISKY, part("safeguards.care", at=decided(-THINKING))),
            broken=after(OLD_AND_RISKY, part("safeguards.care", at=decided(MOMENT - THINKING))),
        ),
        Border(
            held=(together(BOND, customer(age=65), part("safeguards", care=None)),),
            broken=after(OLD_AND_RISKY, *(part("safeguards.care", **{item: False}) for item in CARE_ITEMS)),
            among=after(customer(age=65), product(bank_level=None), whole(product=None)),
        ),
    ),
    "SUI-15": (
        Border(
            held=(
                *after(part("assessment", place=AssessmentPlace.REMOTE), AGENCY, INSURED),
                *after(customer(bought_wealth_before=True), part("assessment", place=None)),
            ),
            broken=(
                *each("assessment", "place", AssessmentPlace.REMOTE, None),
                *each("customer", "bought_wealth_before", None),
            ),
            among=(whole(product=None), whole(assessment=None), whole(customer=None)),
        ),
        Border(
            held=(
                customer(age=64),
                *after(part("assessment", age_considered=True), customer(age=65), customer(age=66)),
            ),
            broken=(
                *after(customer(age=65), *each("assessment", "age_considered", False, None)),
                customer(age=None),
            ),
        ),
        Border(
            held=after(customer(age=None), COMPANY),
            among=after(part("assessment", place=AssessmentPlace.REMOTE), COMPANY),
        ),
    ),
    "SUI-16": (
        Border(
            held=after(
                together(RISKY, FROM_AFAR),
                *each("safeguards", "agreed_off_outlet_at", decided(-MOMENT), decided(NEVER)),
            ),
            broken=after(
                together(RISKY, FROM_AFAR),
                *each("safeguards", "agreed_off_outlet_at", decided(MOMENT), None),
                whole(safeguards=None),
            ),
        ),
        Border(
            held=(*after(FROM_AFAR, product(bank_level=3), together(RISKY, INSURED)), RISKY),
            among=after(FROM_AFAR, product(bank_level=None), whole(product=None)),
        ),
        Border(
            held=(
                whole(amount_minor=99_999_999),
                *after(LARGE, *each("safeguards", "approved_at", decided(-MOMENT), decided(NEVER))),
                together(LARGE, AGENCY, INSURED),
            ),
            broken=(
                *after(LARGE, *each("safeguards", "approved_at", decided(MOMENT), None)),
                *after(LARGE, whole(safeguards=None), whole(amount_minor=100_000_001)),
                together(AGENCY, whole(currency="USD"), means(currency="USD")),
            ),
        ),
    ),
    "SUI-20": (
        Border(
            held=(
                *after(FROM_A_SHOP, at(FIRST_DAY_OF_OWN_CHANNELS - MOMENT)),
                at(FIRST_DAY_OF_OWN_CHANNELS),
            ),
            broken=after(FROM_A_SHOP, at(FIRST_DAY_OF_OWN_CHANNELS), at(FIRST_DAY_OF_OWN_CHANNELS + MOMENT)),
        ),
        Border(
            held=after(
                together(at(FIRST_DAY_OF_OWN_CHANNELS + DAY), part("assessment", imported=True)),
                *each("assessment", "source", "crm", "corebanking", "mobile-bank"),
            ),
            broken=after(
                at(FIRST_DAY_OF_OWN_CHANNELS + DAY),
                part("assessment", imported=True, source=None),
                part("assessment", imported=None),
            ),
            among=after(at(FIRST_DAY_OF_OWN_CHANNELS + DAY), whole(assessment=None)),
        ),
    ),
}
