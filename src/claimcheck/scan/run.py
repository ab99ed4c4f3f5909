"""A scan from its inputs to its result files; going on with one; scanning anew."""

from __future__ import annotations

import importlib
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

import claimcheck
from claimcheck.errors import UsageError
from claimcheck.fetch import Fetcher, FetchOptions
from claimcheck.scan.drive import Drive, Spent, worker_count
from claimcheck.scan.folder import Generation, RunFolder
from claimcheck.scan.ledger import LedgerError
from claimcheck.scan.listing import keep_standard_input, list_inputs
from claimcheck.scan.local import page_workers
from claimcheck.scan.watching import Drained, Interrupts, Silent
from claimcheck.settings import SETTINGS, Settings, make_settings
from claimcheck.sources import ListingOptions, url_document

if TYPE_CHECKING:
    from claimcheck.fetch import Resolver
    from claimcheck.scan.ledger import Ledger
    from claimcheck.scan.summary import Summary
    from claimcheck.scan.watching import Watcher
    from claimcheck.sources import Entry, RawDocument

__all__ = ["RESULT_SETTINGS", "Engine", "resume", "scan", "settings_of", "update"]

Engine = Literal["local", "dask"]

RESULT_SETTINGS: Final = (
    "model",
    "profile",
    "select",
    "ignore",
    "min_severity",
    "min_score",
    "lexicons",
    "allow_lists",
    "max_bytes",
)
"""Settings that one generation has one value of, for they decide what its reports say."""

_NOT_KEPT: Final = ("format", "fail_on")  # no business of a scan

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _How:
    """How a generation is to be filled; nothing here changes what its reports say."""

    settings: Settings
    resolver: Resolver | None = None
    engine: Engine = "local"
    scheduler: str | None = None
    zstd: bool = False
    watcher: Watcher = field(default_factory=Silent)
    page_hook: str | None = None
    interrupts: Interrupts = field(default_factory=Interrupts)


@dataclass(frozen=True, slots=True)
class _Model:
    name: str
    sha256: str


def scan(
    inputs: Sequence[str],
    run: Path,
    *,
    settings: Settings,
    listing: ListingOptions | None = None,
    resolver: Resolver | None = None,
    engine: Engine = "local",
    scheduler: str | None = None,
    zstd: bool = False,
    watcher: Watcher | None = None,
    stdin: BinaryIO | None = None,
    page_hook: str | None = None,
) -> Summary:
    """Scan inputs into a new run folder, and say what they add up to.

    Called in the main thread, it listens to Ctrl-C and SIGTERM: the first one lets it finish
    what it has in hand, the second one ends it at once.

    :param inputs: lists, folders, feeds, archives, pages …; see :mod:`claimcheck.sources`.
    :param run: a folder that is not there yet, or empty.
    :param listing: how the inputs are to be read.
    :param resolver: replaces the system's name look-up.
    :param zstd: whether the reports are packed.
    :param watcher: is told how it gets on.
    :param stdin: read for ``-`` in place of the process's own standard input.
    :param page_hook: ``module:function``, called in the child with each task; for tests.
    :raises UsageError: the folder holds a run, or an input, setting or model cannot be used.
    :raises Drained: it was interrupted; :func:`resume` goes on.
    """
    options = listing or ListingOptions(max_bytes=settings.max_bytes)
    how = _how(
        settings,
        resolver=resolver,
        engine=engine,
        scheduler=scheduler,
        zstd=zstd,
        watcher=watcher,
        page_hook=page_hook,
    )
    model = _vetted(settings)
    folder = RunFolder.create(
        run,
        inputs=inputs,
        settings=_kept(settings, zstd=zstd),
        listing=asdict(options) | {"directory": str(Path.cwd())},
        model=model.name,
        model_sha256=model.sha256,
    )
    with folder.lock(), how.interrupts.listening(), _fetcher(folder, how) as fetcher:
        if "-" in inputs:
            keep_standard_input(folder, stdin)
        generation = folder.new_generation()
        _list_or_forget(generation, how, fetcher, new=True)
        return _filled(generation, how, fetcher, model=model, refresh=False)


def resume(
    run: Path,
    *,
    settings: Settings | None = None,
    resolver: Resolver | None = None,
    engine: Engine = "local",
    scheduler: str | None = None,
    zstd: bool = False,
    watcher: Watcher | None = None,
    page_hook: str | None = None,
) -> Summary:
    """Go on with the latest generation of a run; one that is complete gets its files anew.

    Parameters as in :func:`scan`.

    :param settings: null for those of the run.
    :raises UsageError: there is no such run, another process works on it, or a setting that
        bears on the results, or the model, is not what it was.
    :raises Drained: it was interrupted again.
    """
    folder, how, model = _reopened(
        run,
        settings,
        resolver=resolver,
        engine=engine,
        scheduler=scheduler,
        zstd=zstd,
        watcher=watcher,
        page_hook=page_hook,
    )
    with folder.lock(), how.interrupts.listening(), _fetcher(folder, how) as fetcher:
        if not folder.generations():
            folder.new_generation()
        return _gone_on(folder.generation(), how, fetcher, model=model)


