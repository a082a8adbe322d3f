"""Runs dcmanon, a library, over a file or a folder: `python dcmanon_files.py IN OUT`."""

import os
import sys

from dcmanon import Anonymizer


def main(source: str, target: str) -> None:
    anonymizer = Anonymizer()
    if os.path.isfile(source):
        write(anonymizer.anonymize(source), target)
        return
    for folder, _, names in os.walk(source):
        there = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(there)
        for name in names:
            write(anonymizer.anonymize(os.path.join(folder, name)), os.path.join(there, name))


def write(content: bytes, path: str) -> None:
    with open(path, "wb") as file:
        file.write(content)


main(*sys.argv[1:])
