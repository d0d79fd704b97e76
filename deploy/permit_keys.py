"""``python -m deploy.permit_keys FILE``: the keys by which compliance signs permits (Ed25519).

Makes the file where there is none; else adds a key, which signs from the next start on, and keeps of the
older ones only the public halves: what they signed stays known as ours, and they sign nothing more.
"""

import argparse
import base64
import json
import secrets
import stat
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.private_files import write_private


def new_permit_keys() -> str:
    """A file with one new key."""
    return with_new_permit_key(json.dumps({"keys": []}))


def with_new_permit_key(text: str) -> str:
    """The file in ``text`` with one more key, the only one that still signs."""
    key = {"id": secrets.token_hex(4), "private_key": _base64(secrets.token_bytes(32))}
    older = [_public(entry) for entry in json.loads(text)["keys"]]
    return json.dumps({"active": key["id"], "keys": [*older, key]}, indent=1)


def _public(entry: dict[str, Any]) -> dict[str, str]:
    if "public_key" in entry:
        return {"id": entry["id"], "public_key": entry["public_key"]}
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(entry["private_key"]))
    return {"id": entry["id"], "public_key": _base64(key.public_key().public_bytes_raw())}


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def main(arguments: list[str] | None = None) -> None:
    """Makes the file, or adds a key to it."""
    parser = argparse.ArgumentParser(prog="python -m deploy.permit_keys", description=__doc__)
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    known = given.file.read_text(encoding="utf-8") if given.file.exists() else None
    mode = stat.S_IMODE(given.file.stat().st_mode) if given.file.exists() else 0o600
    write_private(given.file, new_permit_keys() if known is None else with_new_permit_key(known))
    # Compose's secrets are read by the containers' own users.
    given.file.chmod(mode)
    print(f"{given.file}: restart compliance; core banking reads the public keys again")


if __name__ == "__main__":
    main()
