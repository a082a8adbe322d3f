"""What is read as JSON, what is forgiven, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from anonymizer.config.jsonc import read_json
from anonymizer.errors import ConfigurationError

READ: list[tuple[str, Any]] = [
    ('{"a": 1}', {"a": 1}),
    ('\ufeff{"a": 1}', {"a": 1}),
    ('{"a": 1} // end', {"a": 1}),
    ('// begin\n{"a": 1}', {"a": 1}),
    ('/* begin\n * more */ {"a": /* here */ 1}', {"a": 1}),
    ('{"a": [1, 2,], }', {"a": [1, 2]}),
    ('{"a": [1, // one\n 2, /* two */ ] /* end */, }', {"a": [1, 2]}),
    ('{"a": "// no comment", "b": "/* nor */ ,]"}', {"a": "// no comment", "b": "/* nor */ ,]"}),
    ('{"a": "a \\" // quote", }', {"a": 'a " // quote'}),
    ('{"a": "http://x/*y*/"} // x', {"a": "http://x/*y*/"}),
    ("[]", []),
    ("[1.5e3, -2, true, null,]", [1500.0, -2, True, None]),
    ('{"ü": "é"} //', {"ü": "é"}),
]

REFUSED = [
    ("", "line 1 column 1", "expecting value", ""),
    ('{"a": 1', "line 1 column 8", "expecting ',' delimiter", "comma"),
    ('{\n "a": 1\n "b": 2\n}', "line 3 column 2", "expecting ',' delimiter", "comma"),
    (
        '{\n // c\n "a": 1,\n /* x\n y */ "b" 2\n}',
        "line 5 column 11",
        "expecting ':' delimiter",
        "",
    ),
    ("{'a': 1}", "line 1 column 2", "expecting property name", "double quotes"),
    ("{\"a\": 'x'}", "line 1 column 7", "expecting value", "double quotes"),
    ("{a: 1}", "line 1 column 2", "expecting property name", "double quotes"),
    ('{"a": 1}}', "line 1 column 9", "extra data", "closed too early"),
    ("[1,,2]", "line 1 column 4", "expecting value", ""),
    ("[,]", "line 1 column 2", "expecting value", ""),
    ('{"a": 1,,}', "line 1 column 9", "expecting property name", ""),
    ('{"a": NaN}', "line 1 column 7", "NaN is not a number", ""),
    ('{\n"a": -Infinity}', "line 2 column 6", "-Infinity is not a number", ""),
    ('{"a": "x\ny"}', "line 1 column 9", "invalid control character", ""),
    ('{"a": "x}', "line 1 column 7", "unterminated string", ""),
    ("[" * 100_000, "", "nested too deeply", ""),
    ("1" * 5000, "", "a number is too long", ""),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_what_people_write_is_read(text: str, value: object) -> None:
    assert read_json(text.encode(), "c.json") == (value, [])


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"), REFUSED, ids=[row[0][:20] for row in REFUSED]
)
def test_a_syntax_error_says_line_and_column(
    text: str, place: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_json(text.encode(), "c.json")
    (mistake,) = error.value.mistakes
    assert mistake.place == place
    assert mistake.message.lower().startswith(message.lower())
    assert hint in mistake.hint
    assert error.value.source == "c.json"


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="line 2: not UTF-8 text\n  hint: save the file"):
        read_json('{\n"a": "é"}'.encode("latin-1"), "c.json")


def test_repeated_keys_are_found_with_line_and_column() -> None:
    text = '{"a": 1,\n "b": {"x": 1, "x": 2, /* c */ "y": "x"},\n "a": [{"a": 1}],}'
    value, repeated = read_json(text.encode(), "c.json")
    assert value == {"a": [{"a": 1}], "b": {"x": 2, "y": "x"}}
    assert [(mistake.place, mistake.message) for mistake in repeated] == [
        ("line 2 column 16", "key 'x' stands twice"),
        ("line 3 column 2", "key 'a' stands twice"),
    ]
