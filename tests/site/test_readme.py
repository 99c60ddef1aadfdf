"""The README says what is: the access matrix, the settings, the make targets, the picture."""

from __future__ import annotations

import re

from app.access import matrix
from app.config import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")


def test_access_matrix_is_the_one_that_the_command_prints() -> None:
    table = README.split("<!-- access matrix: begin -->\n")[1].split("<!-- access matrix: end -->")[0]
    assert table.strip() == matrix.as_markdown().strip()


def test_every_setting_stands_in_the_table() -> None:
    source = (PROJECT_ROOT / "app" / "config.py").read_text(encoding="utf-8")
    names = set(re.findall(r'(?:env\.get\(|_number\(env, )"([A-Z_]+)"', source))
    names |= set(re.findall(r'environ\.get\("([A-Z_]+)"', (PROJECT_ROOT / "app" / "server.py").read_text()))
    table = README.split("## Configuration")[1].split("## ")[0]
    assert {name for name in names if f"`{name}`" not in table} == set()


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", README)) - targets == set()


def test_pictures_and_files_that_it_names_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert [path for path in pictures if not (PROJECT_ROOT / path).is_file()] == []
