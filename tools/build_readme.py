"""Fills the generated sections of the README and docs/configuration.md from the code.

A section stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``.

usage: python tools/build_readme.py [--check]
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from anonymizer.cli.methods import describe_vrs  # noqa: E402  after the path
from anonymizer.config import microsoft as its_files  # noqa: E402
from anonymizer.config.profile_keys import OPTIONS  # noqa: E402
from anonymizer.methods import METHODS  # noqa: E402
from anonymizer.methods import microsoft as its_values  # noqa: E402
from anonymizer.rules.forms import SELECTOR_FORMS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from anonymizer.methods.method import Option

PAGES = (ROOT / "README.md", ROOT / "docs" / "configuration.md")
OWN_METHOD = ROOT / "docs" / "own-method" / "age_band.py"
FEATURES = ROOT / "docs" / "features.json"
SCHEMA = ROOT / "schemas" / "configuration.schema.json"

_section = re.compile(r"(<!-- generated: (?P<name>[a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL).sub


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose cells are written already."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def code(text: str) -> str:
    """A cell that shows text as it is typed."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def prose(text: str) -> str:
    """A cell in which no character of the text means anything to Markdown."""
    return re.sub(r"([\\*_|<])", r"\\\1", text)


def selectors() -> str:
    return table(
        ("`dicomTagPath`", "selects"), ((code(form), prose(text)) for form, text in SELECTOR_FORMS)
    )


def methods() -> str:
    rows = ((code(m.name), prose(m.summary), describe_vrs(m.vrs)) for m in METHODS.values())
    return table(("method", "what it does", "VRs"), rows)


def options() -> str:
    rows = (
        (code(option.name), code(method.name), _values(option), _default(option), _text(option))
        for method in METHODS.values()
        for option in method.options
    )
    return table(("option", "of", "values", "default", "meaning"), rows)


def _values(option: Option) -> str:
    schema = option.schema
    if "enum" in schema:
        return ", ".join(map(code, schema["enum"]))
    limits = (schema.get("minimum"), schema.get("maximum"))
    if limits[1] is not None:
        return f"{schema['type']}, {limits[0]} to {limits[1]}"
    return f"{schema['type']}, {limits[0]} or more" if limits[0] is not None else schema["type"]


def _default(option: Option) -> str:
    return "none" if option.default is None else code(json.dumps(option.default))


def _text(option: Option) -> str:
    return prose(option.summary)


def values_of_that_tool() -> str:
    rows = ((prose(theirs), prose(ours)) for theirs, ours in its_values.DIFFERENCES)
    return table(("Microsoft's tool", "this one, with its configuration"), rows)


def reading_of_its_files() -> str:
    rows = ((prose(what), prose(how)) for what, how in its_files.DIFFERENCES)
    return table(("what", "how it is read here"), rows)


def own_method() -> str:
    return f"```python\n{OWN_METHOD.read_text(encoding='utf-8')}```\n"


def members_of_the_file() -> str:
    return _members(_schema()["properties"])


def members_of_a_rule() -> str:
    rule = _schema()["$defs"]["rule"]["properties"]
    known = {option.name for method in METHODS.values() for option in method.options}
    return _members({name: member for name, member in rule.items() if name not in known})


def options_of_the_profile() -> str:
    return table(
        ("option", "what it does"), ((code(o), prose(text)) for o, text in OPTIONS.items())
    )


def keys() -> str:
    parameters = _schema()["$defs"]["parameters"]["properties"]
    return _members({name: m for name, m in parameters.items() if name.lower().endswith("key")})


def _schema() -> Any:  # noqa: ANN401  a JSON value
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


SAID_ELSEWHERE = {
    "dicomTagPath": "Which attributes: see [Selectors](#selectors). Required.",
    "method": "What happens to them: see [Methods](#methods). Required.",
    "extends": "Whose rules come after the own ones: see [Extending](#extending).",
    "rules": "Tried in order; the first that matches an attribute decides. Required, unless "
    "something is extended.",
    "options": "The options of PS3.15 that are used: see [The profile](#the-profile).",
    "parameters": "Keys, and options for every rule that does not set them itself.",
}


def _members(members: Mapping[str, Any]) -> str:
    rows = (
        (
            code(name),
            SAID_ELSEWHERE.get(name) or prose(member["description"]),
            ", ".join(map(code, member.get("enum", ()))) or _kind(member),
            code(json.dumps(member["default"])) if "default" in member else "none",
        )
        for name, member in members.items()
    )
    return table(("name", "meaning", "values", "default"), rows)


def _kind(member: Mapping[str, Any]) -> str:
    known = {"rules": "list", "#/$defs/parameters": "object", "#/$defs/method": "string"}
    known["#/$defs/condition"] = "object"
    reference = str(member.get("$ref", ""))
    if isinstance(member.get("type"), list):
        return " or ".join(member["type"])
    return known.get(reference) or ("key" if reference else str(member["type"]))


def features() -> str:
    """What other tools do, and the test that shows it here."""
    known = json.loads(FEATURES.read_text(encoding="utf-8"))
    rows = (
        (
            prose(feature["feature"]),
            *("yes" if tool in feature["tools"] else "" for tool in known["tools"]),
            shown_by(feature),
        )
        for feature in known["features"]
    )
    return table(("", *map(prose, known["tools"].values()), "this one"), rows)


def shown_by(feature: dict[str, str]) -> str:
    """The test that shows a feature, or why this tool has it not."""
    if "no" in feature:
        return f"no: {prose(feature['no'])}"
    return f"[yes]({feature['test'].partition('::')[0]})"


SECTIONS = {
    "features": features,
    "selectors": selectors,
    "methods": methods,
    "options": options,
    "values of that tool": values_of_that_tool,
    "reading of its files": reading_of_its_files,
    "own method": own_method,
    "members of the file": members_of_the_file,
    "members of a rule": members_of_a_rule,
    "options of the profile": options_of_the_profile,
    "keys": keys,
}


def filled(page: str, sections: Mapping[str, Callable[[], str]] = SECTIONS) -> str:
    """The page with every generated section as the code has it."""
    return _section(lambda found: found[1] + sections[found["name"]]() + found[3], page)


def rewrite(path: Path, filled: Callable[[str], str]) -> None:
    """Fills a page anew; with ``--check`` ends the program where that would change it."""
    page = path.read_text(encoding="utf-8")
    if "--check" not in sys.argv:
        path.write_text(filled(page), encoding="utf-8")
    elif page != filled(page):
        sys.exit(f"{path} is out of date: run {sys.argv[0]}")


if __name__ == "__main__":
    for path in PAGES:
        rewrite(path, filled)
