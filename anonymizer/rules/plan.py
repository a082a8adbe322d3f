"""The rules in order, compiled: who owns an element, and what is known of its fate beforehand.

Strategy
    The scanner asks the plan once per kind of element (``claim``).  The answer, a Claim, holds the
    rules that may own it, in order, cut at the first that owns it wherever it stands.  Where the
    value does not matter its fate is known now (``always``); else the judge asks the method.

Rules
    * The first rule that matches decides; ``otherwise`` decides the rest.
    * Specific Character Set is nobody's: without it the text that stays is not readable.
    * A private creator stays as long as an element of its block stays.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import (
    EMPTY,
    KEEP,
    REMOVE,
    Element,
    Keep,
    Remove,
    Replace,
    is_creator,
    is_private,
)
from anonymizer.dicom.coded import SCHEME
from anonymizer.dicom.dictionary import BINARY_VRS
from anonymizer.dicom.table import (
    ASK,
    ASK_CREATOR,
    EMPTIES,
    GOES,
    NO_SCHEMES,
    SPECIFIC_CHARACTER_SET,
    STAYS,
)
from anonymizer.rules.matchers import Private, Representation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Decision
    from anonymizer.dicom.table import Claim as TableClaim
    from anonymizer.methods.method import AtOnce
    from anonymizer.rules.rule import Rule

    Found = tuple[bytes | None, str]
    """What the judge found: a verdict, and why the value could not be treated, or a note."""

OTHERWISE = -1
"""The number of no rule: what ``otherwise`` decided."""


MAY_BE_FRAGMENTS = frozenset(("OB", "OW"))
"""The same bytes may stand there as a value or as fragments, so nothing is remembered."""


class Case:
    """One rule as it applies to one kind of element; ``rule`` is None for ``otherwise``.

    ``constant`` is the decision where the value does not matter, ``fault`` why the method can
    never treat the element.  ``memo`` holds what the judge found for values seen before; where
    ``placed``, for values seen before in the same place, which a user's method may ask for;
    where ``nested``, in the same sequences.  Where the method is ``blind`` to values, one memo
    stands for all of them; where ``plain``, the value and its character set are all it reads,
    and ``at_once`` may be its shorter way.
    """

    __slots__ = (
        "at_once",
        "blind",
        "constant",
        "fault",
        "memo",
        "nested",
        "number",
        "placed",
        "plain",
        "rule",
        "uses",
    )

    def __init__(self, rule: Rule | None, element: Element, otherwise: Decision) -> None:
        vr = element.vr
        self.rule = rule
        self.number = OTHERWISE if rule is None else rule.number
        self.fault = ""
        self.memo: dict[object, Found] | None = None
        self.uses: tuple[str, ...] = ()
        self.placed = self.nested = self.blind = self.plain = False
        self.constant: Decision | None = otherwise
        self.at_once: AtOnce | None = None
        if rule is None:
            return
        method = rule.method
        self.constant = method.constant
        if vr not in method.vrs:
            self.fault = f"{method.name} cannot treat the value representation {vr}"
            self.constant = ON_ERROR.get(rule.on_error)
        elif method.repeatable and vr not in MAY_BE_FRAGMENTS:
            self.memo = {}
            self.uses = tuple(sorted(method.uses - {"path"}))
            self.nested = "path" in method.uses
            self.placed = not type(method).__module__.startswith("anonymizer.")
            self.blind = not (self.placed or getattr(method, "reads_value", True))
            self.plain = not (self.uses or self.nested or self.placed)
            if self.plain and hasattr(method, "at_once"):
                self.at_once = method.at_once(element.tag)


ON_ERROR: dict[str, Keep | Remove | Replace] = {"redact": EMPTY, "remove": REMOVE}
"""The decision for a value that a method cannot treat; ``refuse`` has none."""


class Claim:
    """The rules that may own one kind of element.  ``sole`` is set where only one is left.

    ``always`` is GOES, EMPTIES, STAYS or ASK: what the splicer may do without asking.
    ``asks_concept`` says that a rule asks what the content item at hand is about, ``schemes``,
    where it is a set, that one asks for the coding scheme, and of which it keeps everything.
    """

    __slots__ = (
        "always",
        "asks_concept",
        "cases",
        "creator",
        "otherwise",
        "schemes",
        "sole",
        "tag",
        "vr",
        "watched",
    )

    def __init__(
        self, element: Element, rules: tuple[Rule, ...], otherwise: Decision, *, asked: bool
    ) -> None:
        self.tag = element.tag
        self.vr = element.vr
        self.creator = element.creator
        self.cases = [Case(rule, element, otherwise) for rule in rules]
        if not rules or rules[-1].selector.place is not None:
            self.cases.append(Case(None, element, otherwise))
        self.sole = self.cases[0] if len(self.cases) == 1 else None
        self.watched = False
        self.asks_concept = any("concept" in rule.method.uses for rule in rules)
        asks_scheme = any("scheme" in rule.method.uses for rule in rules)
        self.schemes: frozenset[str] | None = NO_SCHEMES if asks_scheme else None
        self.always = ASK
        if self.sole is not None and not asked:
            self.always = always(self.sole.constant)


def always(constant: Decision | None) -> int:
    """A constant decision in the splicer's words."""
    if constant is None:
        return ASK
    if isinstance(constant, Keep):
        return STAYS
    if isinstance(constant, Remove):
        return GOES
    return EMPTIES if isinstance(constant, Replace) and not constant.value else ASK


