"""Verbs of a department on its 所見書: keep a draft, submit; and whether it may."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.audit.acts import ACT_KEY
from app.audit.recorder import act
from app.calls.story import tell
from app.calls.workflow import OPEN_STATES
from app.problems import Conflict, Invalid, NotAllowed, NotFound, StaleRecord
from models.base import utc_now
from models.coordination import DepartmentOpinion, OpinionDraft, OpinionState, OpinionSubmission, Verdict

#: The longest answer, in characters.
LONGEST = 10_000
#: A department still writes.
OPEN = (OpinionState.REQUESTED, OpinionState.RETURNED)


def save_draft(
    session: Session,
    *,
    actor: Actor,
    opinion: DepartmentOpinion,
    answers: Mapping[str, str],
    verdict: Verdict | None = None,
    version: int | None = None,
) -> OpinionDraft:
    """Keep what a department is writing; logged nowhere. `answers` may hold some of the questions only.

    Raises StaleRecord when a colleague saved in between (version of the draft as the person saw it).
    """
    _require_writer(session, actor, opinion)
    draft = session.scalars(
        select(OpinionDraft).where(OpinionDraft.opinion_id == opinion.id).with_for_update()
    ).one_or_none()
    if draft is not None and version is not None and draft.version != version:
        raise StaleRecord
    if draft is None:
        draft = OpinionDraft(opinion_id=opinion.id, answers={})
        session.add(draft)
    keys = {question["key"] for question in opinion.questions}
    draft.answers = dict(draft.answers) | {
        key: text.replace("\r\n", "\n")[:LONGEST] for key, text in answers.items() if key in keys
    }
    if verdict is not None:
        draft.verdict = verdict
    draft.user_id, draft.saved_at = actor.user_id, utc_now()
    session.flush()
    if ACT_KEY not in session.info:
        session.commit()
    return draft


def submit_opinion(
    session: Session,
    *,
    actor: Actor,
    opinion: DepartmentOpinion,
    answers: Mapping[str, str],
    verdict: Verdict | None,
    seen_version: int | None = None,
) -> DepartmentOpinion:
    """Hand the opinion in; its draft is gone. Raises Invalid naming what is empty, Conflict when it was handed in."""
    _require_writer(session, actor, opinion)
    clean = {key: (answers.get(key) or "").strip() for key in (question["key"] for question in opinion.questions)}
    problems = {}
    if verdict is None:
        problems["verdict"] = "総合所見を選んでください。"
    if not any(clean.values()):
        problems[opinion.questions[0]["key"]] = "1つ以上の質問に答えてください。"
    problems |= {key: f"{LONGEST:,}文字以内で入力してください。" for key, text in clean.items() if len(text) > LONGEST}
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)
    with act(session, actor, "opinion:submit", "所見書の提出") as current:
        session.refresh(opinion, with_for_update={"of": DepartmentOpinion})
        current.label = f"所見書の提出({opinion.department.name})"
        if opinion.state not in OPEN:
            raise Conflict(f"この所見書は「{opinion.state.label}」です。画面を開き直してください。")
        if seen_version is not None and opinion.version != seen_version:
            raise StaleRecord
        assert verdict is not None
        opinion.answers, opinion.verdict = clean, verdict
        opinion.state = OpinionState.SUBMITTED
        opinion.submitted_at, opinion.submitted_by_id = utc_now(), actor.user_id
        number = len(opinion.submissions) + 1
        session.add(
            OpinionSubmission(
                opinion=opinion, number=number, answers=clean, verdict=verdict, submitted_by_id=actor.user_id
            )
        )
        drop_draft(session, opinion)
        tell(session, actor, opinion.proposal, "submit_opinion", f"所見書が提出された({opinion.department.name})")
        session.flush()
    return opinion


def may_write(session: Session, actor: Actor, opinion: DepartmentOpinion) -> bool:
    """Whether the actor's department answers, and may still."""
    if not actor.is_system and opinion.department_id not in actor.departments:
        return False
    return (
        actor.may(Permission.OPINION_ANSWER)
        and opinion.state in OPEN
        and opinion.proposal.state in OPEN_STATES
        and is_editable(session, opinion, actor)
    )


def _require_writer(session: Session, actor: Actor, opinion: DepartmentOpinion) -> None:
    actor.require(Permission.OPINION_ANSWER)
    if find_visible(session, DepartmentOpinion, opinion.id, actor) is None:
        raise NotFound
    if not actor.is_system and opinion.department_id not in actor.departments:
        raise NotAllowed("所見書は、依頼を受けた課が書きます。")
    if opinion.state not in OPEN:
        raise Conflict(f"この所見書は「{opinion.state.label}」のため、書き直せません。推進担当へご連絡ください。")
    if not is_editable(session, opinion, actor):
        raise Conflict("この応募・提案は審査に入ったか、終わっています。所見書は書けません。")


def drop_draft(session: Session, opinion: DepartmentOpinion) -> None:
    """What a department was writing is done with."""
    for draft in session.scalars(select(OpinionDraft).where(OpinionDraft.opinion_id == opinion.id)):
        session.delete(draft)
