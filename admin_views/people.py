"""The administrator's screens: users, their roles, what is required of a role, 引継ぎ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from admin_views.account import term
from admin_views.home import link_waiting
from admin_views.model_forms import values_of
from admin_views.pages import DetailsPage
from admin_views.people_acts import UserActs
from admin_views.people_lists import COLUMNS, FILTERS
from admin_views.screens import Screen, is_posted
from app.access import forms, handover, roles, users
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.actor import Actor
from app.japanese.dates import format_datetime, today_in_tokyo
from app.problems import Invalid
from models.people import Role, RoleAssignment, RoleSetting, User

#: Hashing takes a tenth of a second each.
SLIPS_AT_ONCE = 50


def _from_the_confirmation(session: Session, actor: Actor, ids: list[int]) -> str:
    """Passwords are shown on a page of their own (`UserView.action_view`), never in a message."""
    raise Invalid("確認の画面から、もう一度発行してください。")


class UserView(UserActs):
    """Users: everything here asks `user:manage`."""

    model = User
    resource = "user"
    title = "利用者"
    lead = "ログインする人と、その役割を管理します。人事異動の名簿は、Excelからまとめて登録できます。"
    columns = COLUMNS
    filters = FILTERS
    default_order = (User.display_name,)
    eager = (selectinload(User.assignments).options(joinedload(RoleAssignment.department)),)
    lookup_attribute = "display_name"
    bulk_actions: ClassVar[dict[str, Any]] = {
        "issue_passwords": (
            "仮のパスワードを発行する",
            "選んだ人のいまのパスワードは使えなくなり、ログイン中の端末はすべて終了します。発行してよろしいですか。",
            _from_the_confirmation,
        )
    }
    form_class = forms.UserForm
    list_template = "people/users.html"

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            may_import = self.actor.may(Permission.IMPORT_RUN)
            kwargs["import_url"] = url_for("import.upload_view", spec_name="staff") if may_import else None
        return str(super().render(template, **kwargs))

    def may(self, action: str) -> bool:
        """One permission for everything; nobody is ever deleted: what they did stays under their name."""
        return action != "delete" and self.actor.may(Permission.USER_MANAGE)

    def label_of(self, record: User) -> str:
        return record.display_name

    def insert(self, form: Any) -> User:
        return users.create_user(self.db_session(), actor=self.actor, **values_of(form, User))

    def change(self, record: User, form: Any, version: int | None) -> None:
        users.update_user(self.db_session(), actor=self.actor, user=record, version=version, **values_of(form, User))

    @expose("/action/", methods=("POST",))
    def action_view(self) -> Any:
        """仮のパスワード for several people: a page to print and cut, shown once."""
        if request.form.get("action") != "issue_passwords" or request.form.get("confirmed") != "yes":
            return super().action_view()
        self.demand("edit")
        keys = [as_key(value) for value in request.form.getlist("rowid")]
        wanted = [key for key in keys if key is not None]
        if not wanted or len(wanted) != len(keys):
            return self.refused_list("行を選んでから、もう一度ボタンを押してください。")
        if len(wanted) > SLIPS_AT_ONCE:
            return self.refused_list(f"一度に発行できるのは{SLIPS_AT_ONCE}人までです。行を減らしてください。")
        issued = users.issue_passwords(self.db_session(), actor=self.actor, user_ids=wanted)
        return self.render("people/passwords.html", issued=issued)

    # --- the page of a user --------------------------------------------------------------------------------

    def details_page(self, record: User) -> DetailsPage:
        page = super().details_page(record)
        page.status = ("有効", "success") if record.is_active else ("無効", "muted")
        return page

    def sections(self, record: User) -> list[tuple[str, list[tuple[str, Any]]]]:
        own = [
            ("氏名", record.display_name),
            ("メールアドレス", record.email),
            ("職員番号", record.staff_number),
            ("通知先(共用)", record.notice_email),
        ]
        changed = format_datetime(record.password_changed_at) if record.password_changed_at else ""
        if record.password_hash is None:
            password = "未発行"
        elif record.must_change_password and not record.is_demo:
            password = f"仮のパスワードを発行済み(本人の変更待ち、{changed})"
        else:
            password = f"設定済み({changed})" if changed else "設定済み"
        factor = f"設定済み({format_datetime(record.totp_enabled_at)})" if record.totp_enabled_at else "未設定"
        login = [("パスワード", password), ("二段階認証", factor)]
        if record.is_demo:
            login.append(("デモ用", "はい"))
        return [("登録内容", own), ("ログイン", login)]

    def related(self, record: User) -> list[tuple[str, Any]]:
        today = today_in_tokyo()
        lines = []
        for one in sorted(record.assignments, key=lambda one: (one.from_on, one.id), reverse=True):
            is_over = one.until_on is not None and one.until_on < today
            url = self.address("end_role_view", record, assignment=one.id)
            lines.append((str(one), self.address("details_view", record) if is_over else url, self._told_term(one)))
        return [("役割(選ぶと終了日を入力できます)", lines)]

    def _told_term(self, one: RoleAssignment) -> str:
        today = today_in_tokyo()
        state = "" if one.is_in_force(today) else "(終了)" if one.from_on <= today else "(開始前)"
        return f"{term(one)}{state}{f' {one.note}' if one.note else ''}"

    def next_steps(self, record: User) -> list[tuple[str, str, str, str | None]]:
        has_roles = bool(handover.assignments_to_hand_over(self.db_session(), record, today_in_tokyo()))
        steps: list[tuple[str, str, str, str | None]] = [
            ("役割を追加する", self.address("assign_view", record), "get", None),
            ("仮のパスワードを発行する", self.address("reset_password_view", record), "get", None),
            (
                "引継ぎを行う",
                self.address("hand_over_view", record),
                "get",
                None if has_roles else "明日以後に続く役割がありません。",
            ),
        ]
        if record.totp_enabled_at is not None:
            steps.append(("二段階認証を解除する", self.address("reset_second_factor_view", record), "get", None))
        if record.is_active:
            is_self = record.id == self.actor.user_id
            why = "自分自身は無効にできません。" if is_self else None
            steps.append(("利用者を無効にする", self.address("deactivate_view", record), "get", why))
        else:
            steps.append(("利用者を有効にする", self.address("activate_view", record), "get", None))
        return steps


class RoleSettings(Screen):
    """What is required of each role."""

    permission = Permission.USER_MANAGE

    def __init__(self) -> None:
        super().__init__(name="役割の設定", endpoint="role-setting")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """役割の設定."""
        if is_posted():
            role = self.found(next((one for one in Role if one == request.form.get("role")), None))
            is_required = request.form.get("is_required") == "1"
            roles.require_second_factor(self.db_session(), actor=self.actor, role=role, is_required=is_required)
            what = "必須にしました" if is_required else "任意にしました"
            return self.go("role-setting.index", f"「{role.label}」の二段階認証を{what}。")
        required = set(
            self.db_session.scalars(select(RoleSetting.role).where(RoleSetting.requires_second_factor)).all()
        )
        rows = [(role.value, role.label, role in required) for role in Role]
        return self.render("people/role_settings.html", rows=rows)


link_waiting("first_users", lambda waiting: url_for("user.index_view"))
link_waiting("users", lambda waiting: url_for("user.index_view") + f"?f-state={waiting.key}")


def screens() -> Sequence[Screen]:
    """In the order of the menu."""
    return [UserView(), RoleSettings()]
