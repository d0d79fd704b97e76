"""The users of a stack: accounts of its issuer, with the secrets that the demo's players act with."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.issuer.accounts import Account, hash_secret, new_secret, read_accounts, write_accounts
from deploy.private_files import write_private

ALL_OUTLETS = ("*",)


@dataclass(frozen=True)
class User:
    """Somebody (or some device) with tokens of its own: roles say what, outlets (ids or ``*``) say where."""

    client_id: str
    subject: str
    roles: tuple[str, ...]
    outlets: tuple[str, ...] = ALL_OUTLETS
    device_id: str | None = None


def _staff(client_id: str, role: str) -> User:
    return User(client_id, client_id, (role,))


#: Who is there before the first outlet: head office, operations, other bank systems.
HEAD_OFFICE = (
    _staff("operator-1", "operator"),
    _staff("product-admin-1", "product_admin"),
    _staff("compliance-officer-1", "compliance_officer"),
    _staff("compliance-officer-2", "compliance_officer"),
    _staff("auditor-1", "auditor"),
    _staff("planner-1", "staffing_planner"),
    _staff("evaluator-1", "evaluator_hq"),
    _staff("complaint-handler-1", "complaint_handler"),
    _staff("complaint-handler-2", "complaint_handler"),
    _staff("integration-1", "integration"),
)


class Users:
    """Adds users to the issuer's file (hashed) and keeps their secrets in a private file beside it."""

    def __init__(self, folder: Path, changed: Callable[[], None] = lambda: None) -> None:
        self._accounts_path = folder / "accounts.json"
        self._secrets_path = folder / "client_secrets.json"
        self._changed = changed
        self._secrets: dict[str, str] = {}
        self._accounts: dict[str, Account] = {}
        if self._accounts_path.exists() and self._secrets_path.exists():
            self._secrets = json.loads(self._secrets_path.read_text(encoding="utf-8"))
            self._accounts = dict(read_accounts(self._accounts_path.read_text(encoding="utf-8")))

    def add(
        self,
        client_id: str,
        subject: str,
        roles: Sequence[str],
        outlets: Sequence[str] = ALL_OUTLETS,
        device_id: str | None = None,
    ) -> str:
        """Adds one user, or changes the one with that client id; answers its client secret."""
        self.add_all([User(client_id, subject, tuple(roles), tuple(outlets), device_id)])
        return self._secrets[client_id]

    def add_all(self, users: Iterable[User]) -> None:
        """Adds users, or changes those with the same client id, who keep their secrets."""
        for user in users:
            known = self._accounts.get(user.client_id)
            if known is None:
                self._secrets[user.client_id] = new_secret()
            secret_hash = known.secret_hash if known else hash_secret(self._secrets[user.client_id])
            self._accounts[user.client_id] = Account(**asdict(user), secret_hash=secret_hash)
        write_private(self._secrets_path, json.dumps(self._secrets, indent=1))
        write_accounts(self._accounts_path, self._accounts.values())
        self._changed()

    def secret(self, client_id: str) -> str:
        """The client secret of a user; raises ``KeyError`` when there is no such user."""
        return self._secrets[client_id]

    def describe(self) -> dict[str, dict[str, object]]:
        """The users as ``stack.json`` shows them, by client id."""
        return {
            client_id: {
                "client_id": client_id,
                "client_secret": self._secrets[client_id],
                "subject": account.subject,
                "roles": list(account.roles),
                "outlets": list(account.outlets),
                "device_id": account.device_id,
            }
            for client_id, account in sorted(self._accounts.items())
        }
