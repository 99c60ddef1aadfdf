"""The board: matches by stage, in columns. Cards move by plain buttons, so that a keyboard is enough."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, request, url_for
from flask_admin import expose

from admin_views.screens import Screen
from admin_views.talent_notes import note_names
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.japanese.dates import today_in_tokyo
from app.problems import NotFound, Problem
from app.talents import coordination, queries
from app.talents.stages import BOARD, MatchFacts, awaits_reply, hindrances, steps_from
from models.base import utc_now
from models.matches import Match, Stage

#: How long a finished match stays on the board.
FINISHED_DAYS = 60


class BoardScreen(Screen):
    """進み具合の表."""

    permission = Permission.MATCH_READ

    def __init__(self) -> None:
        super().__init__(name="進み具合の表", endpoint="match-board", url="/match-board")

    @expose("/")
    def index(self) -> Any:
        """The columns."""
        now = utc_now()
        matches = queries.board(self.db_session(), self.actor, finished_since=now - dt.timedelta(days=FINISHED_DAYS))
        note_names(self.actor, "display", "talent", None, len(matches), "進み具合の表の閲覧")
        facts = queries.facts_by_match(self.db_session(), matches, today_in_tokyo())
        columns = [
            {
                "stage": stage,
                "cards": [self._card(match, facts[match.id], now) for match in matches if match.stage is stage],
            }
            for stage in BOARD
        ]
        return self.render(
            "talents/board.html",
            columns=columns,
            total=len(matches),
            finished_days=FINISHED_DAYS,
            list_url=url_for("match.index_view"),
        )

    @expose("/move/", methods=("POST",))
    def move_view(self) -> Any:
        """Take the step of a card's button; what must be typed with it is asked on the match's page.

        The address leads back to the card, so that whoever works by keyboard goes on from there.
        """
        self.require(Permission.MATCH_EDIT)
        key, code = as_key(request.form.get("match", "")), request.form.get("step", "")
        if key is None:
            raise NotFound
        try:
            match = coordination.take_step(
                self.db_session(),
                actor=self.actor,
                match_id=key,
                code=code,
                version=as_key(request.form.get("version", "")) or 0,
            )
        except Problem as problem:
            if problem.status == 404:
                raise
            self.db_session().rollback()
            flash(problem.message, "error")
            return self.go(".index", _anchor=f"card-{key}")
        who = match.talent.name or match.talent.number
        return self.go(
            ".index", f"「{match.request.title}」({who})を「{match.stage.label}」に進めました。", _anchor=f"card-{key}"
        )

    def _card(self, match: Match, facts: MatchFacts, now: dt.datetime) -> dict[str, Any]:
        since, result = queries.waits_since(match)
        days = (now - match.stage_at).days
        told = {step.code: hindrances(step, facts) for step in steps_from(match.stage)}
        told.pop("introduce", None)  # what that still lacks is told, and entered, on the match's page
        possible = [step for step in steps_from(match.stage) if not told.get(step.code)]
        page = url_for("match.details_view", key=match.id)
        return {
            "id": match.id,
            "version": match.version,
            "url": page,
            "title": match.request.title,
            "group": str(match.request.organization),
            "talent": match.talent.name or match.talent.number,
            "days": "今日" if days == 0 else f"{days}日前から",
            "is_late": awaits_reply(match.stage, since, result, now),
            "waited": (now - since).days,
            "steps": [(step.code, step.label) for step in possible if not step.asks],
            "links": [
                (step.label, f"{page}#step-{step.code}") for step in possible if step.asks and step.target in BOARD
            ],
            "blocked": [sentence for sentences in told.values() for sentence in sentences],
            "is_finished": match.stage is Stage.FINISHED,
        }
