"""The rules that hold for every collaboration (rules.md 1-4, 9, 10): pure, each finding with its sentence and clause.

Two kinds: what must be written before a project starts (`blocks`), and what should be (a reminder). The published list
of earlier years is exempt; rows that a survey or an import of the list reports are reminded, and stopped by 委託 alone.
"""

from __future__ import annotations

import dataclasses

from models.registry import Project, ProjectSource, ProjectStatus

#: Codes of the forms that carry something of their own (基礎編 6).
COMMISSION, COOPERATION, ENDORSEMENT = "commission", "cooperation", "endorsement"
COMMITTEES = frozenset({"committee_council", "executive_committee", "council"})

STARTED = frozenset({ProjectStatus.IN_PROGRESS, ProjectStatus.FINISHED})


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that is missing: the field, what to do about it, the clause that asks for it, whether it stops a start."""

    field: str
    sentence: str
    clause: str
    blocks: bool = False

    def __str__(self) -> str:
        return f"{self.sentence}({self.clause})"


def form_codes(project: Project) -> set[str]:
    """Codes of the forms of the partner lines, with the handbook's form that each belongs to."""
    forms = [line.form for line in project.partners if line.form is not None]
    return {form.code for form in forms} | {form.parent.code for form in forms if form.parent is not None}


def is_exempt(project: Project) -> bool:
    """Whether the project stands in a published list of an earlier year."""
    return project.is_published


def form_findings(project: Project) -> list[Finding]:
    """Rule 1: the reason for the form, and what single forms carry."""
    codes = form_codes(project)
    found = []
    if any(line.form is None for line in project.partners):
        found.append(Finding("partners", "協働の形態を、協働相手ごとに選んでください。", "基礎編(6)"))
    if project.partners and not project.form_reason:
        found.append(Finding("form_reason", "その形態を選んだ理由を書いてください。", "実践編1(2)"))
    if COOPERATION in codes and project.hosted_by is None:
        found.append(Finding("hosted_by", "協力の向き(団体主催・市主催)を選んでください。", "基礎編(6)"))
    if ENDORSEMENT in codes and not (project.endorsement_applied_on and project.endorsement_approved_on):
        found.append(Finding("endorsement_applied_on", "後援の申請日と承認日を入力してください。", "基礎編(6)"))
    if codes & COMMITTEES and not project.committee_members:
        found.append(
            Finding(
                "committee_members", "実行委員会・協議会を構成する市民・団体・市の役割を書いてください。", "基礎編(6)"
            )
        )
    return found


def commission_findings(project: Project) -> list[Finding]:
    """Rule 2: 委託 starts with a recorded 協定 or 契約, contents and roles written out."""
    if COMMISSION not in form_codes(project):
        return []
    found = []
    if project.contract_on is None:
        sentence = "委託は、協定か契約を結んだ日を記録してから実施してください。"
        found.append(Finding("contract_on", sentence, "実践編1(2)", blocks=True))
    if not project.contract_note:
        sentence = "委託の協定・契約の内容を書いてください。"
        found.append(Finding("contract_note", sentence, "実践編1(2)", blocks=True))
    for field, side in (("group_role", "団体"), ("city_role", "市")):
        if not getattr(project, field):
            sentence = f"委託の協定・契約で決めた{side}の役割を書いてください。"
            found.append(Finding(field, sentence, "実践編1(2)", blocks=True))
    return found


#: Rules 3, 4 and 9: what is written before the start. (field, sentence, clause)
_AT_THE_START = (
    ("why_this_partner", "この相手と協働する理由を書いてください。", "基礎編(4)、実践編1(3)"),
    ("selection_method", "相手を選んだ方法と基準を書いてください。", "実践編1(3)"),
    ("effects", "協働で得たい効果を選んでください。", "基礎編(4)"),
    ("common_goal", "共通の目的・目標を書いてください。", "基礎編(1)"),
    ("group_role", "団体の役割と責任を書いてください。", "基礎編(5)⑥"),
    ("city_role", "市の役割と責任を書いてください。", "基礎編(5)⑥"),
    ("evaluation_plan", "評価の方法を書いてください。", "基礎編(5)⑦⑧"),
    ("publication_plan", "公表の方法を書いてください。", "基礎編(5)⑧"),
    ("agreed_on", "双方が合意した日を入力してください。", "自治基本条例12条"),
    ("agreement_note", "だれとだれが合意したかを書いてください。", "自治基本条例12条"),
)


def planning_findings(project: Project) -> list[Finding]:
    """Rules 3, 4 and 9: purpose, partner, roles, evaluation and the agreement are written at the start."""
    blocks = project.source is not ProjectSource.SURVEY
    return [
        Finding(field, sentence, clause, blocks)
        for field, sentence, clause in _AT_THE_START
        if not getattr(project, field)
    ]


def review_findings(project: Project) -> list[Finding]:
    """Rule 10: what was learnt is written and made public once the project is over."""
    if project.status is not ProjectStatus.FINISHED:
        return []
    found = []
    if not project.review_note:
        found.append(Finding("review_note", "振り返りと評価を書いてください。", "実践編1(6)"))
    if not project.is_published:
        found.append(Finding("is_published", "一覧に載せて公表してください。", "自治基本条例29条、基礎編(5)⑧"))
    return found


def findings(project: Project) -> list[Finding]:
    """Everything that is missing now, one finding a field, the blocking ones first."""
    everything = commission_findings(project) + form_findings(project) + planning_findings(project)
    everything += review_findings(project)
    seen: dict[str, Finding] = {}
    for finding in everything:
        seen.setdefault(finding.field, finding)
    return sorted(seen.values(), key=lambda finding: not finding.blocks)


def blocking_start(project: Project) -> list[Finding]:
    """What stops the project from starting; [] for the published list of earlier years."""
    if is_exempt(project):
        return []
    seen: dict[str, Finding] = {}
    for finding in commission_findings(project) + planning_findings(project):
        if finding.blocks:
            seen.setdefault(finding.field, finding)
    return list(seen.values())


def reported_status(project: Project) -> ProjectStatus:
    """The status of a row that a survey or an imported list reports: going on, unless rule 2 still stops it."""
    return ProjectStatus.PLANNED if commission_findings(project) else ProjectStatus.IN_PROGRESS
