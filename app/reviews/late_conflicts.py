"""Conflicts that come to be known after the conclusion: a signed correction beside the record, which stays as it is (domain.md 4.2).

The entry says whose, for which proposal, how it became known, and what the sealed tally would give without the member.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_date, to_tokyo
from app.problems import Conflict as Refusal
from app.problems import Invalid
from app.reviews import queries
from app.reviews.ballot import Ballot
from app.reviews.ballot_reading import ballot_from
from app.reviews.concluding import find_conclusion, require_secretariat
from app.reviews.conflicts import groups_of
from app.reviews.corrections import sign
from app.reviews.sealing import latest_record
from app.reviews.suspicions import origin_text, suspect
from app.reviews.tally import OUTCOMES, ProposalResult, tally
from app.reviews.texts import checked_text
from models.directory_records import Affiliation
from models.proposals import Proposal
from models.review_conflicts import Conflict, ConflictSuspicion, InterestKind
from models.review_records import ReviewCorrection, SealedRecord
from models.reviews import ReviewMember


def report_late(
    session: Session, *, actor: Actor, member_id: int, proposal_id: int, kind: InterestKind, reason: str
) -> ReviewCorrection:
    """The office enters a conflict that it learnt of after the conclusion. Raises Conflict before it, or when known."""
    actor.require(Permission.CONFLICT_MANAGE)
    proposal = get_visible(session, Proposal, proposal_id, actor)
    member = get_visible(session, ReviewMember, member_id, actor)
    call = require_secretariat(session, actor, proposal.call_id)
    text = checked_text(reason, "判明の経緯", field="reason", required="どのように判明したかを書いてください。")
    if member.call_id != proposal.call_id:
        raise Invalid("この募集の審査の委員を選んでください。", fields={"member": "委員を選んでください。"})
    with act(session, actor, "conclusion:correct", f"{call.name}の審査記録に訂正を加えました"):
        found = note_late(session, actor, member, proposal, f"関係: {kind.label}", text)
        if found is None:
            raise Refusal("この委員の利害関係は、すでに記録されています。")
    return found


def on_affiliation(session: Session, actor: Actor, affiliation: Affiliation) -> None:
    """Hook of the directory, inside its act: an affiliation that held while a concluded review was under way."""
    members = session.scalars(
        select(ReviewMember).where(ReviewMember.user_id == affiliation.user_id).order_by(ReviewMember.call_id)
    )
    for member in members:
        if queries.is_concluded(session, member.call_id):
            _note_affiliation(session, actor, member, affiliation)


def on_suspicion(session: Session, actor: Actor, suspicion: ConflictSuspicion) -> None:
    """An equal name that the office confirmed after the conclusion, inside its act."""
    told = f"{origin_text(suspicion.origin)}と同じ人であることを確認"
    note_late(session, actor, suspicion.member, suspicion.proposal, told, suspicion.settle_reason)


def look_again(session: Session, *, actor: Actor, call_id: int) -> tuple[int, int]:
    """Compare a concluded review's list with the directory of today: (corrections, equal names to be looked at)."""
    actor.require(Permission.CONFLICT_MANAGE)
    call = require_secretariat(session, actor, call_id)
    with act(session, actor, "conflict:derive", f"{call.name}の利害関係を、結論の後にあらためて照合しました"):
        if not queries.is_concluded(session, call_id):
            raise Refusal("審査結果の確認の前は、審査の画面で照合してください。")
        notes = 0
        for member in queries.members_of(session, call_id, with_left=True):
            rows = session.scalars(
                select(Affiliation).where(Affiliation.user_id == member.user_id).order_by(Affiliation.id)
            )
            for affiliation in rows if member.user_id is not None else ():
                notes += _note_affiliation(session, actor, member, affiliation)
        names = suspect(session, call_id)
    return notes, names


