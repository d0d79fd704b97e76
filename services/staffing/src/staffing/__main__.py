"""``python -m staffing``: the chassis' command line for this service."""

from chassis.cli import main
from staffing.service import service

main(service)
