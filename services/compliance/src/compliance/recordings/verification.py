"""Is a recording still what was sealed? Everything is read and hashed again; looking changes nothing."""

from uuid import UUID

from compliance.evidence.domain import Manifest
from compliance.evidence.store import Damage, EvidenceStore, Flaw
from compliance.recordings.domain import Recording, RecordingState
from compliance.recordings.parts import Seal, SealBroken

#: What the manifest and the head must say alike.
IDENTITY = ("session_id", "customer_id", "seller_id", "outlet_id", "zone_id", "started_at")


def verify(recording: Recording, seal: Seal, store: EvidenceStore) -> list[Damage]:
    """What is missing, altered or nobody's; empty when all is as sealed, or disposed of by certificate.

    Objects are named by the SHA-256 that they should have, the rest by ``seal``, ``head``, ``certificate``.
    Blocks on the disk.
    """
    try:
        manifest = seal.manifest
    except SealBroken:
        return [_damage(recording.id, "seal", Flaw.ALTERED)]
    damages = [] if _is_same(recording, manifest) else [_damage(recording.id, "head", Flaw.ALTERED)]
    if recording.state is RecordingState.DISPOSED:
        if store.certificate(recording.id) is None:
            damages.append(_damage(recording.id, "certificate", Flaw.MISSING))
        left = store.holds(recording.id)
        return damages + [_damage(recording.id, name, Flaw.UNEXPECTED) for name in left]
    found = store.verify(recording.id, manifest.objects)
    if recording.state is RecordingState.DISPOSING:
        # Under way: what is gone already is named by the certificate.
        found = [damage for damage in found if damage.flaw is not Flaw.MISSING]
    return damages + found


def _is_same(recording: Recording, manifest: Manifest) -> bool:
    return all(getattr(recording, name) == getattr(manifest, name) for name in IDENTITY)


def _damage(recording_id: UUID, name: str, flaw: Flaw) -> Damage:
    return Damage(recording_id=recording_id, name=name, flaw=flaw)
