"""What the settings command says: meaning, unit, limits, origin; values are judged and never repeated."""

from pathlib import Path

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.configuration import configuration
from chassis.settings import Settings


class Parcels(Settings):
    """A service's settings with one of its own."""

    model_config = SettingsConfigDict(env_prefix="WANGDIAN_")

    parcel_bytes_max: int = Field(10, ge=1, le=99, description="largest parcel")


@pytest.fixture
def valid(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    given = {
        "WANGDIAN_DATABASE_URL": "postgresql://a:hidden@db.test/x",
        "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": "kafka.test:9092",
        "WANGDIAN_ISSUER": "https://login.test",
        "WANGDIAN_JWKS_URL": "https://login.test/jwks",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


def test_every_setting_has_its_meaning_unit_limits_and_origin(valid: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "wangdian_pool_size").write_text("3")
    found = configuration(Parcels, valid, tmp_path)
    assert found.problems == {}
    assert all(one.meaning for one in found.settings)
    by_name = {one.variable: one for one in found.settings}
    parcel = by_name["WANGDIAN_PARCEL_BYTES_MAX"]
    assert (parcel.unit, parcel.limits, parcel.default, parcel.origin) == (
        "bytes",
        "≥ 1, ≤ 99",
        "10",
        "default",
    )
    assert by_name["WANGDIAN_DATABASE_URL"].origin == "environment"
    assert by_name["WANGDIAN_POOL_SIZE"].origin == "secret file"
    assert by_name["WANGDIAN_STATEMENT_TIMEOUT_MS"].unit == "ms"
    assert by_name["WANGDIAN_OWNER_DATABASE_URL"].kind == "text"


def test_what_is_wrong_is_named_without_the_value(
    valid: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WANGDIAN_HTTP_PORT", "hidden")
    monkeypatch.delenv("WANGDIAN_ISSUER")
    found = configuration(Parcels, {name: valid[name] for name in valid if "ISSUER" not in name}, tmp_path)
    assert set(found.problems) == {"WANGDIAN_HTTP_PORT", "WANGDIAN_ISSUER"}
    assert "hidden" not in str(found)
    assert {one.origin for one in found.settings if one.variable == "WANGDIAN_ISSUER"} == {"missing"}
