"""What references need of an outlet."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from feedback.outlets.domain import Outlet, business_year, reference_code

OUTLET_ID = UUID("0190a000-0000-7000-8000-0000deadbeef")


def outlet(timezone: str | None = "Asia/Shanghai", cutover_hour: int = 0) -> Outlet:
    return Outlet(OUTLET_ID, 1, "0001", "Renmin Road", timezone, cutover_hour, False)


@pytest.mark.parametrize(
    ("where", "instant", "year"),
    [
        (outlet(), datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), 2026),
        (outlet(), datetime(2026, 12, 31, 16, tzinfo=UTC), 2027),
        (outlet(cutover_hour=4), datetime(2026, 12, 31, 19, 59, 59, tzinfo=UTC), 2026),
        (outlet(timezone="Asia/Urumqi"), datetime(2026, 12, 31, 17, tzinfo=UTC), 2026),
        (outlet(timezone=None), datetime(2026, 12, 31, 16, tzinfo=UTC), 2027),
        (None, datetime(2026, 12, 31, 16, tzinfo=UTC), 2027),
    ],
)
def test_business_year_is_the_outlets(where: Outlet | None, instant: datetime, year: int) -> None:
    assert business_year(where, instant) == year


def test_reference_code() -> None:
    assert reference_code(outlet(), OUTLET_ID) == "0001"
    assert reference_code(None, OUTLET_ID) == "XDEADBEEF"
    assert reference_code(Outlet(OUTLET_ID, 2, None, None, None, 0, True), OUTLET_ID) == "XDEADBEEF"
