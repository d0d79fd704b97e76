"""What can be set of compliance beside what every service takes."""

from pathlib import Path

from pydantic import Field

from chassis.settings import Settings


class ComplianceSettings(Settings):
    """The settings of a process of compliance."""

    keyring_file: Path = Field(
        Path("/run/secrets/wangdian_keyring"),
        description="keys of customers' personal fields (JSON, made by python -m deploy.keyring)",
    )
    signing_key_file: Path = Field(
        Path("/run/secrets/wangdian_signing_key"),
        description="Ed25519 key (PEM) that signs exports for inspections; read by that command alone",
    )
    permit_keys_file: Path = Field(
        Path("/run/secrets/wangdian_permit_keys"),
        description="keys that sign permits (JSON, made by python -m deploy.permit_keys)",
    )
