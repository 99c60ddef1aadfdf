"""Verbs on challenges (市が提示する課題・テーマ): a department drafts and submits, the council decides, a call shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.calls.departments import gone_sentence, heir_of
from app.calls.policy import is_office
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotAllowed, check_version
from models.base import utc_now
from models.calls import Challenge, ChallengeState, ProjectKind
from models.reference import Department, Program

TEXTS = ("background", "current_situation", "expectation")
_VALUES = ("title", *TEXTS, "kind", "project_id", "department_id", "program_id", "fiscal_year", "position")


def draft_challenge(
    session: Session,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    related_ids: Collection[int] = (),
    is_demo: bool = False,
) -> Challenge:
    """A new draft: of the actor's department, or by the office of any. Raises Invalid, NotAllowed."""
    actor.require(Permission.CHALLENGE_EDIT)
    clean = _cleaned(values)
    for name, label in (
        ("title", "課題・テーマ"),
        ("program_id", "公募制度"),
        ("fiscal_year", "年度"),
        ("department_id", "担当課"),
    ):
        if not clean.get(name):
            raise Invalid("入力を確かめてください。", fields={name: f"{label}を入力してください。"})
    _check(session, actor, clean, None)
    with act(session, actor, "challenge:create", f"課題・テーマの下書き: {clean['title']}"):
        challenge = Challenge(**({"kind": ProjectKind.NEW} | clean), is_demo=is_demo)
        challenge.related_departments = _departments(session, related_ids)
        session.add(challenge)
        session.flush()
    return challenge


def update_challenge(
    session: Session,
    *,
    actor: Actor,
    challenge: Challenge,
    version: int | None,
    values: Mapping[str, Any],
    related_ids: Collection[int] | None = None,
) -> Challenge:
    """Change a draft; the office may also word one that waits for the decision. Raises StaleRecord, Invalid."""
    _require_editable(session, actor, challenge)
    check_version(challenge, version)
    clean = _cleaned(values)
    if "title" in clean and not clean["title"]:
        raise Invalid("入力を確かめてください。", fields={"title": "課題・テーマを入力してください。"})
    _check(session, actor, clean, challenge)
    with act(session, actor, "challenge:edit", f"課題・テーマの変更: {challenge.title}"):
        for name, value in clean.items():
            if getattr(challenge, name) != value:
                setattr(challenge, name, value)
        if related_ids is not None and set(related_ids) != {row.id for row in challenge.related_departments}:
            challenge.related_departments = _departments(session, related_ids)
            challenge.updated_at = utc_now()
        session.flush()
    return challenge


def submit_challenge(session: Session, *, actor: Actor, challenge: Challenge) -> Challenge:
    """Hand a draft to the office, for the council's agenda. Raises Conflict when it was handed in already."""
    _require_editable(session, actor, challenge)
    _require_state(challenge, ChallengeState.DRAFT, "下書きだけを提出できます。")
    if sentence := gone_sentence(challenge.department, "に直してから、提出してください。"):
        raise Conflict(sentence)
    with act(session, actor, "challenge:submit", f"課題・テーマの提出: {challenge.title}"):
        challenge.state = ChallengeState.SUBMITTED
        challenge.submitted_at = utc_now()
        session.flush()
    return challenge


def return_challenge(session: Session, *, actor: Actor, challenge: Challenge, reason: str) -> Challenge:
    """The office gives it back to its department, to be worded anew."""
    actor.require(Permission.CHALLENGE_DECIDE)
    _require_state(challenge, ChallengeState.SUBMITTED, "検討待ちの課題だけを差し戻せます。")
    if not reason.strip():
        raise Invalid("差戻しの理由を書いてください。", fields={"reason": "差戻しの理由を書いてください。"})
    with act(session, actor, "challenge:return", f"課題・テーマの差戻し: {challenge.title}", reason=reason.strip()):
        challenge.state = ChallengeState.DRAFT
        session.flush()
    return challenge


