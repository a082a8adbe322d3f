"""``anonymizer reveal``: decrypts, by the same rules, what the method encrypt has encrypted."""

from __future__ import annotations

import sys

from anonymizer.cli.options import RunOptions
from anonymizer.cli.usage import check_needed_files, check_there, output_path, study_folder
from anonymizer.errors import AnonymizerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled


def reveal(
    image: str, output: str, config: str | None, *, key_file: str | None, overwrite: bool
) -> int:
    """Writes the image with its encrypted values as they were; answers the exit code."""
    from anonymizer.cli.run import REFUSED, WRITTEN, WRONG_USAGE, compile_for
    from anonymizer.cli.summary import counted
    from anonymizer.report import Report, printable
    from anonymizer.worker import Settings, Worker

    options = RunOptions()
    options.config, options.key_file = config, key_file
    options.input_file = image
    try:
        check_there(image)
        target = output_path(image, output)
        configuration, compiled = compile_for(options, study_folder(options))
        options.output_file = target
        check_needed_files(options, configuration.files)
        turn_around(compiled)
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    settings = Settings(overwrite=overwrite, watch=False)
    outcome = Worker(compiled, settings).do_one(image, target)
    if outcome.reason:
        print(f"refused: {outcome.reason}: {outcome.detail}", file=sys.stderr)
        return REFUSED
    decrypted = Report(compiled).by_method(outcome.counts).get("reveal", 0)
    print(f"written: {printable(target)}; {counted(decrypted, 'attribute')} decrypted")
    return WRITTEN


def turn_around(compiled: Compiled) -> None:
    """Makes every rule that encrypts decrypt, and every other keep, in the same order."""
    from anonymizer.errors import UsageError
    from anonymizer.methods.encrypt import Encrypt, Reveal
    from anonymizer.methods.keep import KeepIt
    from anonymizer.rules.rule import Rule

    if not any(isinstance(rule.method, Encrypt) for rule in compiled.rules):
        raise UsageError("the configuration has no rule that encrypts")
    reveals = Reveal(compiled.secrets.key("encrypt"))
    if "encrypt" in compiled.secrets.drawn:
        raise UsageError(
            "no key to decrypt with", "name the key of the run that encrypted, as that run did"
        )
    compiled.rules = tuple(
        Rule(rule.number, rule.selector, reveals, "refuse", rule.place)
        if isinstance(rule.method, Encrypt)
        else Rule(rule.number, rule.selector, KeepIt(), "refuse", rule.place)
        for rule in compiled.rules
    )
    compiled.otherwise = "keep"
    compiled.mark = False
