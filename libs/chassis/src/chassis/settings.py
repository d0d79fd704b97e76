"""Typed settings of a service process, read from the environment (``WANGDIAN_…``); every limit has a
default.
"""

import ssl
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS = Path("/run/secrets")


class KafkaAccess(BaseSettings):
    """How the brokers let somebody in; the operator's command reads the same."""

    model_config = SettingsConfigDict(
        env_prefix="WANGDIAN_",
        extra="ignore",
        frozen=True,
        # What is not valid is named, never shown: a message that repeats the whole input holds passwords.
        hide_input_in_errors=True,
        # Containers get secrets as files named after the variable in lower case.
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
    )

    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how the brokers' listener is spoken to"
    )
    kafka_ca_file: Path | None = Field(
        None, description="authority of the brokers' certificates, PEM; without: those that the system trusts"
    )
    kafka_certificate_file: Path | None = Field(
        None, description="our own certificate for brokers that ask for one, PEM"
    )
    kafka_key_file: Path | None = Field(None, description="the key of our own certificate, PEM")
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="how a password is shown to the brokers (SASL_…)"
    )
    kafka_username: str | None = Field(None, description="our name at the brokers (SASL_…)")
    kafka_password: str | None = Field(None, repr=False, description="our password at the brokers (SASL_…)")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A half-made access is a mistake, found at the start."""
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_username and self.kafka_password
        ):
            raise ValueError("SASL needs kafka_username and kafka_password")
        if bool(self.kafka_certificate_file) != bool(self.kafka_key_file):
            raise ValueError("kafka_certificate_file and kafka_key_file belong together")
        return self

    def kafka_client(self, bootstrap: str) -> dict[str, Any]:
        """What every client of the brokers at ``bootstrap`` is made with.

        Raises ``OSError`` (``ssl.SSLError``) where a named file is missing or holds no certificate or key.
        """
        arguments: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            "security_protocol": self.kafka_security_protocol,
        }
        if self.kafka_security_protocol.endswith("SSL"):
            context = ssl.create_default_context(cafile=self.kafka_ca_file)
            if self.kafka_certificate_file:
                context.load_cert_chain(self.kafka_certificate_file, self.kafka_key_file)
            arguments["ssl_context"] = context
        if self.kafka_security_protocol.startswith("SASL"):
            arguments |= {
                "sasl_mechanism": self.kafka_sasl_mechanism,
                "sasl_plain_username": self.kafka_username,
                "sasl_plain_password": self.kafka_password,
            }
        return arguments


class Settings(KafkaAccess):
    """What every service needs. A service adds its own fields in a subclass."""

    database_url: str = Field(
        repr=False,
        description="PostgreSQL, role <service>_app: postgresql://user:password@host:port/db; for TLS with"
        " ?sslmode=verify-full&sslrootcert=<file>",
    )
    owner_database_url: str | None = Field(
        None, repr=False, description="the same database, role <service>_owner: migrations only"
    )
    kafka_bootstrap_servers: str = Field(description="host:port[,host:port] of the brokers")
    issuer: str = Field(description="exact `iss` of accepted tokens")
    jwks_url: str = Field(description="where the issuer's public keys are")
    http_host: str = Field("127.0.0.1", description="address to listen on")
    http_port: int = Field(8080, ge=0, le=65535, description="port to listen on")

    pool_size: int = Field(10, ge=1, description="database connections for HTTP and reactions")
    pool_wait_seconds: float = Field(2.0, gt=0, description="wait for a pooled connection before 503")
    statement_timeout_ms: int = Field(5_000, ge=1, description="longest statement")
    lock_timeout_ms: int = Field(3_000, ge=1, description="longest wait for a row lock before 409/503")

    body_bytes_max: int = Field(256 * 1024, ge=1, description="largest request body, uploads apart")
    request_seconds_max: float = Field(15.0, gt=0, description="longest request")
    caller_requests_max: int = Field(
        5_000,
        ge=1,
        description="requests of one caller in caller_window_seconds before 429, for each process",
    )
    caller_window_seconds: int = Field(
        10, ge=1, description="window in which a caller's requests are counted"
    )
    requests_at_once_max: int = Field(
        256, ge=1, description="requests worked on at once before 503, for each process"
    )
    stop_seconds_max: float = Field(8.0, gt=0, description="longest wait for requests to finish at stop")

    relay_batch: int = Field(500, ge=1, description="facts of one relay pass")
    relay_pass_seconds_max: float = Field(
        10.0, gt=0, description="longest wait for acknowledgements of one pass"
    )
    relay_poll_seconds: float = Field(0.25, gt=0, description="poll behind the wake-up by commits")
    heartbeat_seconds: float = Field(1.0, gt=0, description="interval of register heartbeats (S1)")
    register_fresh_seconds: float = Field(15.0, gt=0, description="oldest heartbeat of a fresh register (S1)")
    consumer_batch: int = Field(200, ge=1, description="facts of one consumed batch")
    topic_partitions: int = Field(6, ge=1, description="partitions of a topic that is created")
    topic_replication: int = Field(1, ge=1, description="replicas of a topic that is created")

    traces_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="where spans are sent, OTLP over HTTP: http://collector:4318/v1/traces; without: none",
    )
    traces_percent: float = Field(100.0, ge=0, le=100, description="share of traces that is sent")
    traces_seconds_max: float = Field(5.0, gt=0, description="longest attempt to send spans")
    watch_seconds: float = Field(5.0, gt=0, description="interval of the looks that refresh the gauges")

    data_dir: Path = Field(Path("data"), description="folder for files that the service keeps")

    @field_validator("traces_url", mode="before")
    @classmethod
    def _unset(cls, given: object) -> object:
        """What a compose file passes on without a value is not set."""
        return given or None
