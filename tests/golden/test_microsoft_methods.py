"""The reference tool's golden vectors for its methods, each run against the exact forms."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from corpus import SHARED

from anonymizer.dicom.attribute import KEEP, REMOVE, TEXT_VRS, Attribute, Replace
from anonymizer.dicom.context import Context
from anonymizer.dicom.dates import day_of, format_age, ordinal_of, parse_age
from anonymizer.dicom.dictionary import tags_by_keyword
from anonymizer.dicom.fragments import join_items, split_items
from anonymizer.dicom.numbers import FLOAT_VRS, pack, unpack
from anonymizer.dicom.text import character_set
from anonymizer.errors import ValueFault
from anonymizer.methods import METHODS
from anonymizer.methods.encrypt import aes_key, encrypt_bytes, reveal_bytes, reveal_text
from anonymizer.methods.exact.crypto_hash import ExactCryptoHash
from anonymizer.methods.exact.dates import (
    format_value,
    is_dropped,
    parse_date,
    parse_date_time,
)
from anonymizer.methods.method import OptionFault, Secrets
from anonymizer.methods.microsoft import days_by_bkdr
from anonymizer.methods.refusal import UnsupportedVR

if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Decision

GOLDEN = SHARED / "compat" / "microsoft" / "golden"
pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason="../shared is not here")

Entropy = Callable[[int], bytes]
TODAY = date(2025, 9, 15)
"""The day of the repository commit that the vectors were taken from."""

AUTO_VALIDATION = (
    "auto-validation is for callers of that tool's library: its engine and command line always "
    "switch it off, so the value is written"
)
POSTAL_CODE = "postal codes have no effect on DICOM; that function belongs to its FHIR tool"

UNMATCHED = {
    **dict.fromkeys(
        "cryptoHash-047 cryptoHash-048 cryptoHash-050 encrypt-034 encrypt-036 encrypt-037 "
        "substitute-022 substitute-024 substitute-034 substitute-038 substitute-040 "
        "substitute-046 substitute-050".split(),
        AUTO_VALIDATION,
    ),
    **dict.fromkeys(("redact-014", "redact-017", "redact-019"), POSTAL_CODE),
}
"""Vectors deliberately not matched, each with the reason."""

FILES = "cryptoHash dateShift encrypt perturb redact refreshUID remove substitute".split()


def vectors_of(name: str) -> list[dict[str, Any]]:
    if not GOLDEN.exists():
        return []
    return list(json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))["vectors"])


def secrets(entropy: Entropy | None = None) -> Secrets:
    return Secrets({}, b"m" * 32, entropy or os.urandom, TODAY)


def attribute(vector: dict[str, Any]) -> Attribute:
    given, vr = vector["input"], vector["vr"][:2]
    tag = tags_by_keyword().get(vector.get("tag", ""), 0x00091001)
    utf8 = character_set(("ISO_IR 192",))
    if isinstance(given, dict):
        if "fragments_hex" in given:
            run = join_items([b"", *map(bytes.fromhex, given["fragments_hex"])])
            return Attribute(tag, vr, run, utf8, encapsulated=True)
        return Attribute(tag, vr, bytes.fromhex(given.get("hex", "")), utf8)
    return Attribute(tag, vr, field_of(given or [], vr), utf8)


def field_of(values: list[Any], vr: str) -> bytes:
    if vr in TEXT_VRS:
        return "\\".join(values).encode("utf-8")
    if vr == "AT":
        digits = [re.sub(r"[(),]", "", value) for value in values]
        return pack([int(d[at : at + 4], 16) for d in digits for at in (0, 4)], "US")
    kind = float if vr in FLOAT_VRS else int
    return pack([kind(value) for value in values], vr)


def context_of(vector: dict[str, Any]) -> Context:
    given = vector.get("context", {})
    return Context(
        study=given.get("StudyInstanceUID", ""),
        series=given.get("SeriesInstanceUID", ""),
        sop=given.get("SOPInstanceUID", ""),
    )


def decide(name: str, vector: dict[str, Any], entropy: Entropy | None = None) -> Decision:
    settings = vector.get("settings", {})
    method = METHODS[name].exact(settings, secrets(entropy))  # type: ignore[attr-defined]
    decision: Decision = method.decide(attribute(vector), context_of(vector))
    return decision


def after(name: str, vector: dict[str, Any], entropy: Entropy | None = None) -> bytes:
    decision = decide(name, vector, entropy)
    if decision is KEEP:
        return attribute(vector).value
    assert isinstance(decision, Replace)
    return decision.value


def texts(field: bytes) -> list[str]:
    return field.decode("utf-8").split("\\") if field else []


def entropy_of(vector: dict[str, Any]) -> Entropy | None:
    vector_hex = vector.get("fixed_iv_hex")
    return (lambda _: bytes.fromhex(vector_hex)) if vector_hex else None


# One check for each kind of expectation; each tells whether the vector is matched.


def is_refused(name: str, vector: dict[str, Any]) -> bool:
    wanted = UnsupportedVR if vector["expect"].get("supported") is False else ValueFault
    try:
        decide(name, vector)
    except ValueFault as fault:
        return isinstance(fault, wanted)
    return False


def has_text(name: str, vector: dict[str, Any]) -> bool:
    expect, vr = vector["expect"], vector["vr"]
    field = after(name, vector, entropy_of(vector))
    if "hex_le" in expect:
        return bool(field.hex() == expect["hex_le"])
    if vr in TEXT_VRS:
        return bool(
            field.decode("utf-8") == expect.get("text", "\\".join(expect.get("values", [])))
        )
    numbers = [expect["text"]] if "text" in expect else expect["values"]
    return list(unpack(field, vr)) == [float(number) for number in numbers]


def decrypts(vector: dict[str, Any]) -> bool:
    expect = vector["expect"]
    key = vector["settings"]["encryptKey"].encode()
    field = after("encrypt", vector, entropy_of(vector))
    if "each_value_decrypts_to" in expect:
        plain = [reveal_text(value, key) for value in texts(field)]
        return bool(plain == expect["each_value_decrypts_to"])
    if "each_fragment_decrypts_to_hex" in expect:
        blobs = split_items(field)[1:]
        wanted = expect["each_fragment_decrypts_to_hex"]
        distinct = len({blob[:16] for blob in blobs}) == len(blobs)
        return distinct and [reveal_bytes(b, key).hex() for b in blobs] == [wanted] * len(blobs)
    return bool(reveal_bytes(field, key).hex() == expect["decrypts_to_hex"])


def is_within_range(name: str, vector: dict[str, Any]) -> bool:
    low, high = vector["expect"]["range"]
    vr = vector["vr"]
    if name == "dateShift":
        (text,) = texts(after(name, vector))
        wanted = vector["expect"]["exact_by_formula"]
        return bool([text] == wanted and low[:8] <= text[:8] <= high[:8])
    for _ in range(50):
        field = after(name, vector)
        number = float(field) if vr in TEXT_VRS else unpack(field, vr)[0]
        if not low <= number <= high and number not in vector.get("formula_range", ()):
            return False
    return True


def processed(name: str, vector: dict[str, Any]) -> bool:  # noqa: PLR0911 (one a kind)
    expect = vector["expect"]
    if "error" in expect or "direct_call_error" in expect:
        return is_refused(name, vector)
    if "range" in expect:
        return is_within_range(name, vector)
    if any("decrypts" in key for key in expect) and "values" not in expect:
        return decrypts(vector)
    if "fragments_hex" in expect:
        digests = [item.hex() for item in split_items(after(name, vector))]
        return digests == ["", *expect["fragments_hex"]]
    if "removed" in expect:
        return decide(name, vector) is REMOVE
    if "sequence_items" in expect:
        return after(name, vector) == b""
    if name == "refreshUID":
        return is_refreshed(vector)
    return has_text(name, vector)


def is_refreshed(vector: dict[str, Any]) -> bool:
    (uid,) = texts(after("refreshUID", vector))
    pattern = vector["expect"].get("pattern", r"2\.25\.\d+")
    again = after("refreshUID", vector).decode()
    return bool(re.fullmatch(pattern, uid)) and uid not in vector["input"] and uid == again


def hashed(vector: dict[str, Any]) -> bool:
    given = dict(vector["settings"])
    given.setdefault("cryptoHashType", "Sha256")
    method = ExactCryptoHash.from_options(given, secrets())
    expect = vector["expect"]
    if "error" in expect:
        with pytest.raises(ValueFault):
            method.hashed(vector["input"])
        return True
    if vector["form"] in ("bytes", "stream"):
        return bool(method.digest(vector["input"].encode("utf-8")).hex() == expect["hex"])
    return bool(method.hashed(vector["input"]) == expect.get("hex", *expect.get("values", [])))


def shifted(vector: dict[str, Any]) -> bool:
    settings = vector["settings"]
    text = settings["prefix"] + settings["dateShiftKey"]
    days = days_by_bkdr(text, settings.get("dateShiftRange", 50))
    expect = vector["expect"]
    if "same_offset_for_both" in expect:
        return bool(days == expect["offset_days_by_formula"])
    day = date.fromordinal(date.fromisoformat(vector["input"]).toordinal() + days).isoformat()
    low, high = expect["range"]
    return bool(day == expect["exact_by_formula"] and low <= day <= high)


def offset(vector: dict[str, Any]) -> bool:
    settings = vector["settings"]
    days = days_by_bkdr(
        vector["prefix"] + settings["dateShiftKey"], settings.get("dateShiftRange", 50)
    )
    return bool(days == vector["expect"]["days"])


def encrypted(vector: dict[str, Any]) -> bool:
    key = aes_key(vector["settings"]["encryptKey"].encode())
    if vector["op"] == "decrypt":
        with pytest.raises(ValueFault):
            reveal_bytes(vector["input"]["text_argument"].encode(), key)
        return True
    blob = encrypt_bytes(vector["input"].encode(), key, bytes(range(16)))
    return bool(reveal_bytes(blob, key).decode() == vector["expect"]["decrypts_to"])


PERTURBED = {
    "string": "DS",
    "decimal": "DS",
    "double": "FD",
    "float": "FL",
    "int": "SL",
    "uint": "UL",
    "short": "SS",
    "ushort": "US",
    "long": "SV",
    "ulong": "UV",
    "age": "AS",
}


def perturbed(vector: dict[str, Any]) -> bool:
    vr, given = PERTURBED[vector["type"]], vector["input"]
    value = format_age(*given) if vr == "AS" else str(given) if vr == "DS" else given
    row = {**vector, "vr": vr, "input": [value]}
    low, high = vector["expect"]["range"]
    edge = vector.get("formula_range", (low, high))
    for _ in range(50):
        field = after("perturb", row)
        number: float
        if vr == "AS":
            number, unit = parse_age(field.decode())
            if unit != vector["expect"]["unit"]:
                return False
        elif vr == "DS":
            number = float(field)
            decimals = len(field.decode().partition(".")[2])
            if decimals > vector["expect"]["maxDecimals"]:
                return False
        else:
            number = unpack(field, vr)[0]
        slack = abs(number) * 1e-6 if vr == "FL" else 0
        if not min(low, edge[0]) - slack <= number <= max(high, edge[1]) + slack:
            return False
    return True


def redacted(vector: dict[str, Any]) -> bool:
    kind, given, expect = vector["type"], vector["input"], vector["expect"]
    if kind == "Age":
        row = {**vector, "vr": "AS", "input": [format_age(given, "Y")]}
        return texts(after("redact", row)) == [
            value for value in [expect["value"]] if value is not None
        ]
    if kind == "PostalCode":
        return False
    year, month, *day = map(int, re.split(r"[-T]", given[:10]))
    ordinal = ordinal_of(year, month, *(day or [1]))
    if is_dropped(ordinal, TODAY.toordinal()):
        return expect["text"] is None
    return bool(expect["text"][:10] == f"{day_of(ordinal)[0]:04}-01-01")


def by_rule(vector: dict[str, Any]) -> bool:
    rule = vector["rule"]
    before, wanted = vector["input"], vector["expect"]["dataset"]
    row = {
        "vr": "PN",
        "tag": rule["tag"],
        "input": [before[rule["tag"]]],
        "settings": rule["params"],
    }
    return bool(after(rule["method"], row).decode() == wanted[rule["tag"]])


def shape(vector: dict[str, Any]) -> bool:
    number = int(vector["input"].removeprefix("2.25."))
    ours = after("refreshUID", {"vr": "UI", "input": ["1.2.3"]}).decode()
    return all(
        uuid.UUID(int=n).version == 4 and uuid.UUID(int=n).variant == uuid.RFC_4122
        for n in (number, int(ours.removeprefix("2.25.")))
    )


def configured(name: str, vector: dict[str, Any]) -> bool:
    settings = vector.get("settings")
    if name == "encrypt":
        settings = {"encryptKey": vector["input"]}
    try:
        METHODS[name].exact(settings, secrets())  # type: ignore[attr-defined]
    except OptionFault:
        return "error" in vector["expect"]
    return bool(vector["expect"].get("valid"))


FUNCTIONS = {
    "cryptoHash": hashed,
    "dateShift": shifted,
    "encrypt": encrypted,
    "perturb": perturbed,
    "redact": redacted,
}


def matches(name: str, vector: dict[str, Any]) -> bool:
    level = vector["level"]
    if level == "processor":
        return processed(name, vector)
    if level == "function":
        return FUNCTIONS[name](vector)
    if level == "config":
        return configured(name, vector)
    return {"offset": offset, "shape": shape, "rule": by_rule}[level](vector)


ALL = [(name, vector) for name in FILES for vector in vectors_of(name)]


@pytest.mark.parametrize(("name", "vector"), ALL, ids=[vector["id"] for _, vector in ALL])
def test_a_vector_is_matched_or_listed_with_a_reason(name: str, vector: dict[str, Any]) -> None:
    matched = matches(name, vector)
    if vector["id"] in UNMATCHED:
        assert not matched, "listed as unmatched, but it matches"
    else:
        assert matched


def test_every_listed_vector_exists() -> None:
    assert set(UNMATCHED) <= {vector["id"] for _, vector in ALL}


def parse_and_format(vector: dict[str, Any]) -> object:
    given = vector["input"]
    match vector["op"]:
        case "parse_DA":
            return {"date": date.fromordinal(parse_date(given)).isoformat()}
        case "parse_DT":
            ordinal, (hour, minute, second, milli), zone = parse_date_time(given)
            day = date.fromordinal(ordinal).isoformat()
            clock = f"{hour:02}:{minute:02}:{second:02}.{milli * 1000:06}"
            return {
                "iso": f"{day}T{clock}{zone[:3]}:{zone[3:]}",
                "hasTimeZone": bool(zone),
            }
        case "format_DA":
            return {"text": format_value(date.fromisoformat(given).toordinal(), "", "DA")}
        case "format_DT":
            assert given.endswith("T00:00:00+00:00")
            zone = "+0000" if vector["hasTimeZone"] else ""
            return {"text": format_value(date.fromisoformat(given[:10]).toordinal(), zone, "DT")}
        case "parse_AS":
            number, unit = parse_age(given)
            return {"value": number, "unit": unit}
        case _:
            return {"text": format_age(*given)}


UTILITY = vectors_of("utility")


@pytest.mark.parametrize("vector", UTILITY, ids=[vector["id"] for vector in UTILITY])
def test_parsing_and_formatting(vector: dict[str, Any]) -> None:
    expect = vector["expect"]
    if "error" in expect:
        assert expect["kind"] == "data_format"
        with pytest.raises(ValueFault):
            parse_and_format(vector)
    else:
        assert parse_and_format(vector) == expect


def matrix() -> dict[str, dict[str, bool]]:
    if not GOLDEN.exists():
        return {}
    text = (GOLDEN / "vr_method_matrix.json").read_text("utf-8")
    return dict(json.loads(text)["matrix"])


SAMPLES = {"AS": b"020Y", "DA": b"20200101", "DT": b"20200101101010", "UI": b"1.2", "SQ": b""}
ROWS = [(vr, name, ok) for vr, row in matrix().items() for name, ok in row.items()]
NUMERIC = {"DS", "IS", "AT"}


@pytest.mark.parametrize(("vr", "name", "supported"), ROWS, ids=[f"{v}-{n}" for v, n, _ in ROWS])
@pytest.mark.parametrize("form", ["exact", "compatible"])
def test_each_method_takes_the_vrs_of_the_matrix(
    vr: str, name: str, supported: bool, form: str
) -> None:
    fragments = vr == "fragments"
    field = join_items([b"", b"ab"]) if fragments else SAMPLES.get(vr, b"12345678")
    given = Attribute(
        0x00091001,
        "OB" if fragments else vr,
        field,
        character_set(()),
        encapsulated=fragments,
    )
    settings = {"replaceWith": "00080018" if vr == "AT" else "12"}
    method = getattr(METHODS[name], form)(settings, secrets())
    try:
        method.decide(given, Context(sop="1.2"))
    except UnsupportedVR:
        assert not supported
    except ValueFault:
        assert supported
        assert name in ("substitute", "encrypt")
    else:
        assert supported
    if not fragments:
        assert (vr in method.vrs) is supported
