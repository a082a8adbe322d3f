"""Finds the configuration that the flags of a command mean, with what they say of its rules."""

from __future__ import annotations

import os

from anonymizer.config.load import load_configuration, load_profile
from anonymizer.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from anonymizer.cli.options import RunOptions
    from anonymizer.config.configuration import Configuration
    from anonymizer.config.typed import Typed
    from anonymizer.rules.compiled import Compiled

LISTS = ("keep", "replace", "remove")
WORDS = ("keep_tags", "regenerate_uids", "preserve_studies", "remove_private", "keep_private")


def configuration_for(options: RunOptions, input_folder: str | None = None) -> Configuration:
    """The configuration that ``-c`` or ``--profile`` names, else that of the study."""
    typed = typed_in(options)
    if not options.profile:
        return load_configuration(
            options.config, cwd=os.curdir, input_folder=input_folder, typed=typed
        )
    if options.config is not None:
        raise UsageError("-c and --profile name a configuration each", "give one of them")
    return load_profile(options.profile, typed)


def compile_for(
    options: RunOptions, input_folder: str, today: date | None = None
) -> tuple[Configuration, Compiled]:
    """The configuration that the options name, compiled."""
    from anonymizer.config.compile import compile_configuration

    configuration = configuration_for(options, input_folder or None)
    pseudonyms = None
    if options.map:
        from anonymizer.config.maps import read_map

        begins = not os.path.lexists(options.map)
        pseudonyms = {} if begins else read_map(options.map)
    compiled = compile_configuration(
        configuration,
        key_file=options.key_file,
        today=options.shard_run.day if options.shard_run else today,
        exact=options.exact,
        pseudonyms=pseudonyms,
    )
    if options.map and not (pseudonyms or compiled.secrets.sequential):
        read_map(options.map)  # only a map that grows may begin with nothing
    if not (options.place and options.place.is_local):  # whose workers inherit them
        _forget_variables(configuration)
    return configuration, compiled


def _forget_variables(configuration: Configuration) -> None:
    """Takes keys out of the environment, so that no child of this process inherits them."""
    from anonymizer.config.keys import MASTER_VARIABLE

    for name in (MASTER_VARIABLE, *configuration.variables):
        if name and "=" not in name:
            os.environ.pop(name, None)


def typed_in(options: RunOptions) -> Typed | None:
    """The flags that are rules; None without any, as almost always."""
    if options.shift_dates == 0:
        raise UsageError("--shift-dates takes a number of days other than 0")
    if options.keep_tags is not None and not options.keep_tags.strip(", "):
        raise UsageError("--keep-tags takes attributes, separated by commas", "as in A,B")
    said = {name: value for name in (*LISTS, *WORDS) if (value := getattr(options, name))}
    if not said and options.shift_dates is None:
        return None
    from anonymizer.config.typed import Typed

    typed = Typed()
    for name, value in said.items():
        setattr(typed, name, value)
    typed.shift_dates = options.shift_dates or 0
    return typed
