"""Forms of a talent: what it offers, how it is reached, its consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import select
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.model_forms import WordsField
from app.extensions import db
from app.lookup_fields import RelationsField
from app.talents.facts import ANYWHERE, AUDIENCES, ONLINE, TIMES
from app.webforms import BackOfficeForm, ChoiceField, ChoicesField, DateField, LineField, LongTextField, optional
from models.reference import ActivityField, Area, Skill
from models.talents import ConsentWay, Reward, TalentKind, TalentStatus

TIME_HELP = "空欄のままでは、日時の合う相手を探せません。"


def field_choices() -> list[tuple[str, str]]:
    """The fields of activity, by number."""
    rows = db.session.scalars(select(ActivityField).order_by(ActivityField.number))
    return [(str(row.id), f"{row.number} {row.name}") for row in rows]


def area_names() -> list[str]:
    """市内全域, オンライン and the towns."""
    return [ANYWHERE, ONLINE, *db.session.scalars(select(Area.name).order_by(Area.position, Area.id))]


def same(names: Sequence[str]) -> list[tuple[str, str]]:
    """Choices that are stored as they are shown."""
    return [(name, name) for name in names]


def rows_of(model: type[Any], keys: Sequence[Any] | None) -> list[Any]:
    """The rows with these keys, by key."""
    wanted = [int(key) for key in keys or ()]
    return list(db.session.scalars(select(model).where(model.id.in_(wanted)).order_by(model.id))) if wanted else []


class SkilledForm(BackOfficeForm):
    """What a talent offers or a request wants: plain columns beside `skills` and `fields_of_activity`."""

    #: The fields that are plain columns of the record.
    plain_names: ClassVar[Sequence[str]] = ()

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self[name].data for name in self.plain_names} | {
            "skills": rows_of(Skill, self.skills.data),
            "fields": rows_of(ActivityField, self.fields_of_activity.data),
        }

    @classmethod
    def data_of(cls, record: Any) -> dict[str, Any]:
        """The record as the form shows it."""
        return {name: getattr(record, name) for name in cls.plain_names} | {
            "skills": record.skills,
            "fields_of_activity": [str(row.id) for row in record.fields],
        }


class ContactFields(BackOfficeForm):
    """How a talent is reached."""

    contact_person = LineField(
        "連絡担当者", [optional()], length=200, description="団体・グループのとき、または代わりの方がいるとき。"
    )
    phone = LineField("電話番号", [optional()], length=60)
    email = LineField("メールアドレス", [optional()], length=254)
    address = LineField("住所", [optional()], length=300)
    contact_note = LineField("連絡の取り方", [optional()], description="例: 平日の夕方、電話で。")

    def contact_values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self[name].data for name in ("contact_person", "phone", "email", "address", "contact_note")}


_TALENT_NAMES = (
    "kind", "name", "reading", "description", "free_skills", "audiences", "areas", "availability", "reward",
    "reward_note", "capacity", "is_adult", "has_guardian_consent", "is_insured", "status", "consent_on", "consent_way",
    "valid_until", "note",
)  # fmt: skip


class TalentForm(SkilledForm):
    """A talent, without its contacts: those are shown by a step of their own."""

    plain_names = _TALENT_NAMES

    kind = ChoiceField("個人・団体", choices=TalentKind.choices(), coerce=TalentKind, empty=None)
    name = LineField(
        "氏名・団体名",
        [InputRequired("氏名・団体名を入力してください。")],
        length=200,
        description="あすぴあの職員だけが見ます。",
    )
    reading = LineField("よみ", [optional()], length=200)
    skills = RelationsField("技能の分類", [optional()], lookup="skill.lookup_view", resolve=resolver(Skill))
    free_skills = WordsField("そのほかの技能", [optional()], description="1行に1つずつ、本人のことばで入力します。")
    description = LongTextField(
        "できること・経験",
        [optional()],
        description="氏名や連絡先は書かないでください。市の職員は、氏名を伏せてここを読みます。",
    )
    fields_of_activity = ChoicesField("活動分野", choices=field_choices)
    audiences = ChoicesField("対象", choices=same(AUDIENCES))
    areas = ChoicesField("行ける地域", choices=lambda: same(area_names()))
    availability = ChoicesField("活動できる曜日・時間帯", choices=list(TIMES.items()), description=TIME_HELP)
    reward = ChoiceField("希望する謝礼", choices=Reward.choices(), coerce=Reward, empty=None)
    reward_note = LineField("謝礼の補足", [optional()], length=200)
    capacity = IntegerField("同時に引き受けられる件数", default=1)
    is_adult = BooleanField("18歳以上であることを確認した")
    has_guardian_consent = BooleanField("保護者の同意を得ている(18歳未満のとき)")
    is_insured = BooleanField("ボランティア保険に加入している")
    status = ChoiceField(
        "登録の状態",
        choices=[pair for pair in TalentStatus.choices() if pair[0] != TalentStatus.ERASED],
        coerce=TalentStatus,
        empty=None,
    )
    consent_on = DateField("登録への同意日", [optional()])
    consent_way = ChoiceField(
        "同意の方法",
        choices=ConsentWay.choices(),
        coerce=ConsentWay,
        description="同意日を入力したときは、必ず選んでください。",
    )
    valid_until = DateField("登録の有効期限", [optional()])
    note = LongTextField("職員の覚え書き", [optional()], description="あすぴあの職員だけが見ます。")


class NewTalentForm(TalentForm, ContactFields):
    """A new talent comes with its contacts."""

    def values(self) -> dict[str, Any]:
        return super().values() | self.contact_values()


TALENT_GROUPS = [
    ("本人", ["kind", "name", "reading", "contact_person", "phone", "email", "address", "contact_note"]),
    ("できること", ["skills", "free_skills", "description", "fields_of_activity", "audiences"]),
    ("条件", ["areas", "availability", "reward", "reward_note", "capacity"]),
    (
        "同意と確認",
        ["status", "consent_on", "consent_way", "valid_until", "is_adult", "has_guardian_consent", "is_insured"],
    ),
    ("職員用", ["note"]),
]


class ConsentForm(BackOfficeForm):
    """A consent given anew."""

    consent_on = DateField("同意を得た日", [InputRequired("同意を得た日を入力してください。")])
    consent_way = ChoiceField(
        "同意の方法",
        [InputRequired("同意の方法を選んでください。")],
        choices=ConsentWay.choices(),
        coerce=ConsentWay,
    )
    valid_until = DateField("新しい有効期限", [InputRequired("新しい有効期限を入力してください。")])
