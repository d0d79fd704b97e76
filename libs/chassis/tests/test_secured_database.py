"""PostgreSQL behind TLS, with a certificate made for the test: services and migrations verify the server.

The server of the tests is built without TLS. What ends it in front of the server speaks the same protocol.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from chassis.db import create_engine, tls
from chassis.migrate import upgrade
from chassis.settings import Settings
from chassis.testing import ServiceKit, create_database
from deploy.devstack.ports import LOOPBACK
from deploy.secrets import self_signed
from libs.chassis.tests import sample

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@pytest.fixture
async def kit(postgres_url: str, tmp_path: Path) -> AsyncIterator[ServiceKit]:
    """The sample on a database of its own."""
    kit = ServiceKit(sample.service, create_database(postgres_url, sample.service), tmp_path / "data")
    yield kit
    await kit.close()


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A certificate for ``localhost``, which is its own authority; its key stands beside it."""
    certificate, key = self_signed(["localhost"])
    (tmp_path / "certificate.pem").write_text(certificate, encoding="utf-8")
    (tmp_path / "key.pem").write_text(key, encoding="utf-8")
    return tmp_path / "certificate.pem"


@pytest.fixture
async def ends_tls(kit: ServiceKit, authority: Path) -> AsyncIterator[int]:
    """The port of what ends TLS in front of the kit's server; whoever does not ask for it is cut."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, authority.with_name("key.pem"))
    server_port = kit.engine.url.port

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(len(SSL_REQUEST)) != SSL_REQUEST:
            writer.close()
            return
        writer.write(b"S")
        try:
            await writer.start_tls(context)
        except OSError:
            return
        server = await asyncio.open_connection(LOOPBACK, server_port)
        await asyncio.gather(pass_on(reader, server[1]), pass_on(server[0], writer))

    listening = await asyncio.start_server(take, LOOPBACK, 0)
    yield listening.sockets[0].getsockname()[1]
    listening.close()


def through(url: str, port: int, host: str, **parameters: str) -> str:
    """The URL of the same database by another door."""
    other = make_url(url).set(host=host, port=port).update_query_dict(parameters)
    return other.render_as_string(hide_password=False)


async def seen_by(settings: Settings) -> int:
    """What a service reads with these settings."""
    engine = create_engine(settings)
    try:
        async with engine.connect() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM relay_control"))).scalar_one())
    finally:
        await engine.dispose()


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_a_service_reads_through_tls(
    kit: ServiceKit, ends_tls: int, authority: Path, mode: str
) -> None:
    url = through(kit.settings.database_url, ends_tls, "localhost", sslmode=mode, sslrootcert=str(authority))
    assert await seen_by(kit.settings.model_copy(update={"database_url": url})) == 1


async def test_a_migration_runs_through_tls(kit: ServiceKit, ends_tls: int, authority: Path) -> None:
    verified = {"sslmode": "verify-full", "sslrootcert": str(authority)}
    url = through(kit.database.owner_url, ends_tls, "localhost", **verified)
    # A migration gives the service its rights back.
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute("REVOKE SELECT ON relay_control FROM sample_app")
    with pytest.raises(DBAPIError, match="permission denied"):
        await seen_by(kit.settings)
    await asyncio.to_thread(upgrade, sample.service, url)
    assert await seen_by(kit.settings) == 1


@pytest.mark.parametrize(
    ("host", "mode", "trusted"),
    [
        ("localhost", "disable", "certificate.pem"),
        (LOOPBACK, "verify-full", "certificate.pem"),
        ("localhost", "verify-full", "other.pem"),
    ],
    ids=["no TLS", "another name", "another authority"],
)
async def test_what_cannot_be_verified_is_refused(
    kit: ServiceKit, ends_tls: int, authority: Path, host: str, mode: str, trusted: str
) -> None:
    authority.with_name("other.pem").write_text(self_signed(["localhost"])[0], encoding="utf-8")
    trust = str(authority.with_name(trusted))
    url = through(kit.settings.database_url, ends_tls, host, sslmode=mode, sslrootcert=trust)
    with pytest.raises((OSError, DBAPIError)):
        await seen_by(kit.settings.model_copy(update={"database_url": url}))


@pytest.mark.parametrize("parameters", ["sslmode=verify-full", "sslmode=allow", "sslmode=yes"])
def test_a_mode_that_promises_nothing_is_no_mode(parameters: str) -> None:
    with pytest.raises(ValueError, match="sslmode is"):
        tls(f"postgresql://somebody@localhost/sample?{parameters}")
