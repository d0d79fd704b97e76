"""Runs the decoder in a process of its own, with little memory, a deadline, and no environment to leak."""

import asyncio
import json
import os
import sys
from pathlib import Path

import structlog

from chassis.errors import Invalid, Unavailable
from compliance.evidence.domain import MediaFacts, NotReadable, from_plain, to_plain
from compliance.recordings.limits import Inspection, MediaLimits, Unfit

log = structlog.get_logger()

#: What starting the process may take on a busy machine, beside the decoding.
START_SECONDS = 30

REASONS = {
    Unfit.NOT_MEDIA: ("不是有效的 MP4 文件", "it is not a valid MP4 file"),
    Unfit.CODEC: ("使用了不支持的编码", "its codec is not accepted"),
    Unfit.NO_PICTURE: ("没有图像", "it has no picture"),
    Unfit.NO_SOUND: ("没有声音", "it has no sound"),
    Unfit.DAMAGED: ("内容损坏，无法完整播放", "it is damaged and cannot be played to its end"),
    Unfit.TRUNCATED: ("内容不完整", "it is cut off"),
    Unfit.OUT_OF_STEP: ("声音与图像长度不一致", "sound and picture differ in length"),
    Unfit.TOO_LARGE: ("时长或画面超过上限", "it is longer or larger than allowed"),
    Unfit.TOO_SLOW: ("解码超时", "decoding it takes too long"),
}


class NotARecording(Invalid):
    """The uploaded file is no recording with sound and picture (REC-01)."""

    code = "NOT_A_RECORDING"
    zh = "上传的文件不是可用的录音录像：{zh_reason}；请重新录制并上传。"
    en = "The uploaded file is no usable recording: {en_reason}; record and upload it again."


class InspectionFailed(Unavailable):
    """The decoder could not do its work."""

    code = "INSPECTION_FAILED"
    zh = "录音录像检测暂不可用；请稍后重试。"
    en = "Recordings cannot be inspected now; try again later."


class Inspector:
    """Inspects files, at most ``slots`` at the same time."""

    def __init__(self, limits: MediaLimits, slots: int = 1) -> None:
        self._limits = limits
        self._slots = asyncio.Semaphore(slots)

    async def inspect(self, path: Path) -> MediaFacts:
        """The facts of a sound recording; raises :class:`NotARecording`, :class:`InspectionFailed`."""
        async with self._slots:
            found = await _inspect_apart(path, self._limits)
        if found.facts is None:
            zh, en = REASONS[found.unfit or Unfit.DAMAGED]
            raise NotARecording(zh_reason=zh, en_reason=en)
        return found.facts


async def _inspect_apart(path: Path, limits: MediaLimits) -> Inspection:
    """The answer of :func:`compliance.recordings.media.inspect`, from a process that may die of the file."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "compliance.recordings.media"),
            *(str(path), json.dumps(to_plain(limits))),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    except OSError as failed:
        raise InspectionFailed from failed
    try:
        async with asyncio.timeout(limits.decode_ms / 1000 + START_SECONDS):
            answer, _ = await process.communicate()
    except TimeoutError:
        return Inspection(facts=None, unfit=Unfit.TOO_SLOW, detail="killed at its deadline")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode is not None and process.returncode < 0:
        died = f"decoder died of signal {-process.returncode}"
        return Inspection(facts=None, unfit=Unfit.DAMAGED, detail=died)
    try:
        return from_plain(Inspection, json.loads(answer))
    except (NotReadable, ValueError) as failed:
        # It ended by itself without an answer: no file, no library. That is not the file's fault.
        log.error("decoder failed", returncode=process.returncode, why=answer[:300].decode(errors="replace"))
        raise InspectionFailed from failed