class Plan:
    """Frozen after it is made; picklable.  ``watch`` has removed text looked at by the judge.

    ``show`` claims everything, for ``explain``.  ``root_only`` leaves items of sequences alone,
    as the reference tool does.
    """

    __slots__ = (
        "_broad",
        "_exact",
        "_last",
        "_reads_schemes",
        "enters",
        "matched",
        "otherwise",
        "peeks",
        "root_only",
        "rules",
        "show",
        "watch",
    )

    def __init__(
        self,
        rules: tuple[Rule, ...],
        *,
        otherwise: str = "keep",
        root_only: bool = False,
        watch: bool = False,
        show: bool = False,
    ) -> None:
        self.rules = rules
        self.otherwise: Decision = REMOVE if otherwise == "remove" else KEEP
        self.root_only = root_only
        self.watch = watch
        self.show = show
        self.enters = self.peeks = not root_only
        self.matched: set[int] = set()
        self._reads_schemes = any("scheme" in rule.method.uses for rule in rules)
        self._exact: dict[int, list[Rule]] = {}
        self._broad: list[Rule] = []
        self._last = max((rule.number for rule in rules), default=0)
        for rule in rules:
            if rule.selector.tags is None:
                self._broad.append(rule)
            for tag in rule.selector.tags or ():
                self._exact.setdefault(tag, []).append(rule)

    @property
    def keeps_rest(self) -> bool:
        return self.otherwise is KEEP

    def claim(
        self, element: Element, *, root: bool, creator_known: bool = True
    ) -> TableClaim | None:
        """A Claim, None where the element stays and nobody needs to know, or ASK_CREATOR."""
        if element.tag == SPECIFIC_CHARACTER_SET or (self.root_only and not root):
            return self._claim(element, (), root) if self.show else None
        rules = tuple(self._candidates(element))
        if not creator_known and self._needs_creator(element, rules):
            return ASK_CREATOR
        self.matched.update(rule.number for rule in rules if rule.selector.place is None)
        claim = self._claim(element, rules, root)
        return claim if self.show or self._matters(element, claim, root) else None

    def takes_whole(self, claim: TableClaim) -> bool:
        return claim.always in (GOES, EMPTIES)

    def _candidates(self, element: Element) -> Iterator[Rule]:
        """The rules that may own the element, up to the first that does wherever it stands."""
        matching = [rule for rule in self._broad if rule.selector.matches(element)]
        matching += self._exact.get(element.tag, ())
        for rule in sorted(matching, key=lambda rule: rule.number):
            yield rule
            if rule.selector.place is None:
                return

    def _needs_creator(self, element: Element, rules: tuple[Rule, ...]) -> bool:
        """Whether knowing the creator, and through it the VR, could change the answer.

        The VR in the file settles nothing where it is binary, nor for rules of another VR.
        """
        last = rules[-1].number if rules and rules[-1].selector.place is None else self._last
        unknown = element.vr in BINARY_VRS
        if unknown and any(rule.method.constant is None for rule in rules):
            return True
        return any(
            rule.selector.asks_creator
            or (
                isinstance(rule.selector, Representation)
                and (unknown or rule.selector.vr != element.vr)
            )
            for rule in self._broad
            if rule.number <= last
        )

    def _claim(self, element: Element, rules: tuple[Rule, ...], root: bool) -> Claim:
        watched = self.watch and is_watched(element, root)
        claim = Claim(element, rules, self.otherwise, asked=self.show or watched)
        claim.watched = watched
        if element.vr == "SQ" and claim.sole is not None and claim.sole.rule is None:
            claim.always = STAYS  # what it holds is asked about, and decides
        if self._reads_schemes and (claim.schemes is not None or element.tag == SCHEME):
            claim.schemes = self._schemes_of(claim)
        return claim

    def _schemes_of(self, claim: Claim) -> frozenset[str]:
        """The schemes of which an element stays unasked: none where somebody wants to know."""
        case = claim.sole
        unasked = not self.show and self.keeps_rest
        if case is None or case.rule is None or case.fault or not unasked:
            return NO_SCHEMES
        kept: frozenset[str] = getattr(case.rule.method, "schemes", NO_SCHEMES)
        return kept

    def _matters(self, element: Element, claim: Claim, root: bool) -> bool:
        """Whether the splicer has to hear of an element: not if it merely stays."""
        if claim.schemes is not None:
            return True  # the designator, too: others ask for it
        if claim.sole is None or not isinstance(claim.sole.constant, Keep):
            return True
        if is_private(element.tag) and not is_creator(element.tag):
            return self._creator_may_go(element)
        return not root and self.otherwise is REMOVE

    def _creator_may_go(self, element: Element) -> bool:
        block = element.tag >> 8 & 0xFF
        creator = Element(element.tag & 0xFFFF0000 | max(block, 0x10), "LO", "LO")
        rules = tuple(self._candidates(creator))
        if not rules:
            return self.otherwise is REMOVE
        return any(not isinstance(rule.method.constant, Keep) for rule in rules)


def keeps_private(plan: Plan) -> bool:
    """Whether some private element might stay as it is."""
    for rule in plan.rules:
        selector, keeps = rule.selector, isinstance(rule.method.constant, Keep)
        if selector.tags is not None and not any(map(is_private, selector.tags)):
            continue
        if keeps:
            return True
        if isinstance(selector, Private) and selector.place is None:
            return False
    return plan.keeps_rest


def is_watched(element: Element, root: bool) -> bool:
    """Whether names of files and folders may be made of such values, as far as anybody makes them.

    In items that is neither a UID nor anything private: there are thousands of them.
    """
    if element.vr not in WATCHED_VRS:
        return False
    return root or not (element.vr == "UI" or is_private(element.tag))


WATCHED_VRS = frozenset("AE DA LO LT PN SH ST UC UI UR UT".split())
"""Text whose removed values may stand in the names of files and folders, too."""
