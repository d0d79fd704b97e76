"""Brokers behind TLS and passwords, with certificates made for the test: facts flow, strangers stay out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from chassis.kafka import FactProducer, ensure_topics
from chassis.settings import Settings
from chassis.testing import ServiceKit
from deploy.devstack.kafka import ApacheKafka
from deploy.devstack.ports import LOOPBACK, Ports, free_ports
from deploy.operator.broker import BrokerUnreachable, reader
from deploy.secrets import self_signed
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.broker import relay
from libs.chassis.tests.messaging.conftest import new_counters

pytestmark = pytest.mark.real_kafka

PASSWORD = "only-for-this-test"
LISTENERS = ("SSL", "MUTUAL", "SASL_SSL", "SASL_PLAINTEXT")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The broker's certificate, which is its own authority, and its key."""
    folder = tmp_path_factory.mktemp("certificates")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    for path, content in zip((certificate, key), self_signed(["localhost"]), strict=True):
        path.write_text(content, encoding="utf-8")
    return certificate, key


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, authority: tuple[Path, Path]
) -> Iterator[dict[str, str]]:
    """Addresses of a broker by listener: TLS, TLS both ways, TLS with a password, a password alone."""
    folder = tmp_path_factory.mktemp("secured")
    ports = Ports.free()
    numbers = dict(zip(LISTENERS, free_ports(4), strict=True))
    inside = f"PLAINTEXT://{LOOPBACK}:{ports.kafka}"
    secure = [f"{protocol}://localhost:{number}" for protocol, number in numbers.items()]
    store = folder / "store.pem"
    store.write_text("".join(path.read_text() for path in reversed(authority)), encoding="utf-8")
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    broker = ApacheKafka(
        folder / "kafka",
        ports,
        settings={
            "listeners": ",".join([inside, f"CONTROLLER://{LOOPBACK}:{ports.kafka_controller}", *secure]),
            "advertised.listeners": ",".join([inside, *secure]),
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,MUTUAL:SSL,"
            "SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(store),
            "listener.name.mutual.ssl.client.auth": "required",
            "listener.name.mutual.ssl.truststore.type": "PEM",
            "listener.name.mutual.ssl.truststore.location": str(authority[0]),
            "sasl.enabled.mechanisms": "PLAIN",
            **{
                f"listener.name.{name}.plain.sasl.jaas.config": f'{login} user_wangdian="{PASSWORD}";'
                for name in ("sasl_ssl", "sasl_plaintext")
            },
        },
    )
    broker.launch()
    broker.wait()
    yield {protocol: f"localhost:{number}" for protocol, number in numbers.items()}
    broker.stop()


def access(kit: ServiceKit, address: str, **given: Any) -> Settings:
    """The sample's settings with this access."""
    return kit.settings.model_copy(update={"kafka_bootstrap_servers": address, **given})


OURS = ("kafka_certificate_file", "kafka_key_file")
PASSWORDS = {"kafka_sasl_mechanism": "PLAIN", "kafka_username": "wangdian", "kafka_password": PASSWORD}


@pytest.mark.parametrize("listener", LISTENERS)
async def test_facts_flow_through(
    kit: ServiceKit, secured: dict[str, str], authority: tuple[Path, Path], listener: str
) -> None:
    settings = access(
        kit,
        secured[listener],
        kafka_security_protocol="SSL" if listener == "MUTUAL" else listener,
        kafka_ca_file=authority[0],
        **(PASSWORDS if listener.startswith("SASL") else {}),
        **(dict(zip(OURS, authority, strict=True)) if listener == "MUTUAL" else {}),
    )
    await ensure_topics(settings, [sample.TOPIC])
    (counter_id,) = await new_counters(kit, 1)
    async with kit.session() as session:
        await sample.count_by_orm(session, kit.clock, counter_id)
    sending = relay(kit, settings)
    assert (await sending.once()).sent == 1
    await sending.producer.stop()
    arguments = settings.kafka_client(settings.kafka_bootstrap_servers)
    async with AIOKafkaConsumer(sample.TOPIC, auto_offset_reset="earliest", **arguments) as consumer:
        while (record := await consumer.getone()).key != str(counter_id).encode():
            pass
    assert dict(record.headers)["ce_type"] == sample.COUNTED.encode()


@pytest.mark.parametrize(
    ("protocol", "given"),
    [
        ("SSL", {"kafka_security_protocol": "SSL"}),
        ("SSL", {"kafka_security_protocol": "PLAINTEXT"}),
        ("SASL_PLAINTEXT", {"kafka_security_protocol": "SASL_PLAINTEXT", **PASSWORDS, "kafka_password": "x"}),
        ("SASL_PLAINTEXT", {"kafka_security_protocol": "PLAINTEXT"}),
    ],
    ids=["unknown authority", "no TLS", "wrong password", "no password"],
)
async def test_who_does_not_fit_is_refused(
    kit: ServiceKit, secured: dict[str, str], protocol: str, given: dict[str, Any]
) -> None:
    producer = FactProducer(access(kit, secured[protocol], **given))
    with pytest.raises(KafkaError) as refused:
        await producer.start()
    assert not producer.started
    assert PASSWORD not in str(refused.value)


async def test_who_shows_no_certificate_where_one_is_wanted_is_refused(
    kit: ServiceKit, secured: dict[str, str], authority: tuple[Path, Path]
) -> None:
    known = access(kit, secured["MUTUAL"], kafka_security_protocol="SSL", kafka_ca_file=authority[0])
    with pytest.raises(KafkaError):
        await FactProducer(known).start()


async def test_a_certificate_for_another_name_is_refused(
    kit: ServiceKit, secured: dict[str, str], authority: tuple[Path, Path]
) -> None:
    address = secured["SSL"].replace("localhost", LOOPBACK)
    named = access(kit, address, kafka_security_protocol="SSL", kafka_ca_file=authority[0])
    with pytest.raises(KafkaError):
        await FactProducer(named).start()


async def test_the_operator_uses_the_same_variables(
    secured: dict[str, str], authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BrokerUnreachable):
        async with reader(secured["SASL_SSL"]):
            pass
    for name, value in {
        "security_protocol": "SASL_SSL",
        "ca_file": str(authority[0]),
        "sasl_mechanism": "PLAIN",
        "username": "wangdian",
        "password": PASSWORD,
    }.items():
        monkeypatch.setenv(f"WANGDIAN_KAFKA_{name.upper()}", value)
    async with reader(secured["SASL_SSL"]) as client:
        assert sample.TOPIC in await client.topics()
