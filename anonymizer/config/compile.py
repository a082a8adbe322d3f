"""A configuration in, rules out: the one door between the JSON of people and the engine."""

from __future__ import annotations

import os

from anonymizer.config.configuration import Findings
from anonymizer.config.keys import MASTER_VARIABLE, given_key, master_key, read_keys
from anonymizer.config.places import in_file_order
from anonymizer.config.time_limit import limited
from anonymizer.errors import ConfigurationError
from anonymizer.methods.method import Secrets
from anonymizer.rules.compiled import Compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Any

    from anonymizer.config.configuration import Configuration, Layer
    from anonymizer.methods.method import Method
    from anonymizer.rules.rule import Rule


def compile_configuration(  # noqa: PLR0913  each is a thing the world decides
    configuration: Configuration,
    *,
    key_file: str | None = None,
    environ: Mapping[str, str] | None = None,
    entropy: Callable[[int], bytes] = os.urandom,
    today: date | None = None,
    exact: str | None = None,
    pseudonyms: Mapping[str, str] | None = None,
    key: str | bytes | None = None,
    methods: Mapping[str, type[Method]] | None = None,
) -> Compiled:
    """The rules of a configuration, checked.

    ``key_file`` and the variable ``ANONYMIZER_KEY`` of ``environ`` (default: the process's) give
    the master key where the configuration names none.  ``exact="microsoft"`` gives the reference
    tool's semantics to a configuration of its shape.  ``pseudonyms`` maps original to pseudonym.
    ``key`` is the master key in the place of the configuration's, ``methods`` are a caller's own.
    Raises ConfigurationError with every mistake, in the order of the file.
    """
    compiled, findings = examine(
        configuration,
        key_file=key_file,
        environ=environ,
        entropy=entropy,
        today=today,
        exact=exact,
        pseudonyms=pseudonyms,
        key=key,
        methods=methods,
    )
    if findings.mistakes:
        raise ConfigurationError(findings.mistakes, configuration.source)
    return compiled


def examine(  # noqa: PLR0913  as compile_configuration
    configuration: Configuration,
    *,
    key_file: str | None = None,
    environ: Mapping[str, str] | None = None,
    entropy: Callable[[int], bytes] = os.urandom,
    today: date | None = None,
    exact: str | None = None,
    pseudonyms: Mapping[str, str] | None = None,
    key: str | bytes | None = None,
    methods: Mapping[str, type[Method]] | None = None,
) -> tuple[Compiled, Findings]:
    """What compiles of a configuration, with every mistake and warning in file order."""
    findings = Findings()
    environ = os.environ if environ is None else environ
    parameters = _parameters(configuration, findings)
    if key is None:
        keys = read_keys(parameters, configuration, environ, findings)
        master = keys.pop("key", None) or master_key(key_file, environ, findings)
    else:
        own = {name: source for name, source in parameters.items() if name != "key"}
        keys = read_keys(own, configuration, environ, findings)
        master = given_key(key, findings)
    keys_are_sound = not findings.mistakes
    secrets = Secrets(keys, master, entropy, today or _today, pseudonyms, limited)
    compiled = Compiled(configuration.name, configuration.version, configuration.digest, secrets)
    _read(configuration, parameters, compiled, findings, exact, methods)
    _read_recipients(configuration, compiled, findings)
    _check_schema(configuration, findings)
    if keys_are_sound:
        _warn_of_random_keys(configuration, secrets, findings)
    _find_doubts(configuration, compiled, findings)
    findings.warnings += configuration.doubts
    _put_in_order(configuration, findings)
    compiled.warnings = tuple(findings.warnings)
    return compiled, findings


def _parameters(configuration: Configuration, findings: Findings) -> dict[str, Any]:
    if configuration.dialect == "microsoft":
        return {}  # that tool ignores it, and says nothing of keys elsewhere than in its settings
    for layer in configuration.layers:
        if not isinstance(layer.members.get("parameters", {}), dict):
            findings.mistake(f"{layer.prefix}parameters", "is not an object")
    parameters = configuration.effective.get("parameters", {})
    return parameters if isinstance(parameters, dict) else {}