def update(
    run: Path,
    *,
    settings: Settings | None = None,
    resolver: Resolver | None = None,
    engine: Engine = "local",
    scheduler: str | None = None,
    zstd: bool = False,
    watcher: Watcher | None = None,
    page_hook: str | None = None,
) -> Summary:
    """Scan the inputs of a run anew, into a generation of its own, and compare the two.

    Every page is asked for again; a server that says it has not changed sends nothing. What
    became of each finding is in ``changes.jsonl`` of the new generation. An earlier update that
    was interrupted is finished instead, so that a watch which nobody looks after goes on.

    :param settings: null for those of the run.
    :raises UsageError: there is no such run, its first scan is not complete, another process
        works on it, or a setting or the model cannot be used.
    :raises Drained: it was interrupted; :func:`resume` goes on.
    """
    folder, how, model = _reopened(
        run,
        settings,
        resolver=resolver,
        engine=engine,
        scheduler=scheduler,
        zstd=zstd,
        watcher=watcher,
        page_hook=page_hook,
    )
    with folder.lock(), how.interrupts.listening(), _fetcher(folder, how) as fetcher:
        latest = folder.generation()
        if _is_unfinished_update(latest):
            _log.warning(
                "%s: goes on with the update of %s, which was interrupted",
                run,
                latest.manifest.started,
            )
            return _gone_on(latest, how, fetcher, model=model)
        if not latest.manifest.complete:
            raise UsageError(
                f"{run}: its first scan is not complete, so there is nothing to compare with; "
                f"finish it first: claimcheck scan --resume {run}"
            )
        generation = folder.new_generation()
        _list_or_forget(generation, how, fetcher, new=False)
        return _filled(generation, how, fetcher, model=model, refresh=True)


def _gone_on(generation: Generation, how: _How, fetcher: Fetcher, *, model: _Model) -> Summary:
    """Bring a generation to its end, or write the files of a complete one anew."""
    _refuse_other_results(generation, how.settings, model)
    if generation.manifest.complete:
        return _closed(generation, generation.compile(zstd=how.zstd), how)
    refresh = bool(_earlier(generation))
    _list(generation, how, fetcher, refresh=refresh)
    return _filled(generation, how, fetcher, model=model, refresh=refresh)


def _earlier(generation: Generation) -> list[Generation]:
    return [one for one in generation.run.generations() if one.name < generation.name]


def _is_unfinished_update(generation: Generation) -> bool:
    """Whether it was interrupted before what has changed was written down."""
    from claimcheck.scan.change_records import CHANGES_FILE

    told = generation.manifest.complete and (generation.path / CHANGES_FILE).is_file()
    return bool(_earlier(generation)) and not told


def settings_of(run: Path, given: Mapping[str, object] | None = None) -> Settings:
    """The settings that a run began with, and in their place those given now.

    What only the command line may set is never taken from the folder, which may come from
    somebody else.

    :raises UsageError: there is no such run, or a setting cannot be what it is.
    """
    stored = {
        name: value
        for name, value in RunFolder.open(run).info.settings.items()
        if name in _KEPT and value is not None
    }
    return make_settings({**stored, **(given or {})})


_KEPT: Final = frozenset(
    one.name for one in SETTINGS if not one.only_here and one.name not in _NOT_KEPT
)


def _kept(settings: Settings, *, zstd: bool) -> dict[str, Any]:
    """The settings as the folder holds them: plain JSON types, paths that hold elsewhere too."""
    found: dict[str, Any] = {"zstd": zstd}
    for name in sorted(_KEPT):
        value = getattr(settings, name)
        if name in ("lexicons", "allow_lists"):
            value = [str(path.absolute()) for path in value]
        elif name == "model" and Path(value).name != value:
            value = str(Path(value).absolute())
        elif isinstance(value, tuple):
            value = list(value)
        found[name] = value
    return found


def _how(settings: Settings, *, watcher: Watcher | None, **rest: Any) -> _How:
    return _How(settings=settings, watcher=watcher or Silent(), **rest)


def _reopened(
    run: Path, settings: Settings | None, *, zstd: bool, **rest: Any
) -> tuple[RunFolder, _How, _Model]:
    """A run that is there, with its own settings where none are given, and the model.

    :raises UsageError: there is no such run, or a setting or the model cannot be used.
    """
    folder = RunFolder.open(run)
    settings = settings if settings is not None else settings_of(run)
    packed = zstd or bool(folder.info.settings.get("zstd"))
    return folder, _how(settings, zstd=packed, **rest), _vetted(settings)


def _vetted(settings: Settings) -> _Model:
    """The model, and the names of the issues, looked at before anything is made or fetched.

    :raises UsageError: one of them cannot be used.
    """
    from claimcheck.issues import load_catalogue
    from claimcheck.judge.artefact import find_model, read_manifest

    catalogue = load_catalogue()
    catalogue.resolve(settings.select)
    catalogue.resolve(settings.ignore)
    manifest = read_manifest(find_model(settings.model))
    return _Model(manifest.name, manifest.sha256)


