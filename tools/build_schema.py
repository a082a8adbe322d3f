"""Writes schemas/configuration.schema.json; methods and options come from the code.

usage: python tools/build_schema.py [--check]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from anonymizer.config.keys import PURPOSES, SHORTEST  # noqa: E402  after the path
from anonymizer.config.native import ON_ERROR, OTHERWISE, RULE_KEYS  # noqa: E402
from anonymizer.config.profile_keys import (  # noqa: E402
    BURNED_IN,
    CONFORMANCE,
    EDITIONS,
    OPTIONS,
    UNLISTED,
)
from anonymizer.config.recipients import NAME  # noqa: E402
from anonymizer.dicom.enveloped import ALGORITHMS  # noqa: E402
from anonymizer.methods import METHODS  # noqa: E402
from anonymizer.methods.method import Option  # noqa: E402
from anonymizer.rules.forms import SELECTOR_FORMS  # noqa: E402

PATH = ROOT / "schemas" / "configuration.schema.json"


def build() -> dict[str, Any]:
    """The schema as a value."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:anonymizer:schemas:configuration",
        "title": "Configuration of anonymizer",
        "description": "Rules that de-identify DICOM images: which attributes, and what happens "
        "to them. They are tried in order; the first that matches decides.",
        "type": "object",
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": ["rules"]},
        "additionalProperties": False,
        "properties": {
            "$schema": text("Schema", "Where the JSON Schema of this file is; for editors."),
            "version": text("Version", "Your own version of this file; it goes into every report.")
            | {"examples": ["1.0.0"]},
            "name": text("Name", "What this configuration is called in reports and images."),
            "description": text("Description", "What it is for; changes nothing."),
            "extends": extends(),
            "rules": {
                "title": "Rules",
                "description": "Tried in order; the first that matches an attribute decides.",
                "type": "array",
                "items": {"$ref": "#/$defs/rule"},
            },
            "parameters": {"$ref": "#/$defs/parameters"},
            "otherwise": {
                "title": "Otherwise",
                "description": "What happens to attributes that no rule matches. remove: only "
                "what a rule keeps or changes is written.",
                "enum": list(OTHERWISE),
                "default": "keep",
            },
            "onError": on_error(),
            "mark": {
                "title": "Mark",
                "description": "Whether Patient Identity Removed and De-identification Method are "
                "written into the images.",
                "type": "boolean",
                "default": True,
            },
        }
        | of_profile()
        | {NAME: encrypted_attributes()}
        | conditions(),
        "$defs": {"rule": rule(), "parameters": parameters(), "method": method(), "key": key()}
        | {"condition": condition()},
    }


def extends() -> dict[str, Any]:
    name = {"type": "string", "minLength": 1}
    return {
        "title": "Extends",
        "description": "Whose rules come after the own ones: ps3.15, the profile of PS3.15 with "
        "the edition and the options chosen here; the name of a configuration that comes with the "
        "tool; a file, relative to this one; or a list of these.",
        "type": ["string", "array"],
        "minLength": 1,
        "items": name,
        "examples": ["ps3.15", ["site.json", "ps3.15"]],
    }


def of_profile() -> dict[str, Any]:
    """What chooses a profile; the default is the first choice."""
    listed = "; ".join(f"{name}: {meaning}" for name, meaning in OPTIONS.items())
    return {
        "edition": {
            "title": "Edition",
            "description": "Which edition of PS3.15 the profile follows.",
            "enum": list(EDITIONS),
            "default": EDITIONS[0],
        },
        "options": {
            "title": "Options",
            "description": f"The options of PS3.15 Annex E that are used. {listed}.",
            "type": "array",
            "uniqueItems": True,
            "items": {"title": "an option of PS3.15", "enum": list(OPTIONS)},
            "default": [],
        },
        "unlisted": {
            "title": "Unlisted",
            "description": "What the profile does with attributes that its table does not list. "
            "clean: what may hold free text is emptied, the rest stays. remove: that text goes.",
            "enum": list(UNLISTED),
            "default": UNLISTED[0],
        },
        "conformance": {
            "title": "Conformance",
            "description": "What becomes of an attribute that the profile removes and the kind of "
            "image needs. keepValid: it gets a dummy or is emptied. strict: it goes.",
            "enum": list(CONFORMANCE),
            "default": CONFORMANCE[0],
        },
        "burnedIn": {
            "title": "Burned in",
            "description": "What becomes of images that may show text in their pixels. warn: they "
            "are counted and told. refuse: nothing of them is written. The default without the "
            "profile is ignore.",
            "enum": list(BURNED_IN),
            "default": BURNED_IN[0],
        },
        "contributingEquipment": {
            "title": "Contributing equipment",
            "description": "Whether each image gets an item of Contributing Equipment Sequence "
            "that names this tool.",
            "type": "boolean",
            "default": False,
        },
    }


def conditions() -> dict[str, Any]:
    """What a file is asked for."""
    listed = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}}
    return {
        "when": {
            "title": "When",
            "description": "The condition under which the rules of this file, not of those that "
            "it extends, own anything.",
            "$ref": "#/$defs/condition",
        },
        "accept": {
            "title": "Accept",
            "description": "Conditions: an image that none of them fits is not written.",
        }
        | listed,
        "reject": {
            "title": "Reject",
            "description": "Conditions: an image that one of them fits is not written.",
        }
        | listed,
    }


