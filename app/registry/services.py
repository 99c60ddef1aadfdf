"""Verbs of the registry: create, update, start, delete and restore projects, link partners, carry a project over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_fiscal_year
from app.problems import Conflict, Invalid, NotFound, check_version
from app.registry import rules
from app.registry.lines import PartnerLine, checked, first_lines, line_of, set_lines
from app.registry.policy import require_editable, require_own_departments
from app.registry.values import cleaned, put_values, rows_of, touch_after_lines
from models.base import utc_now
from models.directory import Organization
from models.people import Role
from models.reference import Department, Effect, Principle
from models.registry import Project, ProjectPartner, ProjectSource, ProjectStatus

#: What goes over to the next year's project.
CARRIED = (
    "name",
    "summary",
    "common_goal",
    "why_collaborate",
    "why_this_partner",
    "selection_method",
    "form_reason",
    "hosted_by",
    "committee_members",
    "group_role",
    "city_role",
    "evaluation_plan",
    "publication_plan",
    "category_id",
    "policy_basis_id",
    "program_id",
)


def create_project(
    session: Session,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    department_ids: Collection[int],
    partners: Sequence[PartnerLine] = (),
    principle_ids: Collection[int] = (),
    effect_ids: Collection[int] = (),
    source: ProjectSource = ProjectSource.ENTERED,
    predecessor: Project | None = None,
    is_demo: bool = False,
    reason: str | None = None,
) -> Project:
    """Register a project. `reason`: of the office, to start it although a rule stops it. Raises Invalid, NotAllowed."""
    actor.require(Permission.PROJECT_CREATE)
    clean = cleaned(session, values, None)
    require_own_departments(actor, set(department_ids))
    with act(session, actor, "project:create", f"協働事業の登録: {clean['name']}", reason=reason):
        project = Project(source=source, predecessor=predecessor, is_demo=is_demo)
        project.status = ProjectStatus.PLANNED
        lines = checked(session, actor, None, partners)
        put_values(project, clean)
        project.departments = rows_of(session, Department, department_ids, "課")
        project.principles = rows_of(session, Principle, principle_ids, "協働の原則")
        project.effects = rows_of(session, Effect, effect_ids, "効果")
        first_lines(project, lines)
        session.add(project)
        session.flush()
        session.expire(project, ["partners"])  # what the keys say, with their forms
        _check(actor, project, was=None, reason=reason)
    return project


def update_project(
    session: Session,
    *,
    actor: Actor,
    project: Project,
    version: int | None,
    values: Mapping[str, Any],
    department_ids: Collection[int] | None = None,
    partners: Sequence[PartnerLine] | None = None,
    principle_ids: Collection[int] | None = None,
    effect_ids: Collection[int] | None = None,
    reason: str | None = None,
) -> Project:
    """Change a project; what is None stays. `version`: as the actor saw it, None skips the check.

    Raises StaleRecord when somebody else saved first, Invalid, NotAllowed.
    """
    require_editable(session, project, actor)
    check_version(project, version)
    clean = cleaned(session, values, project)
    if "fiscal_year" in clean and clean["fiscal_year"] != project.fiscal_year and project.number is not None:
        raise Invalid(
            "公表済みの事業の年度は変えられません。", fields={"fiscal_year": "公表済みの事業の年度は変えられません。"}
        )
    if department_ids is not None:
        require_own_departments(actor, set(department_ids))
    was = project.status
    label = f"{'公表後の修正' if project.is_published else '協働事業の変更'}: {project.name}"
    with act(session, actor, "project:edit", label, reason=reason):
        lines = checked(session, actor, project, partners) if partners is not None else None
        put_values(project, clean)
        if department_ids is not None and set(department_ids) != {row.id for row in project.departments}:
            project.departments = rows_of(session, Department, department_ids, "課")
            if not project.is_published:
                project.department_as_published = None
        if principle_ids is not None:
            project.principles = rows_of(session, Principle, principle_ids, "協働の原則")
        if effect_ids is not None:
            project.effects = rows_of(session, Effect, effect_ids, "効果")
        if lines is not None and set_lines(session, project, lines):
            touch_after_lines(project)
        _check(actor, project, was=was, reason=reason)
    return project


def delete_project(session: Session, *, actor: Actor, project: Project, reason: str | None = None) -> None:
    """Hide a project; it can be restored. A published one stays in the frozen list, marked as deleted afterwards."""
    actor.require(Permission.PROJECT_DELETE)
    require_editable(session, project, actor)
    with act(session, actor, "project:delete", f"協働事業の削除: {project.name}", reason=reason):
        project.deleted_at = utc_now()


def restore_project(session: Session, *, actor: Actor, project: Project) -> None:
    """Bring back a deleted project."""
    actor.require(Permission.PROJECT_DELETE)
    with act(session, actor, "project:restore", f"協働事業の復元: {project.name}"):
        project.deleted_at = None


def link_partner(session: Session, *, actor: Actor, line: ProjectPartner, organization: Organization | None) -> None:
    """Say which organisation a partner line is (None: unlink). What was published stays as it is."""
    require_editable(session, line.project, actor)
    if organization is not None:
        query = scoped(Organization, actor).where(Organization.id == organization.id)
        if session.scalars(query).one_or_none() is None:
            raise NotFound
    with act(session, actor, "project:link", f"協働相手の結び付け: {line.project.name}"):
        line.organization = organization
        if organization is not None and line.kind is None:
            line.kind = organization.kind
        line.project.updated_at = utc_now()


def carry_over(session: Session, *, actor: Actor, project: Project, fiscal_year: int) -> Project:
    """Plan the project for a later year: what was agreed is copied, dates, results and numbers are not."""
    require_editable(session, project, actor)
    if fiscal_year <= project.fiscal_year:
        raise Invalid(
            "引き継ぐ先は、元の事業より後の年度を選んでください。", fields={"fiscal_year": "後の年度を選んでください。"}
        )
    query = select(Project.id).where(
        Project.predecessor_id == project.id, Project.fiscal_year == fiscal_year, Project.deleted_at.is_(None)
    )
    if session.scalar(query.limit(1)) is not None:
        raise Conflict(f"この事業は、{format_fiscal_year(fiscal_year)}に引き継ぎ済みです。")
    lines = [_carried_line(partner) for partner in project.partners]
    values = {name: getattr(project, name) for name in CARRIED} | {"fiscal_year": fiscal_year}
    return create_project(
        session,
        actor=actor,
        values=values,
        department_ids=[department.id for department in project.departments],
        partners=lines,
        principle_ids=[row.id for row in project.principles],
        effect_ids=[row.id for row in project.effects],
        predecessor=project,
        is_demo=project.is_demo,
    )


def _carried_line(partner: ProjectPartner) -> PartnerLine:
    line = line_of(partner)
    return PartnerLine(**{**line.__dict__, "id": None, "form_as_published": None, "note": None})


# --- checks -----------------------------------------------------------------------------------------------------


def _check(actor: Actor, project: Project, *, was: ProjectStatus | None, reason: str | None) -> None:
    """What must hold after the change (rules.md 2-4, 9); the office may override with a reason."""
    if not project.departments:
        raise Invalid("課名を選んでください。", fields={"departments": "課名を1つ以上選んでください。"})
    if project.status is ProjectStatus.NOT_PURSUED and not project.not_pursued_reason:
        sentence = "見送りにするときは、見送りの理由を書いてください。"
        raise Invalid(sentence, fields={"not_pursued_reason": sentence})
    is_start = project.status in rules.STARTED and was not in rules.STARTED
    stops = rules.blocking_start(project) if is_start else []
    if not stops:
        return
    if reason and (actor.is_system or actor.has(Role.OFFICE)):
        return
    hint = "推進担当は、理由を書けば実施にできます。" if actor.has(Role.OFFICE) else ""
    raise Invalid(
        f"状況を「{project.status.label}」にする前に、次の{len(stops)}点を入力してください。{hint}",
        fields={finding.field: str(finding) for finding in stops},
    )
