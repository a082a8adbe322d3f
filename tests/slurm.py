"""A Slurm of one node for a test: three daemons that keep to a folder, on ports that are free."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = (*DAEMONS, "sbatch", "sinfo")
WHERE = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MailProg=/bin/true
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/d.pid
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES State=UP
"""


def is_there() -> bool:
    return all(shutil.which(command, path=WHERE) for command in COMMANDS)


class Slurm:
    """``env`` is what its commands need; ``why`` is why it could not be started, "" if it was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.why = ""
        self._running: list[subprocess.Popen[bytes]] = []
        self.env = {
            **os.environ,
            "PATH": WHERE,
            "SLURM_CONF": str(folder / "slurm.conf"),
        }

    def __enter__(self) -> Self:
        self.folder.mkdir(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir(0o755)
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)
        host = socket.gethostname().partition(".")[0]
        self._write_configuration(host)
        socket_path = self.folder / "munge.socket"
        files = {"key-file": "munge.key", "log-file": "munge.log", "pid-file": "munge.pid"}
        flags = [f"--{flag}={self.folder / name}" for flag, name in files.items()]
        flags += [f"--socket={socket_path}", f"--seed-file={self.folder / 'munge.seed'}"]
        self._start("munged", "--foreground", "--force", "--num-threads=1", *flags)
        self._wait("munge", socket_path.exists)
        self._start("slurmctld", "-D")
        self._start("slurmd", "-D", "-N", host)
        self._wait("slurm", lambda: "idle" in self.run("sinfo", "-h", "-o", "%t").stdout)
        return self

    def _write_configuration(self, host: str) -> None:
        with contextlib.ExitStack() as taken:
            sockets = [taken.enter_context(socket.socket()) for _ in range(2)]
            for one in sockets:
                one.bind(("127.0.0.1", 0))
            ports = [one.getsockname()[1] for one in sockets]
        text = CONFIGURATION.format(
            host=host, ports=ports, user=getpass.getuser(), folder=self.folder
        )
        (self.folder / "slurm.conf").write_text(text)

    def __exit__(self, *_: object) -> None:
        for daemon in reversed(self._running):
            daemon.send_signal(signal.SIGTERM)
        for daemon in self._running:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def run(self, *command: object, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*map(str, command)],
            env={**self.env, **environ},
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def _start(self, *command: str) -> None:
        with open(self.folder / f"{command[0]}.out", "wb") as log:
            self._running.append(
                subprocess.Popen(command, env=self.env, stdout=log, stderr=subprocess.STDOUT)
            )

    def _wait(self, what: str, is_up: Callable[[], bool], seconds: float = 30.0) -> None:
        until = time.monotonic() + seconds
        while not self.why and not is_up():
            if time.monotonic() > until or any(one.poll() is not None for one in self._running):
                self.why = f"{what} does not start here"
            time.sleep(0.1)
