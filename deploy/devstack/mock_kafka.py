"""librdkafka's mock cluster as a process: Kafka in memory, for machines without Java.

It has no CreateTopics (a topic appears when it is first asked for, with 4 partitions), one member a group,
and forgets everything when it ends. Prints its address; then takes ``down N`` and ``up N`` (the broker cannot
be reached for a while, its data stay) and answers ``done …``; ends with its standard input.
"""

import ctypes
import sys
from pathlib import Path

import confluent_kafka

_ADMIN_CLIENT, _BROKER = 0, 1


def _librdkafka() -> ctypes.CDLL:
    folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    library = ctypes.CDLL(str(next(folder.glob("librdkafka*"))))
    library.rd_kafka_new.restype = ctypes.c_void_p
    library.rd_kafka_new.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    library.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_new.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    library.rd_kafka_mock_cluster_bootstraps.argtypes = [ctypes.c_void_p]
    for function in (library.rd_kafka_mock_broker_set_down, library.rd_kafka_mock_broker_set_up):
        function.argtypes = [ctypes.c_void_p, ctypes.c_int32]
    return library


def main() -> None:
    """Runs until standard input ends."""
    library = _librdkafka()
    reason = ctypes.create_string_buffer(512)
    client = library.rd_kafka_new(_ADMIN_CLIENT, None, reason, len(reason))
    cluster = library.rd_kafka_mock_cluster_new(client, 1) if client else None
    if not cluster:
        sys.exit(f"no mock cluster: {reason.value.decode()}")
    print(f"bootstrap {library.rd_kafka_mock_cluster_bootstraps(cluster).decode()} .", flush=True)
    commands = {"down": library.rd_kafka_mock_broker_set_down, "up": library.rd_kafka_mock_broker_set_up}
    for line in sys.stdin:
        commands[line.split()[0]](cluster, _BROKER)
        print(f"done {line.strip()}", flush=True)


if __name__ == "__main__":
    main()