def condition() -> dict[str, Any]:
    return {
        "title": "a condition",
        "description": "Keywords or tags of the main data set, and what each must be: a text, a "
        "regular expression between slashes, a list of these of which one must hold, true for "
        "there, false for not there. All must hold.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "title": "what can be asked",
            "anyOf": [
                {"type": ["string", "boolean"]},
                {"type": "array", "minItems": 1, "items": {"type": "string"}},
            ],
        },
        "examples": [{"Modality": "US", "Manufacturer": "/^GE/"}],
    }


def encrypted_attributes() -> dict[str, Any]:
    path = text("Certificate", "A file, relative to this one: X.509, PEM or DER, an RSA key.")
    return {
        "title": "Encrypted attributes",
        "description": "Keeps the originals of what the rules change in the image itself, "
        "encrypted for the holders of these certificates.",
        "type": "object",
        "required": ["recipients"],
        "additionalProperties": False,
        "properties": {
            "recipients": {
                "title": "Recipients",
                "description": "Certificates of those who may decrypt, each on its own.",
                "type": "array",
                "minItems": 1,
                "items": path | {"minLength": 1},
            },
            "algorithm": {
                "title": "Algorithm",
                "description": "What the content is encrypted with, in CBC mode.",
                "enum": list(ALGORITHMS),
                "default": next(iter(ALGORITHMS)),
            },
        },
    }


def text(title: str, description: str) -> dict[str, Any]:
    return {"title": title, "description": description, "type": "string"}


def on_error() -> dict[str, Any]:
    return {
        "title": "On error",
        "description": "What becomes of a value that the method cannot treat: redact empties it, "
        "remove removes the attribute, refuse writes no output for that file.",
        "enum": list(ON_ERROR),
        "default": "redact",
    }


def rule() -> dict[str, Any]:
    forms = "; ".join(f"{example}: {summary}" for example, summary in SELECTOR_FORMS)
    return {
        "title": "Rule",
        "description": "Which attributes, and what happens to them.",
        "type": "object",
        "required": ["dicomTagPath", "method"],
        "properties": {
            "dicomTagPath": text("Attributes", f"What is selected. {forms}.")
            | {"examples": [example for example, _ in SELECTOR_FORMS]},
            "method": {"$ref": "#/$defs/method"},
            "onError": on_error(),
            "when": {
                "title": "When",
                "description": "The condition under which the rule owns anything: see Conditions.",
                "$ref": "#/$defs/condition",
            },
            "comment": text("Comment", "For people; changes nothing."),
            "why": text("Why", "The reason of the rule; changes nothing."),
        }
        | options(),
        "if": {"properties": {"method": {"enum": list(METHODS)}}, "required": ["method"]},
        "then": {"propertyNames": {"enum": [*RULE_KEYS, *options()]}},
        "dependentSchemas": {
            name: {"properties": {"method": {"not": {"enum": others(owners)}}}}
            for name, owners in owners_of_options().items()
        },
    }


def others(owners: list[str]) -> list[str]:
    """Our methods that an option of these is not for; users' own may have it, too."""
    return [method for method in METHODS if method not in owners]


def owners_of_options() -> dict[str, list[str]]:
    """The methods that have each option."""
    owners: dict[str, list[str]] = {}
    for name, kind in METHODS.items():
        for option in kind.options:
            owners.setdefault(option.name, []).append(name)
    return owners


def options() -> dict[str, Any]:
    """Every option of every method; one name means one thing."""
    known = {option.name: option for kind in METHODS.values() for option in kind.options}
    for kind in METHODS.values():
        for option in kind.options:
            assert option is known[option.name], f"an option {option.name} means two things"
    return {
        name: described(known[name], ", ".join(owners))
        for name, owners in owners_of_options().items()
    }


def described(option: Option, owners: str) -> dict[str, Any]:
    told = option.schema | {
        "title": f"{owners}: {option.name}",
        "description": option.summary + ".",
    }
    return told if option.default is None else told | {"default": option.default}


def method() -> dict[str, Any]:
    listed = "; ".join(f"{name}: {kind.summary}" for name, kind in METHODS.items())
    return {
        "title": "Method",
        "description": f"What happens to the attribute. {listed}. Or a method of your own, "
        "installed as an entry point anonymizer.methods.",
        "anyOf": [{"enum": list(METHODS)}, {"type": "string", "minLength": 1}],
    }


def parameters() -> dict[str, Any]:
    keys = {"key": "The master key: every other key that is not named is derived from it."} | {
        name: f"The key of the method {purpose}." for name, purpose in PURPOSES.items()
    }
    return {
        "title": "Parameters",
        "description": "Keys, and options for every rule that does not set them itself.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"title": name, "description": described, "$ref": "#/$defs/key"}
            for name, described in keys.items()
        }
        | options(),
    }


def key() -> dict[str, Any]:
    return {
        "title": "a key",
        "description": f"{SHORTEST} characters or more: here, in an environment variable, or in "
        "a file that nobody else can read (relative to this one).",
        "anyOf": [
            {"type": "string", "minLength": SHORTEST},
            {
                "type": "object",
                "required": ["env"],
                "additionalProperties": False,
                "properties": {"env": text("Variable", "The environment variable.")},
            },
            {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {"file": text("File", "The key file; mode 600.")},
            },
        ],
    }


def as_text() -> str:
    """The file's content."""
    return json.dumps(build(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PATH.read_text(encoding="utf-8") == as_text() else f"{PATH} is out of date")
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(as_text(), encoding="utf-8")
    print(PATH)
