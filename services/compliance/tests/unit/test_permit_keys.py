"""The keys of permits: one signs, older ones are known by their public halves, nothing else is taken."""

import base64
import itertools
import json
from pathlib import Path

import pytest

from chassis.settings import Settings
from compliance.evidence.domain import Plain
from compliance.permits.signing import PermitKeysInvalid, load_permit_keys, parsed, permit_keys
from compliance.settings import ComplianceSettings
from deploy.permit_keys import main, new_permit_keys, with_new_permit_key

CONTENT: dict[str, Plain] = {"permit_id": "permit-1", "amount_minor": 1}
GOOD = json.loads(new_permit_keys())
(KEY,) = GOOD["keys"]


def test_a_token_is_of_its_content_and_its_key() -> None:
    keys = parsed(json.dumps(GOOD))
    token = keys.sign(CONTENT)
    assert keys.signed(token, keys.active, CONTENT)
    assert not keys.signed(token, keys.active, {**CONTENT, "amount_minor": 2})
    assert not keys.signed(token, "another", CONTENT)
    head, payload, signature = token.split(".")
    assert not keys.signed(f"{head}.{payload}.", keys.active, CONTENT)
    assert not keys.signed(f"{head}.{payload}.{signature[:-4]}", keys.active, CONTENT)
    assert not keys.signed("", keys.active, CONTENT)
    other = parsed(new_permit_keys())
    assert not other.signed(token, other.active, CONTENT)


def test_an_older_key_is_known_and_signs_no_more() -> None:
    keys = parsed(json.dumps(GOOD))
    token = keys.sign(CONTENT)
    later = with_new_permit_key(with_new_permit_key(json.dumps(GOOD)))
    assert KEY["private_key"] not in later
    assert [sorted(one) for one in json.loads(later)["keys"]] == [
        ["id", "public_key"],
        ["id", "public_key"],
        ["id", "private_key"],
    ]
    known = parsed(later)
    assert known.active != keys.active
    assert known.signed(token, keys.active, CONTENT)
    assert known.published().items() >= keys.published().items()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        json.dumps(GOOD | {"active": "another"}),
        json.dumps(GOOD | {"keys": []}),
        json.dumps(GOOD | {"keys": [KEY, KEY]}),
        json.dumps(GOOD | {"keys": [KEY | {"private_key": "c2hvcnQ="}]}),
        json.dumps(GOOD | {"keys": [KEY | {"private_key": "***"}]}),
        json.dumps(GOOD | {"keys": [{"id": KEY["id"], "public_key": base64.b64encode(bytes(32)).decode()}]}),
        json.dumps({"active": "i" * 33, "keys": [KEY | {"id": "i" * 33}]}),
    ],
    # The keys are made anew in each process.
    ids=itertools.count(),
)
def test_what_holds_no_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(PermitKeysInvalid) as refused:
        parsed(text)
    assert KEY["private_key"] not in str(refused.value)
    assert refused.value.__cause__ is None


def settings(path: Path) -> ComplianceSettings:
    return ComplianceSettings(
        database_url="postgresql://nobody@127.0.0.1:1/none",
        kafka_bootstrap_servers="127.0.0.1:1",
        issuer="none",
        jwks_url="none",
        permit_keys_file=path,
    )


def test_the_service_does_not_start_without_a_key_and_an_operator_adds_one(tmp_path: Path) -> None:
    with pytest.raises(PermitKeysInvalid, match="WANGDIAN_PERMIT_KEYS_FILE"):
        load_permit_keys(settings(tmp_path / "none"))
    path = tmp_path / "permit_keys.json"
    main([str(path)])
    first = parsed(path.read_text(encoding="utf-8"))
    assert permit_keys(settings(path)).active == first.active
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o444)
    main([str(path)])
    assert path.stat().st_mode & 0o777 == 0o444, "containers read it as other users"
    second = parsed(path.read_text(encoding="utf-8"))
    assert set(second.public) == {first.active, second.active}
    with pytest.raises(TypeError):
        permit_keys(Settings.model_construct())
