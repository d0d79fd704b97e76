"""The borders of each rule of the gate: how a good sale comes to lie just inside or just outside of them.

A rule that the gate applies and that has no entry here makes a test fail with its name.
"""

from collections.abc import Mapping, Sequence

from services.compliance.tests.gate import (
    borders_of_customers,
    borders_of_footage,
    borders_of_hours,
    borders_of_offerings,
    borders_of_parties,
    borders_of_places,
    borders_of_products,
    borders_of_sellers,
    borders_of_transactions,
)
from services.compliance.tests.gate.changes import (
    AGENCY,
    BOND,
    FROM_AFAR,
    INSURED,
    INVESTED,
    RISKY,
    TRUST,
    Border,
    Change,
    customer,
    together,
)

_FIRST: Mapping[str, Sequence[Border]] = {
    **borders_of_products.BORDERS,
    **borders_of_places.BORDERS,
    **borders_of_hours.BORDERS,
    **borders_of_sellers.BORDERS,
    **borders_of_customers.BORDERS,
    **borders_of_offerings.BORDERS,
    **borders_of_parties.BORDERS,
    **borders_of_transactions.BORDERS,
}

BORDERS: Mapping[str, Sequence[Border]] = {
    **_FIRST,
    # Other limbs of the same rules.
    **{rule: (*_FIRST[rule], *more) for rule, more in borders_of_footage.BORDERS.items()},
}

#: Good sales of other kinds: each passes as it is.
OTHERS: Sequence[Change] = (
    AGENCY,
    together(AGENCY, TRUST),
    INSURED,
    INVESTED,
    BOND,
    FROM_AFAR,
    together(RISKY, customer(age=70, bought_wealth_before=True)),
    borders_of_offerings.PRIVATE,
    borders_of_offerings.PRIVATE_TRUST,
    borders_of_products.charged(),
    borders_of_transactions.ROLLED,
)
