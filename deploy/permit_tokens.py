"""Reads a permit as whoever is given one does: a compact JWS with Ed25519, and the published public keys.

Written from RFC 7515, 8032 and 8037, not from the service's code.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotSigned(ValueError):
    """The token is none that one of the keys has signed; the message says why."""


def content_of(token: str) -> Mapping[str, Any]:
    """What a token says, signed or not. Raises ``ValueError`` where it is none."""
    _, payload, _ = token.split(".")
    content: Mapping[str, Any] = json.loads(_raw(payload))
    return content


def signed_content(token: str, keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a token says, signed by one of the ``keys`` (JWKs). Raises :class:`NotSigned`."""
    signed, _, signature = token.rpartition(".")
    try:
        header = json.loads(_raw(signed.partition(".")[0]))
        (key,) = [key for key in keys if key["kid"] == header["kid"]]
        public = Ed25519PublicKey.from_public_bytes(_raw(key["x"]))
        public.verify(_raw(signature), signed.encode())
    except InvalidSignature:
        raise NotSigned("the signature is not one of its content") from None
    except (ValueError, KeyError, TypeError) as unreadable:
        raise NotSigned(f"no key that is published, or no token: {unreadable}") from None
    return content_of(token)


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}")
