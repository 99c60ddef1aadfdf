"""Who may see and change the registry (domain.md 1): rows by role and department, names of persons by staff alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable, register_field_scope, register_scope, visible_to
from app.actor import Actor
from app.problems import NotAllowed
from models.people import Role
from models.registry import Project, ProjectPartner, PublishedList, project_department

STAFF_ROLES = (Role.OFFICE, Role.CENTER, Role.DEPARTMENT)


def reads_persons(actor: Actor) -> bool:
    """Whether the actor reads partner lines that are or name private persons."""
    return actor.is_system or actor.has(*STAFF_ROLES)


def projects_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Staff and the centre read every year's rows, all others the published ones."""
    if not actor.may(Permission.PROJECT_READ):
        return false()
    if actor.is_system or actor.has(*STAFF_ROLES):
        return true()
    return Project.is_published.is_(True)


def projects_editable_by(actor: Actor) -> ColumnElement[bool]:
    """The office edits all, a department its own (and those of departments that it succeeded)."""
    if not actor.may(Permission.PROJECT_EDIT):
        return false()
    if actor.is_system or actor.has(Role.OFFICE):
        return true()
    if not actor.departments:
        return false()
    return exists(
        select(project_department.c.project_id).where(
            project_department.c.project_id == Project.id,
            project_department.c.department_id.in_(sorted(actor.departments)),
        )
    )


def _partners_visible_to(actor: Actor) -> ColumnElement[bool]:
    follows = ProjectPartner.project_id.in_(select(Project.id).where(visible_to(Project, actor)))
    return follows if reads_persons(actor) else and_(follows, ProjectPartner.is_person.is_(False))


def _partners_editable_by(actor: Actor) -> ColumnElement[bool]:
    return ProjectPartner.project_id.in_(
        select(Project.id).where(visible_to(Project, actor), projects_editable_by(actor))
    )


def _lists_visible_to(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.PROJECT_READ):
        return false()
    return or_(PublishedList.published_at.is_not(None), true() if actor.may(Permission.PROJECT_PUBLISH) else false())


def _lists_editable_by(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.may(Permission.PROJECT_PUBLISH) else false()


register_scope(Project, visible=projects_visible_to, editable=projects_editable_by)
register_scope(ProjectPartner, visible=_partners_visible_to, editable=_partners_editable_by)
register_scope(PublishedList, visible=_lists_visible_to, editable=_lists_editable_by)
register_field_scope(Project, "personal", reads_persons)
register_field_scope(ProjectPartner, "personal", reads_persons)


def require_editable(session: Session, project: Project, actor: Actor) -> None:
    """Raise NotAllowed, with the reason, unless the actor may change this project."""
    actor.require(Permission.PROJECT_EDIT)
    if not is_editable(session, project, actor):
        raise NotAllowed(
            f"「{project.name}」は、ほかの課の事業のため変更できません。担当課または市民協働・男女参画推進課へご連絡ください。"
        )


def require_own_departments(actor: Actor, department_ids: set[int]) -> None:
    """A department may only register rows in which it takes part; the office any."""
    if actor.is_system or actor.has(Role.OFFICE):
        return
    if not department_ids & actor.departments:
        raise NotAllowed("自分の課が含まれない事業は登録できません。課名に自分の課を入れてください。")
