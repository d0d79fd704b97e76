"""The books as people read them: a line for each check, then what does not add up."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.books.model import Result

SHOWN_MAX = 10


def show(console: Console, results: Sequence[Result]) -> None:
    """Prints one line a check, then what does not add up."""
    table = Table("check", "what must hold", "examined", "", title="The books · 账目")
    table.columns[0].no_wrap = table.columns[1].no_wrap = table.columns[3].no_wrap = True
    table.columns[2].justify = "right"
    # A narrow terminal cuts the sentences, never the figures.
    table.columns[2].min_width, table.columns[3].min_width = 8, 4
    for result in results:
        state = "[green]✓[/]" if result.balanced else f"[red]{len(result.imbalances)} ✗[/]"
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
