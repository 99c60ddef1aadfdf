"""Verbs of the directory: create, update, delete and restore organisations, and keep their aliases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.kana import is_kana, to_hiragana
from app.japanese.normalize import fold_name, legal_form_of
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Invalid, NotAllowed, check_version
from models.base import utc_now
from models.directory import Organization, OrganizationAlias, OrganizationKind, OrganizationSource

#: What a caller may set, with the longest text of each.
LIMITS = {
    "name": 300,
    "reading": 300,
    "legal_form": 60,
    "web": 300,
    "purpose": 10_000,
    "activities": 10_000,
    "note": 10_000,
}
_LINES = {"name", "reading", "legal_form", "web"}
_OTHERS = {"kind", "is_confirmed", "is_person"}


def create_organization(
    session: Session,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    aliases: Iterable[str] = (),
    source: OrganizationSource = OrganizationSource.ENTERED,
) -> Organization:
    """Register an organisation. `values`: keys of LIMITS, kind, is_confirmed, is_person. Raises Invalid."""
    actor.require(Permission.ORGANIZATION_CREATE)
    clean = _cleaned(values, None)
    with act(session, actor, "organization:create", "団体の登録") as current:
        organization = Organization(source=source)
        _apply(organization, clean)
        _set_aliases(organization, aliases)
        session.add(organization)
        session.flush()
        current.label = f"団体の登録: {organization}"
    return organization


def update_organization(
    session: Session,
    *,
    actor: Actor,
    organization: Organization,
    version: int | None,
    values: Mapping[str, Any],
    aliases: Iterable[str] | None = None,
) -> Organization:
    """Change an organisation. `version`: as the actor saw it, None to skip the check. Raises StaleRecord, Invalid."""
    _require_editable(session, organization, actor)
    check_version(organization, version)
    clean = _cleaned(values, organization)
    with act(session, actor, "organization:edit", f"団体の変更: {organization}"):
        _apply(organization, clean)
        if aliases is not None:
            _set_aliases(organization, aliases)
        session.flush()
    return organization


def delete_organization(session: Session, *, actor: Actor, organization: Organization) -> None:
    """Hide an organisation; it can be restored. Partner lines keep pointing to it."""
    _require_editable(session, organization, actor, Permission.ORGANIZATION_DELETE)
    with act(session, actor, "organization:delete", f"団体の削除: {organization}"):
        organization.deleted_at = utc_now()


def restore_organization(session: Session, *, actor: Actor, organization: Organization) -> None:
    """Bring back a deleted organisation."""
    actor.require(Permission.ORGANIZATION_DELETE)
    with act(session, actor, "organization:restore", f"団体の復元: {organization}"):
        organization.deleted_at = None


def add_alias(session: Session, *, actor: Actor, organization: Organization, name: str) -> None:
    """Keep another spelling; one that folds to a known name is left out."""
    _require_editable(session, organization, actor)
    with act(session, actor, "organization:edit", f"別名の追加: {organization}"):
        _set_aliases(organization, [*(alias.name for alias in organization.aliases), name])


def _require_editable(
    session: Session, organization: Organization, actor: Actor, permission: str = Permission.ORGANIZATION_EDIT
) -> None:
    actor.require(permission)
    if not is_editable(session, organization, actor):
        raise NotAllowed("この団体の情報は変更できません。あすぴあへご連絡ください。")


def _cleaned(values: Mapping[str, Any], organization: Organization | None) -> dict[str, Any]:
    """The values as they are kept. Raises Invalid with a sentence per field."""
    unknown = set(values) - set(LIMITS) - _OTHERS
    if unknown:
        raise ValueError(f"not settable: {sorted(unknown)}")
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key, value in values.items():
        if key in LIMITS:
            try:
                text = (clean_line if key in _LINES else clean_text)(value or "")
                check_length(text, LIMITS[key], Organization.__table__.c[key].info["label"])
                clean[key] = text
            except TextError as error:
                wrong[key] = str(error)
        else:
            clean[key] = value
    if "kind" in clean:
        clean["kind"] = OrganizationKind(clean["kind"])
    name = clean.get("name", organization.name if organization else "")
    if not name and "name" not in wrong:
        wrong["name"] = "団体名を入力してください。"
    if clean.get("reading") and not is_kana(clean["reading"]):
        wrong["reading"] = "よみは、ひらがなかカタカナで入力してください。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    return clean


def _apply(organization: Organization, clean: Mapping[str, Any]) -> None:
    for key, value in clean.items():
        if key == "reading":
            value = to_hiragana(value)
        if value == "" and key not in {"name", "reading"}:
            value = None
        if getattr(organization, key) != value:
            setattr(organization, key, value)
    organization.folded_name = fold_name(organization.name)
    if not organization.legal_form:
        organization.legal_form = legal_form_of(organization.name)


def _set_aliases(organization: Organization, names: Iterable[str]) -> None:
    """Make the aliases these; a blank one, a repeated one and the name itself are left out.

    Rows that stay are kept, and a row that goes takes the place of one that comes: the log tells old → new.
    """
    wanted: dict[str, str] = {}
    for name in names:
        text = clean_line(name)
        if text and text != organization.name:
            wanted.setdefault(text, fold_name(text))
    free = [alias for alias in organization.aliases if alias.name not in wanted]
    known = {alias.name for alias in organization.aliases}
    for text, folded in wanted.items():
        if text in known:
            continue
        if free:
            alias = free.pop(0)
            alias.name, alias.folded_name = text, folded
        else:
            organization.aliases.append(OrganizationAlias(name=text, folded_name=folded))
    for alias in free:
        organization.aliases.remove(alias)
    if {alias.name for alias in organization.aliases} != known:
        organization.updated_at = utc_now()  # its version counts its aliases too, so that two people editing them meet
