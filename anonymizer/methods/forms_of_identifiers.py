"""What identifies by its form, whosever it is: text in, where it stands out.

Every pattern takes time linear in the text: what repeats is bounded, or begins where a run does.
"""

from __future__ import annotations

import re
from functools import cache

from anonymizer.dicom.fold import flat as folded
from anonymizer.methods.written_dates import UNIT, dates_and_times
from anonymizer.standard.vocabulary import standard_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.identity import Found

_NAME = r"[^\W\d_a-z][\w'’-]{0,40}\.?"
_LINK = r"(?:(?:van|von|de|der|den|da|di|du|la|le|del|dos|el|al|bin|ibn|zu) ){0,3}"
_SOMEBODY = rf"{_LINK}{_NAME}(?:[ -]{_LINK}{_NAME}){{0,2}}"
_TITLE = (
    r"(?:Dr|Drs|DR\.|dr\.|Dra|Prof|PROF|Professor|Doctor|Doktor|Docteur|Dott|Mr|MR\.|Mrs|MRS|Ms|MS\."
    r"|Miss|MISS|Herr|Herrn|HERR|Frau|FRAU|Hr\.|Fr\.|Mme|MME|Mlle|Monsieur|Madame|M\.|Sr\.|Sra|Srta"
    r"|Señora?|Sig\.|Signora?|Dhr\.|Mevr|Mw\.|Pani|Д-р|д-р|Др\.|Доктор|доктор|Г-н|Г-жа|Δρ|Κος|Κα)"
)
_OWN_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    "|T[NX]|UT|V[AT]|W[AIVY]|PR"
)
_TOP_LEVEL = (
    "com|org|net|edu|gov|mil|int|info|eu|de|fr|uk|ch|at|nl|be|es|se|no|dk|fi|pl|pt|cz|ie|jp|cn|kr"
    "|ru|br|ca|au|us|local|lan"
)
_NUMBERED = (
    r"mrn|ssn|nhs|bsn|pesel|cpr|pid|dob|acc(?:ession)?\s?(?:no|nr|#|number)|accession"
    r"|case (?:no|nr|number)|pat(?:ient)?(?:en)?[ -]?(?:id|no|nr|number|nummer)|fall-?nr|pat\.-?nr"
    r"|exam(?: id| no)|tel|telephone|telefono?|phone|fax|mobile?|cell|handy|pager|電話|전화"
)
_NUMBERED_FROM = frozenset(
    """
    mrn ssn nhs bsn pesel cpr pid dob acc accession case pat patient patienten patientid patientno
    patientennummer patid patno patnr patientennr fall fallnr exam tel telephone telefon telefono
    phone fax mobil mobile cell handy pager 電話 전화 id no nr n
    """.split()
)
"""Words that begin what ``_labelled`` finds: without one of them there is nothing to find."""

_MASKED = (
    r"[0-9]{3}-[0-9]{2}-[0-9]{4}(?!\d)",  # SSN
    r"\+\d[\d ()./-]{6,18}\d",
    r"\(\+?\d{2,5}\)\s?\d{2,4}[\s./-]?\d{3,4}(?:[\s-]?\d{2,4})?(?!\d)",
    r"(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}(?!\d)",
    r"0\d{1,4}[/ -]{1,3}\d{4,8}(?:-\d{1,4})?(?!\d)",
    r"0\d(?:[ .-]\d\d){4}(?!\d)",
    r"(?:\d{1,3}\.){3}\d{1,3}(?![\d.])",  # IP
    r"\d+(?:\.\d+){4,}",  # UID
)
_numbers = re.compile(rf"(?<!\d)(?<!\d[.,])(?:{'|'.join(_MASKED)})").finditer
_labelled = re.compile(
    rf"(?<![^\W_])(?:(?:{_NUMBERED})(?![^\W_])\s{{0,2}}\.?[:#=.]?\s{{0,2}}|id\s?[:#=]\s?"
    r"|id\s(?=\S{0,12}\d{4})|n[or°]\.?\s?(?=\d{5}))"
    r"(?P<it>(?=[a-z/_-]{0,12}\d)[^\W_][\w/.-]{0,30}(?:[ -]\d{2,}){0,4})"
).finditer
_long_numbers = re.compile(
    r"(?<![^\W_])(?<!\d[.,])[a-z]{0,4}\d{6,}(?:[.,]\d+)?[a-z]{0,3}(?![^\W\d_])"
).finditer
_any_long_number = re.compile(r"(?<!\d)(?<!\d[.,])\d{6,}").finditer
_is_measure = re.compile(UNIT).match
_is_letter = re.compile(r"\s?[a-z](?![^\W_])").match
_mac = re.compile(r"(?<![^\W_])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![^\W_])").finditer
_ip6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,7}(?![\w:])").finditer
_web = re.compile(
    r"(?<![^\W_])(?:(?:https?|ftp|file|dicomweb|wado)://\S+|www\.\S+)"
    r"|(?<![a-z0-9.@-])[a-z][a-z0-9-]{2,62}(?:\.[a-z0-9-]{2,63}){0,6}"
    rf"\.(?:{_TOP_LEVEL})(?![^\W_]|\.\w)(?:/\S*)?"
).finditer
_words = re.compile(r"[^\W\d_]+").findall
_any_digits = re.compile(r"[0-9]").findall
_runs = re.compile(r"\S+").finditer
_local = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._%+-'")


