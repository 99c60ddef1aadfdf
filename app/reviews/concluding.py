"""The committee's conclusion 審査結果 (rules.md 29): drafted from the rule, written by the secretariat, confirmed by the chair."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.files.services import store_file
from app.japanese.money import format_yen
from app.japanese.text import TextError, check_length, clean_text
from app.problems import Conflict as Refusal
from app.problems import Invalid, NotAllowed, check_version
from app.reviews import queries
from app.reviews.clearance import is_office
from app.reviews.declarations import SCANS, Scan
from app.reviews.results import Result, outcome_of, reason_of, result_of
from app.reviews.sealing import seal_record
from models.base import utc_now
from models.calls import Call
from models.records import StoredFile
from models.review_results import Conclusion, ConfirmationMeans, Outcome, ReviewConclusion
from models.reviews import ReviewMember

ADOPTIONS = (Outcome.ADOPTED, Outcome.ADOPTED_WITH_CONDITIONS)
TEXT_LENGTH = 4_000


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


def find_conclusion(session: Session, call_id: int) -> ReviewConclusion | None:
    """The conclusion of a call, drafted or confirmed. Not scoped."""
    return session.scalars(select(ReviewConclusion).where(ReviewConclusion.call_id == call_id)).one_or_none()


def require_secretariat(session: Session, actor: Actor, call_id: int) -> Call:
    """The office writes conclusions, and nobody of it who stands on the call's list. Raises NotAllowed."""
    actor.require(Permission.CONCLUSION_EDIT)
    if not is_office(actor):
        raise NotAllowed
    if not actor.is_system and queries.is_listed(session, actor, call_id):
        raise NotAllowed("この募集の審査の委員は、審査結果を書けません。ほかの推進担当が行ってください。")
    return get_visible(session, Call, call_id, actor)


def draft_conclusion(session: Session, *, actor: Actor, call_id: int) -> ReviewConclusion:
    """Write the lines as the rule gives them; lines that were written before are written anew.

    Raises Conflict while the stages are not complete, the rule is 未設定, or the conclusion is confirmed.
    """
    call = require_secretariat(session, actor, call_id)
    with act(session, actor, "conclusion:draft", f"{call.name}の審査結果を規則から下書きしました"):
        setting = queries.lock_review(session, call_id)
        result = result_of(session, call)
        conclusion = find_conclusion(session, call_id) or ReviewConclusion(call_id=call_id)
        conclusion.meeting_id = conclusion.meeting_id or setting.meeting_id
        conclusion.updated_at = utc_now()
        session.add(conclusion)
        session.flush()
        held = {line.proposal_id: line for line in conclusion.lines}
        for one in result.tally.proposals:
            line = held.get(int(one.id)) or Conclusion(conclusion_id=conclusion.id, proposal_id=int(one.id))
            line.outcome, line.amount_yen = outcome_of(one), one.amount_yen
            line.reason, line.conditions, line.departure_reason = reason_of(one), "", ""
            _keep_rule(line, result)
            session.add(line)
        session.flush()
        session.expire(conclusion, ["lines"])
    return conclusion


def save_conclusion(
    session: Session,
    *,
    actor: Actor,
    call_id: int,
    seen_version: int | None,
    meeting_id: int | None,
    concluded_on: dt.date | None,
    note: str,
    lines: Sequence[LineValues],
) -> ReviewConclusion:
    """Write the conclusion. Raises StaleRecord when somebody saved first, Invalid with a sentence a line."""
    call = require_secretariat(session, actor, call_id)
    with act(session, actor, "conclusion:edit", f"{call.name}の審査結果を変更しました"):
        queries.lock_review(session, call_id)
        conclusion = find_conclusion(session, call_id)
        if conclusion is None:
            raise Refusal("先に、規則による結果から下書きを作ってください。")
        session.refresh(conclusion)
        check_version(conclusion, seen_version)
        result = result_of(session, call)
        _check_lines(session, call, result, lines)
        conclusion.meeting_id, conclusion.concluded_on = meeting_id, concluded_on
        conclusion.note = _text(note, "全体の意見")
        conclusion.updated_at = utc_now()
        held = {line.proposal_id: line for line in conclusion.lines}
        for values in lines:
            line = held[values.proposal_id]
            line.outcome, line.amount_yen = values.outcome, values.amount_yen
            line.conditions, line.reason = _text(values.conditions, "条件"), _text(values.reason, "理由")
            line.departure_reason = _text(values.departure_reason, "規則と異なる理由")
            line.votes_for, line.votes_against, line.votes_abstained = values.votes or (None, None, None)
            _keep_rule(line, result)
        session.flush()
    return conclusion


def _keep_rule(line: Conclusion, result: Result) -> None:
    found = result.of(line.proposal_id)
    if found is None:
        return
    shown = found.as_json()
    line.rule_outcome, line.rank, line.percent = found.outcome, found.rank, shown["percent"]


def _text(value: str, label: str) -> str:
    try:
        text = clean_text(value or "")
        check_length(text, TEXT_LENGTH, label)
    except TextError as error:
        raise Invalid(str(error)) from None
    return text


# --- what must hold ------------------------------------------------------------------------------------------------


