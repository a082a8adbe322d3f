"""Each format as a table: a piece of its file, the rules it becomes, and what is warned about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anonymizer.config.compile import examine
from anonymizer.config.convert import convert
from anonymizer.config.load import configuration_of

Made = tuple[dict[str, Any], list[str]]


def made(data: str, kind: str = "") -> Made:
    effective, warnings = convert(data.encode(), "theirs", kind=kind)
    return effective, [f"{warning.place}: {warning.message}" for warning in warnings]


def told(effective: dict[str, Any]) -> list[str]:
    """A rule in one line: ``PatientID pseudonym prefix=A-``."""
    return [
        " ".join(
            [rule["dicomTagPath"], rule["method"]]
            + [f"{k}={v}" for k, v in rule.items() if k not in {"dicomTagPath", "method", "why"}]
        )
        for rule in effective["rules"]
    ]


def is_sound(effective: dict[str, Any]) -> bool:
    _, findings = examine(configuration_of(effective), environ={})
    return not findings.mistakes


# one entry of the dictionary -> its rules, its warnings
KITWARE: list[tuple[str, object, list[str], list[str]]] = [
    ("(0x0010, 0x0010)", "replace", ["PatientName dummy"], []),
    ("(0x0010, 0x0010)", "empty", ["PatientName redact"], []),
    ("(0x0010, 0x0010)", "delete", ["PatientName remove"], []),
    ("(0x0010, 0x0020)", "keep", ["PatientID keep"], []),
    ("(0x0020, 0x000D)", "replace_UID", ["StudyInstanceUID refreshUID"], []),
    ("(0x0010, 0x0010)", "empty_or_replace", ["PatientName byType code=Z/D"], []),
    ("(0x0010, 0x0010)", "delete_or_empty", ["PatientName byType code=X/Z"], []),
    ("(0x0010, 0x0010)", "delete_or_replace", ["PatientName byType code=X/D"], []),
    ("(0x0010, 0x0010)", "replaceElement", ["PatientName dummy"], []),
    ("(0x0008, 0x0020)", "replace_element_date", ["StudyDate dummy"], []),
    ("(0x0010, 0x0010)", "emptyElement", ["PatientName redact"], []),
    ("(0x0010, 0x0010)", "delete_element", ["PatientName remove"], []),
    ("(0x0008, 0x0018)", "replaceElementUID", ["SOPInstanceUID refreshUID"], []),
    ("(0x0010, 0x0010)", "delete_or_empty_or_replace", ["PatientName byType code=X/Z/D"], []),
    ("(0x0010, 0x0010)", "deleteOrEmptyOrReplace", ["PatientName byType code=X/Z/D"], []),
    (
        "(0x0008, 0x1140)",
        "delete_or_empty_or_replace_UID",
        ["ReferencedImageSequence byType code=X/Z/U*"],
        [],
    ),
    ("(0x0008, 0x0018)", "delete_or_empty_or_replace_UID", ["SOPInstanceUID refreshUID"], []),
    (
        "(0x0010, 0x0010)",
        {"action": "replace_with_value", "value": "new_value"},
        ["PatientName substitute replaceWith=new_value"],
        [],
    ),
    (
        "(0x0008, 0x0020)",
        {"action": "regexp", "find": "0701$", "replace": "0000"},
        ["StudyDate regexReplace find=0701$ replace=0000"],
        [],
    ),
    ("(8, 32)", "keep", ["StudyDate keep"], []),
    ("(0x5000, 0x0000, 0xFF00, 0x0000)", "delete", ["(50xx,xxxx) remove"], []),
    ("(0x6000, 0x3000, 0xFF00, 0xFFFF)", "delete", ["(60xx,3000) remove"], []),
    ("(0x6000, 0x3000)", "delete", ["(6000,3000) remove"], []),
    ("(0x0009, 0x1001)", "keep", ["(0009,1001) keep"], []),
    ("(0x0004, 0x1220)", "replace", ["DirectoryRecordSequence dummy"], []),
    (
        "(0x0002, 0x0002)",
        "replace",
        [],
        ["(0x0002, 0x0002): is not for rules: no rule is made of it"],
    ),
    ("(0x0002, 0x0003)", "replace_UID", [], []),
    (
        "(0x5000, 0x0000, 0xFE00, 0x0000)",
        "delete",
        ["(50xx,xxxx) remove", "(51xx,xxxx) remove"],
        [],
    ),
    (
        "(0x1010, 0x0010, 0x8888, 0xFFFF)",
        "delete",
        ["(xxxx,0010) redact"],
        [
            "(0x1010, 0x0010, 0x8888, 0xFFFF): its mask has too many parts of digits: it is "
            "emptied instead"
        ],
    ),
    (
        "(0x1010, 0x0010, 0x8888, 0xFFFF)",
        "keep",
        [],
        [
            "(0x1010, 0x0010, 0x8888, 0xFFFF): its mask has too many parts of digits: no rule is "
            "made of it"
        ],
    ),
    (
        "(0x0010, 0x0030)",
        "replace_UID",
        ["PatientBirthDate redact"],
        [
            "(0x0010, 0x0030): refreshUID treats no DA, which is what 'PatientBirthDate' selects: "
            "it is emptied instead"
        ],
    ),
    (
        "(0x0010, 0x1010)",
        {"action": "replace_with_value", "value": "too long an age"},
        ["PatientAge redact"],
        ["(0x0010, 0x1010): does not fit AS: longer than 4 characters: it is emptied instead"],
    ),
    (
        "(0x0010, 0x0010)",
        {"action": "regexp", "find": "(", "replace": ""},
        ["PatientName redact"],
        ["(0x0010, 0x0010): not a regular expression"],
    ),
]


@pytest.mark.parametrize(("tag", "action", "rules", "warnings"), KITWARE)
def test_kitware(tag: str, action: object, rules: list[str], warnings: list[str]) -> None:
    effective, found = made(json.dumps({tag: action}))
    assert told(effective) == rules
    assert len(found) == len(warnings)
    assert all(one.startswith(other) for one, other in zip(found, warnings, strict=True))
    assert (effective["extends"], effective["edition"]) == ("ps3.15", "2023e")
    assert is_sound(effective)


def test_kitware_starts_from_the_edition_that_is_asked_for() -> None:
    data = b'{"(0x0010, 0x0020)": "keep"}'
    assert convert(data, "theirs", edition="2024b")[0]["edition"] == "2024b"


# the script of one element -> its rule, its warnings
CTP: list[tuple[str, str, str, list[str]]] = [
    ("00100020", "@keep()", "PatientID keep", []),
    ("00100020", "@remove()", "PatientID remove", []),
    ("00100020", "@empty()", "PatientID redact", []),
    ("00100020", "@blank(5)", "PatientID redact", []),
    ("00100020", "", "PatientID redact", []),
    ("00100010", "Nobody", "PatientName substitute replaceWith=Nobody", []),
    ("00100010", r"a\@b", "PatientName substitute replaceWith=a@b", []),
    ("00120030", "@param(@SITEID)", "ClinicalTrialSiteID substitute replaceWith=99", []),
    ("00120031", "At @param(@SITEID)", "ClinicalTrialSiteName substitute replaceWith=At 99", []),
    (
        "00120031",
        "@param(@NONE)",
        "ClinicalTrialSiteName redact",
        ["names a parameter that the script does not have"],
    ),
    ("00080050", "@hash(this,16)", "AccessionNumber cryptoHash", []),
    ("00100020", "@hash(this)", "PatientID cryptoHash", []),
    (
        "00100020",
        "@hash(PatientID,10)",
        "PatientID cryptoHash",
        ["a hash has as many characters as its VR holds, whatever length is asked for"],
    ),
    (
        "00120040",
        "@hash(PatientID)",
        "ClinicalTrialSubjectID redact",
        ["@hash reads another attribute"],
    ),
    (
        "00080018",
        "@hashuid(@UIDROOT,this)",
        "SOPInstanceUID refreshUID",
        ["new UIDs begin with 2.25., not with a root of one's own"],
    ),
    ("00100020", "@hashptid(@SITEID,this,10)", "PatientID pseudonym", []),
    (
        "00100020",
        "@param(@SHORTNAME)-@hashptid(@SITEID,this,10)",
        "PatientID pseudonym prefix=Project-",
        [],
    ),
    ("00100010", "@hashname(this,6,2)", "PatientName pseudonym", []),
    (
        "00080020",
        "@incrementdate(this,@DATEINC)",
        "StudyDate dateShift dateShiftDays=-1700",
        [],
    ),
    ("00080020", "@incrementdate(StudyDate,31)", "StudyDate dateShift dateShiftDays=31", []),
    (
        "00080020",
        "@incrementdate(this,0)",
        "StudyDate dateShift",
        ["moves dates by 0 days, which leaves them: here the key decides"],
    ),
    (
        "00080020",
        "@incrementdate(this,@SITENAME)",
        "StudyDate redact",
        ["@incrementdate is given no whole number"],
    ),
    ("00080030", "@incrementdate(this,3)", "StudyTime redact", ["a date's function on what is no"]),
    (
        "00080020",
        "@hashdate(this,PatientID)",
        "StudyDate dateShift",
        ["days are by the key and the patient, at most 50"],
    ),
    (
        "00100030",
        "@modifydate(this,*,1,1)",
        "PatientBirthDate redact enablePartialDatesForRedact=True",
        [],
    ),
    ("00101010", "@round(this,10)", "PatientAge redact", ["@round has no equal"]),
    (
        "00080060",
        "@require()",
        "Modality keep",
        ["an attribute that is missing is not made"],
    ),
    (
        "00080070",
        "@always()Nobody",
        "Manufacturer substitute replaceWith=Nobody",
        ["an attribute that is missing is not made"],
    ),
    (
        "00081030",
        "@if(this,isblank){@remove()}{Removed by CTP}",
        "StudyDescription substitute replaceWith=Removed by CTP",
        [],
    ),
    ("00081030", "@if(this,exists){@empty()}{@remove()}", "StudyDescription redact", []),
    (
        "00081030",
        "@if(PatientAge,greaterthan,89){@keep()}{@remove()}",
        "StudyDescription remove",
        ["its @if is not asked: what takes more holds for every image"],
    ),
    (
        "00081030",
        '@if(Modality,greaterthan,"1"){@quarantine()}{@keep()}',
        "StudyDescription keep",
        ["no image is turned away by it"],
    ),
    (
        "00081030",
        "@select(){@keep()}{@remove()}",
        "StudyDescription remove",
        ["@select is not asked: what takes more holds at every depth"],
    ),
    (
        "00081030",
        r'@contents(this,"(\\d+)","#$1")',
        r"StudyDescription regexReplace find=(\d+) replace=#\1",
        [],
    ),
    (
        "00081030",
        '@contents(this,"(")',
        "StudyDescription redact",
        ["a regular expression that Python has not"],
    ),
    (
        "00100010",
        "@truncate(this,3)",
        r"PatientName regexReplace find=(?s)^(.{3}).*$ replace=\1",
        [],
    ),
    ("00100010", "@initials(this)", "PatientName redact", ["@initials has no equal"]),
    ("00100020", "@lookup(this,ptid)", "PatientID redact", ["@lookup has no equal"]),
    ("00081030", "@date()@time()", "StudyDescription redact", ["several functions make one value"]),
    ("0019[ACME]0C", "@keep()", '(0019,"ACME",0C) keep', []),
    ("[0010,0020]", "@keep()", "PatientID keep", []),
]

PARAMETERS = (
    '<p t="DATEINC">-1700</p><p t="UIDROOT">9999</p><p t="SITEID">99</p>'
    '<p t="SHORTNAME">Project</p><p t="SITENAME">Somewhere</p>'
)


@pytest.mark.parametrize(("tag", "script", "rule", "warnings"), CTP)
def test_ctp(tag: str, script: str, rule: str, warnings: list[str]) -> None:
    element = f'<e en="T" t="{tag}" n="Any">{script}</e>'
    effective, found = made(f"<script>\n{PARAMETERS}\n{element}</script>")
    assert told(effective) == [rule]
    assert [line.startswith("line 3: ") for line in found] == [True] * len(warnings)
    assert all(want in line for line, want in zip(found, warnings, strict=True))
    assert is_sound(effective)


# script -> rules with their conditions, what is rejected, what is accepted, warnings
CONDITIONS: list[tuple[str, list[str], list[object], list[object], list[str]]] = [
    (
        '@if(Modality,equals,"CT"){@keep()}{@remove()}',
        ["StudyDescription keep when={'Modality': '/(?i)^CT$/'}", "StudyDescription remove"],
        [],
        [],
        [],
    ),
    (
        '@if([00080060],matches,"C.|MR"){@if(Manufacturer,contains,"A.B"){1}{2}}{@empty()}',
        [
            "StudyDescription substitute replaceWith=1 "
            "when={'Modality': '/^(?:C.|MR)$/', 'Manufacturer': '/(?i)A\\\\.B/'}",
            "StudyDescription substitute replaceWith=2 when={'Modality': '/^(?:C.|MR)$/'}",
            "StudyDescription redact",
        ],
        [],
        [],
        [],
    ),
    (
        "@if(PatientName,isblank){@keep()}{@remove()}",
        ["StudyDescription remove when={'PatientName': '/\\\\S/'}", "StudyDescription keep"],
        [],
        [],
        [],
    ),
    (
        "@if(PatientName,exists){@keep()}{@remove()}",
        ["StudyDescription keep when={'PatientName': True}", "StudyDescription remove"],
        [],
        [],
        [],
    ),
    (
        '@if(this,contains,"Kanari"){@remove()}{@keep()}',
        [
            ".StudyDescription remove when={'StudyDescription': '/(?i)Kanari/'}",
            ".StudyDescription keep",
            "StudyDescription remove",
        ],
        [],
        [],
        [],
    ),
    (
        '@if(this,equals,"42"){@quarantine()}{@keep()}',
        ["StudyDescription keep"],
        [{"StudyDescription": "42"}],
        [],
        [],
    ),
    (
        '@if(Modality,equals,"SR"){@skip()}{@keep()}',
        ["StudyDescription keep"],
        [{"StudyDescription": True, "Modality": "/(?i)^SR$/"}],
        [],
        ["@skip() leaves an image as it is: here it is not written"],
    ),
    (
        "@if(this,isblank){@quarantine()}{@remove()}",
        ["StudyDescription remove"],
        [{"StudyDescription": ""}],
        [],
        [],
    ),
    (
        '@if(Modality,equals,"CT"){@keep()}{@quarantine()}',
        ["StudyDescription keep"],
        [],
        [{"Modality": "/(?i)^CT$/"}, {"StudyDescription": False}],
        [],
    ),
    (
        "@always()@if(this,exists){@keep()}{@quarantine()}",
        ["StudyDescription keep"],
        [{"StudyDescription": False}],
        [],
        ["an attribute that is missing is not made"],
    ),
    (
        '@if(Modality,equals,"CT"){@if(Manufacturer,equals,"X"){@quarantine()}{@keep()}}{@remove()}',
        ["StudyDescription keep when={'Modality': '/(?i)^CT$/'}", "StudyDescription remove"],
        [{"StudyDescription": True, "Modality": "/(?i)^CT$/", "Manufacturer": "/(?i)^X$/"}],
        [],
        [],
    ),
    (
        '@if(Modality,equals,"CT"){@keep()}{@if(Manufacturer,equals,"X"){@quarantine()}{@empty()}}',
        ["StudyDescription keep when={'Modality': '/(?i)^CT$/'}", "StudyDescription redact"],
        [],
        [],
        ["no image is turned away by it"],
    ),
    ("@quarantine()", [], [{"StudyDescription": True}], [], []),
]


@pytest.mark.parametrize(("script", "rules", "rejected", "accepted", "warnings"), CONDITIONS)
def test_conditions_of_ctp(
    script: str,
    rules: list[str],
    rejected: list[object],
    accepted: list[object],
    warnings: list[str],
) -> None:
    effective, found = made(f'<script><e en="T" t="00081030" n="Any">{script}</e></script>')
    assert told(effective) == rules
    assert effective.get("reject", []) == rejected
    assert effective.get("accept", []) == accepted
    assert [line.removeprefix("line 1: ") for line in found] == warnings
    assert is_sound(effective)


def test_only_one_list_of_what_is_accepted_can_be_said() -> None:
    script = '@if({},equals,"CT"){{@keep()}}{{@quarantine()}}'
    elements = [
        f'<e en="T" t="{tag}" n="Any">{script.format(name)}</e>'
        for tag, name in (("00081030", "Modality"), ("0008103E", "Manufacturer"))
    ]
    effective, found = made("<script>\n" + "\n".join(elements) + "</script>")
    assert effective["accept"] == [{"Modality": "/(?i)^CT$/"}, {"StudyDescription": False}]
    assert found == ["line 3: no image is turned away by it"]


# what stands in the script -> rules, what happens to the rest
GLOBAL: list[tuple[str, list[str], str | None]] = [
    ('<r en="T" t="privategroups">Remove</r>', ["private remove"], None),
    ('<r en="T" t="curves"/>', ["(50xx,xxxx) remove"], None),
    ('<r en="T" t="overlays"/>', ["(60xx,xxxx) remove"], None),
    ('<r en="F" t="overlays"/>', [], None),
    ('<e en="F" t="00100010">@remove()</e>', [], None),
    ('<k en="T" t="0018">Keep</k>', ["(0018,xxxx) keep"], None),
    (
        '<k en="T" t="safeprivateelements"/><r en="T" t="privategroups"/>',
        ["private keepSafePrivate"],
        None,
    ),
    (
        '<r en="T" t="unspecifiedelements"/><r t="overlays"/><e t="00080018">@empty()</e>',
        [
            "(60xx,xxxx) remove",
            "SOPInstanceUID redact",
            "SOPClassUID keep",
            "StudyInstanceUID keep",
            "(0028,xxxx) keep",
            "(7FE0,xxxx) keep",
            "(50xx,xxxx) keep",
        ],
        "remove",
    ),
    ('<e t="00120062">YES</e>', [], None),
]


@pytest.mark.parametrize(("script", "rules", "otherwise"), GLOBAL)
def test_global_rules_of_ctp(script: str, rules: list[str], otherwise: str | None) -> None:
    effective, warnings = made(f"<script>{script}</script>")
    assert (told(effective), effective.get("otherwise")) == (rules, otherwise)
    assert warnings == []


EMPTIED = [f"{vr} redact" for vr in "PN LO SH ST LT UT UC AE AS DA DT UR".split()]
INSTEAD = "texts, names and dates that no line names are emptied instead"

# lines of the header -> rules (private: remove comes last), warnings
DEID: list[tuple[str, list[str], list[str]]] = [
    ("REMOVE PatientName", ["PatientName remove"], []),
    ("BLANK PatientName", ["PatientName redact"], []),
    ("KEEP Modality", ["Modality keep"], []),
    ("REPLACE PatientName Mr Nobody # why", ["PatientName substitute replaceWith=Mr Nobody"], []),
    (
        "REPLACE PatientID var:entity_id",
        ["PatientID pseudonym"],
        ["var: is not run or known: pseudonym gives the value"],
    ),
    (
        "REPLACE SOPInstanceUID func:generate_uid",
        ["SOPInstanceUID refreshUID"],
        ["func: is not run or known: refreshUID gives the value"],
    ),
    (
        "ADD StudyDate var:item_timestamp",
        ["StudyDate dateShift"],
        [
            "var: is not run or known: dateShift gives the value",
            "an attribute that is missing is not made",
        ],
    ),
    ("ADD PatientIdentityRemoved Yes", [], []),
    ("JITTER StudyDate 31", ["StudyDate dateShift dateShiftDays=31"], []),
    ("JITTER PatientBirthDate -31", ["PatientBirthDate dateShift dateShiftDays=-31"], []),
    (
        "JITTER StudyDate var:jitter",
        ["StudyDate dateShift"],
        ["days that a variable or a function gives, or none, are by the key and the patient"],
    ),
    ("JITTER endswith:date 31", ["*Date dateShift dateShiftDays=31"], []),
    ("REMOVE startswith:Patient", ["Patient* remove"], []),
    ("REMOVE contains:0019", ["(0019,xxxx) remove"], []),
    ("REMOVE (0010,0010)", ["PatientName remove"], []),
    ("BLANK contains:OperatorsName|Issuer", ["*OperatorsName* redact", "*Issuer* redact"], []),
    (
        "KEEP PatientID\nREMOVE startswith:Patient\nBLANK PatientName\nREMOVE PatientName",
        ["PatientName remove", "PatientID keep", "Patient* remove"],
        ["says something else of what line 6 is about"],
    ),
    (
        "REMOVE ALL func:is_name",
        EMPTIED,
        [f"REMOVE asks for the value of every attribute, which no rule does: {INSTEAD}"],
    ),
    (
        "REPLACE values:thing var:x\nKEEP PatientID",
        ["PatientID keep", *EMPTIED],
        [f"values: finds attributes by what is in them: {INSTEAD}"],
    ),
    (
        "KEEP values:thing",
        [],
        ["values: finds attributes by what is in them: no rule is made of it"],
    ),
    ("BLANK contains:NoSuchWord", EMPTIED, [f"is in no keyword: {INSTEAD}"]),
    (
        "REMOVE PatientName contains:Doe",
        ["PatientName remove"],
        ["REMOVE holds for every value, whatever it asks for"],
    ),
    ("REMOVE OrdValue", [], ["'OrdValue' selects nothing: no rule is made of it"]),
    (
        r"REMOVE contains:^Pat.*\d",
        EMPTIED,
        [f"its regular expression is more than words: {INSTEAD}"],
    ),
]


@pytest.mark.parametrize(("lines", "rules", "warnings"), DEID)
def test_deid(lines: str, rules: list[str], warnings: list[str]) -> None:
    effective, found = made(f"FORMAT dicom\n%header\n{lines}\n")
    assert told(effective) == [*rules, "private remove"]
    assert [line.partition(": ")[2] for line in found] == warnings
    assert is_sound(effective)


def test_deid_removes_all_but_what_it_names() -> None:
    recipe = "FORMAT dicom\n%header\nREMOVE ALL\nKEEP Rows\nJITTER endswith:Date 3\n"
    effective, warnings = made(recipe)
    assert effective["otherwise"] == "remove"
    assert "PixelData keep" in told(effective)
    assert "Rows keep" in told(effective)
    assert not any(line.startswith("*Date") for line in told(effective))
    assert warnings == ["line 5: JITTER for many is lost to REMOVE for all, as in that tool"]


def test_deid_spares_what_an_exception_names() -> None:
    effective, _ = made("FORMAT dicom\n%header\nBLANK except:StudyDate|StudyTime\n")
    rules = told(effective)
    assert rules[-4:] == ["StudyDate keep", "StudyTime keep", "* redact", "private remove"]


def test_lists_of_fields_of_deid_are_expanded() -> None:
    recipe = (
        "FORMAT dicom\n%fields names\nFIELD PatientName\nFIELD endswith:PhysicianName\n"
        "%header\nREMOVE fields:names\n"
    )
    effective, warnings = made(recipe)
    assert told(effective) == ["PatientName remove", "*PhysicianName remove", "private remove"]
    assert warnings == []


# lines of a label -> what is rejected
FILTERS: list[tuple[str, list[object]]] = [
    ("contains Modality CT", [{"Modality": "/(?i)CT/"}]),
    ("contains Manufacturer GE|Siemens", [{"Manufacturer": "/(?i)GE|Siemens/"}]),
    ("equals Rows 512", [{"Rows": "512"}]),
    (
        "notequals OperatorsName a.b",
        [{"OperatorsName": r"/(?is)^(?!.*(?:^a\.b$))/"}, {"OperatorsName": False}],
    ),
    (
        "notcontains Manufacturer GE",
        [{"Manufacturer": "/(?is)^(?!.*(?:GE))/"}, {"Manufacturer": False}],
    ),
    ("missing PatientID", [{"PatientID": False}]),
    ("present (0018,1030)", [{"ProtocolName": True}]),
    ("empty ImageType", [{"ImageType": ""}]),
    (
        "contains Modality CT\n  + contains Manufacturer GE\n  + equals Rows 512",
        [{"Modality": "/(?i)CT/", "Manufacturer": "/(?i)GE/", "Rows": "512"}],
    ),
    (
        "contains Modality CT + contains Manufacturer GE || present ProtocolName",
        [{"Modality": "/(?i)CT/", "Manufacturer": "/(?i)GE/"}, {"ProtocolName": True}],
    ),
    (
        "contains ImageType SAVE\nempty ImageType",
        [{"ImageType": "/(?i)SAVE/"}, {"ImageType": ""}],
    ),
    (
        "notcontains Manufacturer GE\n  + contains Modality CT",
        [
            {"Manufacturer": "/(?is)^(?!.*(?:GE))/", "Modality": "/(?i)CT/"},
            {"Manufacturer": False, "Modality": "/(?i)CT/"},
        ],
    ),
]


@pytest.mark.parametrize(("lines", "rejected"), FILTERS)
def test_what_a_filter_of_deid_flags_is_rejected(lines: str, rejected: list[object]) -> None:
    recipe = f"FORMAT dicom\n%filter blacklist\nLABEL One\n{lines}\n%header\nKEEP Rows\n"
    effective, warnings = made(recipe)
    assert effective["reject"] == rejected
    assert warnings == []
    assert told(effective) == ["Rows keep", "private remove"]
    assert is_sound(effective)


# what stands in a filter -> the warning, whether something is rejected
TOLD: list[tuple[str, str, bool]] = [
    (
        "graylist\nLABEL One\ncontains Modality CT\n  coordinates 0,0,512,80",
        "line 3: draws over the pixels of what it flags: here these images are not written",
        True,
    ),
    (
        "graylist\nLABEL One\n  coordinates 0,0,512,80",
        "line 3: draws over the pixels of every image, which is not converted",
        False,
    ),
    (
        "whitelist\nLABEL One\ncontains Modality CT",
        "line 3: what a whitelist flags is let through, as without it",
        False,
    ),
    (
        "blacklist\nLABEL One\nresembles Modality CT",
        "line 4: asks what no condition does: no image is turned away by it",
        False,
    ),
    (
        "blacklist\nLABEL One\ncontains PixelData CT",
        "line 4: asks what no condition does: no image is turned away by it",
        False,
    ),
    (
        "blacklist\nLABEL One\ncontains Modality (CT",
        "line 4: asks what no condition does: no image is turned away by it",
        False,
    ),
    (
        "blacklist\nLABEL One\ncontains Modality CT\n+ notcontains Modality MR",
        "line 5: asks twice of one attribute: the first is asked, which flags more",
        True,
    ),
]


@pytest.mark.parametrize(("lines", "warning", "rejects"), TOLD)
def test_what_a_filter_of_deid_loses_is_told(lines: str, warning: str, rejects: bool) -> None:
    effective, warnings = made(f"FORMAT dicom\n%filter {lines}\n%header\nKEEP Rows\n")
    assert warnings == [warning]
    assert ("reject" in effective) == rejects
    assert is_sound(effective)


DCMANON: list[tuple[str, object, list[str], list[str]]] = [
    ("00080050", {"action": "hash"}, ["AccessionNumber cryptoHash"], []),
    (
        "00080050",
        {"action": "hash", "length": 10, "comment": "AccessionNumber"},
        ["AccessionNumber cryptoHash"],
        ["a hash has as many characters as its VR holds, whatever length asks for"],
    ),
    (
        "(0010,0010)",
        {"action": "replace", "value": "Anonymous^Patient"},
        ["PatientName substitute replaceWith=Anonymous^Patient"],
        [],
    ),
    ("00100030", {"action": "empty"}, ["PatientBirthDate redact"], []),
    ("00100030", {"action": "hashdate"}, ["PatientBirthDate dateShift"], []),
    (
        "00080030",
        {"action": "hashdate"},
        ["StudyTime redact"],
        ["a time of day cannot be moved by days: it is emptied instead"],
    ),
    ("0020000D", {"action": "hashuid"}, ["StudyInstanceUID refreshUID"], []),
    ("00081030", {"action": "remove"}, ["StudyDescription remove"], []),
    ("00100040", {"action": "keep"}, ["PatientSex keep"], []),
    ("00100040", {"action": "none"}, ["PatientSex keep"], []),
    ("00331010", {"action": "keep"}, ["(0033,1010) keep"], []),
    ("00331010", {"action": "none"}, [], []),
]


@pytest.mark.parametrize(("tag", "action", "rules", "warnings"), DCMANON)
@pytest.mark.parametrize("whole", [True, False])
def test_dcmanon(
    tag: str, action: object, rules: list[str], warnings: list[str], whole: bool
) -> None:
    actions = {tag: action}
    data = {"remove_private_tags": True, "tag_actions": actions} if whole else actions
    effective, found = made(json.dumps(data))
    assert told(effective) == [*rules, *(["private remove"] if whole else [])]
    assert [line.partition(": ")[2] for line in found] == warnings
    assert effective["extends"] == "ps3.15"
    assert is_sound(effective)


def test_groups_and_roots_of_dcmanon() -> None:
    data = (
        '{"uid_root": "1.2.3", "remove_curves": true, "remove_overlays": true, "tag_actions": {}}'
    )
    effective, warnings = made(data)
    assert told(effective) == ["(50xx,xxxx) remove", "(60xx,xxxx) remove"]
    assert warnings == ["uid_root: new UIDs begin with 2.25., not with a root of one's own"]


def test_what_dcmanon_leaves_alone_and_the_profile_does_not_is_told() -> None:
    effective, warnings = made('{"remove_overlays": false, "tag_actions": {}}')
    assert told(effective) == []
    message = "does not spare them: the profile decides about them all the same"
    assert warnings == [f"remove_overlays: {message}"]


ORTHANC: list[tuple[dict[str, Any], list[str], list[str]]] = [
    (
        {"Replace": {"PatientName": "Hello", "0010-1001": "World"}},
        [
            "PatientName substitute replaceWith=Hello",
            "OtherPatientNames substitute replaceWith=World",
        ],
        ["Replace.0010-1001: an attribute that is missing is not made"],
    ),
    ({"Keep": ["StudyDescription"], "Force": True}, [".StudyDescription keep"], []),
    ({"Remove": ["0010,0020"]}, ["PatientID remove"], []),
    (
        {"Keep": ["ReferencedImageSequence[*].ReferencedSOPInstanceUID"]},
        ["ReferencedImageSequence[*].ReferencedSOPInstanceUID keep"],
        [],
    ),
    ({"KeepPrivateTags": True}, ["private keep"], []),
    ({"KeepPrivateTags": None, "DicomVersion": "2023b"}, [], []),
    (
        {"DicomVersion": "2017c"},
        [],
        ["DicomVersion: the table of 2017c is not here: that of 2023e is used"],
    ),
    (
        {"Replace": {"OtherPatientIDsSequence": [{"PatientID": "1"}]}},
        ["OtherPatientIDsSequence redact"],
        [
            "Replace.OtherPatientIDsSequence: a sequence cannot be written anew: "
            "it is emptied instead"
        ],
    ),
    ({"Keep": [], "Unheard": 1}, [], ["Unheard: is not a key of that tool: it is not read"]),
]


@pytest.mark.parametrize(("body", "rules", "warnings"), ORTHANC)
def test_orthanc(body: dict[str, Any], rules: list[str], warnings: list[str]) -> None:
    effective, found = made(json.dumps(body))
    assert (told(effective), found) == (rules, warnings)
    assert (effective["extends"], effective["edition"]) == ("ps3.15", "2023e")
    assert is_sound(effective)


SECRET = "1234567890abcdef1234567890ABCDEF"
MICROSOFT: list[tuple[dict[str, Any], dict[str, Any], str, list[str]]] = [
    ({"tag": "(0010,0010)", "method": "remove"}, {}, "PatientName remove", []),
    (
        {"tag": "(0010,1010)", "method": "perturb"},
        {"perturb": {"span": "1", "roundTo": 2}},
        "PatientAge perturb span=1.0 rangeType=Proportional roundTo=2",
        [],
    ),
    (
        {"tag": "(0040,xxxx)", "method": "redact"},
        {"redact": {"enablePartialAgesForRedact": True}},
        "(0040,xxxx) redact enablePartialAgesForRedact=True",
        [],
    ),
    (
        {"tag": "PatientID", "method": "cryptohash"},
        {"cryptoHash": {"cryptoHashKey": SECRET}},
        "PatientID cryptoHash cryptoHashType=Sha256",
        ["cryptoHashKey is not copied, so that it stays in one file: values will differ"],
    ),
    (
        {"tag": "DA", "method": "dateshift"},
        {"dateShift": {"dateShiftScope": "SeriesInstance", "dateShiftRange": "40"}},
        "DA dateShift dateShiftScope=SeriesInstance dateShiftRange=40",
        [],
    ),
    (
        {"tag": "DA", "method": "dateshift", "params": {"dateShiftRange": 0}},
        {"dateShift": {}},
        "DA dateShift dateShiftScope=SopInstance",
        ["moves dates by 0 days, which leaves them: here the key decides"],
    ),
    (
        {"tag": "PatientName", "method": "substitute", "setting": "mine"},
        {},
        "PatientName substitute replaceWith=Nobody",
        [],
    ),
    ({"tag": "(0009,1001:ACME)", "method": "keep"}, {}, '(0009,"ACME",01) keep', []),
    ({"tag": "UI", "method": "refreshUID"}, {}, "UI refreshUID", []),
]


@pytest.mark.parametrize(("rule", "default", "wanted", "warnings"), MICROSOFT)
def test_microsoft(
    rule: dict[str, Any], default: dict[str, Any], wanted: str, warnings: list[str]
) -> None:
    custom = {"mine": {"replaceWith": "Nobody"}}
    data = {"rules": [rule], "defaultSettings": default, "customSettings": custom}
    effective, found = made(json.dumps(data))
    assert told(effective) == [wanted]
    assert [line.partition(": ")[2] for line in found] == warnings
    assert SECRET not in json.dumps(effective)
    assert is_sound(effective)


def test_what_keeps_does_not_hold_against_what_takes_the_same_attribute() -> None:
    effective, warnings = made('{"(0x10, 0x20)": "keep", "(0x0010, 0x0020)": "delete"}', "kitware")
    assert told(effective) == ["PatientID remove"]
    assert warnings == [
        "(0x0010, 0x0020): says something else of what (0x10, 0x20) is about",
    ]


def test_dcmanon_names_the_keys_that_are_not_read_but_none_that_may_be_secret() -> None:
    secret = "9f" * 20
    said = {"action": "remove", "colour": 1, secret: 2}
    _, (warning,) = made(json.dumps({"tag_actions": {"00100010": said}}))
    assert warning.endswith(': unknown keys are not read: "~not shown~", "colour"')
    assert secret not in warning


def test_a_private_block_of_ctp_without_an_element_is_treated_as_a_whole() -> None:
    script = '<script><e en="T" t="0019[ACME]" n="x">@remove()</e></script>'
    effective, warnings = made(script, "ctp")
    assert told(effective)[0] == '(0019,"ACME",xx) remove'
    assert warnings == []
