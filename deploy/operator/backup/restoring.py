"""A backup brought back into an empty folder: every hash first, then databases, files, keys and secrets."""

import shlex
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.devstack import StackError
from deploy.devstack.passwords import Passwords
from deploy.devstack.postgres import PostgresServer, provision
from deploy.operator import OperatorError
from deploy.operator.backup import cluster
from deploy.operator.backup.archiving import gap, noted
from deploy.operator.backup.copying import copy_new, empty, must_be_empty
from deploy.operator.backup.creating import BASE, REASON, Report
from deploy.operator.backup.manifest import LOG, DatabaseAt, Manifest, below, damages, everything

SETTINGS = "postgresql.auto.conf"


@dataclass(frozen=True)
class Restored:
    """What stands in the folder now, by service."""

    databases: dict[str, DatabaseAt]


def verify(folder: Path, report: Report) -> Manifest:
    """Reads every file of a backup; raises :class:`OperatorError` that names what is damaged."""
    manifest = Manifest.read(folder)
    known = {**manifest.files, **noted(folder)}
    advance = report("hashes · 校验", sum(file.size for file in known.values()))
    found = damages(folder, known, advance)
    # A file that a follower had copied when it was killed has no hash yet: its name in the store is one.
    strangers = [path for path in everything(folder) if path not in known and not path.startswith("data/")]
    found += [f"{path} is not of this backup" for path in sorted(strangers)]
    if found:
        raise OperatorError(f"{folder} is damaged, nothing was restored: " + "; ".join(found[:20]))
    if manifest.method == "base":
        log = [path.name for path in (folder / LOG).iterdir()] if (folder / LOG).is_dir() else []
        if missing := gap([path.name for path in (folder / BASE / "pg_wal").iterdir()] + log):
            raise OperatorError(f"the log of {folder} has a gap after {missing}: use another backup")
        cluster.verify_base(folder / BASE, below(manifest.files, BASE))
    return manifest


def restore(folder: Path, target: Path, report: Report, at: datetime | None = None) -> Restored:
    """Restores into ``target``, a new or empty folder, shaped as a stack's; checks it by starting it.

    ``at`` chooses a moment after the base backup; without it, a backup with a log restores to the log's end.
    On failure nothing is left in ``target``. Raises :class:`OperatorError`.
    """
    manifest = Manifest.read(folder)
    if at is not None:
        check_moment(folder, manifest, at)
    must_be_empty(target)
    verify(folder, report)
    try:
        _bring_files(folder, target, report)
        server = PostgresServer(target / "postgres", passwords=Passwords(target / "secrets.json"))
        if manifest.method == "base":
            _bring_cluster(folder, target, server, report, at)
        else:
            _load_dumps(folder, target, manifest, server, report)
        return Restored(_look(server, manifest, exactly=at is None and not (folder / LOG).is_dir()))
    except StackError as error:
        empty(target)
        raise OperatorError(f"PostgreSQL cannot be brought back: {_reason(str(error))}") from error
    except BaseException:
        empty(target)
        raise


def check_moment(folder: Path, manifest: Manifest, at: datetime) -> None:
    """Raises :class:`OperatorError` for a moment that the backup cannot be restored to."""
    if at.tzinfo is None:
        raise OperatorError("name the moment with its zone: 2026-11-25T17:30:00+08:00")
    if manifest.method != "base" or not (folder / LOG).is_dir():
        raise OperatorError("this backup has no log: it restores to its own moment only (leave out --at)")
    if at < manifest.consistent_at:
        raise OperatorError(f"the backup was consistent at {manifest.consistent_at}: choose a later moment")


def _bring_files(folder: Path, target: Path, report: Report) -> None:
    total = cluster.size_of(folder / "data") + cluster.size_of(folder / "secrets")
    advance = report("files and secrets · 文件与密钥", total)
    if (folder / "data").is_dir():
        copy_new(folder / "data", target / "data", advance)
    if (folder / "secrets").is_dir():
        copy_new(folder / "secrets", target, advance)


def _bring_cluster(
    folder: Path, target: Path, server: PostgresServer, report: Report, at: datetime | None
) -> None:
    base, data = folder / BASE, target / "postgres" / "data"
    advance = report("databases · 数据库", cluster.size_of(base))

    def bring(source: str, there: str) -> None:
        shutil.copy2(source, there)
        advance(Path(there).stat().st_size)

    shutil.copytree(base, data, copy_function=bring)
    data.chmod(0o700)
    if not (folder / LOG).is_dir():
        return
    segments = target / "postgres" / "log-to-replay"
    segments.mkdir(mode=0o700)
    for path in (folder / LOG).iterdir():
        # The segment that was being written is as long as any other; its end is where recovery ends.
        shutil.copy2(path, segments / path.name.removesuffix(".partial"))
    settings = data / SETTINGS
    before = settings.read_text(encoding="utf-8")
    settings.write_text(before + recovery_settings(segments, at), encoding="utf-8")
    (data / "recovery.signal").touch()
    report("replaying the log · 回放日志", 0)
    server.start()
    server.stop()
    settings.write_text(before, encoding="utf-8")
    shutil.rmtree(segments)


def recovery_settings(segments: Path, at: datetime | None) -> str:
    """What PostgreSQL reads to replay the log: to its end, or to a moment."""
    fetch = f"cp {shlex.quote(str(segments))}/%f %p".replace("'", "''")
    lines = [f"restore_command = '{fetch}'", "recovery_target_action = 'promote'"]
    if at is not None:
        lines.append(f"recovery_target_time = '{at.astimezone(UTC).isoformat()}'")
    return "\n" + "\n".join(lines) + "\n"


def _load_dumps(
    folder: Path, target: Path, manifest: Manifest, server: PostgresServer, report: Report
) -> None:
    server.start()
    try:
        provision(server, manifest.databases)
        for name in manifest.databases:
            source = folder / "postgres" / f"{name}.dump"
            report(f"database {name} · 数据库", 0)
            cluster.load(server.dsn(name), source, lambda _: None)
            # A dump was made while the relay rested; the restored one may go on.
            cluster.relay_goes_on(server.dsn(name), REASON)
    finally:
        server.stop()


def _look(server: PostgresServer, manifest: Manifest, *, exactly: bool) -> dict[str, DatabaseAt]:
    """Starts what was restored and compares it with the manifest: schema, and no fact fewer than then.

    N1, N3: places in the topics are forgotten; the broker that comes next is another one."""
    server.start()
    try:
        found = {name: cluster.state(server.dsn(name)) for name in manifest.databases}
        for name in manifest.databases:
            cluster.forget_places(server.dsn(name))
    finally:
        server.stop()
    for name, was in manifest.databases.items():
        if found[name].last_fact < was.last_fact or (exactly and found[name].schema != was.schema):
            raise OperatorError(f"{name}: restored {found[name]}, the backup was made at {was}")
    return found


def _reason(said: str) -> str:
    """The line of PostgreSQL's log that says why, in words of this command where they are known."""
    if "recovery ended before configured recovery target was reached" in said:
        return "the backup's log ends before that moment; choose an earlier one, or leave out --at"
    return next((line for line in said.splitlines() if "FATAL" in line), said[-400:])
