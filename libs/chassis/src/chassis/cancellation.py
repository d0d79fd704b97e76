"""Cancellation is obeyed, whoever has swallowed it on the way."""

import asyncio


def obey_cancellation() -> None:
    """Raises ``CancelledError`` where this task was told to end and goes on all the same.

    A task is told once: by its task group when a sibling fails. Libraries swallow that when an answer, or an
    error of theirs, comes in the same turn of the loop.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
