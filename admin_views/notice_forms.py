"""Forms of notices: a draft, why one is withdrawn, and the blanks of a template."""

from __future__ import annotations

from typing import Any

from wtforms.validators import InputRequired

from app.notices.wording import declared
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, optional
from models.notices import Honorific, NoticeTemplate

REQUIRED = "入力してください。"


class NoticeForm(BackOfficeForm):
    """A draft."""

    recipient_name = LineField("宛名", [InputRequired(REQUIRED)], length=200, description="敬称は付けずに入力します。")
    honorific = ChoiceField(
        "敬称", [InputRequired(REQUIRED)], choices=Honorific.choices(), coerce=Honorific, empty=None
    )
    recipient_address = LongTextField("宛先住所", [optional()], length=500)
    recipient_email = LineField(
        "宛先メール", [optional()], length=254, description="入力すると、発出したときにメールの送信箱に入ります。"
    )
    dated_on = DateField("日付", [InputRequired(REQUIRED)])
    document_number = LineField(
        "文書番号", [optional()], length=100, description="空欄のときは、差出人の設定に従って、発出のときに付きます。"
    )
    title = LineField("件名", [InputRequired(REQUIRED)], length=300)
    body = LongTextField("本文", [InputRequired(REQUIRED)], length=20_000)
    instruction = LongTextField("教示", [optional()], length=10_000)


class ReasonForm(BackOfficeForm):
    """Why."""

    reason = LongTextField("取消しの理由", [InputRequired(REQUIRED)], length=500)


def write_form(template: NoticeTemplate) -> type[BackOfficeForm]:
    """The addressee, and one field for each placeholder of the template."""
    fields: dict[str, Any] = {
        name: getattr(NoticeForm, name)
        for name in ("recipient_name", "honorific", "recipient_address", "recipient_email")
    }
    for place, (name, meaning) in enumerate(declared(template.placeholders).items()):
        fields[f"p{place}"] = LongTextField(name, [optional()], length=10_000, description=meaning)
    return type("WriteForm", (BackOfficeForm,), fields)
