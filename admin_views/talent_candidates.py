"""The part of a request's page that helps to choose: the best with their reasons, why not, two side by side, approach."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask import current_app, flash, request, url_for
from flask_admin import expose

from admin_views.lookups import Resolver
from admin_views.screens import Screen
from admin_views.talent_lists import skills_in_words
from admin_views.talent_notes import note_names
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible
from app.japanese.dates import today_in_tokyo
from app.problems import NotFound, Problem
from app.talents import advice, coordination, queries
from app.talents.candidates import Candidate
from app.talents.conditions import Wish
from app.talents.facts import times_in_short
from app.talents.stages import APPROACH, hindrances
from app.talents.wording import field_names, reason_in_words
from models.talent_requests import RequestStatus, TalentRequest
from models.talents import Talent

#: Sentences shown of one candidate; the rest stands on the page of the comparison.
MOST_REASONS = 4
#: How many of those who would but for one condition.
MOST_NEARLY = 5
#: A talent called by its number: 「人財12番」, 「12番」, 「12」.
_NUMBER = re.compile(r"(?:人財)?(\d{1,18})番?")


def candidate_card(candidate: Candidate, talent: Talent, fields: dict[str, str]) -> dict[str, Any]:
    """A candidate as the pages show it."""
    reasons = [reason_in_words(sentence, fields) for sentence in candidate.reasons]
    return {
        "id": talent.id,
        "name": talent.name or talent.number,
        "number": talent.number,
        "url": url_for("talent.details_view", key=talent.id),
        "skills": skills_in_words(talent),
        "position": candidate.position,
        "sentence": "・".join(reasons[:MOST_REASONS])
        or "条件は合っています。くわしい内容は人財のページで確かめてください。",
        "reasons": reasons,
        "parts": [
            (one.part.label, max(0.0, min(1.0, one.value)), f"{max(0.0, one.value) * 100:.0f}")
            for one in candidate.parts
        ],
        "wishes": [miss.sentence for miss in candidate.wishes if miss.what is not Wish.ROTATION],
        "rotation": next((miss.sentence for miss in candidate.wishes if miss.what is Wish.ROTATION), ""),
        "broken": [(miss.what.label, miss.sentence) for miss in candidate.broken],
        "score": f"{candidate.score:.2f}",
    }


class CandidatePages(Screen):
    """Mixed into the view of requests."""

    def advice_context(self: Any, record: TalentRequest) -> dict[str, Any]:
        """What the page of a request shows of the engine."""
        if record.status is not RequestStatus.OPEN:
            return {}
        found = advice.of_request(self.db_session(), current_app.extensions["settings"], record)
        fields = field_names(self.db_session())

        def cards(candidates: tuple[Candidate, ...]) -> list[dict[str, Any]]:
            rows = [(one, found.talents.get(int(one.talent_id))) for one in candidates]
            return [candidate_card(one, talent, fields) for one, talent in rows if talent is not None]

        return {
            "advice": found.advice,
            "best": cards(found.advice.candidates),
            "nearly": cards(found.advice.nearly[:MOST_NEARLY]),
            "relaxations": [(one.condition.label, one.more) for one in found.advice.relaxations],
            "pending": found.pending,
            "is_full": queries.is_full(self.db_session(), record),
        }

    @expose("/<key>/why/")
    def why_view(self: Any, key: str) -> Any:
        """Why a talent stands where it stands, or two side by side."""
        self.require(Permission.MATCH_READ)
        record = self.one(key)
        ids = [number for value in request.args.getlist("talent") if (number := as_key(value))][:2]
        if not ids:
            flash("人財を選んでください。2人まで並べて見られます。", "error")
            return self.go(".details_view", key=key)
        note_names(self.actor, "display", "talent", None, len(ids), "候補の比較")
        record = self.one(key)
        talents = [found for one in ids if (found := find_visible(self.db_session, Talent, one, self.actor))]
        if not talents:
            raise NotFound
        found = advice.of_pair(
            self.db_session(), current_app.extensions["settings"], record, [talent.id for talent in talents]
        )
        fields = field_names(self.db_session())
        taken = {match.talent_id: match for match in queries.matches_of_request(self.db_session, self.actor, record)}
        people = {talent.id: talent for talent in talents}
        may_match = self.actor.may(Permission.MATCH_EDIT) and record.status is RequestStatus.OPEN

        def blocked(talent: Talent) -> list[str]:
            facts = queries.facts_for_steps(self.db_session(), talent, record, today_in_tokyo())
            return hindrances(APPROACH, facts)

        return self.render(
            "talents/compare.html",
            record=record,
            back=url_for(".details_view", key=key),
            cards=[
                candidate_card(one, people[int(one.talent_id)], fields)
                | _facts(people[int(one.talent_id)])
                | {"match": taken.get(int(one.talent_id)), "blocked": blocked(people[int(one.talent_id)])}
                for one in found
            ],
            may_match=may_match,
        )

    @expose("/<key>/look/", methods=("POST",))
    def look_view(self: Any, key: str) -> Any:
        """Look one talent up: sent as a POST, so that the name that was typed stands in no address and no log."""
        self.require(Permission.MATCH_READ)
        record = self.one(key)
        number = as_key(request.form.get("talent", "")) or self._typed()
        if number is None:
            flash("人財を選んでください。名前や番号を入力すると、候補が表示されます。", "error")
            return self.go(".details_view", key=record.id, _anchor="why-heading")
        return self.go(".why_view", key=record.id, talent=number)

    def _typed(self: Any) -> int | None:
        """The one talent of exactly the name or number typed, where no script chose it."""
        text = request.form.get("talent__text", "").replace("\x00", "").strip()[:200]
        if not text:
            return None
        note_names(self.actor, "search", "talent", None, 1, "人財を名前で探す")
        if numbered := _NUMBER.fullmatch(unicodedata.normalize("NFKC", text)):
            return as_key(numbered[1])
        found = Resolver(Talent, names=Talent.name).find(text)
        return found[0] if len(found) == 1 else None

    @expose("/<key>/candidate/", methods=("POST",))
    def candidate_view(self: Any, key: str) -> Any:
        """Put a talent among the candidates."""
        self.require(Permission.MATCH_EDIT)
        record = self.one(key)
        try:
            coordination.take_candidate(
                self.db_session, actor=self.actor, talent_id=self._talent_id(), request_id=record.id, why=self._why()
            )
        except Problem as problem:
            return self._refused(key, problem)
        return self.go(".details_view", "候補に追加しました。", key=key)

    @expose("/<key>/approach/", methods=("POST",))
    def approach_view(self: Any, key: str) -> Any:
        """Begin to approach a talent."""
        self.require(Permission.MATCH_EDIT)
        record = self.one(key)
        try:
            match = coordination.approach(
                self.db_session, actor=self.actor, talent_id=self._talent_id(), request_id=record.id, why=self._why()
            )
        except Problem as problem:
            return self._refused(key, problem)
        return self.go("match.details_view", "打診を始めました。連絡したら、ここに記録してください。", key=match.id)

    def _talent_id(self) -> int:
        number = as_key(request.form.get("talent", ""))
        if number is None:
            raise NotFound("人財を選んでください。")
        return number

    def _why(self) -> str:
        return request.form.get("why", "").replace("\x00", "")[:1000]

    def _refused(self: Any, key: str, problem: Problem) -> Any:
        self.db_session.rollback()
        flash(problem.message, "error")
        return self.go(".details_view", key=key)


def _facts(talent: Talent) -> dict[str, Any]:
    return {
        "facts": [
            ("技能", skills_in_words(talent)),
            ("できること・経験", talent.description),
            ("対象", "、".join(talent.audiences)),
            ("行ける地域", "、".join(talent.areas)),
            ("曜日・時間帯", times_in_short(talent.availability)),
            ("希望する謝礼", talent.reward.label),
        ]
    }
