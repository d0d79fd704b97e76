"""``wangdian backup`` and ``wangdian restore``: databases, files, keys and secrets, each with its hash."""
