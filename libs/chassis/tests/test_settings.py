"""Secrets in settings: neither their text form nor a complaint about them shows one."""

import pytest
from pydantic import ValidationError

from chassis.settings import Settings

PASSWORD = "s3cret-of-the-database"
URL = f"postgresql://app:{PASSWORD}@127.0.0.1/db"
GOOD = {
    "database_url": URL,
    "owner_database_url": URL,
    "kafka_bootstrap_servers": "127.0.0.1:9092",
    "issuer": "https://issuer.test",
    "jwks_url": "https://issuer.test/jwks",
}


def test_text_form_names_no_password() -> None:
    settings = Settings.model_validate(GOOD)
    assert settings.database_url == URL
    assert PASSWORD not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    "broken", [{"http_port": PASSWORD}, {"issuer": None}, {"pool_size": f"1{PASSWORD}"}, {"database_url": 5}]
)
def test_complaint_names_no_password(broken: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(GOOD | broken)
    assert PASSWORD not in str(refused.value)
    assert next(iter(broken)) in str(refused.value)


def test_missing_setting_does_not_show_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGDIAN_DATABASE_URL", URL)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "issuer" in str(refused.value)
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    ("half", "named"),
    [
        ({"kafka_security_protocol": "SASL_SSL"}, "kafka_username"),
        ({"kafka_security_protocol": "SASL_SSL", "kafka_username": "wangdian"}, "kafka_password"),
        ({"kafka_certificate_file": "ours.pem"}, "kafka_key_file"),
    ],
)
def test_half_an_access_to_the_brokers_is_found_at_the_start(half: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named) as refused:
        Settings.model_validate(GOOD | half)
    assert PASSWORD not in str(refused.value)
