"""Forms of a request: what a group needs, whom at the group to reach, why it ended without anybody."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.model_forms import WordsField
from admin_views.talent_forms import TIME_HELP, SkilledForm, area_names, field_choices, same
from app.lookup_fields import RelationField, RelationsField
from app.talents.facts import AUDIENCES, TIMES
from app.webforms import BackOfficeForm, ChoiceField, ChoicesField, DateField, LineField, LongTextField, optional
from models.directory import Organization
from models.reference import Skill
from models.talent_requests import UnfilledReason
from models.talents import Reward

_REQUEST_NAMES = (
    "organization_id", "title", "description", "free_skills", "audiences", "area", "place_note", "times",
    "schedule_note", "reward_offered", "headcount", "due_on", "requires_adult", "requires_insurance",
    "requires_guardian_consent",
)  # fmt: skip


class RequestForm(SkilledForm):
    """A request, made to be entered in two minutes: what, when, where first."""

    plain_names = _REQUEST_NAMES

    organization_id = RelationField(
        "依頼団体",
        [InputRequired("依頼した団体を選んでください。")],
        lookup="organization.lookup_view",
        resolve=resolver(Organization),
        description="団体の一覧から選びます。ない団体は、先に団体の一覧に登録してください。",
    )
    title = LineField("件名", [InputRequired("件名を入力してください。")], length=200)
    description = LongTextField(
        "依頼の内容",
        [optional()],
        description="「網戸の張り替えを教えてほしい」のように、ふだんのことばで書いてください。意味の近い人財を探します。",
    )
    times = ChoicesField("希望する曜日・時間帯", choices=list(TIMES.items()), description=TIME_HELP)
    schedule_note = LineField("日程の補足", [optional()], description="例: 12月の土曜に1回、2時間。")
    area = ChoiceField("場所", choices=lambda: same(area_names()), empty=None)
    place_note = LineField("会場", [optional()], length=200)
    reward_offered = ChoiceField("出せる謝礼", choices=Reward.choices(), coerce=Reward, empty=None)
    headcount = IntegerField("必要な人数", default=1)
    due_on = DateField("決めたい期限", [optional()])
    skills = RelationsField("希望する技能", [optional()], lookup="skill.lookup_view", resolve=resolver(Skill))
    free_skills = WordsField("そのほかの希望する技能", [optional()], description="1行に1つずつ入力します。")
    fields_of_activity = ChoicesField("活動分野", choices=field_choices)
    audiences = ChoicesField(
        "対象",
        choices=same(AUDIENCES),
        description="活動の相手です。決まっているときは「だれでも」を外して選びます。空欄のままでは、候補を探せません。",
    )
    requires_adult = BooleanField("18歳以上に限る")
    requires_insurance = BooleanField("ボランティア保険の加入が必要")
    requires_guardian_consent = BooleanField("18歳未満は保護者の同意が必要")


class RequestContactForm(BackOfficeForm):
    """Whom at the group to reach."""

    contact_name = LineField("団体の連絡担当者", [optional()], length=200)
    contact_phone = LineField("団体の電話番号", [optional()], length=60)
    contact_email = LineField("団体のメールアドレス", [optional()], length=254)

    def contact_values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self[name].data for name in ("contact_name", "contact_phone", "contact_email")}


class NewRequestForm(RequestForm, RequestContactForm):
    """A new request comes with the group's contact."""

    def values(self) -> dict[str, Any]:
        return super().values() | self.contact_values()


REQUEST_GROUPS = [
    ("だれが、何を", ["organization_id", "title", "description"]),
    ("いつ、どこで", ["times", "schedule_note", "area", "place_note"]),
    ("条件", ["reward_offered", "headcount", "due_on", "audiences"]),
    ("くわしい希望(なくても探せます)", ["skills", "free_skills", "fields_of_activity"]),
    ("確認が必要なこと", ["requires_adult", "requires_insurance", "requires_guardian_consent"]),
    ("団体の連絡先", ["contact_name", "contact_phone", "contact_email"]),
]


class CloseForm(BackOfficeForm):
    """Why a request ended without anybody."""

    reason = ChoiceField(
        "見つからなかった理由",
        [InputRequired("理由を選んでください。")],
        choices=UnfilledReason.choices(),
        coerce=UnfilledReason,
    )
