"""The forms of a group: its profile in the order of the five items, its contacts. Rows: `directory_rows_form`."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from admin_views.model_forms import WordsField
from admin_views.registry_form import short_list
from app.directory.fields import BY_NAME, CONTACTS, Kept
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    ChoicesField,
    LineField,
    LongTextField,
    optional,
)
from models.directory import Organization, OrganizationKind
from models.directory_profile import Audience
from models.reference import ActivityField, Area

_RANKS = ("field_first", "field_second", "field_third")
#: Attributes that the form has a plain field for.
NAMES = (
    *("name", "reading", "kind", "legal_form", "is_confirmed", "is_person"),
    *("purpose", "policy", "founding_reason", "founded_year", "activities"),
    *("regular_day", "regular_place", "member_count", "member_count_in_city"),
    *("public_interest", "non_profit", "voluntariness", "bookkeeping", "audit_method", "soundness"),
    *("bylaws", "disclosure", "plans", "independence", "prospects", "pr", "web", "sns", "note"),
)
CONTACT_NAMES = tuple(field.name for field in CONTACTS)


def _label(name: str) -> str:
    return str(Organization.__table__.c[name].info["label"])


def _of(name: str, description: str = "") -> Any:
    field = BY_NAME[name]
    if field.kept is Kept.NUMBER:
        bounds = NumberRange(0, 1_000_000, message="0以上の数を入力してください。")
        return IntegerField(_label(name), [optional(), bounds], description=description)
    kind = LongTextField if field.kept is Kept.TEXT else LineField
    return kind(_label(name), [optional()], length=field.limit, description=description)


def _fields() -> list[tuple[int, str]]:
    return short_list(ActivityField, ActivityField.number)


def _rank(label: str) -> Any:
    return ChoiceField(label, [optional()], choices=_fields, coerce=int, empty="(なし)")


class OrganizationForm(BackOfficeForm):
    """A group with its other names. Contacts have a form of their own: looking at them is a step of its own."""

    name = LineField("団体名", [InputRequired("団体名を入力してください。")])
    reading = LineField(
        "よみ", [optional()], description="ひらがなで入力します。カタカナは、ひらがなにして保存します。"
    )
    kind = ChoiceField("種別", choices=OrganizationKind.choices(), coerce=OrganizationKind, empty=None)
    legal_form = LineField("法人格", [optional()], length=60, description="空のときは、団体名から読み取ります。")
    aliases = WordsField(
        "別名・旧称", [optional()], description="1行に1つずつ入力します。一覧に載った書き方も、ここに残します。"
    )
    is_confirmed = BooleanField("団体に内容を確認した")
    is_person = BooleanField("個人(公開する一覧に出さない)")
    purpose = _of("purpose")
    policy = _of("policy")
    founding_reason = _of("founding_reason")
    founded_year = _of("founded_year", "西暦で入力します。例: 1998")
    activities = _of("activities", "年度ごとの活動は、団体の画面の「活動の記録」に入力します。")
    field_first = _rank("活動分野(1番目)")
    field_second = _rank("活動分野(2番目)")
    field_third = _rank("活動分野(3番目)")
    field_others = ChoicesField("そのほかの活動分野", choices=_fields, coerce=int)
    audiences = ChoicesField("対象", choices=lambda: short_list(Audience, Audience.position, Audience.id), coerce=int)
    areas = ChoicesField("活動地域", choices=lambda: short_list(Area, Area.position, Area.id), coerce=int)
    regular_day = _of("regular_day", "例: 毎月第2土曜日の午前")
    regular_place = _of("regular_place")
    member_count = _of("member_count")
    member_count_in_city = _of("member_count_in_city")
    public_interest = _of("public_interest")
    non_profit = _of("non_profit")
    voluntariness = _of("voluntariness")
    bookkeeping = _of("bookkeeping", "年度ごとの決算は、団体の画面の「決算」に入力します。")
    audit_method = _of("audit_method")
    soundness = _of("soundness")
    bylaws = _of("bylaws", "例: あり(令和5年4月改正)")
    disclosure = _of("disclosure")
    plans = _of("plans")
    independence = _of("independence")
    prospects = _of("prospects")
    pr = _of("pr")
    web = _of("web")
    sns = _of("sns")
    note = _of("note", "センターの内部の記録です。ほかの役割の人には見えません。")

    def values(self) -> dict[str, Any]:
        """What the services take."""
        ranks = [self[name].data for name in _RANKS if self[name].data is not None]
        found = {name: self[name].data for name in NAMES}
        return found | {
            "fields": [*dict.fromkeys([*ranks, *(self.field_others.data or [])])],
            "audiences": self.audiences.data or [],
            "areas": self.areas.data or [],
        }


class ContactForm(BackOfficeForm):
    """The contacts of a group."""

    representative = _of("representative")
    contact_person = _of("contact_person")
    address = _of("address")
    phone = _of("phone")
    fax = _of("fax")
    email = _of("email")

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self[name].data for name in CONTACT_NAMES}


class NewOrganizationForm(OrganizationForm, ContactForm):
    """A new group, with its contacts: what one types oneself needs no disclosure."""

    is_another = BooleanField("似た団体があっても、別の団体として登録する")

    def values(self) -> dict[str, Any]:
        return OrganizationForm.values(self) | ContactForm.values(self)


def form_data(organization: Organization) -> dict[str, Any]:
    """What the form of a stored group opens with."""
    keys = [row.activity_field_id for row in organization.fields]
    ranked = dict(zip(_RANKS, [*keys[:3], None, None, None], strict=False))
    return (
        {name: getattr(organization, name) for name in NAMES}
        | ranked
        | {
            "aliases": [alias.name for alias in organization.aliases],
            "field_others": keys[3:],
            "audiences": [row.id for row in organization.audiences],
            "areas": [row.id for row in organization.areas],
        }
    )


GROUPS: list[tuple[str, list[str]]] = [
    ("基本の項目", ["name", "reading", "kind", "legal_form", "aliases", "is_confirmed", "is_person"]),
    ("1 活動目的", ["purpose", "policy", "founding_reason", "founded_year"]),
    ("2 活動実績", ["activities"]),
    (
        "3 活動状況",
        [
            *_RANKS,
            *("field_others", "audiences", "areas", "regular_day", "regular_place"),
            *("member_count", "member_count_in_city", "public_interest", "non_profit", "voluntariness"),
        ],
    ),
    ("4 財政状況", ["bookkeeping", "audit_method", "soundness"]),
    ("5 運営体制", ["bylaws", "disclosure", "plans", "independence", "prospects"]),
    ("団体からの発信", ["pr", "web", "sns"]),
    ("備考", ["note"]),
]
NEW_GROUPS: list[tuple[str, list[str]]] = [
    *GROUPS[:-1],
    ("連絡先", list(CONTACT_NAMES)),
    GROUPS[-1],
    ("登録の前に", ["is_another"]),
]
#: Where a field is entered, when its name in the form is another.
ANCHORS = {"fields": "field_first", "audiences": "audiences", "areas": "areas"}
