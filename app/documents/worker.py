"""The process that renders one PDF: JSON in by stdin, PDF out by stdout. Started by `app.documents.pdf`."""

from __future__ import annotations

import importlib.resources
import json
import sys
from pathlib import Path
from typing import Any

import typst

from app.documents.coverage import Coverage

TEMPLATES = Path(__file__).parent / "typst"
#: The fonts come with PyPI packages (OFL), so that every machine prints the same.
FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """Let the system stop this process when it takes too much (where the system can)."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def render(template: str, data: Any) -> bytes:
    """The PDF of `<template>.typ` with `data` (JSON types). Raises typst.TypstError."""
    folders = [Path(str(importlib.resources.files(package))) for package in FONT_PACKAGES]
    coverage = Coverage(next(folders[0].glob("*.otf")))
    pdf = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=[str(folder) for folder in folders],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(coverage.printable_data(data), ensure_ascii=False)},
        format="pdf",
        pdf_standards=["ua-1"],
    )
    assert isinstance(pdf, bytes)
    return pdf


def main() -> int:
    """Read the request, write the PDF; 1 and the reason on stderr when the template cannot be set."""
    request = json.loads(sys.stdin.buffer.read())
    limit_resources(request["memory_bytes"], request["cpu_seconds"])
    try:
        pdf = render(request["template"], request["data"])
    except typst.TypstError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
