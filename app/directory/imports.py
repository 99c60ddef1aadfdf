"""Import of groups, matched by their name however it is spelled; what hangs on them is in `row_imports`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.audit.acts import Act
from app.directory.derived import derive_many, folded_phone, web_key
from app.directory.duplicates import DUPLICATES
from app.directory.fields import COLUMNS, CONTACTS, Kept
from app.directory.row_imports import SPECS
from app.directory.values import RELATIONS, apply
from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.mapped import column_of, lookup_by
from app.exchange.specs import Context, Existing, ParsedRow, PlannedRow, register_import
from app.exchange.table_import import Match, TableImport
from app.japanese.normalize import fold_name, legal_form_of
from app.jobs.queue import enqueue
from models.directory import Organization, OrganizationAlias, OrganizationSource
from models.directory_profile import Audience
from models.reference import ActivityField, Area

_ALIASES = {
    "activities": ["活動内容"],
    "purpose": ["目的"],
    "web": ["ホームページ", "URL"],
    "phone": ["電話", "TEL"],
    "fax": ["FAX"],
    "email": ["メール"],
    "address": ["住所", "所在地"],
}


def _profile() -> list[ImportColumn]:
    columns = []
    for field in (*(one for one in COLUMNS if not one.is_contact), *CONTACTS):
        more: dict[str, Any] = {"aliases": _ALIASES.get(field.name, [])}
        if field.kept is Kept.NUMBER:
            more |= {"minimum": 0, "maximum": 1_000_000}
        else:
            more["max_length"] = field.limit
        columns.append(column_of(Organization, field.name, **more))
    return columns


class OrganizationImport(TableImport):
    """団体の一覧."""

    name = "organizations"
    title = "団体の一覧"
    permission = Permission.ORGANIZATION_IMPORT
    help = (
        "団体名で同じ団体かどうかを見分けます。㈱と株式会社、NPO法人と特定非営利活動法人などの違いは同じ名称とみます。"
        "別名・電話番号・ウェブサイトがほかの団体と同じ新しい行は、確かめるまで取り込みません。"
    )
    model = Organization
    matches = (Match(("name",), ("folded_name",), fold_name),)
    attributes: ClassVar[Mapping[str, str | None]] = dict.fromkeys(RELATIONS)
    refusal = "この団体の情報を変更する権限がありません。あすぴあへご連絡ください。"
    option_columns = (
        ImportColumn(
            "allows_similar",
            "似た団体も別の団体として登録する",
            ColumnKind.BOOL,
            help="「はい」にすると、別名・電話番号・ウェブサイトがほかの団体と同じ行も、新しい団体として登録します。",
        ),
    )
    columns = (
        column_of(Organization, "name", aliases=["名称", "団体の名称"]),
        column_of(Organization, "reading", aliases=["ふりがな", "フリガナ", "読み"]),
        column_of(Organization, "kind", aliases=["団体の種別", "種類"]),
        column_of(Organization, "legal_form", aliases=["法人の種類"]),
        *_profile(),
        ImportColumn("fields", "活動分野", ColumnKind.MANY, lookup=lookup_by(ActivityField, "name")),
        ImportColumn("audiences", "対象", ColumnKind.MANY, lookup=lookup_by(Audience, "name")),
        ImportColumn("areas", "活動地域", ColumnKind.MANY, lookup=lookup_by(Area, "name")),
        column_of(Organization, "is_confirmed", aliases=["確認"]),
    )

    def derived(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        if values.get("name"):
            found["folded_name"] = fold_name(values["name"])
        if "phone" in values:
            found["folded_phone"] = folded_phone(values["phone"])
        if "web" in values:
            found["web_key"] = web_key(values["web"])
        return found

    def completed(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"legal_form": legal_form_of(values["name"])} if values.get("name") else {}

    def defaults(self, context: Context) -> Mapping[str, Any]:
        return {"source": OrganizationSource.ENTERED}

    def find_existing(self, context: Context, rows: Sequence[ParsedRow]) -> Mapping[int, Existing]:
        found = dict(super().find_existing(context, rows))
        asked = RELATIONS & context.columns
        if found and asked:
            joined = _joined(context.session, [int(one.key) for one in found.values() if one.values])
            for number, one in found.items():
                if one.values:
                    values = {name: joined[int(one.key)][name] for name in asked}
                    found[number] = dataclasses.replace(one, values={**one.values, **values})
        if context.columns and not context.options.get("allows_similar"):
            _tell_similar(context.session, [row for row in rows if row.number not in found])
        return found

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        super().apply(context, rows, act)
        self._follow(context, rows, is_undo=False)

    def undo(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        super().undo(context, rows, act)
        self._follow(context, [row for row in rows if not row.is_new], is_undo=True)

    def _follow(self, context: Context, rows: Sequence[PlannedRow], *, is_undo: bool) -> None:
        """What hangs on the written rows: fields, audiences, areas; the levels of completeness; candidates (by a job)."""
        session = context.session
        ids = [int(row.record_key or 0) for row in rows]
        if not ids:
            return
        asked = RELATIONS & context.columns
        if asked:
            records = {one.id: one for one in session.scalars(_with_relations(ids))}
            for row in rows:
                values = {**row.values, **row.old} if is_undo else row.values
                keys = {name: [pair[0] for pair in values.get(name) or ()] for name in asked}
                apply(session, records[int(row.record_key or 0)], keys)
            session.flush()
        derive_many(session, ids)
        found = session.execute(select(Organization.id, Organization.version).where(Organization.id.in_(ids)))
        versions = {row.id: row.version for row in found}
        for row in rows:
            row.record_version = versions[int(row.record_key or 0)]
        enqueue(session, context.actor, DUPLICATES, payload={"ids": ids}, total=len(ids))


def _with_relations(ids: Sequence[int]) -> Any:
    return (
        select(Organization)
        .where(Organization.id.in_(ids))
        .options(*(selectinload(getattr(Organization, name)) for name in sorted(RELATIONS)))
    )


def _joined(session: Session, ids: Sequence[int]) -> dict[int, dict[str, list[list[Any]]]]:
    """{group: {fields, audiences, areas: [[id, name]]}} as imports compare them."""
    return {
        one.id: {
            "fields": [[row.activity_field_id, row.activity_field.name] for row in one.fields],
            "audiences": [[row.id, row.name] for row in one.audiences],
            "areas": [[row.id, row.name] for row in one.areas],
        }
        for one in session.scalars(_with_relations(ids))
    }


def _tell_similar(session: Session, rows: Sequence[ParsedRow]) -> None:
    """New rows whose name is another's alias, or whose phone or web site is another's: a sentence each."""
    wanted = {
        "alias": {fold_name(str(row.values["name"])) for row in rows if row.values.get("name")},
        "phone": {number for row in rows if (number := folded_phone(row.values.get("phone")))},
        "web": {key for row in rows if (key := web_key(row.values.get("web")))},
    }
    kept = (Organization.deleted_at.is_(None),)
    known: dict[str, dict[str, str]] = {name: {} for name in wanted}
    if wanted["alias"]:
        statement = (
            select(OrganizationAlias.folded_name, Organization.name)
            .join(Organization, Organization.id == OrganizationAlias.organization_id)
            .where(OrganizationAlias.folded_name.in_(wanted["alias"]), *kept)
        )
        known["alias"] = {row.folded_name: row.name for row in session.execute(statement)}
    for name, column in (("phone", Organization.folded_phone), ("web", Organization.web_key)):
        if wanted[name]:
            pairs = session.execute(select(column, Organization.name).where(column.in_(wanted[name]), *kept))
            known[name] = {str(key): other for key, other in pairs}
    for row in rows:
        checks = (
            ("name", known["alias"].get(fold_name(str(row.values.get("name") or ""))), "名称が別名と同じ"),
            ("phone", known["phone"].get(folded_phone(row.values.get("phone")) or ""), "電話番号が同じ"),
            ("web", known["web"].get(web_key(row.values.get("web")) or ""), "ウェブサイトが同じ"),
        )
        for place, other, reason in checks:
            if other:
                row.problem(
                    place,
                    f"「{other}」と同じ団体かもしれません({reason})。同じ団体なら団体名をそろえ、"
                    "別の団体なら「似た団体も別の団体として登録する」を「はい」にして取り込み直してください。",
                )
                break


register_import(OrganizationImport())
for _spec in SPECS:
    register_import(_spec())
