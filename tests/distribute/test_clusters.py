"""Which clusters a run may be given to: those in which nobody else can take part."""

from __future__ import annotations

from typing import Any

import pytest

from anonymizer.distribute.clusters import Place, is_loopback
from anonymizer.errors import UsageError

TLS = {"tls_ca": "ca.pem", "tls_cert": "me.pem", "tls_key": "me.key"}


@pytest.mark.parametrize(
    ("scheduler", "flags"),
    [
        ("local", {}),
        ("local", {"workers": 4}),
        ("slurm", {"workers": 200}),
        ("tcp://127.0.0.1:8786", {}),
        ("tcp://localhost:8786", {}),
        ("tcp://[::1]:8786", {}),
        ("tcp://10.0.0.1:8786", {"insecure": True}),
        ("tls://10.0.0.1:8786", TLS),
        ("tls://head.example:8786", {}),
    ],
)
def test_who_is_alone_or_has_tls_may(scheduler: str, flags: dict[str, Any]) -> None:
    Place(scheduler, **flags).check()


@pytest.mark.parametrize(
    ("scheduler", "flags", "why"),
    [
        ("tcp://10.0.0.1:8786", {}, "without TLS"),
        ("tcp://head.example:8786", {}, "without TLS"),
        ("tcp://127.0.0.1.example:8786", {}, "without TLS"),
        ("tcp://127.0.0.1:8786", TLS, "tcp:// has no TLS"),
        ("tls://10.0.0.1:8786", {"tls_ca": "ca.pem"}, "go together"),
        ("tls://10.0.0.1:8786", {"workers": 3}, "--workers is for local and slurm"),
        ("ucx://10.0.0.1:8786", {}, "begins with tls://"),
        ("head.example:8786", {}, "takes local, slurm, or the address"),
        ("", {}, "takes local, slurm, or the address"),
        ("local", TLS, "certificates of its own"),
        ("slurm", {"insecure": True}, "certificates of its own"),
    ],
)
def test_others_may_not(scheduler: str, flags: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Place(scheduler, **flags).check()


@pytest.mark.parametrize(
    ("address", "is_it"),
    [("127.8.9.1:80", True), ("localhost", True), ("0.0.0.0:8786", False), ("8.8.8.8:1", False)],
)
def test_loopback(address: str, is_it: bool) -> None:
    assert is_loopback(address) is is_it
