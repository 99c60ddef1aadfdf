"""Forms of bodies, meetings, their items, resolutions and minutes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from admin_views.base import resolver
from app.access.login import current_actor
from app.extensions import db
from app.lookup_fields import RelationField
from app.meetings import queries
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, optional
from models.bodies import MemberRole, Membership, QuorumKind
from models.meetings import ResolutionDecision
from models.people import Role, RoleAssignment, User
from models.reference import Department

REQUIRED = "入力してください。"


def _bodies() -> list[tuple[int, str]]:
    return [(body.id, body.short_name) for body in queries.bodies(db.session(), current_actor()) if body.is_active]


class MeetingForm(BackOfficeForm):
    """Day and place of a meeting that is there."""

    held_on = DateField("開催日", [InputRequired(REQUIRED)])
    time_text = LineField("時間", [optional()], length=60, description="例: 午後2時〜4時")
    place = LineField("場所", [optional()], length=200)
    call_text = LongTextField(
        "通知に書き添えること", [optional()], length=5_000, description="開催通知に載ります。持ち物や資料など。"
    )


class NewMeetingForm(MeetingForm):
    """A meeting to be planned."""

    body = ChoiceField("会議体", [InputRequired(REQUIRED)], choices=_bodies, coerce=int)


class ItemForm(BackOfficeForm):
    """An item of the agenda."""

    title = LineField("議題", [InputRequired(REQUIRED)])
    detail = LongTextField("内容", [optional()], length=10_000)
    is_closed = BooleanField("非公開にする")
    closed_reason = LineField("非公開の理由", [optional()], description="非公開にするときは必ず入力します。")


class ResolutionForm(BackOfficeForm):
    """What was concluded."""

    decision = ChoiceField(
        "結論", [InputRequired(REQUIRED)], choices=ResolutionDecision.choices(), coerce=ResolutionDecision
    )
    text = LongTextField("決議の内容", [InputRequired(REQUIRED)], length=10_000)
    decided_on = DateField("決議日", [optional()], description="空欄のときは、開催日です。")
    votes_for = IntegerField(
        "賛成",
        [optional(), NumberRange(0, 1000, "0以上の整数で入力してください。")],
        description="採決をしたときは、賛成・反対・棄権をそろえて入力します。",
    )
    votes_against = IntegerField("反対", [optional(), NumberRange(0, 1000, "0以上の整数で入力してください。")])
    votes_abstained = IntegerField("棄権", [optional(), NumberRange(0, 1000, "0以上の整数で入力してください。")])

    def votes(self) -> tuple[int, int, int] | None:
        """(for, against, abstained); None when no vote was taken. Raises ValueError when only some are given."""
        given = [self.votes_for.data, self.votes_against.data, self.votes_abstained.data]
        if all(number is None for number in given):
            return None
        if any(number is None for number in given):
            raise ValueError("採決をしたときは、賛成・反対・棄権をそろえて入力してください。0票のときは0と入力します。")
        return given[0], given[1], given[2]


class ReasonForm(BackOfficeForm):
    """Why."""

    reason = LongTextField("理由", [InputRequired(REQUIRED)], length=500)


class CorrectionForm(BackOfficeForm):
    """A correction beside confirmed minutes."""

    item = ChoiceField("訂正するところ", choices=(), coerce=int, empty="全体(出欠、会議の経過など)")
    text = LongTextField(
        "訂正の内容", [InputRequired(REQUIRED)], length=10_000, description="どこを、どう読み替えるかを書きます。"
    )
    reason = LineField("訂正の理由", [InputRequired(REQUIRED)], length=500)


class ConfirmForm(BackOfficeForm):
    """How the chair agreed, when the office confirms."""

    note = LineField(
        "議事を進めた人の確認の方法",
        [optional()],
        description="推進担当が確定するときに入力します。例: 署名のある紙を令和8年7月1日に受領",
    )


class BodyForm(BackOfficeForm):
    """A body's name and rules."""

    name = LineField("名称", [InputRequired(REQUIRED)], length=200)
    short_name = LineField("略称", [InputRequired(REQUIRED)], length=60)
    purpose = LongTextField("役割", [optional()], length=5_000)
    quorum_kind = ChoiceField(
        "定足数",
        choices=QuorumKind.choices(),
        coerce=QuorumKind,
        empty="未設定",
        description="ハンドブックには書かれていません。要綱などで確かめて選んでください。",
    )
    counts_representatives = BooleanField("代理出席を出席に数える")
    is_closed_by_default = BooleanField("原則非公開")
    closed_reason = LineField("非公開とする理由", [optional()])


def _committee_users() -> list[tuple[int, str]]:
    """Users who may be linked to a seat by name: those who are, or were, committee members."""
    rows = db.session.execute(
        select(User.id, User.display_name)
        .where(User.id.in_(select(RoleAssignment.user_id).where(RoleAssignment.role == Role.COMMITTEE)))
        .order_by(User.display_name, User.id)
    )
    return [(key, name) for key, name in rows]


class MemberForm(BackOfficeForm):
    """A seat for a term."""

    name = LineField("氏名・課名", [InputRequired(REQUIRED)], length=100)
    title = LineField("肩書・選出区分", [optional()], length=100, description="例: 学識経験者、公募市民、課長")
    role = ChoiceField("役", [InputRequired(REQUIRED)], choices=MemberRole.choices(), coerce=MemberRole, empty=None)
    from_on = DateField("任期の開始日", [InputRequired(REQUIRED)])
    until_on = DateField("任期の終了日", [optional()])
    replaces_id = ChoiceField(
        "前任者",
        choices=(),
        coerce=int,
        empty="(なし)",
        description="後任のときに選ぶと、前任者の任期はこの人の開始日の前日に終わります。補欠委員のときは、だれの補欠かを選びます。",
    )
    user_id = ChoiceField(
        "利用者",
        choices=_committee_users,
        coerce=int,
        empty="(結び付けない)",
        description="選考審査会委員の利用者と結び付けると、その人が会議を閲覧できます。",
    )
    department_id = RelationField(
        "課",
        [optional()],
        lookup="department.lookup_view",
        resolve=resolver(Department),
        description="課を選ぶと、その課の利用者が会議を閲覧できます。",
    )
    email = LineField("通知先メールアドレス", [optional()], length=254)
    position = IntegerField("表示順", [optional(), NumberRange(0, 10_000, "0以上の整数で入力してください。")])
    note = LineField("備考", [optional()])


def member_form(posted: Any, record: Membership | None, body_id: int) -> MemberForm:
    """The form, with the body's members as possible predecessors."""
    form = MemberForm(posted, obj=record) if record is not None else MemberForm(posted)
    rows = db.session.scalars(
        select(Membership).where(Membership.body_id == body_id).order_by(Membership.from_on.desc(), Membership.id)
    )
    own = record.id if record is not None else None
    form.replaces_id.choices = [("", "(なし)"), *((one.id, one.name) for one in rows if one.id != own)]
    return form


#: The form's fields in groups.
MEMBER_GROUPS = [
    ("構成員", ["name", "title", "role", "from_on", "until_on", "replaces_id"]),
    ("閲覧できる人と通知先", ["user_id", "department_id", "email"]),
    ("そのほか", ["position", "note"]),
]
