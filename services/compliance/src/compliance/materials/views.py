"""What the routes of promotional materials ask and answer."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.http.models import Input, Output
from compliance.materials.domain import Content, Material, Release
from compliance.reviews.views import ReviewedView
from compliance.rulebook.materials import BenchmarkShown, DeclaredKind, PastPerformance, PublicityChannel

Title = Annotated[str, Field(min_length=1, max_length=120)]
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Section = Annotated[str, Field(min_length=1, max_length=4000)]
Words = Annotated[str, Field(min_length=1, max_length=500)]
Purpose = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Z0-9_]+$")]
Channels = Annotated[tuple[PublicityChannel, ...], Field(min_length=1, max_length=9)]


class BenchmarkBody(Input):
    """A performance benchmark as it is shown, with the caveat and whether it stands beside it, as large."""

    value: Annotated[str, Field(min_length=1, max_length=60)]
    reason: Words | None = None
    basis: Words | None = None
    method: Words | None = None
    caveat: Words | None = None
    caveat_beside: bool = False


class PastPerformanceBody(Input):
    """What is said about the past, and the legal day on which the product was founded."""

    text: Section
    founded_on: date


class NewMaterial(Input):
    """A material of an outlet, or of the whole bank (null: the product department alone), for review.

    About a product it declares the product's kind, its main features and its risks.
    """

    outlet_id: UUID | None
    product_id: UUID | None
    channels: Channels
    title: Title
    text: Text
    features: Section | None = None
    risks: Section | None = None
    declared_kind: DeclaredKind | None = None
    benchmark: BenchmarkBody | None = None
    past_performance: PastPerformanceBody | None = None
    campaign_id: UUID | None = None

    def content(self) -> Content:
        """The content as the domain has it."""
        mark, past = self.benchmark, self.past_performance
        return Content(
            title=self.title,
            text=self.text,
            features=self.features,
            risks=self.risks,
            declared_kind=self.declared_kind,
            benchmark=None if mark is None else BenchmarkShown(**mark.model_dump()),
            past_performance=None if past is None else PastPerformance(**past.model_dump()),
        )


class NewRelease(Input):
    """The channel; for text messages the purpose to which every receiver has consented (M051)."""

    channel: PublicityChannel
    consent_purpose: Purpose | None = None


class Withdrawal(Input):
    """Why it is shown no more."""

    reason: Words


class BenchmarkShownView(Output):
    """A performance benchmark as a material shows it."""

    value: str
    reason: str | None
    basis: str | None
    method: str | None
    caveat: str | None
    caveat_beside: bool


class PastPerformanceView(Output):
    """What a material says about the past."""

    text: str
    founded_on: date


class ContentView(Output):
    """What is shown."""

    title: str
    text: str
    features: str | None
    risks: str | None
    declared_kind: DeclaredKind | None
    benchmark: BenchmarkShownView | None
    past_performance: PastPerformanceView | None


class MaterialView(ReviewedView):
    """A material, its review and its end."""

    outlet_id: UUID | None
    product_id: UUID | None
    campaign_id: UUID | None
    channels: tuple[PublicityChannel, ...]
    content: ContentView
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None

    @classmethod
    def of(cls, material: Material) -> "MaterialView":
        """The view of a material."""
        return cls.model_validate(material)


class ReleaseView(Output):
    """One release on one channel."""

    id: UUID
    material_id: UUID
    material_version: int
    channel: PublicityChannel
    consent_purpose: str | None
    released_by: str
    released_at: datetime

    @classmethod
    def of(cls, release: Release) -> "ReleaseView":
        """The view of a release."""
        return cls.model_validate(release)
