"""``anonymizer reveal``: puts back what was encrypted.

By a private key, the originals in Encrypted Attributes; else, by the rules and the key of a
configuration, the values that the method encrypt has encrypted.
"""

from __future__ import annotations

import os
import sys

from anonymizer.cli.usage import check_images, check_needed_files, output_path, study_folder
from anonymizer.errors import AnonymizerError, UsageError
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from anonymizer.cli.options import RunOptions
    from anonymizer.report import Outcome
    from anonymizer.rules.compiled import Compiled


def reveal(options: RunOptions) -> int:
    """Writes the image with its encrypted values as they were; answers the exit code."""
    from anonymizer.cli.configured import compile_for
    from anonymizer.cli.console import REFUSED, WRONG_USAGE
    from anonymizer.cli.turned import turn_around
    from anonymizer.report import Report
    from anonymizer.worker import Settings, Worker

    try:
        target = _target(options)
        configuration, compiled = compile_for(options, study_folder(options))
        check_needed_files(options, configuration.files)
        reveals = turn_around(compiled)
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    settings = Settings(overwrite=options.overwrite, watch=False)
    outcome = Worker(compiled, settings).do_one(options.input_file, target)
    if not any(reveal.tries for reveal in reveals):
        revealed = Report(compiled).by_method(outcome.counts).get("reveal", 0)
        return _told(outcome, target, revealed)
    opened = sum(reveal.opened for reveal in reveals)
    if opened or outcome.reason:
        return _told(outcome, target, opened)
    _told(outcome, target, 0)
    print("nothing opened: it was encrypted with another key, or not at all", file=sys.stderr)
    return REFUSED


def restore(options: RunOptions, private_key: str, *, certificate: str | None) -> int:
    """Writes the image with the originals that the private key opens; answers the exit code."""
    from anonymizer.cli.console import WRONG_USAGE
    from anonymizer.dicom.restore import RestoreOriginals
    from anonymizer.pipeline import Pipeline
    from anonymizer.worker import Settings, Worker

    try:
        target = _target(options)
        check_needed_files(options, [private_key, certificate or ""])
        last_step = RestoreOriginals(
            read_private_key(private_key), read_certificate(certificate) if certificate else b""
        )
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    worker = Worker(_nothing_else(), Settings(overwrite=options.overwrite, watch=False))
    assert isinstance(worker.pipeline, Pipeline), "what changes nothing has no conditions"
    worker.pipeline.last_step = last_step
    return _told(worker.do_one(options.input_file, target), target, last_step.restored)


def _target(options: RunOptions) -> str:
    """Where the output goes; raises UsageError where there is no input, or it is the output."""
    check_images(options.input_file)
    options.output_file = output_path(options.input_file, options.output_file)
    return options.output_file


def _told(outcome: Outcome, target: str, decrypted: int) -> int:
    from anonymizer.cli.console import REFUSED, WRITTEN
    from anonymizer.cli.summary import counted

    if outcome.reason:
        print(f"refused: {outcome.reason}: {outcome.detail}", file=sys.stderr)
        return REFUSED
    print(f"written: {printable(target)}; {counted(decrypted, 'attribute')} decrypted")
    return WRITTEN


def read_private_key(path: str) -> RSAPrivateKey:
    """The RSA key of a PEM file that nobody else can read; a passphrase is asked for."""
    from anonymizer.config.keys import KeyFault, key_from

    try:
        pem = key_from({"file": path}, "", {})
    except KeyFault as fault:
        raise UsageError(fault.message, fault.hint) from None
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    passphrase = _passphrase() if b"ENCRYPTED" in pem else None
    try:
        private = load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, RSAPrivateKey):
        wrong = ", or its passphrase is another" if passphrase else ""
        raise UsageError(f"{printable(path)}: is not an RSA private key in PEM{wrong}")
    return private


def _passphrase() -> bytes:
    if not sys.stdin.isatty():
        raise UsageError(
            "the private key is locked by a passphrase, and there is no terminal to ask for it",
            "openssl pkey -in KEY -out UNLOCKED gives one without",
        )
    from getpass import getpass

    return getpass("Passphrase of the private key: ").encode()


def read_certificate(path: str) -> bytes:
    """The certificate of a file in DER."""
    from cryptography.hazmat.primitives.serialization import Encoding

    from anonymizer.config.recipients import CertificateFault, certificate_of

    try:
        return certificate_of(path, printable(path)).public_bytes(Encoding.DER)
    except CertificateFault as fault:
        raise UsageError(fault.message, fault.hint) from None


def _nothing_else() -> Compiled:
    """The configuration that changes nothing."""
    from datetime import date

    from anonymizer.methods.method import Secrets
    from anonymizer.rules.compiled import Compiled

    compiled = Compiled("", "", "", Secrets({}, None, os.urandom, date.min))
    compiled.mark = False
    return compiled
