"""Fails when requirements.lock does not pin what pyproject.toml asks for. Asks no registry."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """0 when every requirement is pinned within its range, with hashes; else says which are not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    lock = (ROOT / "requirements.lock").read_text()
    pinned = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+).*\\\n\s+--hash=", lock, re.MULTILINE)
    }
    problems = []
    for line in wanted:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            problems.append(f"{requirement.name}: not in requirements.lock")
        elif not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"{requirement.name}: locked {version}, wanted {requirement.specifier}")
    for problem in problems:
        sys.stderr.write(problem + "\n")
    if problems:
        sys.stderr.write("run `make lock`\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
