"""One running stack: PostgreSQL, Kafka, the issuer, and each service as its container would start it."""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from deploy import SERVICES
from deploy.devstack import StackError, schemas
from deploy.devstack.kafka import (
    ApacheKafka,
    ExternalKafka,
    Kafka,
    KafkaCluster,
    Kind,
    MockKafka,
    why_not_apache,
)
from deploy.devstack.passwords import Passwords
from deploy.devstack.ports import LOOPBACK, Ports, free_ports
from deploy.devstack.ports import check as check_ports
from deploy.devstack.postgres import ExternalPostgres, PostgresServer, provision
from deploy.devstack.processes import Child, dies_with_parent, stop
from deploy.devstack.users import HEAD_OFFICE, Users
from deploy.keyring import new_keyring
from deploy.permit_keys import new_permit_keys
from deploy.private_files import write_private

#: ``with report("PostgreSQL"): …`` shows one step of the start.
Report = Callable[[str], AbstractContextManager[Any]]

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
# Generous: four services start at once, perhaps on one busy processor.
_READY_SECONDS = 120.0
# What a container is given (stop_grace_period).
_STOP_SECONDS = 15.0


class Stack:
    """A stack in a folder. Start it, use it, stop it; ``kill`` and ``restart`` its parts as tests please.

    ``kafka`` chooses the kind of broker (by default the best that this machine can run), ``kafka_servers``
    and ``database_url`` name existing ones. ``fast`` trades safety against a crash of the machine for speed.
    ``settings`` are further ``WANGDIAN_…`` variables of the services. Several ``brokers`` are a cluster,
    ``replicas`` are the processes of each service.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: Ports | None = None,
        services: Sequence[str] = SERVICES,
        kafka: Kind | None = None,
        kafka_servers: str | None = None,
        database_url: str | None = None,
        fast: bool = False,
        settings: Mapping[str, str] | None = None,
        brokers: int = 1,
        replicas: int = 1,
    ) -> None:
        self.folder = folder.absolute()
        self.ports = ports or Ports.free()
        self.names = tuple(services)
        self.notes: list[str] = []
        self._settings = dict(settings or {})
        self._logs = self.folder / "logs"
        self._description = self.folder / "stack.json"
        self.kafka = self._choose_kafka(kafka, kafka_servers, brokers)
        self._more_ports = {name: free_ports(replicas - 1) for name in self.names}
        #: Where it keeps what it remembers. What a broker in memory forgets, nobody else may remember.
        self.state = self.folder
        if self.kafka.kind == "mock":
            self.state = self.folder / "mock"
            shutil.rmtree(self.state, ignore_errors=True)
        self.postgres = self._choose_postgres(database_url, fast)
        self.users = Users(self.state / "issuer", changed=self._users_changed)
        self._issuer: Child | None = None
        self._services: dict[str, list[Child]] = {}

    def start(self, report: Report = nullcontext) -> None:
        """Starts everything and waits until every service is ready; on failure stops what has started."""
        check_ports(self.ports, self._needed_ports())
        self._description.unlink(missing_ok=True)
        shutil.rmtree(self._logs, ignore_errors=True)
        try:
            self._start_all(report)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends everything in order: services, issuer, Kafka, PostgreSQL. Nothing is left running."""
        self._description.unlink(missing_ok=True)
        stop([child for children in self._services.values() for child in children])
        stop([self._issuer] if self._issuer else [])
        self.kafka.stop()
        self.postgres.stop()
        self._services, self._issuer = {}, None

    def url(self, service: str) -> str:
        """Where a service (or the issuer) answers."""
        return f"http://{LOOPBACK}:{getattr(self.ports, service)}"

    def urls(self, service: str) -> list[str]:
        """Where each process of a service answers."""
        more = self._more_ports.get(service, ())
        return [self.url(service), *[f"http://{LOOPBACK}:{port}" for port in more]]

    def pid(self, service: str, number: int = 0) -> int:
        """The process id of a service's process."""
        return self._services[service][number].pid

    def pids(self, service: str) -> tuple[int, ...]:
        """The process ids of all processes of a service."""
        return tuple(child.pid for child in self._services[service])

    def failed(self) -> str | None:
        """The name of a service that has ended by itself, if one has."""
        ended = (name for name, all_ in self._services.items() if not all(child.alive for child in all_))
        return next(ended, None)

    def failure(self, service: str) -> StackError:
        """What to say about a service that has ended by itself."""
        child = next(child for child in self._services[service] if not child.alive)
        return child.failure(f"ended by itself with exit code {child.exit_code}")

    def kill(self, service: str, number: int = 0) -> None:
        """kill -9 for a service's process."""
        self._services[service][number].kill()

    def restart(self, service: str, number: int = 0) -> None:
        """Kills a process of a service unless it is down, starts it and waits until it is ready."""
        self.kill(service, number)
        self._serve(service, number)
        self.wait_ready(service, number=number)
        self.write()

    def roll(self, service: str) -> None:
        """Ends and starts the processes of a service in order, one by one; raises where one ends badly."""
        for number, child in enumerate(self._services[service]):
            child.signal(signal.SIGTERM)
            if child.wait(_STOP_SECONDS) != 0:
                raise child.failure(f"was asked to end and did so with exit code {child.exit_code}")
            self._serve(service, number)
            self.wait_ready(service, number=number)
        self.write()

    def kill_issuer(self) -> None:
        """kill -9 for the issuer."""
        if self._issuer:
            self._issuer.kill()

    def start_issuer(self) -> None:
        """Starts the issuer again and waits until it answers."""
        self._launch_issuer()
        self._wait_for_issuer()

    def restart_kafka(self) -> None:
        """kill -9 for the broker, then starts it at the same address with what it had acknowledged."""
        self.kafka.kill()
        self.kafka.launch()
        self.kafka.wait()

    def restart_postgres(self) -> None:
        """kill -9 for the database server and its backends, then starts it at the same address."""
        if not isinstance(self.postgres, PostgresServer):
            raise StackError("DATABASE_URL: this server is not the stack's to restart")
        self.postgres.kill()
        self.postgres.start()

    def wait_ready(self, service: str, seconds: float = _READY_SECONDS, *, number: int = 0) -> None:
        """Waits until a process says that it is ready; raises with the end of its log when it does not."""
        child = self._services[service][number]
        deadline = time.monotonic() + seconds
        while not _answers(f"{self.urls(service)[number]}/readyz"):
            child.fail_unless_alive()
            if time.monotonic() > deadline:
                raise child.failure(f"is not ready after {seconds:.0f} s")
            time.sleep(0.1)

    def describe(self) -> dict[str, Any]:
        """Where everything is, for scripts, tests and tools: the content of ``stack.json``."""
        return {
            "services": {
                name: {
                    "url": self.url(name),
                    "dsn": self.postgres.dsn(name, f"{name}_app"),
                    "owner_dsn": self.postgres.dsn(name, f"{name}_owner"),
                    "pid": children[0].pid,
                    "data_dir": str(self._data_dir(name)),
                }
                for name, children in self._services.items()
            },
            "kafka": {"bootstrap": self.kafka.bootstrap, "kind": self.kafka.kind},
            "postgres": {"dsn": self.postgres.dsn()},
            "issuer": {
                "url": self.url("issuer"),
                "token_url": f"{self.url('issuer')}/token",
                "jwks_url": f"{self.url('issuer')}/jwks",
            },
            "folder": str(self.state),
            "users": self.users.describe(),
        }

    def write(self) -> None:
        """Writes ``stack.json`` (mode 0600: it holds secrets)."""
        write_private(self._description, json.dumps(self.describe(), indent=2))

    def _start_all(self, report: Report) -> None:
        with report("PostgreSQL 18, databases and roles"):
            # Broker and issuer take their time and need nobody: they start in the background.
            self.kafka.launch()
            self._launch_issuer()
            self.postgres.start()
            provision(self.postgres, self.names)
        with report("migrations"):
            self._migrate()
        with report("token issuer"):
            self._wait_for_issuer()
        with report(f"Kafka ({self.kafka.kind})"):
            self.kafka.wait()
        with report(f"services: {', '.join(self.names)}"):
            processes = [(name, number) for name in self.names for number in range(len(self.urls(name)))]
            for name, number in processes:
                self._serve(name, number)
            for name, number in processes:
                self.wait_ready(name, number=number)
        self.write()

    def _choose_kafka(self, kind: Kind | None, servers: str | None, brokers: int) -> Kafka:
        if servers:
            return ExternalKafka(servers)
        if brokers > 1:
            return KafkaCluster(self.folder / "kafka", self._logs, brokers)
        lacking = "it was asked for" if kind == "mock" else why_not_apache()
        if lacking is None:
            return ApacheKafka(self.folder / "kafka", self.ports, self._logs / "kafka.log")
        if kind == "apache":
            raise StackError(f"Apache Kafka cannot run here: {lacking}")
        self.notes.append(
            f"Kafka is a mock in memory ({lacking}): the stack starts empty and forgets everything at its end"
        )
        return MockKafka(self.folder, self._logs / "kafka.log")

    def _choose_postgres(self, url: str | None, fast: bool) -> PostgresServer | ExternalPostgres:
        passwords = Passwords(self.state / "secrets.json")
        if url and self.kafka.kind != "mock":
            return ExternalPostgres(url, passwords)
        if url:
            self.notes.append(
                "DATABASE_URL is left alone: with a mock broker the stack uses its own PostgreSQL"
            )
        folder, log = self.state / "postgres", self._logs / "postgres.log"
        return PostgresServer(folder, self.ports.postgres, passwords=passwords, log=log, fast=fast)

    def _needed_ports(self) -> dict[str, str]:
        needed = {name: f"the service {name}" for name in self.names} | {"issuer": "the token issuer"}
        if isinstance(self.postgres, PostgresServer):
            needed["postgres"] = "PostgreSQL"
        if isinstance(self.kafka, ApacheKafka):
            needed |= {"kafka": "Kafka", "kafka_controller": "Kafka's controller"}
        return needed

    def _launch_issuer(self) -> None:
        self.users.add_all(HEAD_OFFICE)
        settings = {
            "ISSUER_URL": self.url("issuer"),
            "ISSUER_HOST": LOOPBACK,
            "ISSUER_PORT": str(self.ports.issuer),
            "ISSUER_STATE": str(self.state / "issuer"),
        }
        self._issuer = self._spawn("issuer", ["-m", "deploy.issuer"], settings)

    def _wait_for_issuer(self) -> None:
        assert self._issuer is not None
        deadline = time.monotonic() + _READY_SECONDS
        while not _answers(f"{self.url('issuer')}/livez"):
            self._issuer.fail_unless_alive()
            if time.monotonic() > deadline:
                raise self._issuer.failure("does not answer")
            time.sleep(0.05)

    def _migrate(self) -> None:
        code = {name: schemas.code_of(name) for name in self.names}
        running = {}
        for name in self.names:
            if schemas.migrated_with(self.postgres, name) != code[name]:
                owner = {"WANGDIAN_OWNER_DATABASE_URL": self.postgres.dsn(name, f"{name}_owner")}
                running[name] = self._spawn(name, ["-m", name, "migrate"], self._environment(name) | owner)
        try:
            for name, child in running.items():
                if child.wait(_READY_SECONDS) != 0:
                    raise child.failure("could not migrate its database")
                schemas.note_migrated(self.postgres, name, code[name])
        finally:
            stop(running.values(), patience=0)

    def _serve(self, name: str, number: int = 0) -> None:
        port = str(urlsplit(self.urls(name)[number]).port)
        environment = self._environment(name) | {"WANGDIAN_HTTP_PORT": port}
        log = name if number == 0 else f"{name}-{number + 1}"
        child = self._spawn(name, ["-m", name, "serve"], environment, log=log)
        self._services.setdefault(name, [])[number : number + 1] = [child]

    def _environment(self, name: str) -> dict[str, str]:
        """What a service's container would have in its environment."""
        return {
            "WANGDIAN_DATABASE_URL": self.postgres.dsn(name, f"{name}_app"),
            "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap,
            "WANGDIAN_ISSUER": self.url("issuer"),
            "WANGDIAN_JWKS_URL": f"{self.url('issuer')}/jwks",
            "WANGDIAN_HTTP_HOST": LOOPBACK,
            "WANGDIAN_DATA_DIR": str(self._data_dir(name)),
            **(self._keys() if name == "compliance" else {}),
            **self._settings,
        }

    def _keys(self) -> dict[str, str]:
        """Where the keys of personal fields and of permits are; made at first use and kept."""
        makers = {"keyring": new_keyring, "permit_keys": new_permit_keys}
        paths = {name: self.state / f"{name}.json" for name in makers}
        for name, path in paths.items():
            if not path.exists():
                write_private(path, makers[name]())
        return {f"WANGDIAN_{name.upper()}_FILE": str(path) for name, path in paths.items()}

    def _data_dir(self, name: str) -> Path:
        return self.state / "data" / name

    def _spawn(
        self, name: str, arguments: Sequence[str], settings: Mapping[str, str], *, log: str | None = None
    ) -> Child:
        inherited = {key: value for key, value in os.environ.items() if key in _INHERITED}
        environment = inherited | {"PYTHONUNBUFFERED": "1", **settings}
        command = [*dies_with_parent("KILL"), sys.executable, *arguments]
        return Child(name, command, log=self._logs / f"{log or name}.log", environment=environment)

    def _users_changed(self) -> None:
        if self._description.exists():
            self.write()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False