def _note_affiliation(session: Session, actor: Actor, member: ReviewMember, affiliation: Affiliation) -> int:
    """Notes one entry for each proposal of the group that the affiliation held for; returns how many are new."""
    first, last = _under_way(session, member.call_id)
    if (affiliation.from_on is not None and affiliation.from_on > last) or (
        affiliation.until_on is not None and affiliation.until_on < first
    ):
        return 0  # not while the review was under way
    since = f"{format_date(affiliation.from_on)}から" if affiliation.from_on is not None else "時期の記載なし"
    found = 0
    for proposal in queries.proposals_of(session, member.call_id):
        if affiliation.organization_id in groups_of(session, proposal) and not _was_weighed(
            session, member, proposal, affiliation
        ):
            told = f"団体データの所属({affiliation.role.label}、{since})"
            found += (
                note_late(session, actor, member, proposal, told, "所属が審査結果の確認の後に登録されたため")
                is not None
            )
    return found


def _was_weighed(session: Session, member: ReviewMember, proposal: Proposal, affiliation: Affiliation) -> bool:
    """Whether it was on the list before the conclusion, standing or lifted by the office with a reason."""
    known = select(Conflict.id).where(
        Conflict.member_id == member.id,
        Conflict.proposal_id == proposal.id,
        Conflict.affiliation_id == affiliation.id,
    )
    return session.scalar(known.limit(1)) is not None


def _under_way(session: Session, call_id: int) -> tuple[dt.date, dt.date]:
    setting, conclusion = queries.find_setting(session, call_id), find_conclusion(session, call_id)
    assert setting is not None and conclusion is not None and conclusion.confirmed_at is not None
    return to_tokyo(setting.created_at).date(), to_tokyo(conclusion.confirmed_at).date()


def note_late(
    session: Session, actor: Actor, member: ReviewMember, proposal: Proposal, told: str, reason: str
) -> ReviewCorrection | None:
    """Sign the entry inside the caller's act; None when the conflict was known at the conclusion, or is noted already."""
    if (member.id, proposal.id) in queries.conflict_pairs(session, proposal.call_id):
        return None
    record = latest_record(session, proposal.call_id)
    if record is None:
        raise Refusal("審査結果がまだ確認されていません。確認の前は、利害関係として設定できます。")
    known = select(ReviewCorrection.id).where(
        ReviewCorrection.member_id == member.id,
        ReviewCorrection.proposal_id == proposal.id,
        ReviewCorrection.text.startswith(_HEAD),
    )
    if session.scalar(known.limit(1)) is not None:
        return None
    text = f"{_HEAD}{member.name}委員と「{proposal.title}」の応募団体。{told}。{_without(record, member, proposal)}"
    return sign(
        session, actor, call_id=proposal.call_id, record=record, proposal_id=proposal.id, member_id=member.id,
        text=text, reason=reason,
    )  # fmt: skip


_HEAD = "審査結果の確認の後に、利害関係が判明した: "


def _without(record: SealedRecord, member: ReviewMember, proposal: Proposal) -> str:
    """What the sealed tally gives when the member is out for that proposal. It changes nothing."""
    ballot = ballot_from(json.loads(record.content)["ballot"])
    was = {one.id: one for one in tally(ballot).proposals}
    now = {one.id: one for one in tally(_out(ballot, str(member.id), str(proposal.id))).proposals}
    changed = [
        f"「{was[key].label}」は{_words(was[key])}から{_words(now[key])}"
        for key in was
        if (was[key].outcome, was[key].rank, was[key].amount_yen)
        != (now[key].outcome, now[key].rank, now[key].amount_yen)
    ]
    told = f"{'、'.join(changed)}になる" if changed else "順位・結果・金額は変わらない"
    return f"封印した採点からこの委員を除いて集計すると、{told}。封印した記録と審査結果は、そのままとする。"


def _out(ballot: Ballot, member: str, proposal: str) -> Ballot:
    proposals = tuple(
        dataclasses.replace(
            one,
            conflicts=one.conflicts | {member},
            scores={key: given for key, given in one.scores.items() if key != member},
        )
        if one.key == proposal
        else one
        for one in ballot.proposals
    )
    return dataclasses.replace(ballot, proposals=proposals)


def _words(result: ProposalResult) -> str:
    rank = f"{result.rank}位・" if result.rank is not None else ""
    return f"{rank}{OUTCOMES[result.outcome]}{f'({result.amount_yen:,}円)' if result.amount_yen else ''}"