def decide_challenge(
    session: Session,
    *,
    actor: Actor,
    challenge: Challenge,
    is_chosen: bool,
    decided_on: dt.date | None,
    note: str | None,
) -> Challenge:
    """Record what was decided: by the council's resolution (the hook of meetings calls this), or as it stands on paper.

    Raises Invalid without a day, for a day to come, for a refusal without its reason, and where the program asks for
    the council's decision without saying where it is written down (実践編2(2)).
    """
    actor.require(Permission.CHALLENGE_DECIDE)
    if challenge.state not in (ChallengeState.SUBMITTED, ChallengeState.DRAFT):
        raise Conflict("この課題・テーマは、もう決定しています。")
    said = (note or "").strip()
    problems: dict[str, str] = {}
    if decided_on is None or decided_on > today_in_tokyo():
        problems["decided_on"] = "今日以前の決定日を入力してください。"
    if not is_chosen and not said:
        problems["note"] = "見送りの理由を書いてください。"
    if is_chosen and not said and challenge.program.rules.get("needs_council_decision_on_challenges"):
        problems["note"] = "庁内検討会議の決定がどこに記録されているか(会議の回・日付など)を書いてください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)
    label = "提示を決定" if is_chosen else "見送りを決定"
    with act(session, actor, "challenge:decide", f"課題・テーマの{label}: {challenge.title}", reason=said or None):
        challenge.decided_on = decided_on
        challenge.decision_note = said or None
        challenge.state = ChallengeState.CHOSEN if is_chosen else ChallengeState.DECLINED
        session.flush()
    return challenge


def reopen_challenge(session: Session, *, actor: Actor, challenge: Challenge, reason: str) -> Challenge:
    """Take a decision back (it was recorded wrongly), as long as no call shows the challenge."""
    actor.require(Permission.CHALLENGE_DECIDE)
    if challenge.state not in (ChallengeState.CHOSEN, ChallengeState.DECLINED):
        raise Conflict("決定していない課題・テーマです。")
    if challenge.call_id is not None:
        raise Conflict("募集に示している課題・テーマです。先に募集から外してください。")
    if not reason.strip():
        raise Invalid("理由を書いてください。", fields={"reason": "理由を書いてください。"})
    with act(
        session, actor, "challenge:reopen", f"課題・テーマの決定の取消し: {challenge.title}", reason=reason.strip()
    ):
        challenge.state = ChallengeState.SUBMITTED
        challenge.decided_on = None
        challenge.decision_note = None
        session.flush()
    return challenge


def delete_challenge(session: Session, *, actor: Actor, challenge: Challenge, reason: str | None = None) -> None:
    """Hide one that was not decided; it can be restored."""
    _require_editable(session, actor, challenge)
    with act(session, actor, "challenge:delete", f"課題・テーマの削除: {challenge.title}", reason=reason):
        challenge.deleted_at = utc_now()


def restore_challenge(session: Session, *, actor: Actor, challenge: Challenge) -> None:
    """Bring back a deleted one."""
    actor.require(Permission.CHALLENGE_EDIT)
    with act(session, actor, "challenge:restore", f"課題・テーマの復元: {challenge.title}"):
        challenge.deleted_at = None


# --- parts -----------------------------------------------------------------------------------------------------------


def _require_editable(session: Session, actor: Actor, challenge: Challenge) -> None:
    actor.require(Permission.CHALLENGE_EDIT)
    if not is_editable(session, challenge, actor):
        if challenge.state is not ChallengeState.DRAFT:
            raise Conflict(f"「{challenge.state.label}」の課題・テーマは変更できません。推進担当へご連絡ください。")
        raise NotAllowed


def _require_state(challenge: Challenge, state: ChallengeState, sentence: str) -> None:
    if challenge.state is not state:
        raise Conflict(f"「{challenge.state.label}」です。{sentence}")


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: value for name, value in values.items() if name in _VALUES}
    for name in ("title", *TEXTS):
        if name in clean:
            clean[name] = (clean[name] or "").strip()
    return clean


def _check(session: Session, actor: Actor, clean: Mapping[str, Any], challenge: Challenge | None) -> None:
    problems: dict[str, str] = {}
    key = clean.get("department_id")
    if key is not None and (challenge is None or challenge.department_id != key):
        department = session.get(Department, key)
        if department is None:
            problems["department_id"] = "担当課を選んでください。"
        elif sentence := gone_sentence(department, "を選んでください。"):
            if not is_office(actor) and heir_of(department).id not in actor.departments:
                sentence += "あなたの所属を新しい課に変えるよう、システム管理者に伝えてください。"
            problems["department_id"] = sentence
        elif not is_office(actor) and key not in actor.departments:
            problems["department_id"] = "自分の課を選んでください。"
    program_id = clean.get("program_id")
    if program_id is not None:
        program = session.get(Program, program_id)
        if program is None or program.is_closed:
            problems["program_id"] = "行っている公募制度を選んでください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)


def _departments(session: Session, ids: Collection[int]) -> list[Department]:
    return list(session.scalars(select(Department).where(Department.id.in_(sorted(ids))).order_by(Department.id)))
