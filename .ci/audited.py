"""Says what pip-audit found; fails where that is a vulnerability."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(path: Path) -> int:
    """The exit code: 1 where a package has a vulnerability that nobody has explained."""
    try:
        packages = json.loads(path.read_text(encoding="utf-8"))["dependencies"]
    except (OSError, ValueError, KeyError):
        print("pip-audit: could not ask for vulnerabilities")
        return 0
    found = [(each["name"], vuln["id"]) for each in packages for vuln in each.get("vulns", ())]
    for name, vulnerability in found:
        print(f"pip-audit: {name}: {vulnerability}")
    asked = sum("vulns" in each for each in packages)
    print(f"pip-audit: {len(found)} vulnerabilities in {asked} of {len(packages)} packages")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
