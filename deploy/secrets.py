"""``python -m deploy.secrets``: makes the secret files that ``docker-compose.yml`` mounts, once.

Nothing starts without them, and no file in the repository holds one.
"""

import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy import SERVICES
from deploy.keyring import new_keyring
from deploy.permit_keys import new_permit_keys

HOST = "postgres:5432"
#: What the gateway's own certificate is for, until the bank's takes its place.
GATEWAY_NAMES = ("localhost", "gateway", "wangdian.internal")
CERTIFICATE_DAYS = 397


class HalfAPair(RuntimeError):
    """A certificate without its key, or a key without its certificate: nobody knows whose it is."""


def make(folder: Path) -> list[str]:
    """Makes what is missing in ``folder`` (private); answers the names of the files made.

    ``gateway_certificate`` and ``gateway_key`` are a self-signed pair; put the bank's own in their place.
    Raises :class:`HalfAPair` where one of them is missing.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[str] = []

    def keep(name: str, value: str) -> str:
        path = folder / name
        if not path.exists():
            path.write_text(value, encoding="utf-8")
            # The folder is private; the files are read by the containers' own users through their mounts.
            path.chmod(0o444)
            made.append(name)
        return path.read_text(encoding="utf-8")

    for name in (
        "postgres_superuser",
        "keycloak_provisioning",
        "postgres_keycloak_owner",
        "postgres_keycloak_app",
    ):
        keep(name, secrets.token_urlsafe(32))
    for service in SERVICES:
        for role, name in (("app", "database_url"), ("owner", "owner_database_url")):
            password = keep(f"postgres_{service}_{role}", secrets.token_urlsafe(32))
            keep(f"{service}_{name}", f"postgresql://{service}_{role}:{password}@{HOST}/{service}")
    keep("compliance_keyring", new_keyring())
    keep("compliance_permit_keys", new_permit_keys())
    pair = [folder / "gateway_certificate", folder / "gateway_key"]
    missing = [path for path in pair if not path.exists()]
    if len(missing) == 1:
        raise HalfAPair(
            f"{missing[0]} is missing: put it beside its other half, or remove that to have a pair made"
        )
    if missing:
        for path, value in zip(pair, self_signed(GATEWAY_NAMES), strict=True):
            keep(path.name, value)
    return made


def self_signed(names: Sequence[str]) -> tuple[str, str]:
    """A certificate for DNS ``names`` and its key (P-256), both PEM, valid for ``CERTIFICATE_DAYS``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ".local/compose-secrets")
    try:
        print(f"{target}: {len(make(target))} secrets made, the rest kept")
    except HalfAPair as refused:
        sys.exit(str(refused))
