"""What may happen to an attribute: one file per method, and the table of them all."""

from __future__ import annotations

from anonymizer.methods.crypto_hash import CryptoHash
from anonymizer.methods.date_shift import DateShift
from anonymizer.methods.encrypt import Encrypt
from anonymizer.methods.keep import KeepIt
from anonymizer.methods.perturb import Perturb
from anonymizer.methods.pseudonym import Pseudonym
from anonymizer.methods.redact import Redact
from anonymizer.methods.refresh_uid import RefreshUID
from anonymizer.methods.regex_replace import RegexReplace
from anonymizer.methods.remove import RemoveIt
from anonymizer.methods.substitute import Substitute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.methods.method import Method

METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        KeepIt,
        RemoveIt,
        Redact,
        Substitute,
        RefreshUID,
        DateShift,
        CryptoHash,
        Encrypt,
        Perturb,
        RegexReplace,
        Pseudonym,
    )
}
"""Every method by its name in a configuration."""
