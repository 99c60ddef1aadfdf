"""What must hold of a conclusion's lines: sums against the ask, the cap and the budget, reasons, departures (domain.md 4.1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from app.japanese.money import format_yen
from app.problems import Invalid
from app.reviews.results import Result, is_stale_reason, outcome_of
from models.calls import Call
from models.review_results import Conclusion, Outcome

ADOPTIONS = (Outcome.ADOPTED, Outcome.ADOPTED_WITH_CONDITIONS)


@dataclasses.dataclass(frozen=True)
class LineValues:
    """What the committee concludes of one proposal. votes: for, against, abstained; None when none were taken."""

    proposal_id: int
    outcome: Outcome
    amount_yen: int
    conditions: str = ""
    reason: str = ""
    departure_reason: str = ""
    votes: tuple[int, int, int] | None = None


def values_of(line: Conclusion) -> LineValues:
    """A stored line as it was written."""
    votes = (line.votes_for, line.votes_against, line.votes_abstained)
    return LineValues(
        line.proposal_id,
        line.outcome,
        line.amount_yen,
        line.conditions,
        line.reason,
        line.departure_reason,
        None if None in votes else (votes[0] or 0, votes[1] or 0, votes[2] or 0),
    )


def departs(values: LineValues, result: Result) -> bool:
    """Whether a line says something else than the rule: another outcome (conditions are none), or another sum."""
    found = result.of(values.proposal_id)
    if found is None:
        return False
    suggested = outcome_of(found)
    same = values.outcome is suggested or (suggested is Outcome.ADOPTED and values.outcome in ADOPTIONS)
    return not same or values.amount_yen != found.amount_yen


def check_lines(call: Call, result: Result, lines: Sequence[LineValues]) -> None:
    """Raise Invalid with a sentence a line unless all of a call's proposals are concluded as they may be."""
    wrong: dict[str, str] = {}
    wanted = {int(one.id) for one in result.tally.proposals}
    if {one.proposal_id for one in lines} != wanted or len(lines) != len(wanted):
        raise Invalid("審査にかけた提案のすべてについて、結果を1つずつ書いてください。画面を開き直してください。")
    for values in lines:
        for field, sentence in _problems_of(call, result, values).items():
            wrong[f"{field}_{values.proposal_id}"] = sentence
    if over := budget_problem(call, sum(one.amount_yen for one in lines if one.outcome in ADOPTIONS)):
        wrong["total"] = over
    if wrong:
        raise Invalid(wrong.get("total", "審査結果の内容を確かめてください。"), fields=wrong)


def budget_problem(call: Call, adopted_yen: int) -> str | None:
    """A sentence when the adoptions together are more than the call's budget."""
    if call.budget_yen is None or adopted_yen <= call.budget_yen:
        return None
    over = adopted_yen - call.budget_yen
    return (
        f"採択の合計{format_yen(adopted_yen)}が、募集全体の予算{format_yen(call.budget_yen)}を"
        f"{format_yen(over)}超えています。"
    )


def amount_problem(call: Call, requested_yen: int, outcome: Outcome, amount_yen: int) -> str | None:
    """A sentence when the sum does not go with the outcome, the ask or the cap."""
    if amount_yen < 0:
        return "金額は0円以上にしてください。"
    if outcome is Outcome.REJECTED:
        return "不採択の金額は0円にしてください。" if amount_yen else None
    if outcome in ADOPTIONS and amount_yen < 1:
        return "採択する金額を1円以上で入力してください。"
    if amount_yen > requested_yen:
        return f"希望額{format_yen(requested_yen)}を超えています。希望額以内にしてください。"
    if call.cap_yen is not None and amount_yen > call.cap_yen:
        return f"1件の限度額{format_yen(call.cap_yen)}を超えています。限度額以内にしてください。"
    return None


def _problems_of(call: Call, result: Result, values: LineValues) -> dict[str, str]:
    found: dict[str, str] = {}
    line = result.of(values.proposal_id)
    assert line is not None
    if refused := amount_problem(call, line.requested_yen, values.outcome, values.amount_yen):
        found["amount"] = refused
    if values.outcome is Outcome.REJECTED and not values.reason.strip():
        found["reason"] = "不採択には理由を書いてください。通知に載ります。"
    elif is_stale_reason(values.reason.strip(), line, is_adopted=values.outcome in ADOPTIONS):
        found["reason"] = f"「{line.label}」の理由が、いまの結果と合っていません。書き直してください。"
    if values.outcome is Outcome.ADOPTED_WITH_CONDITIONS and not values.conditions.strip():
        found["conditions"] = "条件付採択には条件を書いてください。"
    if not line.has_quorum and values.outcome in ADOPTIONS:
        found["outcome"] = "定足数を満たしていない提案は、採択できません。"
    elif not line.has_quorum and not values.departure_reason.strip():
        found["departure"] = "定足数を満たしていません。どのように扱ったかを書いてください。"
    elif departs(values, result) and not values.departure_reason.strip():
        found["departure"] = "規則による結果と異なります。異なる理由を書いてください。"
    if values.votes is not None:
        there = len(result.ballot.eligible(next(p for p in result.ballot.proposals if str(p.id) == str(line.id))))
        if min(values.votes) < 0 or sum(values.votes) > there:
            found["votes_for"] = (
                f"「{line.label}」の票の合計は、出席して利害関係のない委員{there}人以内にしてください。"
            )
    return found
