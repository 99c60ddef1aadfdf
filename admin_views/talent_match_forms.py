"""Forms of a match: what a step asks for, a call, how it went."""

from __future__ import annotations

from wtforms import BooleanField

from app.talents.facts import TIMES
from app.webforms import BackOfficeForm, ChoiceField, ChoicesField, DateField, LongTextField, optional
from models.matches import CloseReason, ContactResult, ContactWay, Outcome, Side


class StepForm(BackOfficeForm):
    """What a step may ask for."""

    reason = ChoiceField("理由", choices=CloseReason.choices(), coerce=CloseReason)
    times = ChoicesField("決まった曜日・時間帯", choices=list(TIMES.items()))
    group_agreed = BooleanField("連絡先を人財に伝えることについて、依頼団体の了承を得た")
    starts_on = DateField("活動の開始日", [optional()])
    ends_on = DateField("活動の終了予定日", [optional()])
    note = LongTextField("覚え書き", [optional()])


class ContactLogForm(BackOfficeForm):
    """A call, mail or meeting."""

    side = ChoiceField("相手", choices=Side.choices(), coerce=Side, empty=None)
    way = ChoiceField("方法", choices=ContactWay.choices(), coerce=ContactWay, empty=None)
    result = ChoiceField("結果", choices=ContactResult.choices(), coerce=ContactResult, empty=None)
    contacted_on = DateField("連絡した日", [optional()])
    summary = LongTextField("内容", [optional()])


class FollowUpForm(BackOfficeForm):
    """How it went, as one side says."""

    side = ChoiceField("だれから", choices=Side.choices(), coerce=Side, empty=None)
    outcome = ChoiceField("感想", choices=Outcome.choices(), coerce=Outcome, empty=None)
    wants_again = BooleanField("また頼みたい・引き受けたい")
    comment = LongTextField("聞いたこと", [optional()])
    asked_on = DateField("聞いた日", [optional()])
