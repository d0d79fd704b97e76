"""Seals of single values: authenticated encryption under a key with an id, and the blind index of a search.

The keyring is a file of the operator's. What was sealed under an older key is opened as long as that key
stays in the file; a value opens only at the place for which it was sealed.
"""

import base64
import binascii
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import Unavailable
from chassis.settings import Settings
from compliance.settings import ComplianceSettings

NONCE_BYTES, TAG_BYTES = 12, 16
INDEX_KEY_BYTES = 32
KEY_ID_CHARACTERS_MAX = 32


class Algorithm(StrEnum):
    """How a value is sealed."""

    AES_256_GCM = "AES-256-GCM"
    SM4_GCM = "SM4-GCM"


KEY_BYTES = {Algorithm.AES_256_GCM: 32, Algorithm.SM4_GCM: 16}


class KeyringInvalid(ValueError):
    """The keyring is missing or is none; it is never repeated."""


class SealUnreadable(Unavailable):
    """The key of a value is not in the keyring, or the value is not what was sealed."""

    code = "PERSONAL_DATA_UNREADABLE"
    zh = "个人信息无法解密(密钥缺失或数据被改动);请报告管理员。"
    en = "Personal data cannot be opened (their key is missing, or they were altered); tell the operator."


@dataclass(frozen=True)
class Key:
    """One key with its id."""

    id: str
    algorithm: Algorithm
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Sealed:
    """A sealed value: under which key, the nonce, and the text with its tag."""

    key_id: str
    nonce: bytes
    text: bytes


@dataclass(frozen=True)
class Keyring:
    """The keys by id, which of them seals from now on, and the keys of the blind index."""

    active: str
    keys: Mapping[str, Key] = field(repr=False)
    index_active: str
    index_keys: Mapping[str, bytes] = field(repr=False)

    def seal(self, place: str, text: str) -> Sealed:
        """Seals ``text`` for ``place`` under the active key."""
        key, nonce = self.keys[self.active], os.urandom(NONCE_BYTES)
        return Sealed(key.id, nonce, _encrypted(key, nonce, text.encode(), _bound(place, key.id)))

    def open(self, place: str, sealed: Sealed) -> str:
        """The text that was sealed for ``place``. Raises :class:`SealUnreadable`."""
        key = self.keys.get(sealed.key_id)
        if key is None:
            raise SealUnreadable
        try:
            return _decrypted(key, sealed.nonce, sealed.text, _bound(place, key.id)).decode()
        except (InvalidTag, ValueError) as wrong:
            raise SealUnreadable from wrong

    def digest(self, kind: str, text: str) -> bytes:
        """The blind index of ``text`` under the active index key."""
        return _digest(self.index_keys[self.index_active], kind, text)

    def digests(self, kind: str, text: str) -> list[bytes]:
        """The blind index under every index key: what was written before a change of keys is found too."""
        return [_digest(key, kind, text) for key in self.index_keys.values()]


def keyring(settings: Settings) -> Keyring:
    """The keyring of this process. Raises :class:`KeyringInvalid`."""
    if not isinstance(settings, ComplianceSettings):
        raise TypeError("settings of another service")
    return _read(settings.keyring_file)


def load_keyring(settings: Settings) -> None:
    """At the start: raises :class:`KeyringInvalid` rather than serve without keys."""
    keyring(settings)


@cache
def _read(path: Path) -> Keyring:
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise KeyringInvalid(
            f"no keyring at {path}: name it in WANGDIAN_KEYRING_FILE (make secrets makes one)"
        ) from missing


def parsed(text: str) -> Keyring:
    """The keyring in a file's text. Raises :class:`KeyringInvalid`, which repeats nothing of it."""
    try:
        content: Any = json.loads(text)
        keys = [
            Key(str(one["id"]), Algorithm(one["algorithm"]), base64.b64decode(one["key"], validate=True))
            for one in content["keys"]
        ]
        index = {str(one["id"]): base64.b64decode(one["key"], validate=True) for one in content["index_keys"]}
        ring = Keyring(content["active"], {key.id: key for key in keys}, content["index_active"], index)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise KeyringInvalid("the keyring cannot be read") from None
    if any(len(key.secret) != KEY_BYTES[key.algorithm] for key in keys):
        raise KeyringInvalid("a key of the keyring has not the length of its algorithm")
    if any(len(key) != INDEX_KEY_BYTES for key in index.values()):
        raise KeyringInvalid(f"an index key of the keyring has not {INDEX_KEY_BYTES} bytes")
    if ring.active not in ring.keys or ring.index_active not in index or len(ring.keys) != len(keys):
        raise KeyringInvalid("the keyring names a key that it has not, or one twice")
    if any(not 0 < len(name) <= KEY_ID_CHARACTERS_MAX for name in (*ring.keys, *index)):
        raise KeyringInvalid(f"the id of a key has 1 to {KEY_ID_CHARACTERS_MAX} signs")
    return ring


def _bound(place: str, key_id: str) -> bytes:
    return f"{place}/{key_id}".encode()


def _digest(key: bytes, kind: str, text: str) -> bytes:
    return hmac.new(key, f"{kind}\0{text}".encode(), sha256).digest()


def _encrypted(key: Key, nonce: bytes, text: bytes, bound: bytes) -> bytes:
    if key.algorithm is Algorithm.AES_256_GCM:
        return AESGCM(key.secret).encrypt(nonce, text, bound)
    encryptor = Cipher(algorithms.SM4(key.secret), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return encryptor.update(text) + encryptor.finalize() + encryptor.tag


def _decrypted(key: Key, nonce: bytes, text: bytes, bound: bytes) -> bytes:
    if key.algorithm is Algorithm.AES_256_GCM:
        return AESGCM(key.secret).decrypt(nonce, text, bound)
    mode = modes.GCM(nonce, text[-TAG_BYTES:])
    decryptor = Cipher(algorithms.SM4(key.secret), mode).decryptor()
    decryptor.authenticate_additional_data(bound)
    return decryptor.update(text[:-TAG_BYTES]) + decryptor.finalize()
