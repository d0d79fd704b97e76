"""Where the register of outlets is kept."""

from sqlalchemy import BigInteger, Column, Integer, Table, Uuid

from chassis.db import EnumText, JsonOf, enum_check
from compliance.database import mapper
from compliance.outlets.domain import Outlet, OutletState, OutletStatus

outlets = Table(
    "outlets",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("state", JsonOf(OutletState), nullable=True),
    Column("status", EnumText(OutletStatus), nullable=False),
    enum_check("status", OutletStatus),
    info={"grants": "SELECT, INSERT, UPDATE (version, sequence, state, status)"},
)

mapper.map_imperatively(Outlet, outlets, version_id_col=outlets.c.version, version_id_generator=False)