_name_words = re.compile(r"[^\W\d_][\w'’-]*").finditer
CLINICAL = frozenset(
    """
    abd abdomen axial becken bein brust bws cerveau cerebro colonna columna coude crane cuello
    epaule fuss ganzkorper genou ginocchio hals hand hanche handgelenk hirn hombro hufte huft hws
    irm kopf knie knee leber lunge lws main mrt msk oberarm oberschenkel pelvis pied poumon rachis
    rodilla rontgen ruecken rucken rx schadel schulter scanner spalla sprunggelenk tac tdm testa
    thorax torace torax unterarm unterschenkel us wirbelsaule
    """.split()
)
"""Words beyond the standard's that stand behind names without being one."""

_BEFORE_NAMES = frozenset(
    """
    dr drs dra prof professor doctor doktor docteur dott mr mrs ms miss herr herrn frau hr fr mme
    mlle monsieur madame m sr sra srta senor senora sig signor signora dhr mevr mw pani д др доктор
    г δρ κοσ κα by befundet name nom nombre patient attn ref referring
    """.split()
)
"""Words that begin what ``_with_names`` finds."""


@cache
def _with_names() -> tuple[re.Pattern[str], ...]:
    """Titles and words before names; as written, since capitals matter."""
    forms = (
        rf"(?<![\w.])(?:{_TITLE}\.?\s{{0,2}}(?:med\.\s?)?){{1,3}}(?P<it>{_SOMEBODY})",
        r"(?<!\w)(?:dr|prof|mrs|herr|frau)\.? (?P<it>[^\W\d_][\w'’-]{1,40})",
        r"(?<!\w)(?:(?:[Rr]eferred|[Rr]ead|[Pp]erformed|[Ss]igned|[Rr]eported|[Dd]ictated"
        r"|[Aa]pproved|[Rr]eviewed|[Rr]equested|[Oo]rdered|[Ss]canned|[Vv]erified) (?:by|BY)"
        r"|[Bb]efundet von|(?:[Pp]atient |[Pp]t |)(?:[Nn]ame|NAME)\s?[:=]|[Nn]om\s?:|[Nn]ombre\s?:"
        r"|[Pp]atient:|[Aa]ttn:?|[Rr]ef(?:erring)?\.? (?:[Pp]hys(?:ician)?|MD|[Dd]oc(?:tor)?)\.?:?)"
        rf"\s{{1,2}}(?P<it>{_SOMEBODY})",
    )
    return tuple(map(re.compile, forms))


_TOWN = r"[^\W\d_a-z][^\W\d_]{2,40}"
_ROMAN = (
    "[Rr]ue|[Aa]venue|[Bb]oulevard|[Cc]hemin|[Ii]mpasse|[Qq]uai|Calle|C/|Avenida|Avda\\.?|Plaza"
    "|Paseo|Via|Viale|Piazza|Corso|Rua|Travessa|ul\\.|ulica|ул\\.|Οδός"
)
_ROADS = frozenset(
    """
    rue avenue boulevard chemin impasse quai calle c avenida avda plaza paseo via viale piazza corso
    rua travessa ul ulica ул οδοσ
    """.split()
)
_road = re.compile(
    rf"(?<!\w)(?:\d{{1,4}}(?: ?bis| ?ter)?,? )?(?:{_ROMAN}) "
    r"(?:(?:de|du|des|la|le|les|della|delle|del|da) ){0,3}(?:[ld]['’])?"
    rf"{_TOWN}(?: {_TOWN}){{0,2}}(?:,? (?:д\. ?)?\d{{1,4}}(?!\w))?"
).finditer
_titled_behind = re.compile(
    r"[\u3400-\u9fff]{1,4}(?=先生|様|教授)|[\uac00-\ud7a3]{2,4}(?=\s?(?:교수|선생님|씨))"
).finditer


