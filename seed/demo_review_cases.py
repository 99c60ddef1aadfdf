"""How the demonstration builds one more review: a call, proposals before the committee, members who declare and score."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.actor import Actor
from app.calls import file_services, services
from app.calls.call_services import update_call
from app.calls.proposal_values import PartnerRow
from app.config import Settings
from app.reviews import criteria, declarations, queries, setting_up, sheets
from app.reviews.scans import Scan
from app.reviews.sheet_values import SheetValues
from models.calls import Call
from models.coordination import Verdict
from models.directory import Organization
from models.people import User
from models.proposals import Proposal
from models.reference import Department, Program
from models.review_conflicts import InterestKind
from models.reviews import MissingRule, NextBestRule, ReviewMember, ReviewQuorum, ReviewStage
from seed.demo_call_scene import DAY, Scene, call_of
from seed.demo_directory import FOLDER
from seed.demo_proposals import ask, enter, note, submit
from seed.demo_review_ideas import IDEAS, THEME

PAPERS = Path(__file__).parent / "demo_data" / "papers"
#: Values of the rule that every further review starts with.
RULE: dict[str, Any] = {
    "minimum_percent": "50",
    "missing": MissingRule.DROP,
    "quorum": ReviewQuorum.MAJORITY,
    "tie": ["smaller_request"],
    "next_best": NextBestRule.PARTIAL,
    "source": "デモ用の値",
}


def scan(name: str, shown: str) -> Scan:
    """One of the demonstration's papers; shown: its name in the record."""
    return Scan((PAPERS / name).read_bytes(), shown)


def settings() -> Settings:
    """Of the application that the set is loaded into."""
    found: Settings = current_app.extensions["settings"]
    return found


@dataclasses.dataclass
class Case:
    """One review under way. Members and acting users by the part of their login before the @."""

    scene: Scene
    call: Call
    proposals: list[Proposal]
    members: dict[str, ReviewMember]
    office: Actor

    @property
    def session(self) -> Session:
        """Of the whole set."""
        return self.scene.session

    def acting(self, login: str) -> Actor:
        """The member as they sign in."""
        user = self.members[login].user
        assert user is not None
        return actor_of(self.session, user, on=self.scene.today)

    def declare(
        self, login: str, *, interest: tuple[int, InterestKind, str] | None = None, only: Sequence[int] | None = None
    ) -> None:
        """Sign for every proposal that waits (or those of these places); interest: (place, kind, text)."""
        acting = self.acting(login)
        setting = queries.find_setting(self.session, self.call.id)
        assert setting is not None
        for one in declarations.pending_for(self.session, self.members[login], setting):
            place = next(place for place, row in enumerate(self.proposals) if row.id == one.proposal_id)
            if only is not None and place not in only:
                continue
            told = interest if interest is not None and interest[0] == place else None
            declarations.declare(
                self.session,
                actor=acting,
                proposal_id=one.proposal_id,
                has_interest=told is not None,
                kind=told[1] if told else None,
                text=told[2] if told else "",
            )

    def seal(
        self, login: str, place: int, marks: Sequence[int], stage: ReviewStage = ReviewStage.DOCUMENT, *, seen: int = 0
    ) -> None:
        """Seal one sheet; comments where a mark asks for one."""
        sheets.seal(
            self.session,
            actor=self.acting(login),
            proposal_id=self.proposals[place].id,
            stage=stage,
            values=self.values(marks, stage),
            seen=seen,
        )

    def values(self, marks: Sequence[int], stage: ReviewStage = ReviewStage.DOCUMENT) -> SheetValues:
        """What is written on a sheet with these marks."""
        rows = queries.criteria_of(self.session, self.call.id, stage)
        scores = {row.id: mark for row, mark in zip(rows, marks, strict=True)}
        comments = {row.id: "計画からは読み取れなかった(デモ)" for row in rows if row.needs_comment(scores[row.id])}
        return SheetValues(scores, comments, "")

    def is_out(self, login: str, place: int) -> bool:
        """Whether the member is in conflict with that proposal."""
        pairs = queries.conflict_pairs(self.session, self.call.id)
        return (self.members[login].id, self.proposals[place].id) in pairs

    def seal_all(self, marks: Sequence[Sequence[int]], stage: ReviewStage = ReviewStage.DOCUMENT) -> None:
        """Every member seals every sheet. marks: one row a proposal; members give its marks, each turned a little."""
        pairs = queries.conflict_pairs(self.session, self.call.id)
        for turn, (login, member) in enumerate(self.members.items()):
            for place, row in enumerate(marks):
                if (member.id, self.proposals[place].id) not in pairs:
                    turned = [*row[turn % len(row) :], *row[: turn % len(row)]]
                    self.seal(login, place, turned, stage)


