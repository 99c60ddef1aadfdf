"""Users and roles by Excel (1 April changes many at once): a row is one user with one role, 兼務 is a further row."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import zlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.access import roles, users
from app.access.sign_in import normalise_email, normalise_staff_number
from app.access.user_rules import EMAIL, STAFF_NUMBER
from app.audit.acts import Act
from app.exchange.cells import Raw
from app.exchange.columns import CellError, ColumnKind, ImportColumn, Plain, as_text
from app.exchange.mapped import lookup_by
from app.exchange.references import referring_sentences
from app.exchange.specs import Context, Existing, ImportSpec, ParsedRow, PlannedRow, register_import
from app.japanese.dates import today_in_tokyo
from models.people import Role, RoleAssignment, User
from models.reference import Department

USER_COLUMNS = ("display_name", "email", "staff_number", "notice_email")
TERM_COLUMNS = ("from_on", "until_on")


def _email(raw: Raw) -> Plain:
    address = normalise_email(as_text(raw))
    if len(address) > 254 or not EMAIL.fullmatch(address):
        raise CellError(f"「{address[:40]}」はメールアドレスの形ではありません(例: hanako@city.example.jp)。")
    return address


def _staff_number(raw: Raw) -> Plain:
    number = normalise_staff_number(as_text(raw))
    if not STAFF_NUMBER.fullmatch(number):
        raise CellError(f"「{number[:40]}」は職員番号として使えません。半角の英数字とハイフンで入力してください。")
    return number


@dataclasses.dataclass(frozen=True)
class RecordKey:
    """What a row means: a user and, when the row names one, a role."""

    user_id: int
    role: Role | None
    department_id: int | None

    def __str__(self) -> str:
        return f"{self.user_id}/{self.role.value if self.role else ''}/{self.department_id or ''}"

    @classmethod
    def read(cls, text: str) -> RecordKey:
        """The key written by `str`."""
        user_id, role, department_id = text.split("/")
        return cls(int(user_id), Role(role) if role else None, int(department_id) if department_id else None)


def assignment_of(user: User, role: Role | None, department_id: int | None) -> RoleAssignment | None:
    """The user's latest assignment of that role (and department)."""
    matching = [one for one in user.assignments if one.role is role and one.department_id == department_id]
    return max(matching, key=lambda one: (one.from_on, one.id), default=None)


