"""The part of a request's page that helps to choose: take a candidate, approach."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_admin import expose

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.problems import NotFound, Problem
from app.talents import coordination
from models.talent_requests import TalentRequest


class CandidatePages(Screen):
    """Mixed into the view of requests."""

    def advice_context(self: Any, record: TalentRequest) -> dict[str, Any]:
        """What the page of a request shows of the engine."""
        return {}

    @expose("/<key>/candidate/", methods=("POST",))
    def candidate_view(self: Any, key: str) -> Any:
        """Put a talent among the candidates."""
        self.require(Permission.MATCH_EDIT)
        record = self.one(key)
        try:
            coordination.take_candidate(
                self.db_session, actor=self.actor, talent_id=self._talent_id(), request_id=record.id
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
                self.db_session, actor=self.actor, talent_id=self._talent_id(), request_id=record.id
            )
        except Problem as problem:
            return self._refused(key, problem)
        return self.go("match.details_view", "打診を始めました。連絡したら、ここに記録してください。", key=match.id)

    def _talent_id(self) -> int:
        number = as_key(request.form.get("talent", ""))
        if number is None:
            raise NotFound("人財を選んでください。")
        return number

    def _refused(self: Any, key: str, problem: Problem) -> Any:
        self.db_session.rollback()
        flash(problem.message, "error")
        return self.go(".details_view", key=key)


__all__ = ["CandidatePages", "url_for"]
