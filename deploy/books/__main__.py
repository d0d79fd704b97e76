"""``python -m deploy.books``: balances the books of a running stack."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.books.balance import QUIET_SECONDS_MAX, audit
from deploy.books.model import Result

SHOWN_MAX = 10

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
    ledgers = ledger or stack.parent / "ledger"
    if not ledgers.exists():
        sys.exit(f"{ledgers}: there is no ledger; play a branch day first (make run)")
    results = audit(info, ledgers, quiet_seconds_max=patience)
    console = Console()
    show(console, results)
    if not all(result.balanced for result in results):
        sys.exit(1)


def show(console: Console, results: Sequence[Result]) -> None:
    """Prints one line a check, then what does not add up."""
    table = Table("check", "what must hold", "examined", "", title="The books")
    table.columns[2].justify = "right"
    for result in results:
        state = "[green]ok[/]" if result.balanced else f"[red]{len(result.imbalances)} imbalanced[/]"
        table.add_row(result.check, escape(result.invariant), f"{result.examined:,}", state)
    console.print(table)
    for result in results:
        for imbalance in result.imbalances[:SHOWN_MAX]:
            console.print(
                f"[red]{imbalance.check}[/] {escape(imbalance.subject)}: {escape(imbalance.difference)}",
                soft_wrap=True,
            )
        if len(result.imbalances) > SHOWN_MAX:
            console.print(f"[red]{result.check}[/] … and {len(result.imbalances) - SHOWN_MAX} more")
    found = sum(len(result.imbalances) for result in results)
    verdict = "[green]the books balance[/]" if not found else f"[red]{found} imbalances[/]"
    console.print(f"{len(results)} checks, {sum(r.examined for r in results):,} comparisons: {verdict}")


if __name__ == "__main__":
    typer.run(main)
