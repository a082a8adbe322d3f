"""One-line bugs that the tests must notice; ``mutants.py`` makes them one after another.

A row is a name, what stands once in the file, what takes its place, and the tests to run first.
Most of them leak; the others lose something, or let something pass that is not right.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    name: str
    file: str
    old: str
    new: str
    tests: str


Row = tuple[str, str, str, str]

SCAN, SPLICE = "dicom/test_scan.py", "dicom/test_splice.py"
PROPERTIES = "test_properties.py"
CHOOSER, BACKUP, NAMES = "test_chooser.py", "test_backup.py", "test_names.py"
MARKS = "rules/test_marks.py"
CLAIMS, KEYS, OBJECTS = "config/test_claims.py", "config/test_keys.py", "stores/test_objects.py"

TABLE: dict[str, list[Row]] = {
    "dicom/scan.py": [
        ("a delimiter ends what is no item", "if length or not item_open:", "if length:", SCAN),
        ("an element may run past its item", "if pos != end:", "if pos < end:", SCAN),
        (
            "an item may lack its delimiter",
            'raise ImageError("no-delimiter", "an item has no end", pos)',
            "pass",
            SCAN,
        ),
        (
            "a sequence may run past its item",
            "if value + length > end:",
            "if value + length > self.stop:",
            SCAN,
        ),
        ("an item may run past its sequence", "if end > limit:", "if end > self.stop:", SCAN),
        (
            "what follows zeros is not read",
            "and not stack and not any(source[pos:end]):",
            "and not stack:",
            SCAN,
        ),
        (
            "items inherit the creators around them",
            "                    creators = {}",
            "                    creators = dict(creators)",
            f"{SCAN} test_pipeline.py",
        ),
        (
            "a known sequence may run past its item",
            "and pos + len(clean) <= end",
            "and clean",
            "fuzz/test_targets.py",
        ),
        (
            "a claimed sequence is stepped over",
            "if entry.claim is not None or entry.marked:",
            "if entry.marked:",
            f"{SCAN} {SPLICE}",
        ),
        (
            "nobody looks into UN",
            "(entry.kind == UNKNOWN and not self.tables.interest.peeks):",
            "entry.kind == UNKNOWN:",
            SCAN,
        ),
        (
            "broken items in a value pass for a value",
            'raise ImageError("no-item", "a value begins as items do and is none", value)',
            "return None",
            SCAN,
        ),
        (
            "items that can be read in two ways are read in one",
            'raise ImageError("no-item", "items can be read in two ways", value)',
            "return inner",
            SCAN,
        ),
        ("two creators may claim a block", "if creator == TWO_CREATORS:", "if False:", SCAN),
        (
            "a creator may stand behind its block",
            "if creators.get(~block, creator) != creator:",
            "if False:",
            SCAN,
        ),
        (
            "an item's character set may stand behind its text",
            "if inside and self._has_text():",
            "if False:",
            SCAN,
        ),
        ("a second character set counts", "elif before != charset:", "elif False:", SCAN),
        (
            "nesting has no limit",
            "MOST_LEVELS = 64",
            "MOST_LEVELS = 6400",
            f"{SCAN} test_hostile.py",
        ),
        (
            "fragments may have no length",
            "!= (0xFFFE, 0xE000) or length == UNDEFINED:",
            "!= (0xFFFE, 0xE000):",
            SCAN,
        ),
        ("a fragment may run past the end", "if pos > end:", "if pos < 0:", SCAN),
        (
            "the last of two designators decides",
            'noted[SCHEME] = own if noted.get(SCHEME, own) == own else ""',
            "noted[SCHEME] = own",
            f"dicom/test_coded.py methods/test_keep_registered_codes.py {SCAN}",
        ),
    ],
    "dicom/table.py": [
        (
            "UN hides the syntax around it",
            'if written == "SQ" or not self.encoding.explicit else IMPLICIT_LE',
            "if True else IMPLICIT_LE",
            SCAN,
        ),
        (
            "a character set of any VR is read",
            'return written not in ("", "CS", "UN")',
            "return False",
            f"{SCAN} dicom/test_table.py",
        ),
        (
            "file meta elements may stand in the data set",
            "if self.root and tag >> 16 in ELSEWHERE and (tag or self.encoding.explicit):",
            "if False:",
            SCAN,
        ),
        (
            "the creator of a block is remembered for all",
            "if claim is ASK_CREATOR:",
            "if False:",
            f"{SCAN} dicom/test_table.py",
        ),
    ],
    "dicom/splice.py": [
        (
            "a sequence's length goes the wrong way",
            "self.encoding.long.pack(length + inner))",
            "self.encoding.long.pack(length - inner))",
            SPLICE,
        ),
        (
            "an item's length is not corrected",
            "new = self.encoding.long.pack(length + self.growth)",
            "new = self.encoding.long.pack(length)",
            SPLICE,
        ),
        (
            "a creator goes although its block stays",
            "for index in changed:",
            "for index in STANDS:",
            SPLICE,
        ),
        (
            "a creator that stays after all has no length",
            "self.growth += stop - start - len(new)",
            "self.growth += 0",
            SPLICE,
        ),
        (
            "a group length stays stale",
            "in self.lengths.pop(tag >> 16, ()):",
            "in ():",
            SPLICE,
        ),
        (
            "an item that has to go stays",
            "self.doomed.add(len(self.stack))",
            "self.doomed.clear()",
            f"{SPLICE} methods/test_clean_content.py",
        ),
        (
            "an item that goes leaves its header",
            "self.splices.append((value - 8, stop, REMOVED))",
            "self.splices.append((value, stop, REMOVED))",
            f"{SPLICE} methods/test_clean_content.py",
        ),
        (
            "an element that goes leaves its header",
            "add((start, stop, REMOVED))",
            "add((value, stop, REMOVED))",
            SPLICE,
        ),
        (
            "big endian around UN is taken inside",
            "self.encoding = self.judge.encoding = IMPLICIT_LE",
            "_ = IMPLICIT_LE",
            f"{SPLICE} test_pipeline.py {PROPERTIES}",
        ),
        (
            "a sequence that goes ends with its first inner one",
            "depth += (code == OPEN_SEQUENCE) - (code == CLOSE_SEQUENCE)",
            "depth -= code == CLOSE_SEQUENCE",
            SPLICE,
        ),
        (
            "an allow-list leaves hollow sequences",
            "if emptied or (self.hollow and not held):",
            "if emptied:",
            SPLICE,
        ),
    ],
    "dicom/part10.py": [
        (
            "a file's beginning answers for one cut off",
            "if found and envelope.start + FIRST_HEADER <= stop:",
            "if found:",
            "dicom/test_part10.py",
        ),
        (
            "bytes behind a deflated data set are not looked at",
            "        if any(rest):\n            return False",
            "        if any(rest):\n            return True",
            "dicom/test_part10.py",
        ),
        (
            "a class that is no UID is written to the file meta",
            "if is_uid(uid_text(sop_class)):",
            "if sop_class:",
            "dicom/test_part10.py test_pipeline.py",
        ),
        (
            "bombs inflate",
            "if size > MOST_INFLATED or (",
            "if size < 0 or (size < 0 and ",
            "dicom/test_part10.py",
        ),
    ],
    "dicom/text.py": [
        (
            "escape sequences are read as ASCII",
            'if value.isascii() and b"\\x1b" not in value:',
            "if value.isascii():",
            "dicom/test_text.py",
        ),
        (
            "what a character set lacks becomes ?",
            "return text.encode(self._codec)",
            'return text.encode(self._codec, "replace")',
            "dicom/test_text.py",
        ),
        (
            "any text is a character set",
            "self.defined = all(_spelled(term) in SPELLINGS for term in terms if term)",
            "self.defined = True",
            "dicom/test_text.py rules/test_judge.py",
        ),
    ],
    "pipeline.py": [
        (
            "bytes behind pixels are cut as if under a long header",
            "for form in (encoding.long, encoding.short):",
            "for form in (encoding.long,):",
            "dicom/test_pixels.py",
        ),
        (
            "a private class of the file meta comes through",
            'return raw if is_registered(raw.decode("latin-1")) else b""',
            "return raw",
            "test_pipeline.py",
        ),
        (
            "the instance in the file meta stays",
            'return next((uid for uid in new if uid != raw), raw) if all(new) else b""',
            "return raw",
            "test_pipeline.py",
        ),
        (
            "the envelope names the instance before the rules",
            "instance = value_after(source, found.notes, splices, SOP_INSTANCE_UID)",
            "instance = value_after(source, found.notes, [], SOP_INSTANCE_UID)",
            "test_pipeline.py",
        ),
        (
            "contexts of another character set are taken",
            "key = (charset, *raw)",
            "key = (*raw,)",
            "test_pipeline.py",
        ),
        (
            "an image of which nothing is left is written",
            "if _leaves_nothing(splices, start, found.end):",
            "if False:",
            "test_pipeline.py",
        ),
    ],
    "series.py": [
        (
            "what others depend on may be missing",
            "or noted != self._needed:",
            "or noted < 0:",
            f"test_series.py {PROPERTIES}",
        ),
        (
            "what others depend on may change",
            "if entry.noted and self._is_needed(entry.tag, length):",
            "if False:",
            f"test_series.py {PROPERTIES}",
        ),
        (
            "a private block is parted",
            "return group in gone",
            "return False",
            f"test_series.py {PROPERTIES}",
        ),
        (
            "a run may stand twice for another",
            "if len(set(tally.results)) < len(tally.results):",
            "if False:",
            f"test_series.py {PROPERTIES}",
        ),
        (
            "the first of two subjects is taken for both",
            "or _is_ambiguous(file, self._tables):",
            "or False:",
            f"test_series.py {PROPERTIES}",
        ),
        (
            "what depends on the image is decided for the series",
            "return judge.tally.repeatable()",
            "return True",
            f"test_series.py {PROPERTIES}",
        ),
    ],
    "rules/matchers.py": [
        (
            "UN in the file owns a name",
            "return self.vr not in BINARY_VRS",
            "return True",
            "rules/test_selectors.py",
        ),
        (
            "a name written as LO is no name",
            "return self.vr in known and element.vr not in known",
            "return False",
            "rules/test_selectors.py",
        ),
        (
            "a creator that holds another's name is the other",
            "and element.creator.strip() == self.creator",
            "and self.creator in element.creator",
            "rules/test_selectors.py",
        ),
        (
            "a pattern of private attributes needs the beginning only",
            "return self.pattern.fullmatch(name) is not None",
            "return self.pattern.match(name) is not None",
            "rules/test_selectors.py",
        ),
        (
            "a keyword pattern needs the beginning only",
            "self.pattern.fullmatch(keyword) is not None",
            "self.pattern.match(keyword) is not None",
            "rules/test_selectors.py",
        ),
        (
            "a mask means one tag",
            "return element.tag & self.bits == self.value",
            "return element.tag == self.value",
            "rules/test_selectors.py",
        ),
        (
            "private creators are not private",
            "        return is_private(element.tag)\n",
            "        return is_private(element.tag) and not is_creator(element.tag)\n",
            "rules/test_selectors.py",
        ),
        (
            "nothing is unknown",
            "return not is_private(element.tag) and not representations_of(element.tag)",
            "return False",
            "rules/test_selectors.py",
        ),
    ],
    "rules/places.py": [
        (
            "a path fits when it has begun",
            "return len(self.steps) in reached",
            "return bool(reached)",
            "rules/test_places.py",
        ),
        (
            "any later item fits",
            "if self.item is not None and self.item != item:",
            "if self.item is not None and self.item > item:",
            "rules/test_places.py rules/test_selectors.py",
        ),
    ],
    "rules/selectors.py": [
        (
            "repeating groups own private ones",
            "return Mask(text, bits | EVEN_GROUP, value)",
            "return Mask(text, bits, value)",
            "rules/test_selectors.py",
        ),
    ],
    "rules/plan.py": [
        (
            "the order of rules is lost",
            "for rule in sorted(matching, key=lambda rule: rule.number):",
            "for rule in matching:",
            "rules/test_plan.py",
        ),
        (
            "an allow-list does not reach into items",
            "return not root and self.otherwise is REMOVE",
            "return False",
            "rules/test_plan.py test_pipeline.py",
        ),
        (
            "rules that ask for a creator never hear it",
            "if not creator_known and self._needs_creator(element, rules):",
            "if False:",
            "rules/test_plan.py test_pipeline.py",
        ),
        (
            "otherwise always keeps",
            'REMOVE if otherwise == "remove" else KEEP',
            "KEEP",
            "rules/test_plan.py",
        ),
        (
            "what cannot be treated stays",
            '{"redact": EMPTY, "remove": REMOVE}',
            '{"redact": KEEP, "remove": REMOVE}',
            "rules/test_judge.py",
        ),
        (
            "the character set is a rule's to take",
            "if element.tag == SPECIFIC_CHARACTER_SET or (",
            "if (",
            "rules/test_plan.py",
        ),
    ],
    "rules/judge.py": [
        (
            "a value decided for one subject is so for all",
            "key = (key, *[getattr(self.context, name) for name in case.uses])",
            "key = (key,)",
            "rules/test_judge.py",
        ),
        (
            "a value decided in one character set is so in all",
            "key: object = (raw, self.charset_now)",
            "key: object = (raw,)",
            "rules/test_judge.py",
        ),
        (
            "an item's character set goes on behind it",
            "self.charset_now, self.context = self._charsets.pop()",
            "_, self.context = self._charsets.pop()",
            "rules/test_judge.py test_pipeline.py",
        ),
        (
            "a character set may be any text",
            "if not self.charset_now.defined:",
            "if False:",
            "rules/test_judge.py test_pipeline.py",
        ),
        (
            "a mark keeps what rules take",
            "if entry.claim is not None and entry.tag != PATIENT_IDENTITY_REMOVED:",
            "if False:",
            "rules/test_marks.py rules/test_judge.py test_pipeline.py",
        ),
        (
            "a user's method may raise with a value in its message",
            'raise ValueFault(f"{method.name} failed with {kind}") from None',
            'raise ValueFault(f"{method.name} failed with {error}") from None',
            "rules/test_judge.py",
        ),
    ],
    "methods/date_shift.py": [
        (
            "some dates move by no day",
            "return days if days < 0 else days + 1",
            "return days",
            "methods/test_date_shift.py",
        ),
        (
            "all subjects share one shift",
            "self._keyed.number(whose, 2 * self._range)",
            'self._keyed.number("", 2 * self._range)',
            "methods/test_date_shift.py",
        ),
        (
            "the scope of a shift is always the subject",
            "getattr(context, self._field) or context.subject",
            "context.subject",
            "methods/test_date_shift.py",
        ),
        (
            "an image of nobody is shifted with all such",
            "if not whose:",
            "if False:",
            "methods/test_date_shift.py",
        ),
    ],
    "methods/refresh_uid.py": [
        (
            "UIDs that DICOM registers are replaced",
            ".isdigit() or raw.startswith(WELL_KNOWN_BYTES):",
            ".isdigit():",
            "methods/test_refresh_uid.py",
        ),
        (
            "who writes behind DICOM's root is left alone",
            "return uid[len(WELL_KNOWN) :] in REGISTERED",
            "return True",
            "methods/test_refresh_uid.py",
        ),
        (
            "any text stays where a class is named",
            "if all(not uid or is_uid(uid) for uid in values_of(attribute)):",
            "if attribute:",
            "methods/test_refresh_uid.py",
        ),
    ],
    "methods/redact.py": [
        (
            "ages over 89 are told",
            'return value if years_of(*parse_age(value)) <= OLDEST else ""',
            "return value",
            "methods/test_redact.py",
        ),
        (
            "years of birth of the oldest are told",
            "return years_later(ordinal, OLDEST) <= today",
            "return False",
            "methods/test_redact.py",
        ),
        (
            "dates keep their month",
            'return f"{year}0101"',
            "return value",
            "methods/test_redact.py",
        ),
    ],
    "methods/crypto_hash.py": [
        (
            "the hash needs no key",
            "self._keyed = KeyedHash(key)",
            'self._keyed = KeyedHash(b"")',
            "methods/test_crypto_hash.py",
        ),
        (
            "only the first value is hashed",
            "hashed = [value and self._hashed(value, vr) for value in values]",
            "hashed = [self._hashed(values[0], vr), *values[1:]]",
            "methods/test_crypto_hash.py",
        ),
    ],
    "methods/keyed.py": [
        (
            "long keys are cut to nothing",
            "else new(algorithm, self._key).digest()",
            'else b""',
            "methods/test_keyed.py",
        ),
        (
            "uses of one key are one use",
            "        if self._label:",
            "        if False:",
            "methods/test_keyed.py",
        ),
    ],
    "methods/keep_safe_private.py": [
        (
            "safe names and dates stay",
            "or attribute.vr in NEVER:",
            "or attribute.vr in ():",
            "methods/test_keep_safe_private.py",
        ),
        (
            "every private attribute is safe",
            "return is_safe(group, creator, low) or is_declared(",
            "return True or is_declared(",
            "methods/test_keep_safe_private.py",
        ),
    ],
    "methods/clean_content.py": [
        (
            "a value type written as text stays",
            'is_type = attribute.tag == VALUE_TYPE and attribute.vr == "CS"',
            "is_type = attribute.tag == VALUE_TYPE",
            "methods/test_clean_content.py",
        ),
        (
            "names of unlisted concepts stay",
            'return "D" if kind in ("PNAME", "UIDREF") else "K"',
            'return "D" if kind == "UIDREF" else "K"',
            "methods/test_clean_content.py",
        ),
    ],
    "methods/clean_text.py": [
        (
            "the image's own names stay in texts",
            "found = [*identity.find(whole, flat), *identifiers(",
            "found = [*identifiers(",
            "methods/test_clean_text.py",
        ),
        (
            "what has the form of an identifier stays in texts",
            ", *identifiers(whole, flat, identity.days)]",
            "]",
            "methods/test_clean_text.py",
        ),
        (
            "a short place inside a long one ends it",
            "merged[-1] = merged[-1][0], max(stop, merged[-1][1])",
            "merged[-1] = merged[-1][0], stop",
            "methods/test_clean_text.py",
        ),
    ],
    "methods/keep_registered_codes.py": [
        (
            "codes of any scheme stay",
            "if context.scheme in self.schemes or not",
            "if context.scheme or not",
            "methods/test_keep_registered_codes.py",
        ),
    ],
    "methods/pseudonym.py": [
        (
            "many patients become one",
            "self._keyed.number(value, 32**CHARACTERS)",
            "self._keyed.number(value, 32)",
            "methods/test_pseudonym.py",
        ),
    ],
    "methods/encrypt.py": [
        (
            "equal values are equal encrypted",
            "self._entropy(BLOCK))",
            "bytes(BLOCK))",
            "methods/test_encrypt.py",
        ),
    ],
    "methods/blank.py": [
        (
            "nothing is blanked",
            "return Replace(bytes(len(attribute.value)))",
            "return Replace(attribute.value)",
            "methods/test_blank.py",
        ),
    ],
    "standard/profile.py": [
        (
            "where one option keeps and another cleans, it is kept",
            'method = _cleaning(row, option) if cleaning else "keep"',
            'method = _cleaning(row, option) if len(cleaning) == len(chosen) else "keep"',
            "standard/test_profile.py standard/test_rows.py",
        ),
        ("X keeps", '"X": "remove", "Z"', '"X": "keep", "Z"', "standard/test_rows.py"),
        (
            "private attributes stay",
            'rest = {"dicomTagPath": "private", "method": "remove"',
            'rest = {"dicomTagPath": "private", "method": "keep"',
            "standard/test_rows.py standard/test_profile.py",
        ),
        (
            "of overlays only the bits go",
            '("(60xx,xxxx)", "(60xx,3000)"),',
            '("(60xx,3000)", "(60xx,3000)"),',
            "standard/test_rows.py standard/test_profile.py",
        ),
        (
            "date and time stay where dates are modified",
            '{"DA": "dateShift", "DT": "dateShift", "TM": "keep", "SH": "keep"}',
            '{"DA": "dateShift", "DT": "keep", "TM": "keep", "SH": "keep"}',
            "standard/test_rows.py standard/test_profile.py",
        ),
    ],
    "standard/unlisted.py": [
        (
            "unknown attributes stay",
            '_rule("unknown", "remove", "not in the standard"),',
            '_rule("unknown", "keep", "not in the standard"),',
            "standard/test_profile.py",
        ),
        (
            "unlisted texts and dates stay",
            'goes = "remove" if how == "remove" else "redact"',
            'goes = "keep"',
            "standard/test_profile.py",
        ),
        (
            "unlisted dates and times stay where dates are modified",
            'methods.update({"DA": "dateShift", "DT": "dateShift", "TM": "keep"})',
            'methods.update({"DA": "dateShift", "DT": "keep", "TM": "keep"})',
            "standard/test_profile.py",
        ),
        (
            "typed labels stay",
            'LABELS = "ContentLabel"',
            'LABELS = ""',
            "standard/test_profile.py",
        ),
        (
            "unlisted URLs are cleaned as text",
            'NAMES = ("AE", "PN", "UR")',
            'NAMES = ("AE", "PN")',
            "standard/test_profile.py",
        ),
    ],
    "pool.py": [
        (
            "what a dead worker wrote is nobody's",
            "return chunk.without(held, written)",
            "return chunk.without(held, bytes(len(written)))",
            "test_pool.py",
        ),
        (
            "a file that was written is blamed for a death",
            "return (None if held < 0 or written[held] else held), written",
            "return (None if held < 0 else held), written",
            "test_pool.py",
        ),
        (
            "the other chunks of a dead worker are lost",
            "left = [self._inherited(hand, status), *hand.chunks[1:]]",
            "left = [self._inherited(hand, status)]",
            "test_pool.py",
        ),
        (
            "the file of a dead worker is told of nowhere",
            "self.report.add_unopened(outcome)",
            "pass",
            "test_pool.py",
        ),
        (
            "parts of a dead worker stay",
            "self._sweep(culprit, hand.pid)",
            "_ = hand.pid",
            "test_pool.py test_faults.py",
        ),
    ],
    "files.py": [
        (
            "an input may change while it is read",
            "        image.check_unchanged()\n",
            "",
            "test_files.py",
        ),
        (
            "what is no regular file is read",
            "if not stat.S_ISREG(self._status.st_mode):",
            "if False:",
            "test_files.py",
        ),
        (
            "what is there is written over",
            "os.link(part, path, follow_symlinks=False)",
            "os.replace(part, path), os.link(path, part)",
            "test_files.py",
        ),
        (
            "a file that shrinks is read as it is",
            "if len(source) != self.size:",
            "if False:",
            "test_files.py",
        ),
        (
            "two inputs of one output lose one",
            "if os.lstat(aside).st_mtime_ns >= since and not _are_equal(aside, part):",
            "if False:",
            "test_files.py",
        ),
        (
            "private files are for all",
            'new_part(path[: path.rfind("/") + 1], 0o600)',
            'new_part(path[: path.rfind("/") + 1])',
            "test_quarantine.py",
        ),
        (
            "a file that is not as it was frozen is read",
            "if frozen is not None and frozen != (",
            "if frozen is not None and frozen == (",
            "shards",
        ),
        (
            "parts of other processes are removed",
            'else f"{PART_PREFIX}{pid}{mark}"',
            'else f"{PART_PREFIX}{pid}"',
            "test_files.py",
        ),
    ],
    "ledger/ledger.py": [
        (
            "an input that changed is not done again",
            "or known[:2] != self._state(path):",
            "or False:",
            "test_resume.py",
        ),
        (
            "an output that is gone is not made again",
            "return target is not None and target.st_size == known[3]",
            "return True",
            "test_resume.py",
        ),
        (
            "outputs of others are written over",
            "return target is not None and target.st_mtime_ns >= self._since",
            "return True",
            "test_resume.py",
        ),
        ("another key goes on", "elif kept != mine:", "elif False:", "test_resume.py"),
        (
            "another configuration goes on",
            "if not mix and (others :=",
            "if False and (others :=",
            "test_resume.py",
        ),
        (
            "names of inputs stand in the ledger",
            "return self._hashed(self._input_folder + os.fsencode(path))",
            "return os.fsencode(path)",
            "test_resume.py",
        ),
    ],
    "verify/sweep.py": [
        (
            "what is left counts as kept",
            "kept = places is not None and places.stays(hit.element)",
            "kept = True",
            "verify/test_broken_outputs.py",
        ),
        (
            "dates of the patient are never left",
            "if hit.dated and places is not None and places.moved(hit.element):",
            "if hit.dated:",
            "verify/test_broken_outputs.py",
        ),
        ("texts are not read", "if terms.reads(text):", "if False:", "verify"),
    ],
    "verify/forms.py": [
        (
            "Latin-1 is not searched",
            '("utf-8", 1), ("latin-1", 1), ',
            '("utf-8", 1), ',
            "verify",
        ),
    ],
    "verify/haystack.py": [
        (
            "the preamble is not searched",
            "return BETWEEN.join([image.preamble, *image.meta.values()])",
            "return BETWEEN.join([*image.meta.values()])",
            "verify",
        ),
        (
            "what is packed is not searched",
            "in self._unpacked(value, deep=1, text=element.vr in TEXT_VRS):",
            "in ():",
            "verify",
        ),
        (
            "Base64 is not searched",
            "[*inside, *_decoded(value), *_referred(value)]:",
            "[*inside, *_referred(value)]:",
            "verify",
        ),
    ],
    "verify/untouched.py": [
        (
            "what no rule touches may change",
            'return "" if are_equal(pair, element, output, trims=False) else "changed"',
            'return ""',
            "verify",
        ),
        (
            "pixels may change",
            "same = output is not None and are_equal(pair, element, output, trims=trims)",
            "same = output is not None",
            "verify",
        ),
    ],
    "verify/references.py": [
        (
            "references may lead nowhere",
            "if link[0] in self._defined_before and link[1] not in self._defined_after:",
            "if False:",
            "verify",
        ),
        (
            "one UID may become two",
            'yield from self._conflicts("uid-split", 0)',
            "yield from ()",
            "verify",
        ),
        ("two UIDs may become one", 'yield from self._conflicts("uid-merged", 1)', "", "verify"),
    ],
    "verify/intervals.py": [
        (
            "dates may move apart",
            "elif each.days not in (0, days) and (each.sure or each.tag in tags):",
            "elif False:",
            "verify",
        ),
        (
            "dates may stay",
            "if each.days == 0 and (each.sure or each.tag in tags):",
            "if False:",
            "verify",
        ),
    ],
    "stores/store.py": [
        (
            "a file may change while it goes into a store",
            "    image.check_unchanged()\n",
            "",
            "stores/test_objects.py",
        ),
    ],
    "stores/archive_outputs.py": [
        (
            "a second input of one output has no record",
            "            settle(image, check)\n            return output.size\n",
            "            return output.size\n",
            "stores/test_archives.py",
        ),
    ],
    "shards/manifest.py": [
        (
            "a manifest with a line changed is taken",
            'and last.get("sha256") == digest',
            'and last.get("sha256")',
            "shards",
        ),
        ("a path leads out of the folder", '"/../", ', "", "shards"),
        (
            "a path counts once, however often it is there",
            "% (1 << 128)",
            "% 1",
            "shards",
        ),
    ],
    "shards/merge.py": [
        (
            "other files than those of the manifest are taken for them",
            'if content["seal"] != content["manifest"]["seal"]:',
            "if False:",
            "shards",
        ),
        ("a shard is added up twice", "if number in found:", "if False:", "shards"),
        (
            "shards of several configurations are added up",
            'COMMON = ("shards", "manifest", "configuration", "recipe")',
            'COMMON = ("shards", "manifest")',
            "shards",
        ),
    ],
    "shards/shard.py": [
        (
            "a shard is whole before all its files were found",
            "return self.has_all and ",
            "return ",
            "shards",
        ),
    ],
    "shards/split.py": [
        (
            "folders are cut wherever a shard is full",
            "if begun == before or",
            "if True or",
            "shards",
        ),
    ],
    "cli/shard.py": [
        ("a random key is taken for shards", "if compiled.secrets.drawn:", "if False:", "shards"),
        (
            "sequential pseudonyms are taken for shards",
            "if compiled.secrets.sequential:",
            "if False:",
            "shards",
        ),
    ],
    "verify/verify.py": [
        (
            "names of outputs are not searched",
            "if not self._one and any(map(result.names.holds,",
            "if self._source is None and any(map(result.names.holds,",
            "verify/test_broken_outputs.py",
        ),
        (
            "names of outputs of no input are not searched",
            "            if any(map(result.names.holds,",
            "            if self._one and any(map(result.names.holds,",
            "verify/test_broken_outputs.py",
        ),
    ],
    "chooser.py": [
        ("what is rejected is written", "if condition in holding:", "if False:", CHOOSER),
        (
            "what nothing accepts is written",
            "if holding.isdisjoint(accepted):",
            "if False:",
            CHOOSER,
        ),
        (
            "rules apply whatever their conditions",
            "if holding.issuperset(r.when)",
            "if True",
            CHOOSER,
        ),
        (
            "what held for one byte order holds for the other",
            "key = charset, seen, big_endian",
            "key = charset, seen, False",
            CHOOSER,
        ),
        (
            "pixels that a condition keeps are kept from the engine",
            "if not (rule.when and _keeps(rule.method))",
            "if True",
            CHOOSER,
        ),
    ],
    "rules/conditions.py": [
        (
            "of what stands twice the last counts",
            "values.setdefault(tag, []).extend(",
            "values[tag] = list(",
            CHOOSER,
        ),
        (
            "conditions look into items",
            "if root and element.tag in self._tags",
            "if element.tag in self._tags",
            CHOOSER,
        ),
    ],
    "audit/chain.py": [
        (
            "what closes a run may say anything",
            "if line != line_of(closing_of(str(run), count, status), self.last):",
            "if False:",
            "audit",
        ),
        (
            "a log may lose its end",
            'return "nothing closes its last run: it was killed, or lines at the end are gone"',
            'return ""',
            "audit",
        ),
        ("lines may be taken out of a log", "if link == proof.last:", "if link:", "audit"),
        (
            "a hash that was kept need not be there",
            "if kept and not self.kept_line:",
            "if False:",
            "audit",
        ),
        (
            "runs may go without their end",
            'if self._must_be_closed and record.get("run") != self._run:',
            "if False:",
            "audit",
        ),
    ],
    "audit/spool.py": [
        (
            "an output has a name though its record was cut short",
            "if not whole:",
            "if False:",
            "audit",
        ),
        (
            "names of outputs stand in a log that hides paths",
            "if output and self.hides:",
            "if False:",
            "audit",
        ),
    ],
    "audit/log.py": [
        (
            "a killed run's records tell names",
            "return path if by_uids else WITHHELD",
            "return path",
            "audit",
        ),
        (
            "what was appended is appended again",
            "if number <= there:",
            "if False:",
            "audit",
        ),
        (
            "a log that does not hold is continued",
            "if proof.fault and not (killed and proof.is_unclosed):",
            "if False:",
            "audit",
        ),
        (
            "a last line that is none is taken away",
            "if not (follows and _may_be_of_a_record(torn)):",
            "if not follows:",
            "audit",
        ),
    ],
    "quarantine.py": [
        (
            "anybody may look into a quarantine",
            "os.mkdir(folder, 0o700)",
            "os.mkdir(folder, 0o755)",
            "test_quarantine.py",
        ),
        (
            "anybody may look into its folders",
            "os.mkdir(path, 0o700)",
            "os.mkdir(path, 0o755)",
            "test_quarantine.py",
        ),
        (
            "an output that is held has the rights it had",
            "os.chmod(output, 0o600)",
            "os.stat(output)",
            "cli/test_verified.py",
        ),
        (
            "copies follow links",
            '| getattr(os, "O_NOFOLLOW", 0)\n',
            "| 0\n",
            "test_quarantine.py",
        ),
        (
            "a quarantine goes where others look",
            "status.st_mode & 0o077:",
            "status.st_mode & 0o007:",
            "test_quarantine.py",
        ),
        (
            "a quarantine goes among other files",
            "names <= {LIST, COPIES, HELD}",
            "names",
            "test_quarantine.py",
        ),
        (
            "a copy that could not be made is none that is told",
            "            self.failed += 1\n",
            "",
            "test_quarantine.py",
        ),
    ],
    "backup.py": [
        (
            "a copy of other bytes passes",
            'raise ImageError("backup-failed", "the copy is not what was read")',
            "pass",
            BACKUP,
        ),
        (
            "a file that is there passes for the copy",
            'raise ImageError("backup-failed", "another file has the place of the copy")',
            "pass",
            BACKUP,
        ),
        (
            "copies go where links lead",
            "if os.path.islink(folder) or not os.path.isdir(folder):",
            "if not os.path.isdir(folder):",
            BACKUP,
        ),
        ("copies are made of what changes", "image.check_unchanged()", "pass", BACKUP),
        ("anybody may read copies", "os.fchmod(fd, 0o600)", "os.fchmod(fd, 0o644)", BACKUP),
        (
            "there is an output without a copy",
            "error:\n        raise ImageError",
            "error:\n        if not error: raise ImageError",
            BACKUP,
        ),
    ],
    "worker.py": [
        (
            "messages quote what went wrong",
            'return outcome_of(path, "internal", type(error).__name__)',
            'return outcome_of(path, "internal", str(error))',
            "test_worker.py",
        ),
        (
            "messages quote what the system says",
            'outcome_of(path, "io", ',
            'outcome_of(path, "io", str(error) or ',
            "test_worker.py",
        ),
        (
            "outputs go where links lead",
            "if os.path.realpath(folder) != os.path.realpath(root) + folder[len(root) :]:",
            "if False:",
            "test_worker.py",
        ),
        (
            "any text of an image becomes a path",
            'or not all(c in "0123456789." for c in uid) ',
            "",
            "test_worker.py",
        ),
        (
            "an output of another run is replaced",
            "self._make_folder_of(target)\n        replace = again or settings.overwrite",
            "self._make_folder_of(target)\n        replace = True",
            "test_worker.py",
        ),
        (
            "with an audit log outputs are not checked",
            "check(part)\n            spool.tell",
            "pass\n            spool.tell",
            "test_validation.py",
        ),
        (
            "a verified output is not validated",
            "        if check is not None:\n            check(part)\n        gate(image",
            "        gate(image",
            "test_validation.py",
        ),
    ],
    "names.py": [
        (
            "with too many words names are shown",
            "return bool(self.forgot) or self.is_full or self.holds(name)",
            "return bool(self.forgot) or self.holds(name)",
            NAMES,
        ),
        (
            "names are shown though words are forgotten",
            "return bool(self.forgot) or self.is_full or self.holds(name)",
            "return self.is_full or self.holds(name)",
            NAMES,
        ),
        (
            "words within other letters are shown",
            "return any(map(self._holds_within, re.findall(_RUNS, name)))",
            "return False",
            NAMES,
        ),
        (
            "words without separators are shown",
            "if not name.isascii() and self._holds_ideographs(name, stem):",
            "if False:",
            NAMES,
        ),
        ("names show UIDs", "if self._knows_one(uids):", "if False:", NAMES),
        (
            "with too many UIDs names show them",
            "if self._uids and self.is_full_of_uids:",
            "if False:",
            NAMES,
        ),
        (
            "a word that is taken apart is shown",
            '("".join(parts) in words or self._holds_apart(parts))',
            '"".join(parts) in words',
            NAMES,
        ),
        (
            "what was judged stays judged when more is told",
            "        self._verdicts.clear()\n\n",
            "\n",
            NAMES,
        ),
    ],
    "verify/gate.py": [
        (
            "an output that cannot be read stands the verification",
            'found = [Finding("unreadable", detail=error.reason)]',
            "found = []",
            "cli/test_verified.py",
        ),
        (
            "what was taken is not searched by the gate",
            "terms.take(value)",
            "pass",
            "cli/test_verified.py",
        ),
    ],
    "hold.py": [
        (
            "files of a run that goes on are cleared away",
            "if not _is_dead(path):",
            "if False:",
            "test_hold.py",
        ),
        (
            "files of processes that live are cleared away",
            "else changed < now and not _lives(pid)",
            "else changed < now",
            "test_hold.py",
        ),
        (
            "files of other machines are cleared away at once",
            "changed < now - QUIET if pid < 0",
            "changed < now if pid < 0",
            "test_hold.py",
        ),
    ],
    "rules/marks.py": [
        (
            "a claim about dates is made weaker",
            "stricter = old in CLAIMS and CLAIMS.index(old) >= CLAIMS.index(self.temporal)",
            "stricter = False",
            MARKS,
        ),
        (
            "an image that says NO stays so",
            'return None if old == b"YES" else b"YES"',
            'return None if old else b"YES"',
            MARKS,
        ),
        (
            "what others have done is not told any more",
            'else old + b"\\\\" + self.method',
            "else self.method",
            MARKS,
        ),
    ],
    "stores/urls.py": [
        (
            "a URL may hold a user",
            'if ":" in authority or (at and (store != "abfs" or not account)):',
            'if ":" in authority:',
            "stores/test_urls.py",
        ),
        (
            "a URL may hold a query",
            'if "?" in rest or "\\\\" in rest:',
            'if "\\\\" in rest:',
            "stores/test_urls.py",
        ),
        (
            "inputs may lie among outputs",
            "return self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)",
            "return self.prefix.startswith(other.prefix)",
            "stores/test_urls.py",
        ),
    ],
    "stores/members.py": [
        (
            "what a worker wrote that died is in the archive",
            'elif kind == "not" and members.get(path, (0,))[0] == more[0]:',
            "elif False:",
            "stores/test_archives.py",
        ),
    ],
    "stores/archive.py": [
        (
            "a member may lead out of the folder",
            'or ".." in name.split("/")\n',
            "",
            "stores/test_archives.py",
        ),
        (
            "of two members of a name the second takes the place",
            "if path in self._seen:",
            "if False:",
            "stores/test_archives.py",
        ),
        (
            "an archive that changes is read on",
            "if now.st_size != self.size or now.st_mtime_ns != self._status.st_mtime_ns:",
            "if False:",
            "stores/test_archives.py",
        ),
        (
            "a member may be a bomb",
            'return "bomb" if size > max(FREE_OF_RATIO, MOST_TIMES * stored) else ""',
            'return ""',
            "stores/test_archives.py",
        ),
    ],
    "stores/tar_inputs.py": [
        (
            "damage is the end of an archive",
            "raise _BrokenError from None",
            "raise",
            "stores/test_archives.py",
        ),
    ],
    "distribute/words.py": [
        (
            "words go through the scheduler for who guesses them",
            "self._keyed = blake2b(key=key[:64], digest_size=BYTES)",
            "self._keyed = blake2b(digest_size=BYTES)",
            "distribute/test_words.py",
        ),
    ],
    "distribute/gathered.py": [
        (
            "words go through the scheduler",
            "self.words += self._hasher.told(words)",
            "self.words += words",
            "distribute/test_words.py",
        ),
    ],
    "config/claims.py": [
        (
            "dates that are kept are claimed as removed",
            'return "MODIFIED" if any(',
            'return "MODIFIED" if not any(',
            "config/test_profile_keys.py",
        ),
        (
            "a rule may keep private attributes and the profile is claimed",
            "if not safe and (_tells(rule) or rule.method.name == KEEPS_SAFE):",
            "if False:",
            CLAIMS,
        ),
        (
            "a rule for all private attributes says that they are safe",
            "safe = known_safe and (named or rule.method.name == KEEPS_SAFE)",
            "safe = known_safe",
            CLAIMS,
        ),
        (
            "behind a condition private attributes are left to nobody",
            "and selector.place is None and not rule.when:",
            "and selector.place is None:",
            CHOOSER,
        ),
        (
            "a method of one's own leaves nothing",
            "return rule.method.name in TELLING or rule.method.name not in NAMES",
            "return rule.method.name in TELLING",
            CLAIMS,
        ),
        (
            "a part of an age is nothing",
            'or rule.method.leaves_part_of("AS")',
            "or False",
            CLAIMS,
        ),
    ],
    "report.py": [
        (
            "a path that was to be hidden is told",
            "return self.hide(outcome.path) if self.hide else self.shown_path(outcome.path)",
            "return self.shown_path(outcome.path)",
            "audit cli/test_verified.py",
        ),
        (
            "names are shown that hold a word",
            "return printable(path if self.shows_names else self.names.shown(path))",
            "return printable(path)",
            "test_report.py test_canary.py cli/test_run.py",
        ),
    ],
    "stores/objects.py": [
        (
            "a key may lead out of the folder",
            'any(name in {"", ".", ".."} for name in names)',
            "any(names) and False",
            "stores/test_s3.py",
        ),
        (
            "a large object may be cut short",
            "if self._file.tell() != ",
            "if 0 > ",
            OBJECTS,
        ),
        (
            "an object may be cut short",
            "if len(whole) != size:",
            "if False:",
            OBJECTS,
        ),
        (
            "what is no image is fetched",
            "if not self._force and not may_begin_dicom(first, size):",
            "if False:",
            "stores/test_s3.py",
        ),
        (
            "an output takes the place of what is there",
            "over = ANYTHING if replace and ",
            "over = ANYTHING if True or ",
            OBJECTS,
        ),
        (
            "an output with its name has not stood its check",
            "        self._ready()\n        remote.put",
            "        remote.put",
            OBJECTS,
        ),
    ],
    "stores/remote.py": [
        (
            "messages say what a server said",
            "return code if code and known else type(error).__name__",
            "return str(error)",
            "stores/test_objects.py stores/test_s3.py",
        ),
    ],
    "config/keys.py": [
        (
            "messages show what stands where a variable belongs",
            "return without_keys(name) if re.fullmatch(_VARIABLE, name) else NOT_SHOWN",
            "return name",
            KEYS,
        ),
        (
            "messages show what stands where a path belongs",
            "        return NOT_SHOWN\n    return without_keys(path)",
            "        return path\n    return path",
            KEYS,
        ),
        (
            "a key file that a group can read is taken",
            "status.st_mode & 0o077:",
            "status.st_mode & 0o007:",
            KEYS,
        ),
        (
            "a short key is taken",
            "if length is None else length) < SHORTEST:",
            "if length is None else length) < 1:",
            KEYS,
        ),
    ],
}

MUTANTS = [
    Mutant(name, f"anonymizer/{file}", old, new, tests)
    for file, rows in TABLE.items()
    for name, old, new, tests in rows
]
