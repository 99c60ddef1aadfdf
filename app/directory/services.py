"""Verbs of the directory: create, update, confirm, delete and restore organisations; keep aliases and consents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.directory.derived import derive
from app.directory.duplicates import refresh_candidates
from app.directory.fields import BY_NAME, CENTER
from app.directory.values import apply, cleaned, joined_to
from app.japanese.dates import today_in_tokyo
from app.japanese.normalize import fold_name
from app.japanese.text import clean_line
from app.problems import Conflict, Invalid, NotAllowed, check_version
from models.base import utc_now
from models.directory import Organization, OrganizationAlias, OrganizationSource
from models.directory_profile import ConsentLevel, ConsentWay, FieldConsent

#: What two records may be told to be one body by.
_TELLING = ("name", "phone", "web")


def create_organization(
    session: Session,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    aliases: Iterable[str] = (),
    source: OrganizationSource = OrganizationSource.ENTERED,
) -> Organization:
    """Register an organisation. `values`: what `values.cleaned` takes. Raises Invalid."""
    actor.require(Permission.ORGANIZATION_CREATE)
    clean = cleaned(values, None)
    with act(session, actor, "organization:create", "団体の登録") as current:
        organization = Organization(source=source)
        with session.no_autoflush:
            apply(session, organization, clean)
        _set_aliases(organization, aliases)
        if organization.is_confirmed:
            organization.confirmed_on = today_in_tokyo()
        session.add(organization)
        derive(session, organization)
        refresh_candidates(session, [organization.id])
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
    require_editable(session, organization, actor)
    check_version(organization, version)
    clean = cleaned(values, organization)
    with act(session, actor, "organization:edit", f"団体の変更: {organization}"):
        telling = tuple(getattr(organization, name) for name in _TELLING)
        was_confirmed, joined = organization.is_confirmed, joined_to(organization)
        apply(session, organization, clean)
        if clean.get("is_confirmed") and not was_confirmed:
            organization.confirmed_on = today_in_tokyo()
        if joined_to(organization) != joined:
            organization.updated_at = utc_now()  # its version counts what it is joined to, so that two editors meet
        if aliases is not None:
            _set_aliases(organization, aliases)
        derive(session, organization)
        told = tuple(getattr(organization, name) for name in _TELLING)
        if aliases is not None or told != telling:
            refresh_candidates(session, [organization.id])
    return organization


def confirm_organization(
    session: Session, *, actor: Actor, organization: Organization, on: dt.date, by: str
) -> Organization:
    """Note that somebody asked the group and its record is right. `by`: who or how, as the page shows it."""
    require_editable(session, organization, actor)
    with act(session, actor, "organization:confirm", f"団体の内容の確認: {organization}"):
        organization.is_confirmed = True
        organization.confirmed_on = on
        organization.confirmed_by = clean_line(by)[:200] or None
    return organization


def record_consents(
    session: Session,
    *,
    actor: Actor,
    organization: Organization,
    levels: Mapping[str, ConsentLevel | None],
    given_on: dt.date,
    way: ConsentWay,
    version: int | None = None,
) -> None:
    """Note up to whom fields are open, as the group said on that day; None takes back what it said.

    version: as the actor saw the group, None to skip the check. Raises Invalid, StaleRecord.
    """
    require_editable(session, organization, actor)
    check_version(organization, version)
    unknown = levels.keys() - BY_NAME.keys()
    if unknown:
        raise ValueError(f"no such field: {sorted(unknown)}")
    if given_on > today_in_tokyo():
        raise Invalid(
            "同意の日が先の日付です。", fields={"given_on": "同意の日には、今日までの日付を入力してください。"}
        )
    if any(level is not None and level < CENTER for name, level in levels.items() if BY_NAME[name].is_internal):
        raise Invalid("備考は、センターの内部の記録です。公開範囲は変えられません。")
    with act(session, actor, "organization:consent", f"公開範囲の記録: {organization}"):
        held = {row.field: row for row in organization.consents}
        for name, level in levels.items():
            row = held.get(name)
            if level is None:
                if row is not None:
                    organization.consents.remove(row)
            elif row is None:
                organization.consents.append(FieldConsent(field=name, level=level, given_on=given_on, way=way))
            else:
                row.level, row.given_on, row.way = level, given_on, way
        organization.updated_at = utc_now()
        derive(session, organization)


def delete_organization(session: Session, *, actor: Actor, organization: Organization) -> None:
    """Hide an organisation; it can be restored. Partner lines keep pointing to it.

    Raises Conflict while other records are merged into it: they would be hidden with it.
    """
    require_editable(session, organization, actor, Permission.ORGANIZATION_DELETE)
    if any(one.deleted_at is None for one in organization.absorbed):
        raise Conflict("この団体には、ほかの団体が統合されています。先に統合を取り消してください。")
    with act(session, actor, "organization:delete", f"団体の削除: {organization}"):
        organization.deleted_at = utc_now()
        session.flush()
        refresh_candidates(session, [organization.id])  # its pairs go with it


def restore_organization(session: Session, *, actor: Actor, organization: Organization) -> None:
    """Bring back a deleted organisation."""
    actor.require(Permission.ORGANIZATION_DELETE)
    with act(session, actor, "organization:restore", f"団体の復元: {organization}"):
        organization.deleted_at = None
        session.flush()
        refresh_candidates(session, [organization.id])


def add_alias(session: Session, *, actor: Actor, organization: Organization, name: str) -> None:
    """Keep another spelling; one that folds to a known name is left out."""
    require_editable(session, organization, actor)
    with act(session, actor, "organization:edit", f"別名の追加: {organization}"):
        _set_aliases(organization, [*(alias.name for alias in organization.aliases), name])


def require_editable(
    session: Session, organization: Organization, actor: Actor, permission: str = Permission.ORGANIZATION_EDIT
) -> None:
    actor.require(permission)
    if not is_editable(session, organization, actor):
        raise NotAllowed("この団体の情報は変更できません。あすぴあへご連絡ください。")


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
