"""Kafka of the stack: an existing cluster, Apache Kafka from its Maven artifacts, or librdkafka's mock."""

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

from deploy.devstack import REPOSITORY, StackError
from deploy.devstack.ports import LOOPBACK, Ports, free_ports
from deploy.devstack.processes import Child, dies_with_parent, run, stop

Kind = Literal["external", "apache", "mock"]

_RECIPE = REPOSITORY / "deploy" / "kafka"
#: The broker's jars: fetched once, then used by every stack on this machine.
LIBRARIES = REPOSITORY / ".local" / "kafka" / "libs"
_JAVA_MIN = 17
#: Settings of a broker that say on how many brokers something is, and how many must have it.
_REPLICATED = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor",
)
_IN_SYNC = (
    "min.insync.replicas",
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.min.isr",
)
_JVM = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


class Kafka(Protocol):
    """A broker of the stack. ``kill`` and ``start`` keep address and data."""

    kind: Kind
    bootstrap: str

    def launch(self) -> None:
        """Starts it without waiting."""
        ...

    def wait(self) -> None:
        """Waits until it serves."""
        ...

    def stop(self) -> None:
        """Ends it in order."""
        ...

    def kill(self) -> None:
        """Ends it at once."""
        ...


class ExternalKafka:
    """An existing cluster: used, never started or stopped."""

    kind: Kind = "external"

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def launch(self) -> None:
        """Nothing to start."""

    def wait(self) -> None:
        """The services wait for it themselves."""

    def stop(self) -> None:
        """Leaves it alone."""

    def kill(self) -> None:
        """Not ours to kill."""
        raise StackError("KAFKA_BOOTSTRAP_SERVERS: this broker is not the stack's to stop")


class ApacheKafka:
    """One broker that is a controller too (KRaft), its data kept in ``folder``; alone, or one of a cluster.

    ``settings`` of the broker go before those of ``deploy/kafka/server.properties``.
    """

    kind: Kind = "apache"

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        log: Path | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        cluster_id: str | None = None,
    ) -> None:
        self.bootstrap = f"{LOOPBACK}:{ports.kafka}"
        self._folder = folder.absolute()
        self._ports = ports
        self._log = log or self._folder / "kafka.log"
        self._settings = dict(settings or {})
        self._cluster_id = cluster_id or new_cluster_id()
        self._process: Child | None = None

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        assert self._process is not None
        return self._process.pid

    def launch(self) -> None:
        """Starts it without waiting; formats its storage the first time."""
        properties, data = self._folder / "server.properties", self._folder / "data"
        self._folder.mkdir(parents=True, exist_ok=True)
        controller = f"{LOOPBACK}:{self._ports.kafka_controller}"
        own = {
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(data),
            **self._settings,
        }
        # Of a name that is given twice, Java's reader takes the last.
        lines = [f"{name}={value}" for name, value in own.items()]
        recipe = (_RECIPE / "server.properties").read_text(encoding="utf-8")
        properties.write_text("\n".join([recipe, *lines, ""]), encoding="utf-8")
        if not (data / "meta.properties").exists():
            storage_tool = [
                "kafka.tools.StorageTool",
                "format",
                "-t",
                self._cluster_id,
                "-c",
                str(properties),
            ]
            run([*_java(), *storage_tool])
        command = [*dies_with_parent("KILL"), *_java(), "kafka.Kafka", str(properties)]
        self._process = Child("kafka", command, log=self._log)

    def wait(self) -> None:
        """Waits until it serves."""
        assert self._process is not None
        self._process.wait_for_output("Kafka Server started", seconds=60)

    def stop(self) -> None:
        """Ends it in order."""
        if self._process:
            stop([self._process], patience=20)
            self._process = None

    def kill(self) -> None:
        """kill -9; what it acknowledged is kept."""
        if self._process:
            self._process.kill()
            self._process = None


