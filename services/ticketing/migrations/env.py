"""Alembic's entry; the chassis runs the migrations."""

from chassis.migrate import run_environment
from ticketing.service import service

run_environment(service.metadata)
