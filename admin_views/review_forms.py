"""Forms of the office's pages on a review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import request
from wtforms import FileField, IntegerField, SelectField
from wtforms.validators import InputRequired

from app.reviews.ballot import TieRule
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, NeededWhen, optional
from models.proposals import Proposal
from models.review_conflicts import InterestKind
from models.reviews import MissingRule, NextBestRule, ReviewMember, ReviewQuorum, ReviewStage

REQUIRED = "入力してください。"
CHOOSE = "選んでください。"
UNSET = "(未設定)"
#: Orders of the chain, by code.
TIES: dict[str, tuple[str, list[str]]] = {
    "none": ("順を決めない(同じ順位とし、委員長の決定かくじによる)", []),
    "smaller": ("希望額の小さい順", [TieRule.SMALLER_REQUEST]),
    "chair": ("委員長の点数の高い順", [TieRule.CHAIR]),
    "smaller-chair": ("希望額の小さい順、次に委員長の点数の高い順", [TieRule.SMALLER_REQUEST, TieRule.CHAIR]),
    "chair-smaller": ("委員長の点数の高い順、次に希望額の小さい順", [TieRule.CHAIR, TieRule.SMALLER_REQUEST]),
}


def tie_code(rule: list[str] | None) -> str | None:
    """The choice that stands for a chain."""
    return next((code for code, (_, chain) in TIES.items() if rule is not None and [*rule] == [*chain]), None)


class NumberField(IntegerField):
    """A whole number; blank is None, what is none gets a sentence."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not (text.isascii() and text.isdecimal() and len(text) <= 6):
            raise ValueError("0以上の整数で入力してください。")
        self.data = int(text)


class SettingForm(BackOfficeForm):
    """Dates and what is told."""

    declarations_due_on = DateField("利害関係の申告の期限", [optional()])
    document_due_on = DateField("書類審査の採点の期限", [optional()])
    interview_on = DateField("面接審査の日", [optional()])
    interview_due_on = DateField("面接審査の採点の期限", [optional()])
    meeting_id = ChoiceField("審査会の会議", [optional()], coerce=int, empty=UNSET)
    tells_criterion_means = ChoiceField(
        "通知に項目別の平均点を載せる", [optional()], choices=[("yes", "載せる"), ("no", "載せない")], empty=UNSET
    )
    publishes_member_scores = ChoiceField(
        "委員別の点数を公表する", [optional()], choices=[("yes", "公表する"), ("no", "公表しない")], empty=UNSET
    )


class RuleForm(BackOfficeForm):
    """The decision rule."""

    minimum_percent = LineField(
        "最低基準(満点に対する%)",
        [optional()],
        length=12,
        description="例: 50、66.67。ちょうど等しいときは満たします。",
    )
    missing = ChoiceField("採点しない委員の扱い", [optional()], choices=MissingRule.choices(), empty=UNSET)
    quorum = ChoiceField("定足数", [optional()], choices=ReviewQuorum.choices(), empty=UNSET)
    tie = ChoiceField(
        "同率のときの順", [optional()], choices=[(code, label) for code, (label, _) in TIES.items()], empty=UNSET
    )
    next_best = ChoiceField("予算に達したとき", [optional()], choices=NextBestRule.choices(), empty=UNSET)
    source = LineField("出どころ", [optional()], length=200, description="決裁、要綱など、この規則を決めた根拠です。")


class CriterionForm(BackOfficeForm):
    """One criterion."""

    stage = ChoiceField("審査", [InputRequired(CHOOSE)], choices=ReviewStage.choices())
    position = NumberField("順", [optional()])
    label = LineField("項目", [InputRequired(REQUIRED)], length=100)
    description = LongTextField("説明", [optional()], length=1000)
    lowest = NumberField("最低点", [optional()])
    highest = NumberField("満点", [InputRequired(REQUIRED)])
    weight = LineField("重み", [InputRequired(REQUIRED)], length=12, description="点数に掛ける数です。例: 1、1.5")
    veto_at = NumberField(
        "不採択とする点",
        [optional()],
        description="採点した委員の過半数がこの点以下のとき、合計によらず不採択とします。",
    )
    comment_below = NumberField("所見が要る点(この点以下)", [optional()])
    comment_above = NumberField("所見が要る点(この点以上)", [optional()])


class ReasonForm(BackOfficeForm):
    """Why."""

    reason = LongTextField("理由", [InputRequired(REQUIRED)], length=1000)


class AbsenceForm(BackOfficeForm):
    """Which stage, and why."""

    stage = ChoiceField("審査", [InputRequired(CHOOSE)], choices=ReviewStage.choices())
    reason = LongTextField("理由", [InputRequired(REQUIRED)], length=1000)


class SettleForm(BackOfficeForm):
    """Whether an equal name is the member."""

    answer = ChoiceField(
        "確認の結果",
        [InputRequired(CHOOSE)],
        choices=[("same", "委員本人である(利害関係として扱う)"), ("other", "別人である(同姓同名)")],
    )
    reason = LongTextField(
        "確認の方法", [InputRequired(REQUIRED)], length=500, description="例: 本人に電話で確かめた。"
    )


class ConflictForm(BackOfficeForm):
    """A conflict that the office sets, or that came to be known after the conclusion."""

    member = ChoiceField("委員", [InputRequired(CHOOSE)], coerce=int, empty="選んでください")
    proposal = ChoiceField("応募・提案", [InputRequired(CHOOSE)], coerce=int, empty="選んでください")
    kind = ChoiceField("区分", [InputRequired(CHOOSE)], choices=InterestKind.choices(), empty="選んでください")
    reason = LongTextField("判明の経緯", [InputRequired(REQUIRED)], length=1000)

    @classmethod
    def of(cls, members: Iterable[ReviewMember], proposals: Iterable[Proposal]) -> ConflictForm:
        """The form as it was sent, with these to choose from."""
        form = cls(request.form)
        set_choices(form.member, [(row.id, row.name) for row in members])
        set_choices(form.proposal, [(row.id, row.title) for row in proposals])
        return form

    def values(self) -> dict[str, Any]:
        """What was entered, by the names that the services take."""
        return {
            "member_id": self.member.data,
            "proposal_id": self.proposal.data,
            "kind": InterestKind(self.kind.data),
            "reason": self.reason.data or "",
        }


class InterestForm(BackOfficeForm):
    """An interest that a member noticed later."""

    kind = ChoiceField("区分", [InputRequired(CHOOSE)], choices=InterestKind.choices())
    text = LongTextField("内容", [optional()], length=2000, description="推進担当だけが読みます。")


class PaperDeclarationForm(BackOfficeForm):
    """A declaration from a signed paper."""

    proposal = ChoiceField("応募団体", [InputRequired(CHOOSE)], coerce=int)
    answer = ChoiceField(
        "申告",
        [InputRequired(CHOOSE)],
        choices=[("none", "利害関係はない"), ("interest", "利害関係がある")],
    )
    kind = ChoiceField("区分", [NeededWhen("利害関係があるとき必須")], choices=InterestKind.choices())
    text = LongTextField("内容", [NeededWhen("区分が「その他」のとき必須")], length=2000)
    scan = FileField("署名のある申告書の写し", [NeededWhen("必須")], description="PDF、PNG、JPEGのファイルです。")


def set_choices(field: SelectField, pairs: Sequence[tuple[Any, str]]) -> None:
    """Choices of a select that depend on the record."""
    empty = getattr(field, "empty", None)
    field.choices = [("", empty), *pairs] if empty is not None else pairs
