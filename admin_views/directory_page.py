"""What a group's page shows: who they are at a glance, the five items with what is missing, tables, contacts, sections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.directory_columns import notice_days
from admin_views.directory_form import ANCHORS
from admin_views.directory_parts import GroupPage, ItemBox, Table, badge, cell_of, level_badge, order_of
from app.access.levels import level_of
from app.access.scopes import scoped, visible_to
from app.actor import Actor
from app.directory.completeness import Assessment, assess, filled_fields
from app.directory.consent import is_open, level_of_field, levels_of, open_fields
from app.directory.derived import file_fields
from app.directory.fields import BY_NAME, CENTER, CONTACTS, Item, Kept, ProfileField, fields_of
from app.directory.identity import cluster_ids
from app.directory.profile_texts import text_of_field
from app.directory.registering import RegistrationState, state_of
from app.directory.rows import KINDS
from app.japanese.dates import fiscal_year_of, format_date, today_in_tokyo
from models.directory import Organization
from models.directory_profile import ConsentLevel

_STATE_MARKS = {
    RegistrationState.ACTIVE: "success",
    RegistrationState.LAPSING: "warning",
    RegistrationState.LAPSED: "danger",
    RegistrationState.WITHDRAWN: "muted",
    RegistrationState.NONE: "muted",
}


class PageBuilder:
    """Reads one group for one reader; `may_edit` adds where what is missing is entered."""

    def __init__(self, session: Session, actor: Actor, organization: Organization, *, may_edit: bool) -> None:
        self.session, self.actor, self.organization, self.may_edit = session, actor, organization, may_edit
        self.level = level_of(actor)
        self.levels = levels_of(organization)
        self.cluster = cluster_ids(session, organization.id)
        #: The record itself, then the others of its identity.
        self.members = [organization, *others_of(session, actor, organization, self.cluster)]

    def build(self) -> GroupPage:
        """The page."""
        assessment = self._assessment()
        return GroupPage(
            cards=self._cards(assessment),
            level=f"レベル{int(assessment.level)}「{assessment.level.label}」",
            boxes=[self._box(assessment, place, item) for place, item in enumerate(Item, start=1)],
            contacts=self._contacts(),
            hidden_contacts=[field.label for field in CONTACTS if self._is_hidden_contact(field)],
            notes=self._facts(fields_of(None)),
            people=self._people(),
            shows_levels=self.level >= CENTER,
            missing_label="足りないもの" if self.level >= CENTER else "入力がないか、公開されていないもの",
            notes_label="団体からの発信とセンターの記録" if self.level >= CENTER else "団体からの発信",
        )

    def _assessment(self) -> Assessment:
        files = file_fields(self.session, self.cluster)
        there: set[str] = set()
        for one in self.members:
            there |= filled_fields(one, files.get(one.id, ())) & open_fields(one, self.level)
        return assess(there)

    def _cards(self, assessment: Assessment) -> list[tuple[str, Any, str]]:
        """(what, badge or text, note): registration, completeness, last confirmation, members."""
        one, today = self.organization, today_in_tokyo()
        state = state_of(one.registration, today, notice_days())
        until = ""
        if one.registration is not None and state in {RegistrationState.ACTIVE, RegistrationState.LAPSING}:
            until = f"{format_date(one.registration.valid_until, weekday=False)}まで"
        confirmed, note = ("確認済み", "success"), ""
        if not one.is_confirmed:
            confirmed = ("未確認", "warning")
        elif one.confirmed_on is not None:
            is_fresh = fiscal_year_of(one.confirmed_on) >= fiscal_year_of(today) - 1
            confirmed = ("確認済み", "success" if is_fresh else "warning")
            note = format_date(one.confirmed_on, weekday=False)
        if one.confirmed_by and self.level >= CENTER:
            note = f"{note} {one.confirmed_by}".strip()
        met = sum(item.met for item in assessment.items)
        total = sum(item.total for item in assessment.items)
        cards = [
            ("あすぴあの登録", badge(state.label, _STATE_MARKS[state]), until),
            ("情報の充実度", f"レベル{int(assessment.level)} {assessment.level.label}", f"{total}項目のうち{met}項目"),
            ("内容の確認", badge(*confirmed), note),
        ]
        if is_open(one, "member_count", self.level) and one.member_count is not None:
            in_city = one.member_count_in_city if is_open(one, "member_count_in_city", self.level) else None
            cards.append(("会員数", f"{one.member_count:,}人", f"うち市民{in_city:,}人" if in_city is not None else ""))
        return cards

    def _box(self, assessment: Assessment, place: int, item: Item) -> ItemBox:
        state = next(one for one in assessment.items if one.item is item)
        tables = [
            table
            for field in fields_of(item)
            if field.kept is Kept.ROWS and (table := self._table(field.name)) is not None
        ]
        missing = [(one.label, self._where(one.fields[0])) for one in state.missing]
        return ItemBox(f"{place} {item.label}", state.met, state.total, self._facts(fields_of(item)), tables, missing)

    def _where(self, name: str) -> str | None:
        """The very place where a field is entered."""
        if not self.may_edit:
            return None
        if BY_NAME[name].kept is Kept.ROWS:
            return f"{url_for('organization.rows_view', key=self.organization.id, kind=name)}#{name}"
        return f"{url_for('organization.edit_view', key=self.organization.id)}#{ANCHORS.get(name, name)}"

    def _facts(self, fields: Sequence[ProfileField]) -> list[tuple[Any, Any]]:
        """(label with its level, value) of what is filled and open to the reader.

        What the record itself leaves blank is told by the others of its identity, under their name.
        """
        rows = []
        for field in fields:
            if field.kept in {Kept.ROWS, Kept.FILE} or field.is_contact:
                continue
            for one in self.members:
                value = self._value(field, one)
                if value:
                    rows.append((self._label(field, levels_of(one)[field.name]), self._of_other(value, one)))
                    break
        return rows

    def _value(self, field: ProfileField, one: Organization) -> Any:
        if not is_open(one, field.name, self.level):
            return None
        text = text_of_field(one, field.name)
        if field.name == "web" and text.startswith(("http://", "https://")):
            return Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(text)
        return text

    def _of_other(self, value: Any, one: Organization) -> Any:
        if one is self.organization:
            return value
        return Markup('{}<br><span class="text-small text-quiet">「{}」の記録</span>').format(value, str(one))

    def _label(self, field: ProfileField, level: ConsentLevel) -> Any:
        """The label; for the centre and the office with how far the field is open."""
        if self.level < CENTER or level is ConsentLevel.PUBLIC:
            return field.label
        return Markup("{} {}").format(field.label, level_badge(level))

    def _contacts(self) -> list[tuple[Any, Any]]:
        """Contacts that the group itself made public; the others take a step of their own."""
        rows: list[tuple[Any, Any]] = []
        for field in CONTACTS:
            told = {
                one: value
                for one in self.members
                if (value := getattr(one, field.name)) and level_of_field(one, field.name) is ConsentLevel.PUBLIC
            }
            for one, value in told.items():
                if one is self.organization or value != told.get(self.organization):
                    rows.append((self._label(field, ConsentLevel.PUBLIC), self._of_other(value, one)))
        return rows

    def _is_hidden_contact(self, field: ProfileField) -> bool:
        return any(
            getattr(one, field.name) and ConsentLevel.PUBLIC < level_of_field(one, field.name) <= self.level
            for one in self.members
        )

    def _table(self, name: str) -> Table | None:
        """The rows of one kind of all records of the identity that the reader may see."""
        kind = KINDS[name]
        model: Any = kind.model
        rows = self.session.scalars(
            scoped(kind.model, self.actor).where(model.organization_id.in_(self.cluster)).order_by(*order_of(model))
        ).all()
        if not rows and not self.may_edit:
            return None
        columns = [column for column in kind.columns if column != "note" or any(row.note for row in rows)]
        header: list[Any] = []
        for column in columns:
            label = str(model.__table__.c[column].info["label"])
            is_number = column.endswith("_yen") or column in {
                "members",
                "in_city",
                "joined",
                "aged_65",
                "participant_count",
            }
            header.append((label, "number") if is_number else label)
        note = level_badge(self.levels[name]) if name in BY_NAME and self.level >= CENTER else ""
        return Table(name, kind.label, header, [[cell_of(row, column) for column in columns] for row in rows], note)

    def _people(self) -> list[Table]:
        if self.level < CENTER:
            return []
        tables = [self._table("officers"), self._table("affiliations")]
        return [table for table in tables if table is not None]


def others_of(
    session: Session, actor: Actor, organization: Organization, cluster: Collection[int] | None = None
) -> Sequence[Organization]:
    """The other records of the identity that the actor may see."""
    ids = (cluster_ids(session, organization.id) if cluster is None else set(cluster)) - {organization.id}
    if not ids:
        return ()
    return session.scalars(scoped(Organization, actor).where(Organization.id.in_(ids)).order_by(Organization.id)).all()


def merged_names(session: Session, actor: Actor, organization: Organization) -> list[tuple[str, str]]:
    """(name, url) of the records that were merged into this one."""
    ids = cluster_ids(session, organization.id) - {organization.id}
    rows = session.scalars(
        select(Organization)
        .where(Organization.id.in_(ids), visible_to(Organization, actor))
        .order_by(Organization.name, Organization.id)
    )
    return [(str(escape(row.name)), url_for("organization.details_view", key=row.id)) for row in rows]
