"""The use case of scripts; a script bumps the product's head, which the gate locks (G1)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.outbox import record
from compliance.evidence.domain import SegmentKind
from compliance.products.commands import lock_product
from compliance.products.queries import present_scripts
from compliance.products.scripts import ProductScript, set_script


async def script_product(
    session: AsyncSession,
    clock: Clock,
    product_id: UUID,
    expected_version: int,
    segment: SegmentKind,
    *,
    document: str,
    sha256: str,
    by: str,
) -> ProductScript:
    """Sets the script of a key point from now on.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``ScriptUnchanged``.
    """
    product = await lock_product(session, product_id)
    check_version(product.version, expected_version)
    known = {script.segment: script for script in await present_scripts(session, product_id)}
    script, fact = set_script(
        product, known.get(segment), segment, document=document, sha256=sha256, by=by, at=clock.now()
    )
    session.add(script)
    await record(session, fact)
    return script
