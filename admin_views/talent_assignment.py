"""Many requests at once: a proposal of who could go where, accepted line by line."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, request, url_for
from flask_admin import expose

from admin_views.screens import Screen
from admin_views.talent_lists import skills_in_words
from admin_views.talent_notes import note_names
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.japanese.dates import format_date
from app.problems import Problem
from app.talents import advice, coordination
from app.talents.facts import times_in_short

WHY = "まとめて割り当てる案から"


class AssignmentScreen(Screen):
    """割り当ての案."""

    permission = Permission.MATCH_EDIT

    def __init__(self) -> None:
        super().__init__(name="割り当ての案", endpoint="talent-assignment", url="/talent-assignment")

    @expose("/")
    def index(self) -> Any:
        """The proposal over all open requests."""
        found = advice.of_open_requests(self.db_session(), current_app.extensions["settings"], self.actor)
        note_names(self.actor, "display", "talent", None, len(found.lines), "割り当ての案の閲覧")
        return self.render(
            "talents/assignment.html",
            lines=[
                {
                    "value": f"{line.request.id}-{line.talent.id}",
                    "request": line.request.title,
                    "request_url": url_for("talent-request.details_view", key=line.request.id),
                    "group": str(line.request.organization),
                    "due": format_date(line.request.due_on) if line.request.due_on else "",
                    "talent": line.talent.name or line.talent.number,
                    "talent_url": url_for("talent.details_view", key=line.talent.id),
                    "skills": skills_in_words(line.talent),
                    "times": times_in_short(line.times),
                    "unmet": line.unmet,
                    "position": line.position,
                    "matter": line.matter,
                    "why_url": url_for("talent-request.why_view", key=line.request.id, talent=line.talent.id),
                }
                for line in found.lines
            ],
            unfilled=[
                (one.title, url_for("talent-request.details_view", key=one.id), number)
                for one, number in found.unfilled
            ],
            considered=found.considered,
            has_vectors=found.has_vectors,
            pending=found.pending,
        )

    @expose("/accept/", methods=("POST",))
    def accept_view(self) -> Any:
        """Put the chosen lines among the candidates; each line for itself, so that one that is gone stops no other."""
        taken, refused = 0, []
        for value in list(dict.fromkeys(request.form.getlist("line")))[:200]:
            wanted, _, offered = value.partition("-")
            request_id, talent_id = as_key(wanted), as_key(offered)
            if request_id is None or talent_id is None:
                continue
            try:
                coordination.take_candidate(
                    self.db_session(), actor=self.actor, talent_id=talent_id, request_id=request_id, why=WHY
                )
                taken += 1
            except Problem as problem:
                self.db_session().rollback()
                refused.append(problem.message)
        for sentence in dict.fromkeys(refused):
            flash(sentence, "error")
        if not taken:
            if not refused:
                flash("候補にする行を選んでから、ボタンを押してください。", "error")
            return self.go(".index")
        return self.go("match-board.index", f"{taken}件を候補に入れました。打診は、一件ずつ始めます。")
