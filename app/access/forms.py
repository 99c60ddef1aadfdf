"""Forms of signing in, of one's own account, and of the administrator's screens for users."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.access.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from app.lookup_fields import RelationField
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, optional
from models.people import Role

#: ids -> labels of the rows that the reader may see.
Resolve = Callable[[Sequence[int]], dict[int, str]]


def _without_controls(text: str | None) -> str | None:
    """The form is shown again with what was typed: no control character may stand in a page."""
    return "".join(sign for sign in text if sign.isprintable()) if text else text


class LoginForm(BackOfficeForm):
    """Who, and the password."""

    identifier = StringField(
        "メールアドレスまたは職員番号",
        [InputRequired("メールアドレスまたは職員番号を入力してください。"), Length(max=254)],
        filters=[_without_controls],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "パスワード",
        [InputRequired("パスワードを入力してください。")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class CodeForm(BackOfficeForm):
    """The six digits of the second factor, or a recovery code."""

    code = StringField(
        "認証コード",
        [InputRequired("認証コードを入力してください。"), Length(max=40)],
        filters=[_without_controls],
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "none"},
    )
    next = HiddenField()


class PasswordForm(BackOfficeForm):
    """A new password, typed twice, with the present one."""

    current_password = PasswordField(
        "現在のパスワード",
        [InputRequired("現在のパスワードを入力してください。")],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        "新しいパスワード",
        [InputRequired("新しいパスワードを入力してください。"), Length(max=MAXIMUM_LENGTH)],
        description=f"{MINIMUM_LENGTH}文字以上。よく使われる言葉、氏名、職員番号を含むものは使えません。"
        "関係のない単語をいくつかつなげると、覚えやすく破られにくくなります。",
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        "新しいパスワード(確認)",
        [InputRequired("新しいパスワードをもう一度入力してください。")],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_repeated(self, field: PasswordField) -> None:
        """Both must be the same."""
        if field.data != self.password.data:
            raise ValidationError("新しいパスワードと確認の入力が違います。")


class ConfirmForm(BackOfficeForm):
    """The password again, before a delicate step."""

    current_password = PasswordField(
        "現在のパスワード",
        [InputRequired("現在のパスワードを入力してください。")],
        render_kw={"autocomplete": "current-password"},
    )


class SecondFactorForm(ConfirmForm):
    """Switching the second factor on: the password and the first code."""

    code = StringField(
        "アプリに表示された6桁の認証コード",
        [InputRequired("認証コードを入力してください。"), Length(max=12)],
        filters=[_without_controls],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class UserForm(BackOfficeForm):
    """Who a user is."""

    display_name = LineField("氏名", [InputRequired("氏名を入力してください。")], length=100)
    email = LineField(
        "メールアドレス",
        [optional()],
        length=254,
        description="ログインに使います。ほかの利用者と同じものは登録できません。",
        render_kw={"type": "email", "autocomplete": "off"},
    )
    staff_number = LineField(
        "職員番号",
        [optional()],
        length=40,
        description="課でメールアドレスを共用しているときは、職員番号でログインします。",
        render_kw={"autocomplete": "off"},
    )
    notice_email = LineField(
        "通知先(共用)",
        [optional()],
        length=254,
        description="メールアドレスが空欄のとき、お知らせを送る先です。共用のアドレスを登録できます。",
        render_kw={"type": "email", "autocomplete": "off"},
    )


class ReasonForm(BackOfficeForm):
    """Why it is done."""

    reason = LineField("理由", [InputRequired("理由を入力してください。")])


class EndRoleForm(BackOfficeForm):
    """When a role ends."""

    last_day = DateField(
        "最終日", [optional()], description="空欄にすると、ただちに終了します。例: 2027-03-31、令和9年3月31日"
    )
    reason = LineField("理由", [optional()])


def assign_form(departments: Resolve) -> type[BackOfficeForm]:
    """A role from/until. departments: ids -> labels within the reader's scope."""

    class AssignForm(BackOfficeForm):
        role = ChoiceField("役割", [InputRequired("役割を選んでください。")], choices=Role.choices(), coerce=Role)
        department = RelationField(
            "課",
            [],
            lookup="department.lookup_view",
            resolve=departments,
            description="「担当課・関連課」のときだけ選びます。兼務は、課ごとに役割を追加します。",
        )
        from_on = DateField("開始日", [optional()], description="空欄にすると今日から。例: 2027-04-01、令和9年4月1日")
        until_on = DateField("終了日", [optional()], description="選考審査会委員は、任期の終わりの日を入力します。")
        note = LineField("備考", [optional()], length=200)

    return AssignForm


def handover_form(users: Resolve) -> type[BackOfficeForm]:
    """To whom, and from when. users: ids -> labels within the reader's scope."""

    class HandoverForm(BackOfficeForm):
        to_user = RelationField(
            "後任者", [InputRequired("後任者を選んでください。")], lookup="user.lookup_view", resolve=users
        )
        last_day = DateField(
            "前任者の最終日",
            [InputRequired("前任者の最終日を入力してください。")],
            description="役割は、この日で終わり、翌日から後任者に移ります。例: 2027-03-31、令和9年3月31日",
        )
        reason = LineField("理由", [optional()], description="例: 令和9年4月1日付け人事異動")

    return HandoverForm
