"""The table of steps as people read it: a Mermaid diagram and plain text, for the README and the command line."""

from __future__ import annotations

from app.calls.workflow import (
    BACK,
    END,
    STEPS,
    TAKE_OVER_CODE,
    main_way,
    states_of,
    taken_over_states,
)
from models.proposals import ProposalState

_ARROWS = {BACK: "(戻る)", END: ""}


def as_mermaid(program: str) -> str:
    """A state diagram: one arrow a step, its label and who takes it where that is not the office alone."""
    steps = [step for step in STEPS if program in step.programs]
    known = states_of(program)
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state.label}" as {state.value}' for state in known]
    lines.append("    [*] --> draft")
    for step in steps:
        if step.kind == END:
            continue
        for source in _ordered(step.sources, known):
            lines.append(f"    {source.value} --> {step.target.value}: {step.label}{_ARROWS.get(step.kind, '')}")
    for step in steps:
        if step.kind == END:
            sources = "・".join(state.label for state in _ordered(step.sources, known))
            lines.append(f"    note left of {step.target.value}: {sources}から「{step.label}」")
    ends = [state for state in known if not any(state in step.sources for step in steps)]
    lines += [f"    {state.value} --> [*]" for state in ends]
    return "\n".join(lines) + "\n"


def as_text(program: str) -> str:
    """One paragraph a step: from where to where, who, what must hold, what it asks for."""
    steps = [step for step in STEPS if program in step.programs]
    known = states_of(program)
    lines = ["道のり: " + " → ".join(state.label for state in main_way(program)), ""]
    for step in steps:
        sources = "・".join(state.label for state in _ordered(step.sources, known))
        lines.append(f"{step.label} [{step.code}]: {sources} → {step.target.label}")
        lines.append(f"  行う人: {'、'.join(role.label for role in step.roles)}")
        if step.condition:
            lines.append(f"  条件: {step.condition}")
        if step.asks:
            lines.append(f"  続けて: {step.asks}")
        if step.asks_reason:
            lines.append("  理由を書く")
    taken = "・".join(state.label for state in taken_over_states(program))
    lines.append(f"紙の決定を引き継ぐ [{TAKE_OVER_CODE}]: 下書き → {taken}")
    lines.append("  行う人: 推進担当")
    lines.append("  理由を書く")
    return "\n".join(lines) + "\n"


def _ordered(sources: tuple[ProposalState, ...], known: tuple[ProposalState, ...]) -> list[ProposalState]:
    """A program's own states among the sources (`discontinue` is written once for both programs)."""
    return [state for state in known if state in sources]