@cache
def _postal() -> tuple[re.Pattern[str], ...]:
    """Streets with a house number and places with a code, as written."""
    way = (
        "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Court|Square|Terrace|Highway|Hwy"
        "|Parkway|Pkwy|STREET|AVENUE|AVE|ROAD|BLVD|LANE|DRIVE"
    )
    one_word = (
        "(?:[sS]tra(?:ß|ss)e|[sS]tr\\.|gasse|platz|allee|damm|ufer|weg|straat|laan|plein|gracht"
        "|kade|gatan|vägen|gade|vej|gata|veien|katu|STRASSE)"
    )
    forms = (
        r"(?<![\w.])\d{1,5}[A-Za-z]?,? (?:[NSEW]\.? )?(?:[A-Z][\w'’-]{1,30} ){1,3}"
        rf"(?:{way})(?!\w)\.?",
        rf"(?<!\w)[^\W\d_a-z][^\W\d_]{{1,30}}?[ -]?{one_word}\s?\d{{1,4}}(?:\s?[a-z])?(?!\w)",
        rf"(?:(?<!\w){_TOWN}(?: {_TOWN}){{0,2}},? )?(?<![^\W_])(?:{_OWN_STATES})\.?,? {{1,2}}"
        r"\d{5}(?:-\d{4})?(?!\w)",
        r"(?<![\w.])(?:[A-Z]{1,2}-\d{4,5}|\d{5}) (?:(?:Bad|San|Santa|St|Sankt|New|Den|La|Le|Los) )?"
        rf"{_TOWN}(?:-{_TOWN})*(?: am {_TOWN}| a\. ?M\.)?(?!\w)",
        rf"(?<![\w.])\d{{4}} ?[A-Z]{{2}} {_TOWN}(?!\w)",
        r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?!\w)"
        r"|(?<!\w)[A-Z]\d[A-Z] \d[A-Z]\d(?!\w)",
    )
    return tuple(map(re.compile, forms))


_is_muscle = re.compile(
    r"(?:\w+(?:ceps|alis|eus|oideus|ator|ensor|oralis|inator|uctor)|psoas|iliacus|rectus|vastus"
    r"|sartorius|gracilis|soleus|teres|obliquus|trans\w+|latissimus|trapezius|masseter|gluteus)",
    re.IGNORECASE,
).match


def identifiers(text: str, flat: str, days: frozenset[tuple[int, int]]) -> Iterator[Found]:
    """Everything with the form of an identifier; ``flat`` is the text folded."""
    words = frozenset(_words(flat))
    digits = len(_any_digits(flat))
    if digits:
        yield from dates_and_times(flat, words, days)
        yield from _numbered(flat, words, digits)
        yield from _on_the_net(flat)
    if digits > 1:
        yield from (match.span() for pattern in _postal() for match in pattern.finditer(text))
    if not words.isdisjoint(_ROADS):
        yield from (match.span() for match in _road(text))
    if not words.isdisjoint(_BEFORE_NAMES):
        yield from _persons(text)
    if not flat.isascii():
        yield from (match.span() for match in _titled_behind(text))
    if "." in flat or "://" in flat:
        yield from (match.span() for match in _web(flat))
    if "@" in flat:
        yield from _addresses(flat)


def _numbered(flat: str, words: frozenset[str], digits: int) -> Iterator[Found]:
    if not words.isdisjoint(_NUMBERED_FROM):
        for match in _labelled(flat):
            if not _is_measure(flat, match.end()):
                yield match.span("it")
    if digits >= 4:
        yield from (m.span() for m in _numbers(flat) if not _is_measure(flat, m.end()))
    if digits >= 6:
        yield from _long_ones(flat)


def _long_ones(flat: str) -> Iterator[Found]:
    for find in (_long_numbers, _any_long_number):
        for match in find(flat):
            if _is_letter(flat, match.end()) or not _is_measure(flat, match.end()):
                yield match.span()


def _on_the_net(flat: str) -> Iterator[Found]:
    if flat.count(":") > 1 or flat.count("-") > 4:
        yield from (match.span() for match in _mac(flat))
        yield from (match.span() for match in _ip6(flat) if "::" in match[0] or _is_ip6(match[0]))


def _is_ip6(text: str) -> bool:
    return text.count(":") == 7


def _addresses(flat: str) -> Iterator[Found]:
    """E-mail addresses, from each ``@`` outwards."""
    for run in _runs(flat):
        at = flat.find("@", run.start(), run.end())
        while at >= 0:
            start, stop = at, at + 1
            while start > run.start() and at - start < 64 and flat[start - 1] in _local:
                start -= 1
            while stop < run.end() and stop - at < 255 and flat[stop] in _local:
                stop += 1
            if start < at and flat[at + 1 : at + 2].isalpha() and stop - at > 2:
                yield start, stop
            at = flat.find("@", stop, run.end())


def _persons(text: str) -> Iterator[Found]:
    for pattern in _with_names():
        for match in pattern.finditer(text):
            if _is_somebody(match, text):
                yield match.start(), _end_of_name(match)


def _is_somebody(match: re.Match[str], text: str) -> bool:
    """Whether what follows a title is a name: not ``M. biceps``, not ``12 Fr. Catheter``."""
    title = text[match.start() : match.start("it")].strip()
    if title == "M." and _is_muscle(match["it"]):
        return False
    if title in ("Fr.", "Ms", "M.") and text[: match.start()].rstrip()[-1:].isdigit():
        return False
    name = match["it"]
    return not name[0].islower() or " " in name or title.rstrip(".").islower()


def _end_of_name(match: re.Match[str]) -> int:
    """Where the name ends: before the first of its further words that is a clinical one."""
    further = list(_name_words(match["it"]))[1:]
    for word in further:
        plain = folded(word[0])
        if plain in CLINICAL or (len(plain) > 2 and plain in standard_words()):
            return match.start("it") + word.start() - 1
    return match.end()