class StaffImport(ImportSpec):
    """Users by 職員番号 or e-mail; roles by what they are. Blank cells leave what is stored; nobody is removed."""

    name = "staff"
    title = "利用者と役割"
    permission = "user:manage"
    help = (
        "1行に1人の役割を1つ入力します。兼務の人は、役割ごとに行を分けてください。職員番号またはメールアドレスで、"
        "登録済みの利用者を見つけます。"
    )
    columns = (
        ImportColumn("display_name", "氏名", aliases=("名前", "職員氏名"), required=True, max_length=100),
        ImportColumn(
            "email", "メールアドレス", aliases=("メール", "E-mail"), parse=_email, keeps_blank=True, personal=True
        ),
        ImportColumn(
            "staff_number", "職員番号", aliases=("番号",), parse=_staff_number, keeps_blank=True, personal=True
        ),
        ImportColumn(
            "notice_email",
            "通知先(共用)",
            aliases=("通知先", "通知先メールアドレス", "課のメールアドレス"),
            parse=_email,
            keeps_blank=True,
            personal=True,
            help="メールアドレスを課で共用しているときに入力します。",
        ),
        ImportColumn("role", "役割", kind=ColumnKind.ENUM, choices=Role.choices(), keeps_blank=True),
        ImportColumn(
            "department",
            "課",
            kind=ColumnKind.REFERENCE,
            aliases=("課名", "所属", "所属課"),
            lookup=lookup_by(Department, "name", "code"),
            keeps_blank=True,
            help="役割が「担当課・関連課」のときに入力します。",
        ),
        ImportColumn("from_on", "開始日", kind=ColumnKind.DATE, aliases=("発令日", "任期開始"), keeps_blank=True),
        ImportColumn("until_on", "終了日", kind=ColumnKind.DATE, aliases=("任期終了", "任期満了"), keeps_blank=True),
    )

    def identity(self, row: ParsedRow) -> Hashable:
        who = row.values.get("staff_number") or row.values.get("email")
        return (who, row.values.get("role"), _key_of(row.values.get("department"))) if who else None

    def find_existing(self, context: Context, rows: Sequence[ParsedRow]) -> Mapping[int, Existing]:
        """Two queries for all rows: users and their assignments."""
        by_number, by_email = _users_named(context.session, [row.values for row in rows])
        found = {}
        for row in rows:
            number, email = row.values.get("staff_number"), row.values.get("email")
            candidates = {user.id: user for user in (by_number.get(number), by_email.get(email)) if user is not None}
            if len(candidates) > 1:
                row.problem(
                    "email", "この職員番号とメールアドレスは、別々の利用者のものです。どちらかを直してください。"
                )
                continue
            for user in candidates.values():
                found[row.number] = self._existing(context, row, user)
        return found

    def _existing(self, context: Context, row: ParsedRow, user: User) -> Existing:
        role, department_id = _role_of(row.values)
        given = assignment_of(user, role, department_id)
        values: dict[str, Plain] = {name: getattr(user, name) for name in USER_COLUMNS if name in context.columns}
        if role is not None:
            values |= {
                "role": role.value if given else None,
                "department": row.values.get("department") if given else None,
                "from_on": given.from_on.isoformat() if given else None,
                "until_on": given.until_on.isoformat() if given and given.until_on else None,
            }
            from_on, until_on = _term_of(row.values, given)
            if roles.is_overlapping(user, role, department_id, from_on, until_on, besides=given):
                row.problem("from_on", roles.OVERLAP)
        key = RecordKey(user.id, role, department_id)
        return Existing(str(key), _state_of(user, given), values, user.display_name)

    def validate(self, context: Context, row: ParsedRow, existing: Existing | None) -> None:
        if existing is None and not (row.values.get("email") or row.values.get("staff_number")):
            row.problem("email", "メールアドレスか職員番号のどちらかを入力してください。")
        role, department_id = _role_of(row.values)
        if role is None:
            for column in ("department", *TERM_COLUMNS):
                if row.values.get(column):
                    row.problem(column, "役割が空欄です。役割を選ぶか、この欄を空欄にしてください。")
            return
        stored = existing.values if existing is not None else {}
        term = {name: row.values.get(name) or stored.get(name) for name in TERM_COLUMNS}
        from_on, until_on = _term_of(term, None)
        for field, sentence in roles.faults_of(role, department_id, from_on, until_on):
            row.problem(field, sentence)

    def versions(self, session: Session, keys: Sequence[str]) -> Mapping[str, int]:
        """A digest of the user and the role stands for the version: a role has none of its own."""
        wanted = {text: RecordKey.read(text) for text in keys}
        known = _load(session, {key.user_id for key in wanted.values()})
        return {
            text: _state_of(known[key.user_id], assignment_of(known[key.user_id], key.role, key.department_id))
            for text, key in wanted.items()
            if key.user_id in known
        }

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """Through the services, row by row: their rules hold here as on screen."""
        session, actor = context.session, context.actor
        known = _load(session, {RecordKey.read(row.record_key).user_id for row in rows if row.record_key})
        fresh: dict[Any, User] = {}
        written: list[tuple[PlannedRow, User, RecordKey]] = []
        for row in rows:
            user = known[RecordKey.read(row.record_key).user_id] if row.record_key else None
            for name in ("staff_number", "email"):
                user = user or fresh.get((name, row.values.get(name)))
            values: dict[str, Any] = {
                name: row.values.get(name) or (getattr(user, name) if user else None) for name in USER_COLUMNS
            }
            if user is None:
                user = users.create_user(session, actor=actor, **values)
                fresh |= {(name, values[name]): user for name in ("staff_number", "email") if values[name]}
            elif any(getattr(user, name) != value for name, value in values.items()):
                users.update_user(session, actor=actor, user=user, **values)
            self._give(context, user, row)
            written.append((row, user, RecordKey(user.id, *_role_of(row.values))))
        for row, user, key in written:  # at the end: several rows may mean one user
            row.record_key = str(key)
            row.record_version = _state_of(user, assignment_of(user, key.role, key.department_id))

    def _give(self, context: Context, user: User, row: PlannedRow) -> None:
        role, department_id = _role_of(row.values)
        if role is None:
            return
        given = assignment_of(user, role, department_id)
        from_on, until_on = _term_of(row.values, given)
        if given is None:
            department = context.session.get(Department, department_id) if department_id else None
            roles.assign(
                context.session,
                actor=context.actor,
                user=user,
                role=role,
                department=department,
                from_on=from_on,
                until_on=until_on,
            )
        elif (given.from_on, given.until_on) != (from_on, until_on):
            roles.change_term(
                context.session, actor=context.actor, assignment=given, from_on=from_on, until_on=until_on
            )

    def undo(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """Take new roles and new users away again, and put the others back."""
        session, actor = context.session, context.actor
        keys = {row.number: RecordKey.read(row.record_key or "") for row in rows}
        known = _load(session, {key.user_id for key in keys.values()})
        for row in reversed(rows):
            key = keys[row.number]
            user = known[key.user_id]
            given = assignment_of(user, key.role, key.department_id)
            is_new_role = row.is_new or ("role" in row.old and row.old["role"] is None)
            if given is not None and is_new_role:
                roles.withdraw(session, actor=actor, assignment=given)
            elif given is not None and any(name in row.old for name in TERM_COLUMNS):
                from_on, until_on = _term_of({**row.values, **row.old}, None)
                roles.change_term(session, actor=actor, assignment=given, from_on=from_on, until_on=until_on)
            old = {name: row.old.get(name, getattr(user, name)) for name in USER_COLUMNS}
            if not row.is_new and any(getattr(user, name) != value for name, value in old.items()):
                users.update_user(session, actor=actor, user=user, **old)
        for user_id in {keys[row.number].user_id for row in rows if row.is_new}:
            users.remove_unused(session, actor=actor, user=known[user_id])

    def hindrances(self, session: Session, rows: Sequence[PlannedRow]) -> list[str]:
        created = {RecordKey.read(row.record_key or "").user_id: row.label for row in rows if row.is_new}
        own = f"「{RoleAssignment.__label__}」から"
        return [sentence for sentence in referring_sentences(session, User, created) if own not in sentence]


def _key_of(value: Plain) -> int | None:
    return int(value[0]) if value else None


def _role_of(values: Mapping[str, Plain]) -> tuple[Role | None, int | None]:
    role = values.get("role")
    return (Role(role), _key_of(values.get("department"))) if role else (None, None)


def _term_of(values: Mapping[str, Plain], given: RoleAssignment | None) -> tuple[dt.date, dt.date | None]:
    """First and last day of a row; what is blank stays as it is given, else from today without an end."""
    from_on, until_on = values.get("from_on"), values.get("until_on")
    start = dt.date.fromisoformat(from_on) if from_on else given.from_on if given else today_in_tokyo()
    end = dt.date.fromisoformat(until_on) if until_on else given.until_on if given else None
    return start, end


def _state_of(user: User, given: RoleAssignment | None) -> int:
    state = [user.display_name, user.email, user.staff_number, user.notice_email, user.is_active]
    state += [user.password_changed_at.isoformat() if user.password_changed_at else None]
    state += [str(given.from_on), str(given.until_on)] if given is not None else []
    return zlib.crc32(json.dumps(state, ensure_ascii=False).encode()) & 0x7FFFFFFF


_WITH_ROLES = selectinload(User.assignments).options(joinedload(RoleAssignment.department))


def _users_named(
    session: Session, rows: Iterable[Mapping[str, Plain]]
) -> tuple[dict[str | None, User], dict[str | None, User]]:
    numbers = {row["staff_number"] for row in rows if row.get("staff_number")}
    emails = {row["email"] for row in rows if row.get("email")}
    found = session.scalars(
        select(User).where(or_(User.staff_number.in_(numbers), User.email.in_(emails))).options(_WITH_ROLES)
    ).all()
    return (
        {user.staff_number: user for user in found if user.staff_number},
        {user.email: user for user in found if user.email},
    )


def _load(session: Session, user_ids: Iterable[int]) -> dict[int, User]:
    """The users, locked until the transaction ends, with their roles as stored."""
    session.flush()
    statement = select(User).where(User.id.in_(sorted(user_ids))).order_by(User.id).with_for_update(of=User)
    found = session.scalars(statement.options(_WITH_ROLES).execution_options(populate_existing=True))
    return {user.id: user for user in found}


register_import(StaffImport())
