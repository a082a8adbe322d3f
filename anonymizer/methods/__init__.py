"""What may happen to an attribute: one file per method, and the table of them all.

The table is made when it is asked for: a run imports the methods that its rules name, no more.
"""

from __future__ import annotations

from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.methods.method import Method

    METHODS: dict[str, type[Method]]
    """Every method by its name in a configuration."""

_PLACES = {
    "keep": ("keep", "KeepIt"),
    "remove": ("remove", "RemoveIt"),
    "redact": ("redact", "Redact"),
    "substitute": ("substitute", "Substitute"),
    "refreshUID": ("refresh_uid", "RefreshUID"),
    "dateShift": ("date_shift", "DateShift"),
    "cryptoHash": ("crypto_hash", "CryptoHash"),
    "encrypt": ("encrypt", "Encrypt"),
    "perturb": ("perturb", "Perturb"),
    "regexReplace": ("regex_replace", "RegexReplace"),
    "cleanText": ("clean_text", "CleanText"),
    "pseudonym": ("pseudonym", "Pseudonym"),
    "dummy": ("dummy", "Dummy"),
    "byType": ("by_type", "ByType"),
    "keepSafePrivate": ("keep_safe_private", "KeepSafePrivate"),
    "blank": ("blank", "Blank"),
    "cleanContent": ("clean_content", "CleanContent"),
    "keepRegisteredCodes": ("keep_registered_codes", "KeepRegisteredCodes"),
}

NAMES = tuple(_PLACES)


@cache
def method_named(name: str) -> type[Method]:
    """The method of that name, which must be one of ``NAMES``."""
    module, kind = _PLACES[name]
    found: type[Method] = getattr(__import__(f"{__name__}.{module}", fromlist=(kind,)), kind)
    assert found.name == name, "a method has one name"
    return found


def __getattr__(attribute: str) -> dict[str, type[Method]]:
    if attribute == "METHODS":
        return {name: method_named(name) for name in NAMES}
    raise AttributeError(attribute)
