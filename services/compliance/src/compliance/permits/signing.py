"""The keys of permits and their signatures: compact JWS (RFC 7515) with Ed25519 (RFC 8032, RFC 9864).

The keys are a file of the operator's. One of them signs; of the others it keeps the public halves, so that
what they have signed is known as ours for good.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.settings import Settings
from compliance.evidence.canonical import canonical
from compliance.evidence.domain import Plain
from compliance.settings import ComplianceSettings

ALGORITHM = "Ed25519"
TYPE = "wangdian-permit+jwt"
KEY_ID_CHARACTERS_MAX = 32


class PermitKeysInvalid(ValueError):
    """The file of keys is missing or is none; it is never repeated."""


@dataclass(frozen=True)
class PermitKeys:
    """The key that signs, by its id, and the public keys of all that ever did."""

    active: str
    signer: Ed25519PrivateKey = field(repr=False)
    public: Mapping[str, Ed25519PublicKey]

    def sign(self, content: Mapping[str, Plain]) -> str:
        """The token: the content in its canonical form (RFC 8785), signed by the active key."""
        header: Mapping[str, Plain] = {"alg": ALGORITHM, "kid": self.active, "typ": TYPE}
        signed = f"{_base64(canonical(header))}.{_base64(canonical(content))}"
        return f"{signed}.{_base64(self.signer.sign(signed.encode()))}"

    def signed(self, token: str, key_id: str, content: Mapping[str, Plain]) -> bool:
        """Whether the key ``key_id`` has made this token of this content."""
        key = self.public.get(key_id)
        header: Mapping[str, Plain] = {"alg": ALGORITHM, "kid": key_id, "typ": TYPE}
        told, _, signature = token.rpartition(".")
        if key is None or told != f"{_base64(canonical(header))}.{_base64(canonical(content))}":
            return False
        try:
            key.verify(base64.urlsafe_b64decode(f"{signature}=="), told.encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    def published(self) -> dict[str, str]:
        """The public keys by id, in base64url, as a JWK has them (``x``)."""
        return {name: _base64(key.public_bytes_raw()) for name, key in self.public.items()}


def permit_keys(settings: Settings) -> PermitKeys:
    """The keys of this process. Raises :class:`PermitKeysInvalid`."""
    if not isinstance(settings, ComplianceSettings):
        raise TypeError("settings of another service")
    return _read(settings.permit_keys_file)


def load_permit_keys(settings: Settings) -> None:
    """At the start: raises :class:`PermitKeysInvalid` rather than log sales that nobody can order."""
    permit_keys(settings)


@cache
def _read(path: Path) -> PermitKeys:
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise PermitKeysInvalid(
            f"no keys of permits at {path}: name them in WANGDIAN_PERMIT_KEYS_FILE (make secrets makes some)"
        ) from missing


def parsed(text: str) -> PermitKeys:
    """The keys in a file's text. Raises :class:`PermitKeysInvalid`, which repeats nothing of it."""
    try:
        content: Any = json.loads(text)
        active, entries = content["active"], content["keys"]
        public = {str(one["id"]): _public(one) for one in entries}
        signers = [one["private_key"] for one in entries if one["id"] == active]
        (signer,) = [Ed25519PrivateKey.from_private_bytes(_raw(key)) for key in signers]
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise PermitKeysInvalid("the keys of permits cannot be read, or none of them signs") from None
    if len(public) != len(entries) or any(not 0 < len(name) <= KEY_ID_CHARACTERS_MAX for name in public):
        raise PermitKeysInvalid(f"each key has its own id, of 1 to {KEY_ID_CHARACTERS_MAX} signs")
    return PermitKeys(active, signer, public)


def _public(entry: Any) -> Ed25519PublicKey:
    if "private_key" in entry:
        return Ed25519PrivateKey.from_private_bytes(_raw(entry["private_key"])).public_key()
    return Ed25519PublicKey.from_public_bytes(_raw(entry["public_key"]))


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
