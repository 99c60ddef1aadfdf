"""Imports of what hangs on a group: records, statements and members by fiscal year; officers and affiliations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.acts import Act
from app.directory.affiliations import tell_affiliation
from app.directory.derived import derive_many
from app.directory.queries import only_organization_named
from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.mapped import column_of
from app.exchange.matching import takers_of
from app.exchange.specs import Context, Existing, ParsedRow, PlannedRow
from app.exchange.table_import import Match, TableImport
from app.japanese.normalize import fold_name
from app.search.index import refresh
from models.directory_records import (
    ActivityRecord,
    Affiliation,
    FinancialStatement,
    MemberCount,
    OrganizationOfficer,
)
from models.people import User


def _groups(session: Session, actor: Actor, texts: frozenset[str]) -> Mapping[str, tuple[Any, str]]:
    found = only_organization_named(session, actor, texts)
    return {text: (one.id, str(one)) for text, one in found.items()}


class RowImport(TableImport):
    """Rows that hang on a group, written through the ORM, so that they are told on the group's page."""

    permission = Permission.ORGANIZATION_IMPORT
    attributes: ClassVar[Mapping[str, str | None]] = {"organization": "organization_id"}
    refusal = "この団体の情報を変更する権限がありません。あすぴあへご連絡ください。"

    def label(self, row: ParsedRow) -> str:
        value = row.values.get("organization")
        return str(value[1]) if isinstance(value, list) else f"{row.number}行目"

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        self._write(context, rows, is_undo=False)
        self._check_scope(context, rows)

    def undo(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        self._write(context, rows, is_undo=True)

    def changed(self, context: Context, record: Any) -> None:
        """Called for each row that was written, or is about to go."""

    def _write(self, context: Context, rows: Sequence[PlannedRow], *, is_undo: bool) -> None:
        session, model = context.session, self.model
        taken = takers_of(model, self.written_columns(context))
        keys = [int(row.record_key) for row in rows if row.record_key]
        held = {one.id: one for one in session.scalars(select(model).where(model.id.in_(keys)))}  # type: ignore[attr-defined]
        written: list[tuple[PlannedRow, Any]] = []
        touched: set[int] = set()
        for row in rows:
            values = self._written({**row.values, **row.old} if is_undo else row.values, taken)
            touched.add(values["organization_id"])
            record: Any = held.get(int(row.record_key or 0))
            if is_undo and row.is_new:
                if record is not None:
                    self.changed(context, record)
                    session.delete(record)
                continue
            if record is None:
                record = model()
                session.add(record)
            for name, value in values.items():
                if getattr(record, name) != value:
                    setattr(record, name, value)
            written.append((row, record))
        session.flush()
        for row, record in written:
            row.record_key, row.record_version = str(record.id), record.version
            self.changed(context, record)
        derive_many(session, sorted(touched))
        refresh(session, "organization", sorted(touched))


def _organization_column() -> ImportColumn:
    return ImportColumn(
        "organization",
        "団体名",
        ColumnKind.REFERENCE,
        aliases=["名称", "団体"],
        required=True,
        lookup=_groups,
        unknown="「{text}」という団体が1つに決まりません。登録されている団体名で入力してください。",
    )


class ActivityRecordImport(RowImport):
    """活動の記録."""

    name = "activity_records"
    title = "団体の活動の記録"
    help = "団体名・年度・活動の名称が同じ行は、内容を更新します。"
    model = ActivityRecord
    matches = (Match(("organization", "fiscal_year", "heading"), ("organization_id", "fiscal_year", "heading")),)
    columns = (
        _organization_column(),
        column_of(ActivityRecord, "fiscal_year"),
        column_of(ActivityRecord, "heading", required=True),
        column_of(ActivityRecord, "description"),
        column_of(ActivityRecord, "participant_count", minimum=0),
        column_of(ActivityRecord, "partner"),
    )


class StatementImport(RowImport):
    """決算."""

    name = "financial_statements"
    title = "団体の決算"
    help = "団体名と年度が同じ行は、内容を更新します。支出が収入を超えていても登録できます(団体の画面に印が付きます)。"
    model = FinancialStatement
    matches = (Match(("organization", "fiscal_year"), ("organization_id", "fiscal_year")),)
    columns = (
        _organization_column(),
        column_of(FinancialStatement, "fiscal_year"),
        column_of(FinancialStatement, "income_yen"),
        column_of(FinancialStatement, "expenditure_yen"),
        column_of(FinancialStatement, "carried_forward_yen", allows_negative=True),
        column_of(FinancialStatement, "note", max_length=2_000),
    )


class MemberCountImport(RowImport):
    """年度ごとの会員数."""

    name = "member_counts"
    title = "団体の会員数"
    help = "団体名と年度が同じ行は、内容を更新します。"
    model = MemberCount
    matches = (Match(("organization", "fiscal_year"), ("organization_id", "fiscal_year")),)
    columns = (
        _organization_column(),
        column_of(MemberCount, "fiscal_year"),
        column_of(MemberCount, "members", minimum=0),
        column_of(MemberCount, "in_city", minimum=0),
        column_of(MemberCount, "joined", minimum=0),
        column_of(MemberCount, "aged_65", minimum=0),
    )

    def validate(self, context: Context, row: ParsedRow, existing: Existing | None) -> None:
        members = row.values.get("members")
        for name in ("in_city", "joined", "aged_65"):
            part = row.values.get(name)
            if members is not None and part is not None and part > members:
                row.problem(name, f"会員数({members}人)より多くなっています。")


def _folded(value: Any) -> Any:
    return fold_name(value) if isinstance(value, str) else value


def _ends_before(row: ParsedRow) -> None:
    first, last = row.values.get("from_on"), row.values.get("until_on")
    if first and last and str(last) < str(first):
        row.problem("until_on", "始まりの日より前です。")


class OfficerImport(RowImport):
    """役員: personal data, for the centre."""

    name = "officers"
    title = "団体の役員"
    help = "団体名と氏名が同じ行は、内容を更新します。氏名はセンターと推進担当だけが見られます。"
    model = OrganizationOfficer
    matches = (Match(("organization", "name"), ("organization_id", "folded_name"), _folded),)
    columns = (
        _organization_column(),
        column_of(OrganizationOfficer, "name"),
        column_of(OrganizationOfficer, "role"),
        column_of(OrganizationOfficer, "from_on"),
        column_of(OrganizationOfficer, "until_on"),
    )

    def derived(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"folded_name": fold_name(values["name"])} if values.get("name") else {}

    def validate(self, context: Context, row: ParsedRow, existing: Existing | None) -> None:
        _ends_before(row)


def _users(session: Session, actor: Actor, texts: frozenset[str]) -> Mapping[str, tuple[Any, str]]:
    """Active users by address or by a name that one of them alone has."""
    wanted = [text.strip() for text in texts]
    rows = session.execute(
        select(User.id, User.email, User.display_name).where(
            User.is_active.is_(True), or_(User.email.in_(wanted), User.display_name.in_(wanted))
        )
    ).all()
    found: dict[str, tuple[Any, str]] = {}
    for text in texts:
        same = [row for row in rows if text.strip() in {row.email, row.display_name}]
        if len(same) == 1:
            found[text] = (same[0].id, same[0].display_name)
    return found


class AffiliationImport(RowImport):
    """所属: who of this system belongs to which group; conflicts of interest follow from it."""

    name = "affiliations"
    title = "団体への所属"
    help = "団体名と利用者が同じ行は、内容を更新します。審査の利害関係は、ここから自動で求められます。"
    model = Affiliation
    matches = (Match(("organization", "user"), ("organization_id", "user_id")),)
    attributes: ClassVar[Mapping[str, str | None]] = {"organization": "organization_id", "user": "user_id"}
    columns = (
        _organization_column(),
        ImportColumn(
            "user",
            "利用者",
            ColumnKind.REFERENCE,
            aliases=["氏名", "メールアドレス"],
            required=True,
            lookup=_users,
            unknown="「{text}」という利用者が1人に決まりません。メールアドレスで入力してください。",
        ),
        column_of(Affiliation, "role"),
        column_of(Affiliation, "from_on"),
        column_of(Affiliation, "until_on"),
        column_of(Affiliation, "note"),
    )

    def changed(self, context: Context, record: Any) -> None:
        tell_affiliation(context.session, context.actor, record)

    def validate(self, context: Context, row: ParsedRow, existing: Existing | None) -> None:
        _ends_before(row)


SPECS: tuple[type[RowImport], ...] = (
    ActivityRecordImport,
    StatementImport,
    MemberCountImport,
    OfficerImport,
    AffiliationImport,
)
