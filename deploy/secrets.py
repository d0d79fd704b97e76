"""``python -m deploy.secrets``: makes the secret files that ``docker-compose.yml`` mounts, once.

Nothing starts without them, and no file in the repository holds one.
"""

import secrets
import sys
from pathlib import Path

SERVICES = ("ticketing", "feedback", "staffing", "compliance")
HOST = "postgres:5432"


def make(folder: Path) -> list[str]:
    """Makes what is missing in ``folder`` (private); answers the names of the files made."""
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

    keep("postgres_superuser", secrets.token_urlsafe(32))
    for service in SERVICES:
        for role, name in (("app", "database_url"), ("owner", "owner_database_url")):
            password = keep(f"postgres_{service}_{role}", secrets.token_urlsafe(32))
            keep(f"{service}_{name}", f"postgresql://{service}_{role}:{password}@{HOST}/{service}")
    return made


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ".local/compose-secrets")
    print(f"{target}: {len(make(target))} secrets made, the rest kept")
