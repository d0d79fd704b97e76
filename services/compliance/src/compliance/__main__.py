"""``python -m compliance``: the chassis' command line for this service."""

from chassis.cli import main
from compliance.service import service

main(service)
