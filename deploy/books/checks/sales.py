"""Sales: each has its passing decision; each refusal names every broken rule."""

from deploy.books.model import Check

CHECKS: tuple[Check, ...] = ()
