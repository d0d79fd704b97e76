"""The issuer's signing keys (ES256) in one private file; two are valid at a time, so they can be rotated."""

import json
from pathlib import Path

from joserfc.jwk import ECKey

from deploy.private_files import Watched, write_private

ALGORITHM = "ES256"
_VALID_KEYS = 2


class SigningKeys:
    """The newest key signs; it and the one before are published. A rotation in the file is seen at once."""

    def __init__(self, state: Path) -> None:
        self._path = state / "keys.json"
        if not self._path.exists():
            self._write([_new_key()])
        self._keys = Watched(self._path, _parse)

    def signing(self) -> ECKey:
        """The private key that signs new tokens."""
        return self._keys.get()[0]

    def public(self) -> dict[str, object]:
        """The JWKS document: the public halves of the valid keys, newest first."""
        return {"keys": [key.as_dict(private=False) for key in self._keys.get()]}

    def rotate(self) -> str:
        """Signs with a new key from now on, answers its ``kid``; the key before stays valid, older do not."""
        key = _new_key()
        self._write([key, *self._keys.get()][:_VALID_KEYS])
        return str(key.kid)

    def _write(self, keys: list[ECKey]) -> None:
        write_private(self._path, json.dumps([key.as_dict(private=True) for key in keys], indent=1))


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)


def _parse(text: str) -> list[ECKey]:
    return [ECKey.import_key(key) for key in json.loads(text)]
