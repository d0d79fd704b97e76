"""Zones by their IANA names."""

import pytest

from chassis.clock import known_zone


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Asia/Urumqi", "UTC"])
def test_a_zone_of_the_database_is_known(name: str) -> None:
    assert known_zone(name) == name


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "asia/shanghai"])
def test_any_other_text_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="no zone"):
        known_zone(name)
