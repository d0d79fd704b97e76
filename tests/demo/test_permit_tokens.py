"""Permits as core banking reads them: what compliance signs is read, what anybody else made is not."""

from collections.abc import Mapping

import pytest

from compliance.evidence.domain import Plain
from compliance.permits.signing import PermitKeys, parsed
from deploy.permit_keys import new_permit_keys, with_new_permit_key
from deploy.permit_tokens import NotSigned, content_of, signed_content

CONTENT: Mapping[str, Plain] = {"permit_id": "permit-1", "amount_minor": 1_000_000}


def published(keys: PermitKeys) -> list[dict[str, str]]:
    """The public keys as JWKs."""
    return [{"kid": name, "x": x} for name, x in keys.published().items()]


def test_what_compliance_has_signed_is_read_also_after_the_keys_have_changed() -> None:
    text = new_permit_keys()
    keys = parsed(text)
    token = keys.sign(CONTENT)
    for now in (keys, parsed(with_new_permit_key(text))):
        assert signed_content(token, published(now)) == CONTENT


def test_what_was_changed_or_signed_by_another_is_none() -> None:
    keys, stranger = parsed(new_permit_keys()), parsed(new_permit_keys())
    header, _, signature = keys.sign(CONTENT).split(".")
    _, payload, _ = keys.sign({**CONTENT, "amount_minor": 1}).split(".")
    changed = f"{header}.{payload}.{signature}"
    assert content_of(changed)["amount_minor"] == 1
    with pytest.raises(NotSigned, match="not one of its content"):
        signed_content(changed, published(keys))
    posing = PermitKeys(keys.active, stranger.signer, {})
    with pytest.raises(NotSigned, match="not one of its content"):
        signed_content(posing.sign(CONTENT), published(keys))
    for token in (stranger.sign(CONTENT), "no token", "a.b.c"):
        with pytest.raises(NotSigned, match="no key that is published"):
            signed_content(token, published(keys))
