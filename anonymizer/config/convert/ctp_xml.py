"""The elements of a script of RSNA's CTP, read from its XML.

A document type, and with it any entity, is refused: so nothing is read and nothing expands.
"""

from __future__ import annotations

from xml.parsers import expat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.config.convert.draft import Draft
    from anonymizer.errors import ConfigurationError

LONGEST_TEXT = 100_000
DEEPEST = 8
KINDS = frozenset("pekr")
"""Parameters, elements, groups to keep, and what to remove."""


class Entry:
    """One element: ``<e en="T" t="00100010" n="PatientName">@empty()</e>``."""

    __slots__ = ("kind", "line", "name", "on", "text", "what")

    def __init__(self, kind: str, attributes: dict[str, str], line: int) -> None:
        self.kind = kind
        self.what = attributes.get("t", "").strip()
        self.name = attributes.get("n", "").strip()
        self.on = attributes.get("en", "T").strip().upper() != "F"
        self.line = line
        self.text = ""

    @property
    def place(self) -> str:
        return f"line {self.line}"


def entries_of(data: bytes, draft: Draft) -> list[Entry]:
    reader = _Reader(draft)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as fault:
        place = f"line {fault.lineno} column {fault.offset + 1}"
        raise draft.broken(place, "is not XML") from None
    except (ValueError, LookupError):
        raise draft.broken("", "is not text that can be read as XML") from None
    return reader.entries


class _Reader:
    """Where the parser stands, and what it has come past."""

    __slots__ = ("depth", "draft", "entries", "parser")

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.entries: list[Entry] = []
        self.depth = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.document_type

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1 and name != "script":
            raise self._broken("is not a script", "its outermost element is <script>")
        if self.depth > DEEPEST:
            raise self._broken("is nested too deeply")
        if self.depth == 2 and name in KINDS:
            self.entries.append(Entry(name, attributes, self.parser.CurrentLineNumber))
        elif self.depth > 1:
            self.draft.warn(self._place, "is no element of a script: it is not read")

    def end(self, _: str) -> None:
        self.depth -= 1

    def text(self, piece: str) -> None:
        if self.depth == 2 and self.entries:
            self.entries[-1].text += piece
            if len(self.entries[-1].text) > LONGEST_TEXT:
                raise self._broken("is too long")

    def document_type(self, *_: object) -> None:
        raise self._broken("has a document type", "entities are not read: write what they are for")

    @property
    def _place(self) -> str:
        return f"line {self.parser.CurrentLineNumber}"

    def _broken(self, message: str, hint: str = "") -> ConfigurationError:
        return self.draft.broken(self._place, message, hint)
