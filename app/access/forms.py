"""Forms of signing in and of one's own account."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.access.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from app.webforms import BackOfficeForm


class LoginForm(BackOfficeForm):
    """Who, and the password."""

    identifier = StringField(
        "メールアドレスまたは職員番号",
        [InputRequired("メールアドレスまたは職員番号を入力してください。"), Length(max=254)],
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
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
