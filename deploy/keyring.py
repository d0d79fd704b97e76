"""``python -m deploy.keyring FILE [--algorithm SM4-GCM]``: a keyring for compliance's personal fields.

Makes the file where there is none; else adds a key, which seals from then on, and leaves the file's mode.
Older keys stay: what they sealed is opened with them until ``python -m compliance personal_data reseal`` and
``python -m compliance profiles reseal`` have both gone over it.
"""

import argparse
import base64
import json
import secrets
import stat
from pathlib import Path
from typing import Any

from deploy.private_files import write_private

KEY_BYTES = {"AES-256-GCM": 32, "SM4-GCM": 16}
DEFAULT = "AES-256-GCM"
INDEX_KEY_BYTES = 32


def new_keyring(algorithm: str = DEFAULT) -> str:
    """A keyring with one key and one index key, both random."""
    index = _key(INDEX_KEY_BYTES)
    empty: dict[str, Any] = {"keys": [], "index_active": index["id"], "index_keys": [index]}
    return with_new_key(json.dumps(empty), algorithm)


def with_new_key(text: str, algorithm: str = DEFAULT) -> str:
    """The keyring in ``text`` with one more key, which is the active one from now on."""
    content = json.loads(text)
    key = {**_key(KEY_BYTES[algorithm]), "algorithm": algorithm}
    return json.dumps({**content, "keys": [*content["keys"], key], "active": key["id"]}, indent=1)


def _key(length: int) -> dict[str, str]:
    return {"id": secrets.token_hex(4), "key": base64.b64encode(secrets.token_bytes(length)).decode()}


def main(arguments: list[str] | None = None) -> None:
    """Makes the file, or adds a key to it."""
    parser = argparse.ArgumentParser(prog="python -m deploy.keyring", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--algorithm", choices=sorted(KEY_BYTES), default=DEFAULT)
    given = parser.parse_args(arguments)
    known = given.file.read_text(encoding="utf-8") if given.file.exists() else None
    mode = stat.S_IMODE(given.file.stat().st_mode) if given.file.exists() else 0o600
    write_private(
        given.file, new_keyring(given.algorithm) if known is None else with_new_key(known, given.algorithm)
    )
    # Compose's secrets are read by the containers' own users.
    given.file.chmod(mode)
    print(f"{given.file}: restart compliance, then both: python -m compliance personal_data|profiles reseal")


if __name__ == "__main__":
    main()
