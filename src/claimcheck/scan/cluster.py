"""A Dask cluster as a scan uses it: one that is there, or one on this machine."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import claimcheck
from claimcheck.errors import ClaimcheckError, UsageError
from claimcheck.scan.drive import worker_count
from claimcheck.scan.shard_run import Job, dismiss, drain, run_shard

if TYPE_CHECKING:
    from claimcheck.scan.shard_run import Receipt
    from claimcheck.scan.watching import Watcher
    from claimcheck.settings import Settings

__all__ = ["Cluster", "WorkersDied", "connected", "dask_setup"]

_DEATHS: Final = 1  # of workers over one shard that Dask makes good, in a cluster of our own
_CONNECT: Final = 30.0  # seconds
_CLOSE: Final = 10.0  # seconds

_log = logging.getLogger(__name__)


class WorkersDied(ClaimcheckError):  # noqa: N818 - an event that a scan deals with
    """Dask gave a shard up, for its workers died; or it met a fault of ours."""


class Cluster(Protocol):
    """What a scan needs of a cluster."""

    def submit(self, job: Job, *, key: str) -> Any:
        """Have a worker do it; gives a future with ``key``, ``add_done_callback``, ``release``."""

    def receipt(self, future: Any) -> Receipt:
        """What came of a future that is done.

        :raises WorkersDied: the shard is to be split.
        :raises ClaimcheckError: the scan cannot go on.
        """

    def threads(self) -> int:
        """How many shards can be done at once at the moment."""

    def drain(self, session: str) -> None:
        """Have the workers finish no more than the pages that they have in hand."""


@contextmanager
def connected(
    settings: Settings, scheduler: str | None, *, watcher: Watcher | None = None
) -> Iterator[Cluster]:
    """A cluster that is there, or one on this machine that ends with the block.

    :raises UsageError: Dask is not installed, or the scheduler cannot be reached.
    """
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            f"--engine dask needs Dask, which cannot be used here ({error}); install it with: "
            "pip install 'claimcheck-health[cluster]'"
        ) from error
    if scheduler is not None:
        with _client(scheduler) as client:
            yield from _using(client, watcher)
        return
    with (
        distributed.LocalCluster(
            n_workers=worker_count(settings),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=0,  # pages are limited one by one, in processes that it does not see
            scheduler_kwargs={"allowed_failures": _DEATHS},
            silence_logs=logging.ERROR,
            preload=[__name__],
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield from _using(client, watcher)


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    import distributed

    path = Path(scheduler)
    where = {"scheduler_file": str(path)} if path.is_file() else {"address": scheduler}
    try:
        client = distributed.Client(**where, set_as_default=False, timeout=_CONNECT)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(
            f"{scheduler}: there is no Dask scheduler to be reached ({error}); give the address "
            "that `dask scheduler` prints, such as tcp://host:8786, or its scheduler file"
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=_CLOSE)


def _using(client: Any, watcher: Watcher | None) -> Iterator[Cluster]:
    _say(client, watcher)
    cluster = _Dask(client)
    yield cluster
    cluster.everywhere(dismiss)  # or a cluster would keep models in memory, or wait for them


def _say(client: Any, watcher: Watcher | None) -> None:
    link = client.dashboard_link
    text = f"Dask dashboard: {link}" if link else "the Dask scheduler has no dashboard"
    _log.info("%s", text)
    if watcher is not None:
        watcher.noted(text)


class _Dask:
    """A :class:`Cluster` by way of a Dask client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, job: Job, *, key: str) -> Any:
        with self._reaching():
            return self._client.submit(run_shard, job, key=key, pure=False)

    def receipt(self, future: Any) -> Receipt:
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        try:
            receipt: Receipt = future.result()
        except KilledWorker as error:
            raise WorkersDied(
                f"{error.allowed_failures + 1} workers died over it"
                if len(error.args) == 3
                else "its workers died"
            ) from error
        except CancelledError as error:
            raise self._gone(error) from error
        except ImportError as error:
            raise UsageError(
                f"the Dask workers cannot import what a scan needs ({error}); install "
                f"claimcheck-health {claimcheck.__version__} there"
            ) from error
        except ClaimcheckError:
            raise
        except OSError as error:
            raise ClaimcheckError(
                f"a Dask worker could not do its shard ({type(error).__name__}: {error}); put "
                "that right and go on with `claimcheck scan --resume RUN`"
            ) from error
        except Exception as error:
            raise WorkersDied(f"{type(error).__name__}: {error}") from error
        return receipt

    def threads(self) -> int:
        with self._reaching():
            return sum(self._client.nthreads().values())

    def drain(self, session: str) -> None:
        # A worker that cannot be told finishes its shard; that is committed all the same.
        self.everywhere(drain, session)

    def everywhere(self, what: Callable[..., None], *values: object) -> None:
        """Call it in every worker that can be reached, beside what that one is doing."""
        with suppress(OSError, TimeoutError, RuntimeError):
            self._client.run(what, *values, on_error="ignore")

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        from concurrent.futures import CancelledError

        try:
            yield
        except (OSError, TimeoutError, CancelledError) as error:
            raise self._gone(error) from error

    def _gone(self, error: BaseException) -> ClaimcheckError:
        return ClaimcheckError(
            f"the Dask scheduler is gone ({error}); what was committed is kept: start it anew "
            "and go on with `claimcheck scan --resume RUN`"
        )


def dask_setup(_worker: object) -> None:
    """Called by Dask in each worker of a cluster of ours, before its first shard.

    Ctrl-C reaches all processes of a terminal; the driver decides when workers stop.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
