"""Warns of rules that do to certain attributes what outputs suffer from, or nothing at all.

Rules. Asked is who owns the attribute in the main data set, over all layers.  A rule that came
with the package is not doubted; one with a condition owns it in some files, so the next may, too.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import Element
from anonymizer.dicom.table import SPECIFIC_CHARACTER_SET
from anonymizer.rules.matchers import Mask
from anonymizer.rules.overlap import known_tags, owners

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from anonymizer.config.configuration import Configuration, Findings
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.rule import Rule, Selector

    Lost = dict[tuple[str, str], list[str]]
    """By place and fate: the UIDs, by keyword."""

IDENTITY = {
    "PatientName": Element(0x00100010, "PN", "PN"),
    "PatientID": Element(0x00100020, "LO", "LO"),
}
KIND = "SOPClassUID"
UIDS = {
    KIND: Element(0x00080016, "UI", "UI"),
    "SOPInstanceUID": Element(0x00080018, "UI", "UI"),
    "StudyInstanceUID": Element(0x0020000D, "UI", "UI"),
    "SeriesInstanceUID": Element(0x0020000E, "UI", "UI"),
}
FATES = {
    "substitute": "all images get the same",
    "remove": "images lose their",
    "redact": "images lose their",
    "blank": "images lose their",
}
"""What such a method means for a UID."""

UNMARKED = 'with "mark": false in the configuration they do not say so'
REPLACED = "cryptoHash gives another that is the same in all images of the patient"

COMES_TO_PASS = frozenset(("keep", "refreshUID"))
"""What happens there anyway, so that no rule is mistaken about it."""

FILE_META = 0x0002


def find_cautions(configuration: Configuration, compiled: Compiled, findings: Findings) -> None:
    trusted = [layer.trusted for layer in configuration.layers]
    own = [rule for rule in compiled.rules if not trusted[rule.layer]]
    if compiled.mark:
        hint = UNMARKED if configuration.dialect == "native" else REPLACED
        _warn_of_identity(compiled.rules, own, hint, findings)
        compiled.undecided = _undecided(compiled)
    lost = _lost_by_rules(compiled.rules, own)
    if not configuration.layer_saying("otherwise").trusted:
        _add_unowned(compiled, lost)
    _warn_of_uids(lost, findings)
    for rule in own:
        _warn_of_fixed(rule, findings)


def _warn_of_identity(
    rules: Sequence[Rule], own: Sequence[Rule], hint: str, findings: Findings
) -> None:
    kept: dict[str, list[str]] = {}
    for keyword, element in IDENTITY.items():
        found = list(owners(rules, element, root=True))
        certain = bool(found) and not found[-1].when
        if certain and found[-1] in own and all(rule.method.name == "keep" for rule in found):
            kept.setdefault(found[-1].place, []).append(keyword)
    for place, keywords in kept.items():
        told = f"{keywords[0]} stays, which identifies"
        if keywords[1:]:
            told = f"{' and '.join(keywords)} stay, which identify"
        message = "the patient, and outputs will say Patient Identity Removed all the same"
        findings.warn(place, f"{told} {message}", hint)


def _undecided(compiled: Compiled) -> tuple[str, ...]:
    """What identifies the patient and stays for want of a rule: that is told, and no warning."""
    if compiled.otherwise != "keep":
        return ()
    owned = {keyword: owners(compiled.rules, each, root=True) for keyword, each in IDENTITY.items()}
    return tuple(keyword for keyword, found in owned.items() if not any(found))


def _lost_by_rules(rules: Sequence[Rule], own: Sequence[Rule]) -> Lost:
    lost: Lost = {}
    for keyword, element in UIDS.items():
        for rule in owners(rules, element, root=True):
            if rule.method.name in FATES and rule in own:
                fate = rule.place, FATES[rule.method.name]
                lost.setdefault(fate, []).append(keyword)
    return lost


def _add_unowned(compiled: Compiled, lost: Lost) -> None:
    if compiled.otherwise != "remove":
        return
    for keyword, element in UIDS.items():
        if all(rule.when for rule in owners(compiled.rules, element, root=True)):
            lost.setdefault(("otherwise", FATES["remove"]), []).append(keyword)


def _warn_of_uids(lost: Lost, findings: Findings) -> None:
    for (place, fate), keywords in lost.items():
        hints = []
        if keywords != [KIND]:
            hints.append("refreshUID gives new ones, and references follow")
        if KIND in keywords:
            hints.append(f"keep {KIND}, which says what kind of image it is")
        findings.warn(place, f"{fate} {', '.join(keywords)}", "; ".join(hints))


def _warn_of_fixed(rule: Rule, findings: Findings) -> None:
    """Warns of a rule for nothing but what no rule decides about."""
    if rule.method.name in COMES_TO_PASS:
        return
    if _is_of_meta(rule.selector):
        message = "file meta information is written anew and follows the data set"
    elif known_tags(rule.selector) == (SPECIFIC_CHARACTER_SET,):
        message = "Specific Character Set stays, for without it the text that stays is not readable"
    else:
        return
    findings.warn(rule.place, f"{rule.text!r} is not for rules: {message}", "leave it out")


def _is_of_meta(selector: Selector) -> bool:
    if isinstance(selector, Mask):
        return selector.bits >> 16 == 0xFFFF and selector.value >> 16 == FILE_META
    tags = known_tags(selector)
    return bool(tags) and all(tag >> 16 == FILE_META for tag in tags)
