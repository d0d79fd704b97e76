"""The script of a product's sale: for each key point of the recording the document by which it is spoken."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Invalid
from compliance.evidence.domain import SegmentKind
from compliance.products.domain import Product
from compliance.products.events import ProductScripted


class ScriptUnchanged(Invalid):
    """The same script again would hold sales for nothing."""

    code = "SCRIPT_UNCHANGED"
    zh = "该环节现行话术即为此文件;无需变更。"
    en = "The key point is spoken by this document already; there is nothing to change."


@dataclass(kw_only=True)
class ProductScript:
    """From when on a key point is spoken by a document, on record for good; it made ``product_version``.

    ``sha256`` is that of the document, in hexadecimal.
    """

    product_id: UUID
    product_version: int
    segment: SegmentKind
    document: str
    sha256: str
    set_by: str
    set_at: datetime


def set_script(
    product: Product,
    before: ProductScript | None,
    segment: SegmentKind,
    *,
    document: str,
    sha256: str,
    by: str,
    at: datetime,
) -> tuple[ProductScript, ProductScripted]:
    """Another script for a key point. Raises ``ProductIsEnded``, :class:`ScriptUnchanged`."""
    product.must_run()
    if before is not None and before.sha256 == sha256:
        raise ScriptUnchanged(pointer="/sha256")
    product.version += 1
    script = ProductScript(
        product_id=product.id,
        product_version=product.version,
        segment=segment,
        document=document,
        sha256=sha256,
        set_by=by,
        set_at=at,
    )
    return script, ProductScripted(
        version=product.version, occurred_at=at, product_id=product.id, segment=segment.value, sha256=sha256
    )