def scene_of(session: Session, actor: Actor, today: dt.date) -> Scene | None:
    """The scene with the groups of the directory's set; None where they are not there."""
    facts = tomllib.loads((FOLDER / "organizations.toml").read_text("utf-8"))["group"]
    names = {one["name"]: one["key"] for one in facts}
    rows = session.scalars(select(Organization).where(Organization.name.in_(names)).order_by(Organization.id))

    scene = Scene(
        session,
        actor,
        today,
        {row.code: row for row in session.scalars(select(Department).order_by(Department.id))},
        {row.code: row for row in session.scalars(select(Program).order_by(Program.id))},
        {names[row.name]: row for row in rows},
    )
    wanted = {idea.group for ideas in IDEAS.values() for idea in ideas}
    return scene if "suggested" in scene.programs and wanted <= scene.groups.keys() else None


def build(
    scene: Scene,
    stage: str,
    label: str,
    *,
    fiscal_year: int,
    budget_yen: int,
    preset: str = "fifty-of-hundred",
    keeps: tuple[ReviewStage, ...] = tuple(ReviewStage),
    dates: dict[str, dt.date] | None = None,
    partners: dict[int, PartnerRow] | None = None,
) -> Case:
    """A call whose proposals stand before the committee, its review prepared. keeps: the stages that are scored."""
    session, actor, today = scene.session, scene.actor, scene.today
    call = call_of(
        scene,
        "suggested",
        fiscal_year,
        [],
        {
            "opens_on": today - 70 * DAY,
            "closes_on": today - 40 * DAY,
            "review_on": today + 10 * DAY,
            "decision_on": today + 30 * DAY,
            "budget_yen": budget_yen,
        },
        None,
        THEME,
    )
    update_call(session, actor=actor, call=call, version=None, values={"name": f"{call.name} 見本: {label}"})
    for place in range(len(IDEAS[stage])):
        _bring(scene, call, place, stage, [partners[place]] if partners and place in partners else [])
    setting_up.prepare_review(session, actor=actor, call=call, on=today)
    criteria.apply_preset(session, actor=actor, call_id=call.id, code=preset)
    for row in queries.criteria_of(session, call.id):
        if row.stage not in keeps:
            criteria.remove_criterion(session, actor=actor, criterion_id=row.id)
    setting_up.update_rule(session, actor=actor, call_id=call.id, values=RULE)
    setting_up.update_setting(session, actor=actor, call_id=call.id, values=dates or {})
    members = {
        (one.user.email or "").partition("@")[0]: one
        for one in queries.members_of(session, call.id)
        if one.user is not None
    }
    office = session.scalars(select(User).where(User.email == "office@demo.example.jp")).one()
    return Case(scene, call, list(queries.proposals_of(session, call.id)), members, actor_of(session, office, on=today))


def _bring(scene: Scene, call: Call, place: int, stage: str, partners: list[PartnerRow]) -> None:
    """From the paper to the committee's door, the short way."""
    idea, day = IDEAS[stage][place], scene.today - (60 - 3 * place) * DAY
    proposal = enter(scene, call, idea, received_on=day, partners=partners)
    for name, shown in (("plan.pdf", "事業計画書.pdf"), ("site.png", "活動場所の図.png"))[: 2 - place]:
        file_services.attach_file(
            scene.session,
            actor=scene.actor,
            settings=settings(),
            proposal=proposal,
            content=(PAPERS / name).read_bytes(),
            name=shown,
        )
    advance = functools.partial(services.advance, scene.session, actor=scene.actor, proposal=proposal)
    advance(step="submit", happened_on=day)
    advance(step="start_coordination")
    note(scene, proposal, scene.today - 30 * DAY)
    (opinion,) = ask(scene, proposal, ("kominkan",), scene.today)
    submit(scene, opinion, (Verdict.FAVOURABLE, Verdict.CONDITIONAL, Verdict.UNFAVOURABLE)[place % 3])
    advance(step="start_review")
