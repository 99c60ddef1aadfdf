"""The confirmation of a conclusion: what stands in its way, who may, and the sealing in the same act (rules.md 28, 29)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Conflict as Refusal
from app.problems import Invalid, NotAllowed, check_version
from app.reviews import queries
from app.reviews.ballots import has_attendance
from app.reviews.concluding import find_conclusion, require_secretariat
from app.reviews.conclusion_checks import check_lines, values_of
from app.reviews.results import Result, result_of
from app.reviews.scans import Scan, keep_scan
from app.reviews.sealing import seal_record
from models.base import utc_now
from models.calls import Call
from models.review_results import ConfirmationMeans, ReviewConclusion
from models.reviews import ReviewMember


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
    today = today_in_tokyo()
    if conclusion.meeting is None:
        found.append("審査会の会議が選ばれていません。")
    elif conclusion.meeting.held_on > today:
        found.append(f"審査会の会議の日({format_date(conclusion.meeting.held_on)})がまだ来ていません。")
    elif not has_attendance(session, conclusion.meeting.id):
        found.append("審査会の会議の出欠がまだ入力されていません。会議の画面で入力してください。")
    if conclusion.concluded_on is None:
        found.append("結論の日が入力されていません。")
    elif conclusion.concluded_on > today:
        found.append(f"結論の日({format_date(conclusion.concluded_on)})が先の日付です。")
    lines = [values_of(line) for line in conclusion.lines]
    try:
        check_lines(call, result, lines)
    except Invalid as problem:
        found += list(dict.fromkeys(problem.fields.values())) or [problem.message]
    for line in conclusion.lines:
        now = result.of(line.proposal_id)
        if now is not None and (now.outcome, now.rank) != (line.rule_outcome, line.rank):
            found.append("審査結果を書いた後で、集計が変わりました。内容を確かめて、もう一度保存してください。")
            break
    return found


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
            file = keep_scan(
                session,
                actor=actor,
                settings=settings,
                scan=minutes,
                owner_table="review_conclusion",
                owner_key=conclusion.id,
                purpose="minutes",
            )
            conclusion.minutes_file_id = file.id
        conclusion.confirmed_by_means = ConfirmationMeans.CHAIR_LOGIN if chair else ConfirmationMeans.SIGNED_MINUTES
        conclusion.confirmed_at, conclusion.confirmed_by_id = utc_now(), actor.user_id
        session.flush()
        seal_record(session, actor, call)
    return conclusion