def _read(
    configuration: Configuration,
    parameters: dict[str, Any],
    compiled: Compiled,
    findings: Findings,
    exact: str | None,
    methods: Mapping[str, type[Method]] | None,
) -> None:
    if configuration.dialect == "microsoft":
        _read_microsoft(configuration, compiled, findings, exact=exact == "microsoft")
        return
    from anonymizer.config.native import NativeReader

    findings.mistakes += [*configuration.unresolved, *configuration.repeated]
    if exact:
        findings.mistake(
            "", f"--exact {exact} is for files of that tool's own shape", "run it without --exact"
        )
    NativeReader(configuration, parameters, compiled.secrets, findings, methods).read(compiled)


def _read_microsoft(
    configuration: Configuration, compiled: Compiled, findings: Findings, *, exact: bool
) -> None:
    from anonymizer.config.microsoft import MicrosoftReader

    findings.warnings += configuration.repeated
    reader = MicrosoftReader(compiled.secrets, findings, exact=exact)
    for layer in configuration.apart:
        if exact:
            findings.mistake(
                "",
                "--exact microsoft does what that tool does, which has no flags for rules",
                "leave --exact out, or write what they say into the file",
            )
        reader.come_before(_typed_rules(layer, compiled.secrets, findings), layer.members)
    reader.read(configuration.effective, compiled)


def _typed_rules(layer: Layer, secrets: Secrets, findings: Findings) -> tuple[Rule, ...]:
    """What was typed beside a file of another shape, in ours."""
    from anonymizer.config.configuration import Configuration
    from anonymizer.config.native import NativeReader

    typed = Configuration(layer.members, layer.source, layer.folder, layers=(layer,))
    compiled = Compiled("", "", "", secrets)
    NativeReader(typed, layer.members.get("parameters", {}), secrets, findings).read(compiled)
    return compiled.rules


def _put_in_order(configuration: Configuration, findings: Findings) -> None:
    """By layer and place; of rules that were typed the place is the flag."""
    if configuration.layers[0].places:
        from anonymizer.config.typed import without_key

        for finding in (*findings.mistakes, *findings.warnings):
            finding.place = without_key(finding.place)
    findings.mistakes = in_file_order(findings.mistakes, configuration.layers)
    findings.warnings = in_file_order(findings.warnings, configuration.layers)


def _today() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()  # the same in all time zones


def _read_recipients(configuration: Configuration, compiled: Compiled, findings: Findings) -> None:
    says = (layer for layer in configuration.layers if "encryptedAttributes" in layer.members)
    layer = next(says, None)
    if layer is None or configuration.dialect != "native":
        return  # so that a run without them does not load the library
    from anonymizer.config.recipients import read_recipients

    compiled.recipients = read_recipients(layer, findings, compiled.secrets.today)


def _check_schema(configuration: Configuration, findings: Findings) -> None:
    """Adds what the published schema says and the compiler did not say of the same place."""
    if configuration.trusted or configuration.dialect != "native":
        return
    from anonymizer.config.schema import schema_mistakes

    said = {mistake.place for mistake in findings.mistakes}
    for layer in configuration.layers:
        for mistake in () if layer.trusted or layer.places else schema_mistakes(layer.members):
            mistake.place = layer.prefix + mistake.place
            if mistake.place not in said:
                findings.mistakes.append(mistake)


def _find_doubts(configuration: Configuration, compiled: Compiled, findings: Findings) -> None:
    """Doubts each layer on its own: that its rules go before those of the next is no doubt."""
    if configuration.trusted:
        return
    from anonymizer.config.cautions import find_cautions
    from anonymizer.config.doubts import find_doubts

    find_cautions(configuration, compiled, findings)
    strict = configuration.dialect == "native"
    for number, layer in enumerate(configuration.layers):
        if not layer.trusted:
            rules = [
                rule
                for rule in compiled.rules
                if rule.layer == number and not configuration.spells_out(rule.number)
            ]
            behind = [rule for rule in compiled.rules if rule.layer > number]
            find_doubts(rules, findings, strict=strict, behind=behind)


def _warn_of_random_keys(
    configuration: Configuration, secrets: Secrets, findings: Findings
) -> None:
    if not secrets.drawn:
        return
    hint = f"name a key in the environment variable {MASTER_VARIABLE} or with --key-file"
    if configuration.dialect == "native":
        hint = f'add "parameters": {{"key": {{"env": "{MASTER_VARIABLE}"}}}}, or {hint}'
    purposes = ", ".join(sorted(secrets.drawn))
    message = f"no key: {purposes} will give other values in the next run"
    findings.warn("parameters.key", message, hint)
