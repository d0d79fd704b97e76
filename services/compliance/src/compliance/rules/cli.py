"""``python -m compliance rules …``: the rules that this program ships, for people; needs no database."""

from datetime import date
from typing import Annotated

import typer

from chassis.clock import SystemClock
from compliance.periods.domain import legal_date
from compliance.retention.release import shipped_release
from compliance.rules.printing import printed, printed_changes

app = typer.Typer(no_args_is_help=True, help="The rules that this program ships.")


@app.callback()
def group() -> None:
    """The rules that this program ships."""


@app.command("print")
def print_(
    on: Annotated[str | None, typer.Option(help="legal day, YYYY-MM-DD; today where none is given")] = None,
) -> None:
    """Print the rules in force on a day, in Chinese and English (Markdown)."""
    day = legal_date(SystemClock().now()) if on is None else _day(on)
    typer.echo(printed(shipped_release(), day), nl=False)


@app.command("diff")
def diff(
    first: Annotated[str, typer.Argument(help="legal day, YYYY-MM-DD")],
    second: Annotated[str, typer.Argument(help="legal day, YYYY-MM-DD")],
) -> None:
    """Print what changes between two days: rules that begin, that end, that hold in another version."""
    typer.echo(printed_changes(shipped_release(), _day(first), _day(second)), nl=False)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError as wrong:
        raise typer.BadParameter(f"{given} is no day: YYYY-MM-DD") from wrong
