"""What ``wangdian doctor`` can find: each kind with its words, what to do, and its runbook."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of trouble; the texts name details in braces. ``urgent`` means: people suffer now."""

    code: str
    zh: str
    en: str
    do_zh: str
    do_en: str
    runbook: str
    urgent: bool = True


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, about ``subject``, in both languages, with what to do about it."""

    code: str
    subject: str
    zh: str
    en: str
    do_zh: str
    do_en: str
    runbook: str
    urgent: bool


def finding(kind: Kind, subject: str, **details: Any) -> Finding:
    """The kind with its details filled in."""
    words = {"subject": subject, **details}
    return Finding(
        kind.code,
        subject,
        kind.zh.format(**words),
        kind.en.format(**words),
        kind.do_zh.format(**words),
        kind.do_en.format(**words),
        f"docs/runbooks/{kind.runbook}.md",
        kind.urgent,
    )


SERVICE_DOWN = Kind(
    "SERVICE_DOWN",
    "{subject} 没有应答：{why}",
    "{subject} does not answer: {why}",
    "查看其日志的最后几行；启动服务：python -m {subject} serve。",
    "Read the end of its log; start it: python -m {subject} serve.",
    "service-not-ready",
)
SERVICE_NOT_READY = Kind(
    "SERVICE_NOT_READY",
    "{subject} 未就绪：{why}",
    "{subject} is not ready: {why}",
    "先处理所列检查项（多为数据库）；仍未就绪则重启服务。",
    "Mend what the checks name (mostly the database); restart the service if it stays.",
    "service-not-ready",
)
SERVICE_DEGRADED = Kind(
    "SERVICE_DEGRADED",
    "{subject} 降级运行：{why}",
    "{subject} is degraded: {why}",
    "服务仍可用；请按所列检查项处理。",
    "It still serves; mend what the checks name.",
    "service-not-ready",
    urgent=False,
)
DATABASE_UNREACHABLE = Kind(
    "DATABASE_UNREACHABLE",
    "{subject} 的数据库无法连接：{why}",
    "the database of {subject} cannot be reached: {why}",
    "确认 PostgreSQL 已启动、磁盘未满、密码未变；服务会自行重连。",
    "See that PostgreSQL runs, has disk and knows the password; the service reconnects by itself.",
    "database-unreachable",
)
SCHEMA_BEHIND = Kind(
    "SCHEMA_BEHIND",
    "{subject} 的数据库结构是 {present}，程序需要 {wanted}",
    "the schema of {subject} is at {present}, the code wants {wanted}",
    "以所有者角色运行迁移：wangdian migrate {subject}。",
    "Run the migrations as the owner role: wangdian migrate {subject}.",
    "schema-behind",
)
PARTITION_MISSING = Kind(
    "PARTITION_MISSING",
    "{subject} 的事件档案缺少月分区 {names}",
    "the archive of {subject} has no partition {names}",
    "在月初之前运行 wangdian migrate {subject}；它会补建分区。",
    "Run wangdian migrate {subject} before the month begins; it makes the partitions.",
    "schema-behind",
)
FACTS_IN_DEFAULT = Kind(
    "FACTS_IN_DEFAULT",
    "{subject} 有事件落入默认分区 fact_default",
    "facts of {subject} stand in the partition fact_default",
    "数据未丢失；按手册将其移入月分区。",
    "Nothing is lost; move them into their month's partition as the runbook says.",
    "schema-behind",
    urgent=False,
)
BROKER_UNREACHABLE = Kind(
    "BROKER_UNREACHABLE",
    "Kafka 无法连接：{why}",
    "Kafka cannot be reached: {why}",
    "启动 Kafka；事件留在发件箱中，恢复后自动按序发送，无需补发。",
    "Start Kafka; facts wait in the outboxes and are then sent in order without further ado.",
    "broker-unreachable",
)
TOPIC_MISSING = Kind(
    "TOPIC_MISSING",
    "缺少主题 {subject}（{service} 需要它）",
    "the topic {subject} is missing ({service} needs it)",
    "重启 {service}，启动时会创建缺少的主题；若 Kafka 数据已丢失，按手册补发。",
    "Restart {service}: it makes missing topics; if Kafka lost its data, send again (runbook).",
    "broker-lost",
)
TOPIC_PARTITIONS = Kind(
    "TOPIC_PARTITIONS",
    "主题 {subject} 有 {present} 个分区，应为 {wanted} 个",
    "the topic {subject} has {present} partitions, {wanted} are expected",
    "不要直接扩容：先暂停转发、等消费组读完、再扩容、恢复；或把 WANGDIAN_TOPIC_PARTITIONS 设为实际值。",
    "Never just grow it: pause the relay, drain the groups, grow, resume; or set WANGDIAN_TOPIC_PARTITIONS.",
    "broker-unreachable",
    urgent=False,
)
OFFSETS_LOST = Kind(
    "OFFSETS_LOST",
    "{subject} 的消费位置已不存在：{places}",
    "places of {subject} no longer exist on the broker: {places}",
    "生产方补发（wangdian republish），再停止 {subject}、重读主题（wangdian reread）、启动。",
    "Let producers send again (wangdian republish); stop {subject}, wangdian reread the topics, start.",
    "broker-lost",
)
OUTBOX_OLD = Kind(
    "OUTBOX_OLD",
    "{subject} 的发件箱有 {count} 条事件，最早的已等待 {age} 秒",
    "the outbox of {subject} holds {count} facts, the oldest for {age} s",
    "确认 Kafka 可用、转发未暂停；看服务日志中的 relay pass failed。",
    "See that Kafka answers and the relay is not paused; look for `relay pass failed` in the service's log.",
    "outbox-old",
)
RELAY_PAUSED = Kind(
    "RELAY_PAUSED",
    "{subject} 的转发已暂停：{reason}",
    "the relay of {subject} is paused: {reason}",
    "原因消除后：wangdian resume {subject}。",
    "When the reason is gone: wangdian resume {subject}.",
    "outbox-old",
)
PARKED_FACTS = Kind(
    "PARKED_FACTS",
    "{subject} 搁置了 {count} 条事件",
    "{subject} has {count} parked facts",
    "wangdian parked list {subject}；修复后 release，确认无用才 drop。",
    "wangdian parked list {subject}; release after the cause is mended, drop only what is truly void.",
    "parked-facts",
)
REGISTER_STALE = Kind(
    "REGISTER_STALE",
    "{subject} 的登记册 {topic} 已过时：{why}",
    "the register {topic} of {subject} is stale: {why}",
    "在此期间依赖它的决定一律拒绝；检查生产方、Kafka 与搁置事件。",
    "Decisions that rest on it are refused meanwhile; look at its producer, Kafka and parked facts.",
    "register-stale",
)
DISK_FULL = Kind(
    "DISK_FULL",
    "{subject} 所在磁盘只剩 {free}（{percent}%）",
    "the disk of {subject} has {free} left ({percent} %)",
    "腾出空间或扩容；证据目录中的文件一律不得手工删除。",
    "Free or add space; never delete a file of the evidence folder by hand.",
    "disk-full",
)
CLOCK_OFFSET = Kind(
    "CLOCK_OFFSET",
    "本机与 {subject} 的数据库时钟相差 {offset} 秒",
    "this machine's clock and the one of {subject}'s database differ by {offset} s",
    "在两台机器上启用 NTP 并对时；登记册的新鲜度依赖时钟。",
    "Enable NTP on both machines; the freshness of registers rests on clocks.",
    "register-stale",
)
SECRET_WEAK = Kind(
    "SECRET_WEAK",
    "{subject} 的密钥不可用于生产：{why}",
    "the secret of {subject} is not fit for use: {why}",
    "更换：ALTER ROLE … PASSWORD，或重新生成（make secrets），再重启服务。",
    "Replace it: ALTER ROLE … PASSWORD, or make new ones (make secrets), then restart the services.",
    "weak-secrets",
    urgent=False,
)
