"""Where recorders and the runs of their heartbeats are kept."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import Instant
from compliance.database import mapper
from compliance.devices.domain import Recorder, RecorderRun

recorders = Table(
    "recorders",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("zone_id", Uuid, ForeignKey("zones.id"), nullable=False),
    Column("serial", String(64), nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("certificate", String(8192), nullable=True),
    Column("sequence", BigInteger, nullable=False),
    Column("registered_by", String, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("retired_by", String, nullable=True),
    Column("retired_at", Instant, nullable=True),
    Column("retirement_reason", String(500), nullable=True),
    UniqueConstraint("serial", name="uq_recorders_serial"),
    CheckConstraint("(retired_at IS NULL) = (retired_by IS NULL)", name="retired_at"),
    Index("ix_recorders_zone_id", "zone_id", "id"),
    info={"grants": "SELECT, INSERT, UPDATE (version, sequence, retired_by, retired_at, retirement_reason)"},
)

recorder_runs = Table(
    "recorder_runs",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("recorder_id", Uuid, ForeignKey("recorders.id"), nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("heard_at", Instant, nullable=False),
    Column("offset_ms", BigInteger, nullable=False),
    Column("heartbeats", BigInteger, nullable=False),
    CheckConstraint("began_at <= heard_at", name="heard_at"),
    Index("ix_recorder_runs_recorder_id", "recorder_id", "began_at"),
    Index("ix_recorder_runs_heard_at", "heard_at"),
    info={"grants": "SELECT, INSERT, UPDATE (heard_at, offset_ms, heartbeats)"},
)

mapper.map_imperatively(Recorder, recorders, version_id_col=recorders.c.version, version_id_generator=False)
mapper.map_imperatively(RecorderRun, recorder_runs)
