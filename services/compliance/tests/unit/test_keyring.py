"""The keyring: a seal opens at its place under its key, and nothing else is taken for a keyring."""

import json
from pathlib import Path

import pytest

from chassis.settings import Settings
from compliance.personal_data.domain import PersonalField, masked, searched
from compliance.personal_data.sealing import (
    KeyringInvalid,
    Sealed,
    SealUnreadable,
    keyring,
    load_keyring,
    parsed,
)
from compliance.settings import ComplianceSettings
from deploy.keyring import main, new_keyring

PLACE = "customer/NAME"


@pytest.mark.parametrize("algorithm", ["AES-256-GCM", "SM4-GCM"])
def test_a_seal_opens_at_its_place_alone_and_not_when_altered(algorithm: str) -> None:
    keys = parsed(new_keyring(algorithm))
    sealed = keys.seal(PLACE, "欧阳测试")
    assert keys.open(PLACE, sealed) == "欧阳测试"
    assert keys.seal(PLACE, "欧阳测试").nonce != sealed.nonce
    altered = Sealed(sealed.key_id, sealed.nonce, bytes([sealed.text[0] ^ 1]) + sealed.text[1:])
    cut = Sealed(sealed.key_id, sealed.nonce, sealed.text[:8])
    for place, wrong in ((PLACE + "2", sealed), (PLACE, altered), (PLACE, cut)):
        with pytest.raises(SealUnreadable):
            keys.open(place, wrong)
    with pytest.raises(SealUnreadable):
        parsed(new_keyring(algorithm)).open(PLACE, sealed)


def test_the_index_depends_on_its_key_and_on_the_kind() -> None:
    keys = parsed(new_keyring())
    assert keys.digest("PHONE", "1") == keys.digest("PHONE", "1")
    assert keys.digest("PHONE", "1") != keys.digest("IDENTITY_NUMBER", "1")
    assert keys.digest("PHONE", "1") != parsed(new_keyring()).digest("PHONE", "1")


GOOD = json.loads(new_keyring())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        json.dumps(GOOD | {"active": "none"}),
        json.dumps(GOOD | {"index_active": "none"}),
        json.dumps(GOOD | {"keys": GOOD["keys"] * 2}),
        json.dumps(GOOD | {"keys": [GOOD["keys"][0] | {"key": "c2hvcnQ="}]}),
        json.dumps(GOOD | {"keys": [GOOD["keys"][0] | {"algorithm": "ROT13"}]}),
        json.dumps(GOOD | {"index_keys": [GOOD["index_keys"][0] | {"key": "c2hvcnQ="}]}),
        json.dumps(GOOD | {"keys": [GOOD["keys"][0] | {"id": "i" * 33}], "active": "i" * 33}),
    ],
)
def test_what_is_no_keyring_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(KeyringInvalid) as refused:
        parsed(text)
    assert GOOD["keys"][0]["key"] not in str(refused.value)
    assert refused.value.__cause__ is None


def settings(path: Path) -> ComplianceSettings:
    return ComplianceSettings(
        database_url="postgresql://nobody@127.0.0.1:1/none",
        kafka_bootstrap_servers="127.0.0.1:1",
        issuer="none",
        jwks_url="none",
        keyring_file=path,
    )


def test_the_service_does_not_start_without_keys_and_an_operator_adds_one(tmp_path: Path) -> None:
    with pytest.raises(KeyringInvalid, match="WANGDIAN_KEYRING_FILE"):
        load_keyring(settings(tmp_path / "none"))
    path = tmp_path / "keyring.json"
    main([str(path)])
    first = parsed(path.read_text(encoding="utf-8"))
    assert keyring(settings(path)).active == first.active
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o444)
    main([str(path), "--algorithm", "SM4-GCM"])
    assert path.stat().st_mode & 0o777 == 0o444, "containers read it as other users"
    second = parsed(path.read_text(encoding="utf-8"))
    assert second.active not in first.keys
    assert set(second.keys) == {first.active, second.active}
    assert second.open(PLACE, first.seal(PLACE, "x")) == "x"
    with pytest.raises(TypeError):
        keyring(Settings.model_construct())


@pytest.mark.parametrize(
    ("field", "kept", "shown"),
    [
        (PersonalField.NAME, "欧阳测试", "欧***"),
        (PersonalField.NAME, "李明", "李*"),
        (PersonalField.NAME, "李", "*"),
        (PersonalField.PHONE, "123456789", "*****6789"),
        (PersonalField.PHONE, "12345678", "****"),
        (PersonalField.ADDRESS, "Somewhere", "****"),
        (PersonalField.BIRTH_DATE, "1949-12-31", "****-**-**"),
        (PersonalField.IDENTITY_TYPE, "PASSPORT", "PASSPORT"),
    ],
)
def test_masks(field: PersonalField, kept: str, shown: str) -> None:
    assert masked(field, kept) == shown


@pytest.mark.parametrize(
    ("kept", "compared"),
    [
        ("13900001111", "13900001111"),
        ("+8613900001111", "13900001111"),
        ("8613900001111", "13900001111"),
        ("8621555000", "8621555000"),
        ("+4930901820", "4930901820"),
    ],
)
def test_what_a_search_for_a_phone_compares(kept: str, compared: str) -> None:
    assert searched(PersonalField.PHONE, kept) == compared
