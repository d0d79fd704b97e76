"""The `wangdian` command: what an operator does with a running installation. It imports no service."""


class OperatorError(Exception):
    """What was asked for cannot be done; the message says why and what to do about it."""
