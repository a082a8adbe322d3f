"""Opens the cluster that a run is given to: one that is there, one of this machine, or Slurm's.

Rules
    * Who can talk to a scheduler can have its workers run anything.  So what this opens speaks TLS
      with certificates of its own, and listens where nobody else does; a scheduler without TLS
      is taken on this machine, else only where that was asked for.
    * No dashboard is opened.  Dask listens for HTTP all the same; nothing is told there.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import tempfile
from contextlib import contextmanager

from anonymizer.errors import UsageError
from anonymizer.pool import cores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from distributed import Client, Security

    Opened = tuple[Any, Callable[[], None]]

LOCAL, SLURM = "local", "slurm"
SECONDS_TO_CONNECT = 30
LOOPBACK = "127.0.0.1"

CONFIG = {
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.admin.log-length": 1_000,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.nanny.http.routes": [],
    "distributed.deploy.lost-worker-timeout": "3 s",
}
"""Of clusters that are opened here; those that are there have their own."""


class Place:
    """Which cluster, and how it is reached; ``workers`` are those that are to be opened."""

    __slots__ = ("insecure", "scheduler", "tls_ca", "tls_cert", "tls_key", "workers")

    def __init__(
        self,
        scheduler: str,
        *,
        workers: int = 0,
        tls_ca: str = "",
        tls_cert: str = "",
        tls_key: str = "",
        insecure: bool = False,
    ) -> None:
        self.scheduler = scheduler
        self.workers = workers
        self.tls_ca = tls_ca
        self.tls_cert = tls_cert
        self.tls_key = tls_key
        self.insecure = insecure

    @property
    def is_local(self) -> bool:
        return self.scheduler == LOCAL

    @property
    def is_there(self) -> bool:
        """Whether somebody else has opened it."""
        return "://" in self.scheduler

    def check(self) -> None:
        """Raises UsageError where flags do not go together, or others could take part."""
        certificates = (self.tls_ca, self.tls_cert, self.tls_key)
        if not self.is_there:
            if self.scheduler not in {LOCAL, SLURM}:
                raise UsageError(
                    "--scheduler takes local, slurm, or the address of one: tls://host:8786"
                )
            if any(certificates) or self.insecure:
                raise UsageError(
                    f"--scheduler {self.scheduler} has TLS with certificates of its own",
                    "--tls-ca, --tls-cert, --tls-key and --insecure are for one that is there",
                )
            return
        if self.workers:
            raise UsageError(
                "--workers is for local and slurm", "a scheduler that is there has its workers"
            )
        self._check_address(any(certificates), all(certificates))

    def _check_address(self, some: bool, whole: bool) -> None:
        kind, _, rest = self.scheduler.partition("://")
        if kind not in {"tcp", "tls"}:
            raise UsageError("--scheduler: the address begins with tls:// or tcp://")
        if kind == "tls":
            if some and not whole:
                raise UsageError("--tls-ca, --tls-cert and --tls-key go together", "give all three")
            return
        if some:
            raise UsageError("tcp:// has no TLS", "tls:// has; start the scheduler with --tls-…")
        if not (self.insecure or is_loopback(rest)):
            raise UsageError(
                "a scheduler on another machine without TLS: whoever reaches it can have its "
                "workers run anything, and read what they can",
                "tls:// with --tls-ca, --tls-cert and --tls-key; or --insecure, where nobody else "
                "is in that network",
            )


def is_loopback(address: str) -> bool:
    """Whether ``host:port`` is of this machine alone."""
    host = address.rpartition(":")[0] if ":" in address else address
    host = host.strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def opened(place: Place) -> Iterator[tuple[Client, Callable[[], None]]]:
    """A client of the cluster, and what has it replace workers that are gone for good; what was
    opened for the run is closed behind it."""
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise UsageError(
            "distribute needs dask.distributed", "pip install 'anonymizer[dask]'"
        ) from None
    for name in ("distributed", "distributed.client", "tornado", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters, the run tells
    with dask.config.set(CONFIG):
        if place.is_there:
            with _connected(place) as client:
                yield client, _leave_it_be
            return
        opens = _local if place.is_local else _slurm
        with opens(place) as (cluster, scale), Client(cluster, set_as_default=False) as client:
            yield client, scale


def _leave_it_be() -> None:
    """Of a cluster that is there its owner takes care."""


@contextmanager
def _connected(place: Place) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(
            place.scheduler,
            security=_security(place),
            timeout=SECONDS_TO_CONNECT,
            set_as_default=False,
        )
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{place.scheduler}: no scheduler answers ({type(error).__name__})",
            "is it running there, with these certificates, and with this version of distributed?",
        ) from None
    with client:
        yield client


def _security(place: Place) -> Security | None:
    """None is what Dask's own configuration says."""
    if not place.tls_ca:
        return None
    from distributed import Security

    files = {
        "tls_ca_file": place.tls_ca,
        "tls_client_cert": place.tls_cert,
        "tls_client_key": place.tls_key,
    }
    return Security(require_encryption=True, **files)


@contextmanager
def _local(place: Place) -> Iterator[Opened]:
    from distributed import LocalCluster, Security

    workers = place.workers or cores()
    with (
        tempfile.TemporaryDirectory(prefix="anonymizer-") as scratch,
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            protocol="tls://",
            security=Security.temporary(),
            dashboard_address=f"{LOOPBACK}:0",
            worker_dashboard_address=f"{LOOPBACK}:0",
            scheduler_kwargs={"dashboard": False},
            local_directory=scratch,
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster, lambda: cluster.scale(workers)


@contextmanager
def _slurm(place: Place) -> Iterator[Opened]:
    try:
        from dask_jobqueue.slurm import SLURMCluster
    except ImportError:
        raise UsageError(
            "--scheduler slurm needs dask-jobqueue", "pip install 'anonymizer[dask]'"
        ) from None
    import dask

    said = dask.config.get("jobqueue.slurm", {})
    defaults = {"cores": 1, "processes": 1, "memory": "2GB"}
    lacking = {name: value for name, value in defaults.items() if said.get(name) is None}
    if not said.get("shared-temp-directory"):  # for the certificates, which jobs read
        lacking["shared_temp_directory"] = os.path.expanduser("~")
    with SLURMCluster(
        security=True,
        protocol="tls://",
        scheduler_options={"dashboard": False, "dashboard_address": f"{LOOPBACK}:0"},
        **lacking,
    ) as cluster:
        cluster.scale(jobs=place.workers or 1)
        yield cluster, lambda: cluster.scale(jobs=place.workers or 1)
