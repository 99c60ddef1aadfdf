"""Forms of the conclusion, the decision, ties and corrections."""

from __future__ import annotations

from typing import Any

from wtforms import FileField
from wtforms.validators import InputRequired

from admin_views.review_forms import CHOOSE, REQUIRED, NumberField
from app.reviews.conclusion_checks import LineValues
from app.reviews.deciding import STEPS, DecisionValues
from app.reviews.results import Result
from app.reviews.tally import OUTCOMES
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    DateField,
    LineField,
    LongTextField,
    NeededWhen,
    YenField,
    optional,
)
from models.review_results import Conclusion, Outcome, TieMeans


def outcome_choices(wanted: Any = Outcome) -> list[tuple[str, str]]:
    """(code, label) of outcomes."""
    return [(one.value, one.label) for one in wanted]


class ConclusionForm(BackOfficeForm):
    """The frame; the fields of each proposal are added by `conclusion_form`."""

    meeting_id = ChoiceField("審査会の会議", [InputRequired(CHOOSE)], coerce=int, empty="選んでください")
    concluded_on = DateField("結論の日", [NeededWhen("確認までに必須")])
    note = LongTextField("全体の意見", [optional()], length=4_000)

    proposal_ids: tuple[int, ...] = ()

    def lines(self) -> list[LineValues]:
        """What was entered of each proposal."""
        return [self._line(key) for key in self.proposal_ids]

    def _line(self, key: int) -> LineValues:
        def of(name: str) -> Any:
            return self._fields[f"{name}_{key}"].data

        votes = (of("votes_for"), of("votes_against"), of("votes_abstained"))
        return LineValues(
            proposal_id=key,
            outcome=Outcome(of("outcome")),
            amount_yen=of("amount") or 0,
            conditions=of("conditions") or "",
            reason=of("reason") or "",
            departure_reason=of("departure") or "",
            votes=None if votes == (None, None, None) else (votes[0] or 0, votes[1] or 0, votes[2] or 0),
        )


def conclusion_form(
    lines: list[Conclusion], result: Result
) -> tuple[type[ConclusionForm], list[tuple[str, list[str]]]]:
    """The form class for these proposals, in the order of the ranking, and its groups."""
    fields: dict[str, Any] = {"proposal_ids": tuple(line.proposal_id for line in lines)}
    groups = [("会議", ["meeting_id", "concluded_on", "note"])]
    for line in lines:
        key, found = line.proposal_id, result.of(line.proposal_id)
        told = ""
        if found is not None:
            shown = found.as_json()
            rank = f"{found.rank}位、" if found.rank is not None else ""
            told = (
                f"規則による結果: {OUTCOMES[found.outcome]}({rank}得点率{shown['percent'] or 'なし'}"
                f"{'%' if shown['percent'] else ''}、{found.amount_yen:,}円)。希望額{found.requested_yen:,}円。"
            )
        own = {
            "outcome": ChoiceField(
                "結果", [InputRequired(CHOOSE)], choices=outcome_choices(), description=told, empty=None
            ),
            "amount": YenField("金額", [NeededWhen("採択するとき必須")], description="不採択は空のままにします。"),
            "conditions": LongTextField("条件", [NeededWhen("条件付採択のとき必須")], length=4_000),
            "reason": LongTextField(
                "理由", [NeededWhen("不採択のとき必須")], length=4_000, description="通知に載ります。"
            ),
            "departure": LongTextField("規則と異なる理由", [NeededWhen("規則と異なるとき必須")], length=4_000),
            "votes_for": NumberField("賛成(票)", [optional()], description="採決をとったときだけ入力します。"),
            "votes_against": NumberField("反対(票)", [optional()]),
            "votes_abstained": NumberField("棄権(票)", [optional()]),
        }
        fields |= {f"{name}_{key}": field for name, field in own.items()}
        groups.append((line.proposal.title, [f"{name}_{key}" for name in own]))
    return type("ProposalsForm", (ConclusionForm,), fields), groups


