"""Runs Kitware's dicom-anonymizer over a tree, one call a folder: it does not go into folders.

usage: python kitware_folders.py IN OUT
"""

import os
import sys

from dicomanonymizer.anonymizer import anonymize


def main(source: str, target: str) -> None:
    if os.path.isfile(source):
        anonymize(source, target, {}, True)
        return
    for folder, _, names in os.walk(source):
        there = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(there)
        if names:
            anonymize(folder, there, {}, True)


main(*sys.argv[1:])
