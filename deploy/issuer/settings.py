"""Settings of the issuer, read from the environment (``ISSUER_…``)."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IssuerSettings(BaseSettings):
    """Where the issuer listens, what it calls itself, where its keys and accounts are."""

    model_config = SettingsConfigDict(env_prefix="ISSUER_", frozen=True)

    url: str = Field(
        "http://127.0.0.1:8100", description="the exact `iss` of its tokens, and its own address"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8100, ge=0, le=65535, description="port to listen on")
    state: Path = Field(Path("issuer"), description="folder of `keys.json` and `accounts.json`, private")
    audience: tuple[str, ...] = Field(
        ("ticketing", "feedback", "staffing", "compliance"),
        description="the services that its tokens are for",
    )
    token_seconds: int = Field(600, ge=1, description="life of a token")

    @property
    def accounts(self) -> Path:
        """The file of accounts, written by whoever runs the issuer."""
        return self.state / "accounts.json"
