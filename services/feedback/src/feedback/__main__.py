"""``python -m feedback``: the chassis' command line for this service."""

from chassis.cli import main
from feedback.service import service

main(service)
