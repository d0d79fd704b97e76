"""Alembic's entry; the chassis runs the migrations."""

from chassis.migrate import run_environment

run_environment()
