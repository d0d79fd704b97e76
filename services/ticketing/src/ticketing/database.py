"""The mapper registry that every table of this service stands in."""

from chassis.db import new_registry

mapper = new_registry()
