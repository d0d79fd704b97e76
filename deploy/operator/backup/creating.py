"""One backup: the databases, then the files that they name, then keys and secrets, then the manifest."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deploy.operator import OperatorError
from deploy.operator.backup import cluster
from deploy.operator.backup.copying import copy, copy_new, empty, files_below, free_bytes, must_be_empty
from deploy.operator.backup.manifest import Advance, HashedFile, Manifest, Method, below, everything, hashed
from deploy.operator.calling import tell
from deploy.operator.installation import Installation

BASE = "postgres/base"

#: Why relays rest while dumps are made.
REASON = "a backup by dumps is being made"

#: ``report("files", total bytes)`` begins a step and answers how to tell its progress.
Report = Callable[[str, int], Advance]


def create(
    installation: Installation,
    folder: Path,
    report: Report,
    *,
    method: Method | None = None,
    secrets: Path | None = None,
    point_in_time: bool = False,
) -> Manifest:
    """Makes a backup in ``folder``, which must be new or empty; on failure leaves nothing there.

    ``method`` None takes a base backup where the server allows one, else dumps.
    """
    chosen = choose(installation, method, point_in_time)
    must_be_empty(folder)
    try:
        return _create(installation, folder, report, chosen, secrets, point_in_time)
    except BaseException:
        empty(folder)
        raise


def choose(installation: Installation, method: Method | None, point_in_time: bool) -> Method:
    """The method asked for, or the best that the server allows; raises :class:`OperatorError`."""
    refused = cluster.allows_base_backup(installation.postgres_dsn)
    if refused is None:
        if point_in_time and method == "dump":
            raise OperatorError(
                "a dump restores to its own moment only; leave out --method or --point-in-time"
            )
        return method or "base"
    if method == "base" or point_in_time:
        raise OperatorError(f"the server allows no base backup from here: {refused}")
    return "dump"


def _create(
    installation: Installation,
    folder: Path,
    report: Report,
    method: Method,
    secrets: Path | None,
    point_in_time: bool,
) -> Manifest:
    databases_size = cluster.sizes(installation)
    needed = databases_size + sum(size for _, _, size in _files(installation))
    if free_bytes(folder) < needed:
        raise OperatorError(f"{folder}: {needed / 2**20:,.0f} MiB are needed, the disk has less")
    began = cluster.now(installation.services[0].dsn)
    databases = {service.name: cluster.state(service.dsn) for service in installation.services}
    if method == "base":
        assert installation.postgres_dsn is not None
        if point_in_time:
            cluster.keep_log(installation.postgres_dsn)
        advance = report("databases · 数据库", databases_size)
        cluster.base_backup(installation.postgres_dsn, folder / BASE, advance)
    else:
        with relays_rest(installation):
            for service in installation.services:
                advance = report(f"database {service.name} · 数据库", 0)
                target = folder / "postgres" / f"{service.name}.dump"
                target.parent.mkdir(mode=0o700, exist_ok=True)
                cluster.dump(service.owner_dsn or service.dsn, target, advance)
    consistent = cluster.now(installation.services[0].dsn)
    files = copy_files(installation, folder, report)
    files |= _copy_secrets(installation, folder, secrets)
    advance = report("hashes · 校验和", cluster.size_of(folder))
    # What was copied was hashed on its way; the databases are hashed here.
    files |= {path: hashed(folder / path, advance) for path in everything(folder) if path not in files}
    if method == "base":
        cluster.verify_base(folder / BASE, below(files, BASE))
    manifest = Manifest(method, began, consistent, databases, files)
    manifest.write(folder)
    return manifest


@contextmanager
def relays_rest(installation: Installation) -> Iterator[None]:
    """Dumps are of several moments: while relays rest, nobody hears of a fact that an earlier dump lacks."""
    rest = [service.name for service in installation.services if not cluster.relay_rests(service.dsn)]
    try:
        _tell(installation, rest, "pause", "--reason", REASON)
        yield
    finally:
        _tell(installation, rest, "resume")


def _tell(installation: Installation, names: Sequence[str], *words: str) -> None:
    """Has each service's own command line pause or resume its relay, all at once."""

    def told(name: str) -> str:
        done = tell(installation, name, "facts", *words)
        return f"{name} facts {words[0]}: {done.stderr[-300:]}" if done.returncode else ""

    with ThreadPoolExecutor() as threads:
        if failures := [said for said in threads.map(told, names) if said]:
            raise OperatorError("; ".join(failures))


def _files(installation: Installation) -> Iterator[tuple[str, Path, int]]:
    """Every file that a service keeps: service, path in its folder, bytes."""
    for service in installation.services:
        if service.data_dir is not None and service.data_dir.is_dir():
            for path in files_below(service.data_dir):
                try:
                    yield service.name, path, (service.data_dir / path).stat().st_size
                except FileNotFoundError:
                    continue


def copy_files(installation: Installation, folder: Path, report: Report) -> dict[str, HashedFile]:
    """Copies what the services keep in files, as far as the backup does not have it."""
    found: dict[str, HashedFile] = {}
    advance = report("files · 文件", sum(size for _, _, size in _files(installation)))
    for service in installation.services:
        if service.data_dir is not None and service.data_dir.is_dir():
            copied = copy_new(service.data_dir, folder / "data" / service.name, advance)
            found |= {f"data/{service.name}/{path.as_posix()}": file for path, file in copied.items()}
    return found


def _copy_secrets(installation: Installation, folder: Path, secrets: Path | None) -> dict[str, HashedFile]:
    """The stack's secrets and the issuer's keys and accounts, or the files of a folder of secrets."""
    sources: dict[str, Path] = {}
    if installation.folder is not None:
        for name in ("secrets.json", "keyring.json", "permit_keys.json"):
            sources[name] = installation.folder / name
        for path in sorted((installation.folder / "issuer").glob("*.json")):
            sources[f"issuer/{path.name}"] = path
    if secrets is not None:
        if not secrets.is_dir():
            raise OperatorError(f"{secrets} is no folder of secrets")
        sources |= {f"files/{path.as_posix()}": secrets / path for path in files_below(secrets)}
    return {
        f"secrets/{name}": copy(path, folder / "secrets" / name, lambda _: None)
        for name, path in sources.items()
        if path.exists()
    }
