"""What may be wrong with the preparation of a seller, for the two readings of the gate (SAL-10)."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.compliance.tests.unit.builders import TRAININGS, an_id

VALUES: dict[str, tuple[Any, ...]] = {
    "trainings": tuple(
        tuple(
            replace(one, minutes=one.minutes + more, completed_on=day, kind=kind or one.kind)
            for one in TRAININGS
        )
        for more, day, kind in (
            (-1, date(2026, 3, 2), None),
            (0, date(2025, 3, 1), None),
            (0, date(2025, 3, 2), None),
            (0, date(2026, 3, 3), None),
            (-1, date(2026, 3, 2), "INVESTMENT_INSURANCE"),
        )
    ),
    "selling_since": (None, date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)),
    "bad_records": ((an_id(99),),),
}