def _refuse_other_results(generation: Generation, settings: Settings, model: _Model) -> None:
    """:raises UsageError: half of the reports would be made in another way than the rest."""
    run, manifest = generation.run.path, generation.manifest
    before, now = manifest.settings, _kept(settings, zstd=False)
    for name in RESULT_SETTINGS:
        if name in before and before[name] != now[name]:
            raise UsageError(
                f"{run}: was begun with {name} = {before[name]!r}, and one set of results is made "
                f"in one way; leave {name} out to go on, or scan into another folder"
            )
    if manifest.model_sha256 not in (None, model.sha256):
        raise UsageError(
            f"{run}: was begun with another state of the model {manifest.model!r} "
            f"({manifest.model_sha256}); put that one back to go on, or scan into another folder"
        )
    if manifest.version != claimcheck.__version__:
        _log.warning(
            "%s was begun with claimcheck %s and goes on with %s",
            run,
            manifest.version,
            claimcheck.__version__,
        )


# ---------------------------------------------------------------------- filling


def _filled(
    generation: Generation, how: _How, fetcher: Fetcher, *, model: _Model, refresh: bool
) -> Summary:
    """Bring every input to its end and write the result files, also after an interruption.

    :raises Drained: it was interrupted.
    """
    # The ledger is closed last: the writer then leaves a single file behind.
    with generation.ledger() as ledger:
        how.watcher.started(ledger.counts())
        spent = _driven(generation, ledger, how, fetcher, refresh=refresh)
        how.watcher.compiling()
        summary = generation.finish(
            wall_seconds=spent.wall_seconds,
            cpu_seconds=spent.cpu_seconds,
            zstd=how.zstd,
            settings=_kept(how.settings, zstd=how.zstd),
            model=model.name,
            model_sha256=model.sha256,
        )
    if not summary.complete:
        raise Drained(
            f"{generation.run.path}: interrupted; {summary.pending:,} of {summary.inputs:,} "
            "inputs are still to do"
        )
    return _closed(generation, summary, how)


def _driven(
    generation: Generation, ledger: Ledger, how: _How, fetcher: Fetcher, *, refresh: bool
) -> Spent:
    if how.engine == "dask":
        return _on_dask(generation, ledger, how, refresh=refresh)
    return Drive(
        ledger,
        settings=how.settings,
        fetcher=fetcher,
        document_of=_document_of(fetcher, refresh=refresh),
        workers=lambda report: page_workers(
            how.settings,
            count=worker_count(how.settings),
            report=report,
            page_hook=how.page_hook,
        ),
        interrupts=how.interrupts,
        watcher=how.watcher,
    ).run()


def _on_dask(generation: Generation, ledger: Ledger, how: _How, *, refresh: bool) -> Spent:
    """:raises UsageError: Dask is not there."""
    try:
        engine = importlib.import_module("claimcheck.scan.dask")
    except ImportError as error:
        raise UsageError(
            f"--engine dask cannot be used here ({error}); install claimcheck-health[cluster]"
        ) from error
    spent: Spent = engine.drive(
        generation,
        ledger,
        settings=how.settings,
        scheduler=how.scheduler,
        resolver=how.resolver,
        refresh=refresh,
        interrupts=how.interrupts,
        watcher=how.watcher,
        page_hook=how.page_hook,
    )
    return spent


def _document_of(fetcher: Fetcher, *, refresh: bool) -> Any:
    def document(entry: Entry) -> RawDocument:
        page = fetcher.attempt(entry.uri, refresh=refresh)
        return url_document(page, uri=entry.uri)

    return document


def _fetcher(folder: RunFolder, how: _How) -> Fetcher:
    options = FetchOptions.of(how.settings, cache_dir=folder.cache)
    return Fetcher(options, resolver=how.resolver)


def _list(generation: Generation, how: _How, fetcher: Fetcher, *, refresh: bool) -> None:
    list_inputs(
        generation,
        fetcher=fetcher,
        refresh=refresh,
        interrupts=how.interrupts,
        watcher=how.watcher,
    )


def _list_or_forget(generation: Generation, how: _How, fetcher: Fetcher, *, new: bool) -> None:
    """List the inputs; if they cannot be, the corrected call finds the folder as it was."""
    try:
        _list(generation, how, fetcher, refresh=not new)
    except LedgerError:
        raise
    except UsageError:
        shutil.rmtree(generation.path)
        if new:
            (generation.run.path / "run.json").unlink()
        raise


def _closed(generation: Generation, summary: Summary, how: _How) -> Summary:
    """Compare a complete generation with those before it, if there are any."""
    if earlier := _earlier(generation):
        from claimcheck.scan.changes import write_changes

        write_changes(earlier[-1], generation)
    how.watcher.finished(summary)
    return summary
