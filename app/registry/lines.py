"""The partner lines of a project: as they are entered, and set in order without breaking their unique places."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.japanese.text import TextError, check_length, clean_line
from app.problems import Invalid
from models.directory import Organization, OrganizationKind
from models.reference import CollaborationForm
from models.registry import Project, ProjectPartner


@dataclasses.dataclass(frozen=True)
class PartnerLine:
    """One line as entered. `id`: of the line that it changes, None for a new one."""

    name: str
    id: int | None = None
    organization_id: int | None = None
    form_id: int | None = None
    form_as_published: str | None = None
    kind: OrganizationKind | None = None
    is_generic: bool = False
    is_person: bool = False
    note: str | None = None


def line_of(partner: ProjectPartner) -> PartnerLine:
    """A stored line as it would be entered."""
    return PartnerLine(
        name=partner.name_as_published,
        id=partner.id,
        organization_id=partner.organization_id,
        form_id=partner.form_id,
        form_as_published=partner.form_as_published,
        kind=partner.kind,
        is_generic=partner.is_generic,
        is_person=partner.is_person,
        note=partner.note,
    )


def checked(session: Session, actor: Actor, project: Project | None, lines: Sequence[PartnerLine]) -> list[PartnerLine]:
    """The lines as they are kept, names filled from their organisations. Raises Invalid with a sentence a line."""
    wrong: list[str] = []
    wanted = {line.organization_id for line in lines if line.organization_id}
    held = {partner.organization_id for partner in project.partners} if project is not None else set()
    query = scoped(Organization, actor).where(Organization.id.in_(wanted))
    organizations = {row.id: row for row in session.scalars(query)} if wanted else {}
    forms = set(session.scalars(select(CollaborationForm.id)))
    own = {partner.id for partner in project.partners} if project is not None else set()
    clean: list[PartnerLine] = []
    for place, line in enumerate(lines, start=1):
        organization = organizations.get(line.organization_id) if line.organization_id else None
        if line.organization_id and organization is None and line.organization_id not in held:
            wrong.append(f"{place}行目の団体が見つかりません。団体を選び直してください。")
        if line.form_id is not None and line.form_id not in forms:
            wrong.append(f"{place}行目の形態が見つかりません。形態を選び直してください。")
        if line.id is not None and line.id not in own:
            wrong.append(f"{place}行目は、ほかの事業の協働相手です。行を入れ直してください。")
        try:
            name = clean_line(line.name or "") or (organization.name if organization else "")
            check_length(name, 300, "協働相手")
            note = clean_line(line.note or "") or None
            check_length(note or "", 10_000, "注記")
        except TextError as error:
            wrong.append(f"{place}行目: {error}")
            continue
        if not name:
            wrong.append(f"{place}行目の協働相手の名称を入力するか、団体を選んでください。")
        kind = line.kind or (organization.kind if organization else None)
        clean.append(dataclasses.replace(line, name=name, note=note, kind=kind))
    if wrong:
        raise Invalid("協働相手の内容を確かめてください。", fields={"partners": " ".join(wrong)})
    return clean


def set_lines(session: Session, project: Project, lines: Sequence[PartnerLine]) -> bool:
    """Make the partner lines these, in this order; call inside an act. Returns whether anything changed."""
    before = [line_of(partner) for partner in project.partners]
    if before == list(lines):
        return False
    held = {partner.id: partner for partner in project.partners}
    kept = [line.id for line in lines if line.id is not None]
    if [partner.id for partner in project.partners][: len(kept)] != kept or len(kept) < len(held):
        # Out of the way first: (project, position) is unique, and rows are written one by one.
        for partner in project.partners:
            partner.position = -partner.position
        session.flush()
        for key in set(held) - set(kept):
            project.partners.remove(held[key])
        session.flush()
    for position, line in enumerate(lines, start=1):
        known = held.get(line.id) if line.id is not None else None
        if known is None:
            known = ProjectPartner(printed_line=1)
            project.partners.append(known)
        fill(known, line, position)
    session.flush()
    session.expire(project, ["partners"])
    return True


def first_lines(project: Project, lines: Sequence[PartnerLine]) -> None:
    """The partner lines of a project that is not stored yet."""
    for position, line in enumerate(lines, start=1):
        partner = ProjectPartner(printed_line=1)
        fill(partner, line, position)
        project.partners.append(partner)


def fill(partner: ProjectPartner, line: PartnerLine, position: int) -> ProjectPartner:
    """Write a line into its row, touching only what differs; returns the row."""
    values = {
        "position": position,
        "organization_id": line.organization_id,
        "name_as_published": line.name,
        "form_id": line.form_id,
        "form_as_published": line.form_as_published,
        "kind": line.kind,
        "is_generic": line.is_generic,
        "is_person": line.is_person,
        "note": line.note,
    }
    for name, value in values.items():
        if getattr(partner, name) != value:
            setattr(partner, name, value)
    return partner