class KafkaCluster:
    """Several brokers on loopback, each a controller too: every record on all of them, two must have it."""

    kind: Kind = "apache"

    def __init__(self, folder: Path, logs: Path, size: int = 3) -> None:
        numbers = free_ports(2 * size)
        ports = [
            Ports(kafka=one, kafka_controller=other) for one, other in zip(*[iter(numbers)] * 2, strict=True)
        ]
        voters = ",".join(
            f"{node}@{LOOPBACK}:{there.kafka_controller}" for node, there in enumerate(ports, start=1)
        )
        replication = dict.fromkeys(_REPLICATED, str(size)) | dict.fromkeys(_IN_SYNC, str(size // 2 + 1))
        cluster_id = new_cluster_id()
        #: The brokers; the id of each is its place, counted from 1.
        self.nodes = [
            ApacheKafka(
                folder / str(node),
                there,
                logs / f"kafka-{node}.log",
                settings={"node.id": str(node), "controller.quorum.voters": voters, **replication},
                cluster_id=cluster_id,
            )
            for node, there in enumerate(ports, start=1)
        ]
        self.bootstrap = ",".join(node.bootstrap for node in self.nodes)

    def launch(self) -> None:
        """Starts all of them without waiting."""
        self._each(ApacheKafka.launch)

    def wait(self) -> None:
        """Waits until each serves."""
        self._each(ApacheKafka.wait)

    def stop(self) -> None:
        """Ends all of them in order."""
        self._each(ApacheKafka.stop)

    def kill(self) -> None:
        """kill -9 for all of them."""
        self._each(ApacheKafka.kill)

    def _each(self, act: Callable[[ApacheKafka], None]) -> None:
        for node in self.nodes:
            act(node)


class MockKafka:
    """librdkafka's mock cluster, in memory. A kill only makes it unreachable; a stop empties it."""

    kind: Kind = "mock"

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.bootstrap = ""
        self._log = log or folder / "kafka.log"
        self._process: Child | None = None
        self._told = 0

    def launch(self) -> None:
        """Starts it; or makes it reachable again after a kill."""
        if self._process:
            self._tell("up")
            return
        command = [*dies_with_parent("KILL"), sys.executable, "-m", "deploy.devstack.mock_kafka"]
        self._process = Child("kafka", command, log=self._log, stdin=subprocess.PIPE)

    def wait(self) -> None:
        """Waits until its address is known."""
        assert self._process is not None
        self._process.wait_for_output(" .\n", seconds=30)
        self.bootstrap = self._process.output().split("bootstrap ")[1].split()[0]

    def stop(self) -> None:
        """Ends it, and with it every topic."""
        if self._process:
            stop([self._process], ask=signal.SIGKILL)
            self._process = None

    def kill(self) -> None:
        """Cuts all connections and refuses new ones until it is launched again."""
        self._tell("down")

    def _tell(self, command: str) -> None:
        assert self._process is not None
        self._told += 1
        order = f"{command} {self._told}"
        self._process.stdin.write(f"{order}\n".encode())
        self._process.stdin.flush()
        self._process.wait_for_output(f"done {order}\n", seconds=10)


def new_cluster_id() -> str:
    """A random id of a cluster, in base64; the command line of Kafka takes none that starts with a dash."""
    return "W" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]


def why_not_apache() -> str | None:
    """What this machine lacks for Apache Kafka; none when it can run. Fetches the jars the first time."""
    java = shutil.which("java")
    if java is None or (version := _java_version(java)) is None:
        return "there is no Java"
    if version < _JAVA_MIN:
        return f"Java is {version}, Kafka needs {_JAVA_MIN}"
    recipe = (_RECIPE / "pom.xml").read_text(encoding="utf-8")
    fetched = LIBRARIES / "pom.xml"
    if fetched.exists() and fetched.read_text(encoding="utf-8") == recipe:
        return None
    if shutil.which("mvn") is None:
        return "there is no Maven"
    try:
        _fetch_libraries()
    except StackError as error:
        return str(error)
    return None


def _fetch_libraries() -> None:
    draft = LIBRARIES.with_name(f"libs.{os.getpid()}")
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={draft}"]
    try:
        run(["mvn", "-q", "-B", "-f", str(_RECIPE / "pom.xml"), "dependency:copy-dependencies", *options])
        shutil.copy(_RECIPE / "pom.xml", draft / "pom.xml")
        shutil.rmtree(LIBRARIES, ignore_errors=True)
        draft.rename(LIBRARIES)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _java() -> list[str]:
    logging = f"-Dlog4j2.configurationFile={_RECIPE / 'log4j2.properties'}"
    return ["java", *_JVM, logging, "-cp", f"{LIBRARIES}/*"]


def _java_version(java: str) -> int | None:
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if done.returncode == 0 and found else None
