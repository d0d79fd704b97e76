"""``python -m ticketing``: the chassis' command line for this service."""

from chassis.cli import main
from ticketing.service import service

main(service)
