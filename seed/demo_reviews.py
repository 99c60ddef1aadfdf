"""Demonstration data of the committee: its members before the proposals of the call in review, each in another state.

Conflicts of each kind: derived from an affiliation, declared, set by the office, an equal name to be looked at.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.normalize import fold_name
from app.reviews import conflicts, criteria, declarations, queries, setting_up, sheets
from app.reviews.sheet_values import SheetValues
from models.bodies import MemberRole, Membership
from models.calls import Call
from models.directory_records import Affiliation, AffiliationRole, OrganizationOfficer
from models.people import User
from models.proposals import Proposal, ProposalState
from models.review_conflicts import InterestKind
from models.reviews import Criterion, NextBestRule, ReviewMember, ReviewQuorum, ReviewStage

DAY = dt.timedelta(days=1)
#: The login of the committee, who is behind with everything.
ME = "committee@demo.example.jp"


@dataclasses.dataclass
class Scene:
    """What every part of the set needs."""

    session: Session
    office: Actor
    today: dt.date
    call: Call
    proposals: Sequence[Proposal]
    users: list[User]
    members: list[ReviewMember]

    def acting(self, number: int) -> Actor:
        """The member as they sign in."""
        return actor_of(self.session, self.users[number], on=self.today)


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Within the act of the whole set; does nothing where no call stands before the committee."""
    call = _call_in_review(session)
    if call is None:
        return
    if session.scalar(select(Membership.id).where(Membership.role == MemberRole.CHAIR).limit(1)) is None:
        return
    setting_up.prepare_review(session, actor=actor, call=call, on=today)
    members = [one for one in queries.members_of(session, call.id) if one.user is not None]
    members.sort(key=lambda one: (one.user is not None and one.user.email == ME, -one.position), reverse=True)
    if len(members) < 7:
        return
    setting_up.update_setting(
        session,
        actor=actor,
        call_id=call.id,
        values={
            "declarations_due_on": today + 2 * DAY,
            "document_due_on": today + 6 * DAY,
            "interview_on": today + 10 * DAY,
            "interview_due_on": today + 11 * DAY,
        },
    )
    criteria.apply_preset(session, actor=actor, call_id=call.id, code="fifty-of-hundred")
    setting_up.update_rule(
        session,
        actor=actor,
        call_id=call.id,
        values={
            "quorum": ReviewQuorum.MAJORITY,
            "tie": ["smaller_request", "chair"],
            "next_best": NextBestRule.PARTIAL,
            "source": "ひな形に、定足数・同率のときの順・予算に達したときを加えた(デモ)",
        },
    )
    scene = Scene(
        session,
        actor,
        today,
        call,
        queries.proposals_of(session, call.id),
        [one.user for one in members if one.user is not None],
        members,
    )
    _interests(scene)
    _declarations(scene)
    _sheets(scene)


def _call_in_review(session: Session) -> Call | None:
    return session.scalars(
        select(Call)
        .join(Proposal, Proposal.call_id == Call.id)
        .where(Proposal.state == ProposalState.REVIEWING, Call.is_demo.is_(True))
        .order_by(Call.id)
        .limit(1)
    ).one_or_none()


def _interests(scene: Scene) -> None:
    """Derived (an officer of the applicant), set by the office, and a name that is only equal."""
    session, proposals = scene.session, scene.proposals
    with act(session, scene.office, "demo:interests", "デモの利害関係"):
        session.add(
            Affiliation(
                user_id=scene.users[0].id,
                organization_id=proposals[-1].organization_id,
                role=AffiliationRole.OFFICER,
                from_on=scene.today - 400 * DAY,
            )
        )
        session.add(
            OrganizationOfficer(
                organization_id=proposals[0].organization_id,
                name=scene.members[5].name,
                folded_name=fold_name(scene.members[5].name),
                role="監事",
            )
        )
        session.flush()
    setting_up.look_for_conflicts(session, actor=scene.office, call_id=scene.call.id)
    conflicts.set_conflict(
        session,
        actor=scene.office,
        member_id=scene.members[6].id,
        proposal_id=proposals[1 % len(proposals)].id,
        kind=InterestKind.ADVICE,
        reason="担当部の部長として、応募の前から団体と調整していたため(デモ)",
    )


def _declarations(scene: Scene) -> None:
    """All have declared but the login of the committee, who has two still to sign; one declares an interest."""
    for number in range(len(scene.members)):
        actor = scene.acting(number)
        pending = declarations.pending_of(scene.session, actor)
        for place, one in enumerate(pending[: 3 if number == 0 else None]):
            has_interest = number == 4 and place == 2
            declarations.declare(
                scene.session,
                actor=actor,
                proposal_id=one.proposal_id,
                has_interest=has_interest,
                kind=InterestKind.FAMILY if has_interest else None,
                text="弟が会計を務めている(デモ)" if has_interest else "",
            )


def _sheets(scene: Scene) -> None:
    """Documents: sealed by all but the login of the committee (one sealed, one half written), and one who is late."""
    stage = ReviewStage.DOCUMENT
    rows = queries.criteria_of(scene.session, scene.call.id, stage)
    pairs = queries.conflict_pairs(scene.session, scene.call.id)
    declared = queries.declared_pairs(scene.session, scene.call.id)
    for number, member in enumerate(scene.members):
        open_to = [
            one for one in scene.proposals if (member.id, one.id) in declared and (member.id, one.id) not in pairs
        ]
        for place, proposal in enumerate(open_to):
            if number == 3 and place >= 2:
                break  # behind the others
            values = marks_of(rows, number, place)
            if number == 0 and place >= 1:
                half = SheetValues({rows[0].id: 4, rows[1].id: 3}, {}, "")
                sheets.save_draft(
                    scene.session, actor=scene.acting(number), proposal_id=proposal.id, stage=stage, values=half, seen=0
                )
                break
            sheets.seal(
                scene.session, actor=scene.acting(number), proposal_id=proposal.id, stage=stage, values=values, seen=0
            )


def marks_of(rows: Sequence[Criterion], number: int, place: int) -> SheetValues:
    """A severe member and a lenient one, a strong proposal and a weak one: the same each time."""
    scores = {}
    for column, one in enumerate(rows):
        span = one.highest - one.lowest
        wanted = 3 - place % 3 + (number + column) % 3 - (1 if number == 2 else 0)
        scores[one.id] = max(one.lowest, min(one.lowest + span, wanted + 1))
    comments = {one.id: "人員の見込みが書かれていない(デモ)" for one in rows if one.needs_comment(scores[one.id])}
    return SheetValues(scores, comments, "")
