"""What held of a case's product at one instant, kept for good: what changes later can be seen (REC-02)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.periods.domain import legal_date
from compliance.products.domain import Product
from compliance.products.scripts import ProductScript
from compliance.rulebook.footage_facts import PresentedFacts, ScriptFacts
from compliance.tariff.prices import Price, published


@dataclass(kw_only=True)
class Presentation:
    """What was presented of a case's product when ``subject_id`` began: a recording, or the case itself."""

    subject_id: UUID
    case_id: UUID
    content: PresentedFacts
    taken_at: datetime


def present(
    product: Product,
    scripts: Iterable[ProductScript],
    prices: Iterable[Sequence[Price]],
    at: datetime,
) -> PresentedFacts:
    """What is presented at ``at``; ``prices``: those announced for each service that charges the sale."""
    in_force = [published(announced, legal_date(at)) for announced in prices]
    return PresentedFacts(
        product_version=product.version,
        terms=product.terms_digest,
        risk_level=product.levels.effective,
        prices=tuple(sorted(price.id for price in in_force if price is not None)),
        scripts=tuple(
            ScriptFacts(segment=script.segment, sha256=script.sha256)
            for script in sorted(scripts, key=lambda script: script.segment)
        ),
    )