def conclusion_options(lines: list[Conclusion]) -> dict[str, dict[str, Any]]:
    """How the fields of many proposals are drawn: low, so that the page stays short."""
    found: dict[str, dict[str, Any]] = {"note": {"rows": 3}}
    for line in lines:
        found |= {f"{name}_{line.proposal_id}": {"rows": 2} for name in ("conditions", "reason", "departure")}
        found |= {f"votes_{side}_{line.proposal_id}": {"width": "short"} for side in ("for", "against", "abstained")}
    return found


def conclusion_data(lines: list[Conclusion]) -> dict[str, Any]:
    """The stored lines as the form shows them."""
    data: dict[str, Any] = {}
    for line in lines:
        own = {
            "outcome": line.outcome.value,
            "amount": line.amount_yen,
            "conditions": line.conditions,
            "reason": line.reason,
            "departure": line.departure_reason,
            "votes_for": line.votes_for,
            "votes_against": line.votes_against,
            "votes_abstained": line.votes_abstained,
        }
        data |= {f"{name}_{line.proposal_id}": value for name, value in own.items()}
    return data


class DecisionForm(BackOfficeForm):
    """The city's decision on one proposal."""

    outcome = ChoiceField("決定", [InputRequired(CHOOSE)], choices=outcome_choices(STEPS), empty=None)
    amount_yen = YenField("決定額", [NeededWhen("採択するとき必須")], description="不採択は空のままにします。")
    conditions = LongTextField("条件", [NeededWhen("条件付採択のとき必須")], length=4_000)
    reason = LongTextField(
        "理由", [InputRequired("決定の理由を書いてください。")], length=4_000, description="通知に載ります。"
    )
    departure_reason = LongTextField("審査結果と異なる理由", [NeededWhen("異なるとき必須")], length=4_000)
    drafted_on = DateField("起案日", [optional()])
    decided_on = DateField("決裁日", [NeededWhen("確定するとき必須")], description="決裁が済んだら入力します。")
    decision_class = LineField("決裁区分", [optional()], length=60, description="例: 部長決裁")
    consulted = LineField("合議", [optional()], description="合議した課")
    document_number = LineField("文書番号", [optional()], length=100)

    def values(self) -> DecisionValues:
        """What was entered."""
        return DecisionValues(
            outcome=Outcome(self.outcome.data),
            amount_yen=self.amount_yen.data or 0,
            conditions=self.conditions.data or "",
            reason=self.reason.data or "",
            departure_reason=self.departure_reason.data or "",
            drafted_on=self.drafted_on.data,
            decided_on=self.decided_on.data,
            decision_class=self.decision_class.data or "",
            consulted=self.consulted.data or "",
            document_number=self.document_number.data or "",
        )


class TieForm(BackOfficeForm):
    """The order of a tied group: the places are added by `tie_form`."""

    means = ChoiceField("決め方", [InputRequired(CHOOSE)], choices=outcome_choices(TieMeans))
    note = LongTextField(
        "経緯", [InputRequired("だれがどのように決めたかを書いてください。")], length=2_000,
        description="くじは、引いた人と立会人も書きます。",
    )  # fmt: skip


def tie_form(proposals: list[tuple[int, str]]) -> type[TieForm]:
    """A choice for each place of the group."""
    choices = [(str(key), title) for key, title in proposals]
    places = {
        f"place_{number}": ChoiceField(
            f"{number}番目", [InputRequired(CHOOSE)], choices=choices, empty="選んでください"
        )
        for number in range(1, len(proposals) + 1)
    }
    return type("GroupForm", (TieForm,), places)


class ConfirmForm(BackOfficeForm):
    """The secretariat confirms with the signed minutes."""

    minutes = FileField("委員長の署名のある議事録", [NeededWhen("必須")], description="PDFか画像。")


class CorrectionForm(BackOfficeForm):
    """A signed correction beside the sealed record."""

    proposal = ChoiceField("提案", [optional()], coerce=int, empty="審査の全体")
    text = LongTextField("訂正の内容", [InputRequired(REQUIRED)], length=4_000)
    reason = LongTextField("訂正の理由", [InputRequired(REQUIRED)], length=4_000)
