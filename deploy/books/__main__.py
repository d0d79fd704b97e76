"""``python -m deploy.books``: balances the books of a running stack."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.books import audit, show
from deploy.books.auditing import QUIET_SECONDS_MAX
from deploy.books.topics import TopicUnreadable

StackFile = Annotated[Path, typer.Option("--stack", help="stack.json of a running stack")]
LedgerFile = Annotated[
    Path | None, typer.Option("--ledger", help="one ledger, or the folder of all days of this data")
]
Patience = Annotated[float, typer.Option(help="seconds to wait for relays and consumers")]


def main(
    stack: StackFile = Path(".local/stack.json"),
    ledger: LedgerFile = None,
    patience: Patience = QUIET_SECONDS_MAX,
) -> None:
    """Compare what clients saw, the topics and the four databases. 核对营业日账目."""
    if not stack.is_file():
        sys.exit(f"{stack}: there is no running stack (make up)")
    info = json.loads(stack.read_text(encoding="utf-8"))
    ledgers = ledger or Path(info.get("folder", stack.parent)) / "ledger"
    if not ledgers.exists():
        sys.exit(f"{ledgers}: there is no ledger; play a branch day first (make run)")
    try:
        results = audit(info, ledgers, quiet_seconds_max=patience)
    except TopicUnreadable as error:
        sys.exit(f"the topics cannot be read: {error}")
    console = Console()
    show(console, results)
    if not all(result.balanced for result in results):
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
