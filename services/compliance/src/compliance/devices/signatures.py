"""Keys and signatures of devices: Ed25519 (RFC 8032)."""

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from compliance.devices.domain import DeviceCertificateInvalid, DeviceKeyInvalid

PEM = "-----BEGIN"


def read_key(text: str, certificate: str | None) -> str:
    """The raw key in base64, from PEM or base64.

    Raises :class:`DeviceKeyInvalid`, :class:`DeviceCertificateInvalid` for a certificate of another key.
    """
    try:
        key = _pem(text) if text.lstrip().startswith(PEM) else Ed25519PublicKey.from_public_bytes(_raw(text))
    except ValueError as wrong:
        raise DeviceKeyInvalid(pointer="/public_key") from wrong
    raw = key.public_bytes_raw()
    if certificate is not None and _key_of(certificate) != raw:
        raise DeviceCertificateInvalid(pointer="/certificate")
    return base64.b64encode(raw).decode()


def signed_by(public_key: str, signature: str, signed: bytes) -> bool:
    """Whether the key (raw, base64) made the signature (base64) of these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(_raw(public_key)).verify(_raw(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except binascii.Error as wrong:
        raise ValueError(str(wrong)) from wrong


def _pem(text: str) -> Ed25519PublicKey:
    key = load_pem_public_key(text.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def _key_of(certificate: str) -> bytes | None:
    try:
        key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    except ValueError:
        return None
    return key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else None
