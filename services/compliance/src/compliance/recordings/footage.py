"""G1: the recordings that a sale rests on, as the gate needs them."""

from chassis.errors import Invalid
from chassis.reads import Found
from compliance.cases.domain import SaleCase
from compliance.presentations.queries import kept_for
from compliance.recordings import queries
from compliance.recordings.domain import Recording
from compliance.recordings.takes import Footage, joined, presented_to, take_facts
from compliance.remote_recordings.queries import enabled


class RecordingIsPart(Invalid):
    """A sale names the recording that began first; what belongs to it comes along."""

    code = "RECORDING_IS_PART"
    zh = "该录音录像是另一段的续录或补录;请填写最先开始的录音录像 {main}。"
    en = "That recording belongs to another one; name the one that began first, {main}."


def footage_of(case: SaleCase, main: Recording, found: Found) -> Footage:
    """What the gate may rest on, of what was found behind the locks of a recording and its parts.

    What is sealed meanwhile, or was when it was abandoned already, does not count. Raises
    :class:`RecordingIsPart`, ``SealBroken``.
    """
    if main.main_id is not None:
        raise RecordingIsPart(main=main.main_id, pointer="/recording_id")
    kept, all_facts, takes = kept_for(found, case.id), [], []
    for one in (main, *found.of(queries.PARTS, main.id)):
        facts = queries.shown(found, one)
        if one is not main and facts.sealed_at is None:
            continue
        presented = presented_to(one, case.id, kept, opened_later=case.opened_at >= one.started_at)
        all_facts.append(facts)
        remote = enabled(found, case.product_id, case.outlet_id, one.started_at)
        takes.append(take_facts(one, facts, presented, remote_enabled=remote))
    return Footage(recording=joined(all_facts), takes=tuple(takes))
