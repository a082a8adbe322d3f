"""The flags that are rules, for every command that runs, checks or explains a configuration."""

from __future__ import annotations

import inspect
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anonymizer.cli.options import RunOptions

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_DAYS = 36500


class Profile(StrEnum):
    """The ready-made configurations that have a flag of their own."""

    basic = "basic"
    clinical_trial = "clinical-trial"
    research = "research"
    custom = "custom"


def _option(flag: str, text: str, metavar: str | None = None, most: int | None = None) -> Any:  # noqa: ANN401  typer's
    least = None if most is None else -most
    return typer.Option(flag, metavar=metavar, help=text, show_default=False, min=least, max=most)


FLAGS: dict[str, tuple[Any, object]] = {
    "profile": (
        Annotated[
            Profile | None,
            _option("--profile", "A ready-made configuration instead of -c; custom: flags alone."),
        ],
        None,
    ),
    "keep": (
        Annotated[list[str], _option("--keep", "Leave these as they are; repeatable.", "TAG")],
        [],
    ),
    "keep_tags": (
        Annotated[str | None, _option("--keep-tags", "As --keep for each of a list.", "TAG,TAG")],
        None,
    ),
    "replace": (
        Annotated[
            list[str], _option("--replace", "Give these this value; repeatable.", "TAG=VALUE")
        ],
        [],
    ),
    "remove": (
        Annotated[list[str], _option("--remove", "Remove these; repeatable.", "TAG")],
        [],
    ),
    "remove_private": (
        Annotated[bool, _option("--remove-private", "Remove all private attributes.")],
        False,
    ),
    "keep_private": (
        Annotated[bool, _option("--keep-private", "Leave all private attributes as they are.")],
        False,
    ),
    "shift_dates": (
        Annotated[
            int | None,
            _option(
                "--shift-dates",
                "Move dates by these days, the same for everybody.",
                "DAYS",
                MOST_DAYS,
            ),
        ],
        None,
    ),
    "regenerate_uids": (
        Annotated[bool, _option("--regenerate-uids", "Give new UIDs; references follow.")],
        False,
    ),
    "preserve_studies": (
        Annotated[
            bool,
            _option(
                "--preserve-studies",
                "Give studies and series new UIDs by which they stay together.",
            ),
        ],
        False,
    ),
}
"""By the name of the option: what typer is told, and the default."""


def takes_rules(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command these flags; it gets their values as one argument ``rules``."""
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name != "rules"]
    flags = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in FLAGS.items()
    ]

    @wraps(command)
    def with_rules(**given: object) -> None:
        rules = {name: given.pop(name) for name in FLAGS}
        if isinstance(profile := rules["profile"], Profile):
            rules["profile"] = profile.value
        command(**given, rules=rules)

    parameters = [*own, *flags]
    vars(with_rules)["__signature__"] = signature.replace(parameters=parameters)
    with_rules.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_rules


def takes_flags_of(
    run: Callable[..., None], *without: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the flags of a run but some; it gets them as one argument ``options``."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        own = [flag for name, flag in signature.parameters.items() if name != "options"]
        mine = {flag.name for flag in own}
        theirs = [
            flag.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for name, flag in inspect.signature(run).parameters.items()
            if name not in mine and name not in without
        ]

        @wraps(command)
        def with_options(**given: object) -> None:
            options = RunOptions()
            for flag in theirs:
                value = given.pop(flag.name)
                said = value.value if isinstance(value, StrEnum) else value
                if said is not None:
                    setattr(options, flag.name, said)
            command(**given, options=options)

        parameters = [*own, *theirs]
        vars(with_options)["__signature__"] = signature.replace(parameters=parameters)
        with_options.__annotations__ = {p.name: p.annotation for p in parameters}
        return with_options

    return decorate
