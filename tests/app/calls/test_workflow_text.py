"""The README's diagrams are the ones that the command draws; the text says who and what."""

from __future__ import annotations

import pytest
from flask import Flask

from app.calls.workflow import BOTH, END, STEPS, states_of
from app.calls.workflow_text import as_mermaid, as_text
from app.config import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("program", BOTH)
def test_the_readme_shows_the_diagram_that_the_command_draws(program: str) -> None:
    shown = README.split(f"<!-- workflow {program}: begin -->\n```mermaid\n")[1].split("```")[0]
    assert shown == as_mermaid(program)


@pytest.mark.parametrize("program", BOTH)
def test_every_step_of_the_program_is_an_arrow_or_a_note(program: str) -> None:
    drawn = as_mermaid(program)
    known = states_of(program)
    for step in STEPS:
        for source in step.sources:
            if program not in step.programs or source not in known:
                continue
            if step.kind == END:
                assert f"{source.label}" in drawn.split(f"note left of {step.target.value}: ")[1].split("\n")[0]
            else:
                assert f"{source.value} --> {step.target.value}: {step.label}" in drawn


def test_the_command_prints_both_forms(app: Flask) -> None:
    runner = app.test_cli_runner()
    for program in BOTH:
        mermaid = runner.invoke(args=["calls", "workflow", "--program", program, "--format", "mermaid"])
        assert (mermaid.exit_code, mermaid.output) == (0, as_mermaid(program))
        text = runner.invoke(args=["calls", "workflow", "--program", program])
        assert (text.exit_code, text.output) == (0, as_text(program))
    assert runner.invoke(args=["calls", "workflow", "--program", "other"]).exit_code == 2
