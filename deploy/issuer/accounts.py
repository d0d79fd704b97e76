"""Who may ask for a token: accounts in a JSON file, their secrets hashed with scrypt."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from deploy.private_files import write_private

# The secrets are random (256 bits): the cost has no poor passwords to protect.
_COST, _BLOCK, _PARALLEL = 2**12, 8, 1


class Account(BaseModel):
    """A client that may ask for tokens: roles say what it may do, outlets (ids or ``*``) say where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str
    subject: str
    roles: tuple[str, ...]
    outlets: tuple[str, ...] = ()
    device_id: str | None = None
    acr: str = "1"
    secret_hash: str


_FILE = TypeAdapter(list[Account])


def read_accounts(text: str) -> Mapping[str, Account]:
    """The accounts of a file by client id; raises ``ValueError`` when the file is not one of ours."""
    return {account.client_id: account for account in _FILE.validate_json(text)}


def write_accounts(path: Path, accounts: Iterable[Account]) -> None:
    """Replaces the file; a running issuer sees the change with its next request."""
    write_private(path, _FILE.dump_json(sorted(accounts, key=lambda one: one.client_id), indent=1).decode())


def new_secret() -> str:
    """A random client secret of 256 bits."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """``scrypt$cost$block$parallel$salt$digest``, salt and digest in base64."""
    salt = os.urandom(16)
    digest = hashlib.scrypt(secret.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)
    salt_text, digest_text = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt_text}${digest_text}"


def secret_matches(secret: str, secret_hash: str) -> bool:
    """Whether ``secret`` is the one that was hashed, compared in constant time."""
    _, cost, block, parallel, salt, digest = secret_hash.split("$")
    found = hashlib.scrypt(
        secret.encode(), salt=base64.b64decode(salt), n=int(cost), r=int(block), p=int(parallel)
    )
    return hmac.compare_digest(found, base64.b64decode(digest))