def departs(values: LineValues, result: Result) -> bool:
    """Whether a line says something else than the rule: another outcome (conditions are none), or another sum."""
    found = result.of(values.proposal_id)
    if found is None:
        return False
    suggested = outcome_of(found)
    same = values.outcome is suggested or (suggested is Outcome.ADOPTED and values.outcome in ADOPTIONS)
    return not same or values.amount_yen != found.amount_yen


def _check_lines(session: Session, call: Call, result: Result, lines: Sequence[LineValues]) -> None:
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
    if values.outcome is Outcome.ADOPTED_WITH_CONDITIONS and not values.conditions.strip():
        found["conditions"] = "条件付採択には条件を書いてください。"
    if departs(values, result) and not values.departure_reason.strip():
        found["departure"] = "規則による結果と異なります。異なる理由を書いてください。"
    if values.votes is not None:
        there = len(result.ballot.eligible(next(p for p in result.ballot.proposals if str(p.id) == str(line.id))))
        if min(values.votes) < 0 or sum(values.votes) > there:
            found["votes"] = f"票の合計は、出席して利害関係のない委員{there}人以内にしてください。"
    return found


def obstacles_of(session: Session, call: Call, result: Result | None = None) -> list[str]:
    """What still stands in the way of the confirmation, in sentences; empty when it can be confirmed.

    result: the call's, where it was tallied already.
    """
    try:
        result = result or result_of(session, call)
    except (Refusal, Invalid) as problem:
        return [problem.message]
    found = []
    if result.tally.is_undecided:
        found.append("同率の提案の順が決まっていません。委員長の決定か、くじの結果を記録してください。")
    conclusion = find_conclusion(session, call.id)
    if conclusion is None:
        return [*found, "審査結果がまだ書かれていません。規則による結果から下書きを作ってください。"]
    if conclusion.meeting_id is None:
        found.append("審査会の会議が選ばれていません。")
    if conclusion.concluded_on is None:
        found.append("結論の日が入力されていません。")
    lines = [_values(line) for line in conclusion.lines]
    try:
        _check_lines(session, call, result, lines)
    except Invalid as problem:
        found += list(dict.fromkeys(problem.fields.values())) or [problem.message]
    for line in conclusion.lines:
        now = result.of(line.proposal_id)
        if now is not None and (now.outcome, now.rank) != (line.rule_outcome, line.rank):
            found.append("審査結果を書いた後で、集計が変わりました。内容を確かめて、もう一度保存してください。")
            break
    return found


def _values(line: Conclusion) -> LineValues:
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


# --- confirmation --------------------------------------------------------------------------------------------------


def may_confirm(session: Session, actor: Actor, call: Call) -> ReviewMember | None:
    """The chair's own place, when the actor is the chair and has no conflict with any proposal of the call."""
    member = queries.find_own_member(session, actor, call.id)
    if member is None or not member.is_chair or not actor.may(Permission.MEETING_CONFIRM):
        return None
    return None if any(one == member.id for one, _ in queries.conflict_pairs(session, call.id)) else member


def confirm(
    session: Session,
    *,
    actor: Actor,
    call_id: int,
    seen_version: int | None,
    minutes: Scan | None = None,
    settings: Settings | None = None,
) -> ReviewConclusion:
    """Confirm the conclusion: by the chair's own login, or by the secretariat with the signed minutes attached.

    In the same act everything that it rests on is sealed (`app.reviews.sealing`). From then on nothing under it
    changes. Raises Conflict when another was first or something stands in the way.
    """
    call = session.get(Call, call_id)
    if call is None:
        raise NotAllowed
    chair = may_confirm(session, actor, call)
    if chair is None:
        call = require_secretariat(session, actor, call_id)
        if minutes is None or settings is None:
            sentence = "委員長の署名のある議事録を添付してください。"
            raise Invalid(sentence, fields={"minutes": sentence})
    with act(session, actor, "conclusion:confirm", f"{call.name}の審査結果を確認しました"):
        queries.lock_review(session, call_id)
        conclusion = find_conclusion(session, call_id)
        if conclusion is None:
            raise Refusal("審査結果がまだ書かれていません。")
        session.refresh(conclusion)
        check_version(conclusion, seen_version)
        found = obstacles_of(session, call)
        if found:
            raise Refusal("審査結果を確認できません。" + "".join(found))
        if chair is None and minutes is not None and settings is not None:
            conclusion.minutes_file_id = _keep_minutes(session, actor, settings, conclusion, minutes).id
        conclusion.confirmed_by_means = ConfirmationMeans.CHAIR_LOGIN if chair else ConfirmationMeans.SIGNED_MINUTES
        conclusion.confirmed_at, conclusion.confirmed_by_id = utc_now(), actor.user_id
        session.flush()
        seal_record(session, actor, call)
    return conclusion


def _keep_minutes(
    session: Session, actor: Actor, settings: Settings, conclusion: ReviewConclusion, minutes: Scan
) -> StoredFile:
    return store_file(
        session,
        actor=actor,
        settings=settings,
        content=minutes.content,
        name=minutes.name,
        owner_table="review_conclusion",
        owner_key=conclusion.id,
        purpose="minutes",
        allowed=SCANS,
    )
