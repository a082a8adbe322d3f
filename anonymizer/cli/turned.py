"""Turns a configuration around: what it has encrypted is decrypted, all else stays.

Rules
    * Conditions are asked of the encrypted image.  Where a rule may have changed what is asked,
      nobody knows which rules held: then every rule that encrypts is tried, and what does not open
      stays as it is.
    * Nothing else is done to the image: what a profile does beside its rules is not done again.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import Element, Keep
from anonymizer.dicom.dictionary import representations_of
from anonymizer.errors import UsageError
from anonymizer.methods.encrypt import Encrypt, Reveal
from anonymizer.methods.keep import KeepIt
from anonymizer.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled


def turn_around(compiled: Compiled) -> list[Reveal]:
    """Makes every rule that encrypts decrypt, and every other keep, in the same order.

    Answers the methods that decrypt.  Raises UsageError where there is nothing to do, or no key.
    """
    if not any(isinstance(rule.method, Encrypt) for rule in compiled.rules):
        raise UsageError("the configuration has no rule that encrypts")
    if "encrypt" in compiled.secrets.drawn:
        raise UsageError(
            "no key to decrypt with", "name the key of the run that encrypted, as that run did"
        )
    asked = {tag for rule in compiled.rules for when in rule.when for tag in when.asks}
    known = all(_stays(tag, compiled) for tag in asked)
    reveals: list[Reveal] = []
    turned = []
    for rule in compiled.rules:
        method: Reveal | KeepIt = KeepIt()
        if isinstance(rule.method, Encrypt):
            method = rule.method.undone(tries=not known)
            reveals.append(method)
        elif rule.when and not known:
            continue
        turned.append(Rule(rule.number, rule.selector, method, "refuse", rule.place))
        turned[-1].when = rule.when if known else ()
    compiled.rules = tuple(turned)
    _leave_the_rest(compiled)
    return reveals


def _stays(tag: int, compiled: Compiled) -> bool:
    """Whether an attribute of the main data set stays as it was, whatever conditions hold."""
    return all(_stays_as(Element(tag, vr, vr), compiled) for vr in representations_of(tag) or "?")


def _stays_as(element: Element, compiled: Compiled) -> bool:
    for rule in compiled.rules:
        place = rule.selector.place
        if not rule.selector.matches(element) or not (place is None or place.fits(())):
            continue
        if not isinstance(rule.method.constant, Keep):
            return False
        if not rule.when:
            return True
    return compiled.otherwise == "keep"


def _leave_the_rest(compiled: Compiled) -> None:
    compiled.accept = compiled.reject = ()
    compiled.otherwise = "keep"
    compiled.mark = compiled.contributing = compiled.trim = False
    compiled.burned_in = "ignore"
    compiled.codes, compiled.temporal, compiled.unclaimed = (), "", ""
    compiled.recipients = compiled.rules_of_files = None
