"""``python -m deploy.issuer``: serve tokens, add an account, rotate the signing key."""

from typing import Annotated

import typer
import uvicorn

from deploy.issuer.accounts import Account, hash_secret, new_secret, read_accounts, write_accounts
from deploy.issuer.app import create_app
from deploy.issuer.keys import SigningKeys
from deploy.issuer.settings import IssuerSettings

cli = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=False)


@cli.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Serves, when no other command is given."""
    if context.invoked_subcommand is None:
        serve()


@cli.command()
def serve() -> None:
    """Serve tokens until stopped."""
    settings = IssuerSettings()
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="warning")


@cli.command()
def add(
    client_id: str,
    role: Annotated[list[str], typer.Option(help="may be repeated")],
    subject: Annotated[
        str | None, typer.Option(help="`sub` of the tokens; the client id where left out")
    ] = None,
    outlet: Annotated[
        list[str] | None, typer.Option(help="an outlet id, or * for all; may be repeated")
    ] = None,
    device: Annotated[str | None, typer.Option(help="`device_id` of the tokens")] = None,
) -> None:
    """Add or replace an account; prints its new secret once."""
    path, secret = IssuerSettings().accounts, new_secret()
    accounts = dict(read_accounts(path.read_text(encoding="utf-8"))) if path.exists() else {}
    accounts[client_id] = Account(
        client_id=client_id,
        subject=subject or client_id,
        roles=tuple(role),
        outlets=tuple(outlet or ()),
        device_id=device,
        secret_hash=hash_secret(secret),
    )
    write_accounts(path, accounts.values())
    typer.echo(secret)


@cli.command()
def rotate() -> None:
    """Sign with a new key from now on; the one before stays valid."""
    typer.echo(SigningKeys(IssuerSettings().state).rotate())


if __name__ == "__main__":
    cli()
