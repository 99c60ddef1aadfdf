"""The six steps of a collaboration (実践編1) and what is missing in each: pure, drawn on the project's page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from app.registry import rules
from app.registry.rules import Finding
from models.registry import Project, ProjectStatus

DONE, MISSING, CURRENT, WAITING = "done", "missing", "current", "waiting"
#: Of the published lists of earlier years nothing more was written down: neither done nor asked for.
UNRECORDED = "unrecorded"


@dataclasses.dataclass(frozen=True)
class Step:
    """One step: its name, done | missing | unrecorded | current | waiting, and what is missing."""

    name: str
    state: str
    missing: tuple[Finding, ...]


def _texts(project: Project, *wanted: tuple[str, str, str]) -> list[Finding]:
    return [Finding(field, sentence, clause) for field, sentence, clause in wanted if not getattr(project, field)]


def _feasibility(project: Project) -> list[Finding]:
    found = _texts(
        project,
        (
            "alone_or_together",
            "単独で行う場合と協働する場合を、質・量・費用対効果・効率性で比べてください。",
            "実践編1(1)",
        ),
        ("strengths", "市と団体それぞれの強みを書いてください。", "実践編1(1)"),
        ("why_collaborate", "協働する理由を書いてください。", "実践編1(1)"),
        ("category", "協働に適した事業の分類を選んでください。", "基礎編(7)"),
    )
    if project.status is ProjectStatus.NOT_PURSUED:
        found += _texts(project, ("not_pursued_reason", "見送りの理由を書いてください。", "実践編1(1)"))
    return found


def _form(project: Project) -> list[Finding]:
    if not project.partners:
        return [Finding("partners", "協働の形態を選んでください。", "実践編1(2)")]
    return rules.form_findings(project)


def _partner(project: Project) -> list[Finding]:
    found = [] if project.partners else [Finding("partners", "協働相手を入力してください。", "実践編1(3)")]
    if any(not (line.organization_id or line.is_generic or line.is_person) for line in project.partners):
        found.append(Finding("partners", "協働相手を団体のデータに結び付けてください。", "実践編1(3)"))
    wanted = {"why_this_partner", "selection_method", "effects"}
    return found + [finding for finding in rules.planning_findings(project) if finding.field in wanted]


def _brush_up(project: Project) -> list[Finding]:
    others = {"why_this_partner", "selection_method", "effects"}
    found = [finding for finding in rules.planning_findings(project) if finding.field not in others]
    known = {finding.field for finding in found}
    found += [finding for finding in rules.commission_findings(project) if finding.field not in known]
    return found + _texts(project, ("principles", "よりどころとする協働の原則を選んでください。", "基礎編(5)"))


def _operation(project: Project) -> list[Finding]:
    return _texts(
        project,
        ("starts_on", "開始日を入力してください。", "実践編1(5)"),
        ("ends_on", "終了日を入力してください。", "実践編1(5)"),
    )


def _review(project: Project) -> list[Finding]:
    found = _texts(project, ("review_note", "振り返りと評価を書いてください。", "実践編1(6)"))
    if not project.is_published:
        found.append(Finding("is_published", "一覧に載せて公表してください。", "自治基本条例29条"))
    return found


_STEPS: tuple[tuple[str, Callable[[Project], list[Finding]]], ...] = (
    ("可能性検討", _feasibility),
    ("形態選択", _form),
    ("パートナー選択", _partner),
    ("ブラッシュアップ", _brush_up),
    ("実施", _operation),
    ("振り返り・評価", _review),
)
#: Place of 実施 in the steps.
OPERATION = 4


def current_step(project: Project) -> int:
    """The place (0-5) of the step that the project is at, by its status and what is written."""
    if project.status is ProjectStatus.NOT_PURSUED:
        return 0
    if project.status is ProjectStatus.FINISHED:
        return 5
    if project.status is ProjectStatus.IN_PROGRESS:
        return OPERATION
    return next((place for place, (_, missing) in enumerate(_STEPS[:OPERATION]) if missing(project)), OPERATION)


def steps_of(project: Project) -> list[Step]:
    """The six steps in order: those behind are done or lack something, those ahead wait.

    What a published list of an earlier year did not write down is unrecorded, not missing.
    """
    now = current_step(project)
    lacking = UNRECORDED if rules.is_exempt(project) else MISSING
    steps = []
    for place, (name, find) in enumerate(_STEPS):
        missing = tuple(find(project))
        if place > now:
            steps.append(Step(name, WAITING, ()))
        elif place == now:
            is_over = place == 5 and not missing
            is_left_open = place == 5 and lacking == UNRECORDED
            steps.append(Step(name, DONE if is_over else UNRECORDED if is_left_open else CURRENT, missing))
        else:
            steps.append(Step(name, lacking if missing else DONE, missing))
    return steps
