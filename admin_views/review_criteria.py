"""Pages of the office on the criteria of a call: started from a preset, added, changed, removed, until the first seal."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.pages import FormPage
from admin_views.review_base import ReviewPages
from admin_views.review_forms import CriterionForm
from app.access.scopes import get_visible
from app.reviews import criteria, queries
from models.reviews import Criterion, ReviewStage


class CriterionPages(ReviewPages):
    """Part of the screen of a review."""

    @expose("/<call>/preset/", methods=("POST",))
    def preset_view(self, call: str) -> Response:
        one = self.call_of(call)
        return self.done(
            one.id,
            lambda: criteria.apply_preset(
                self.db_session(), actor=self.actor, call_id=one.id, code=request.form.get("code", "")
            ),
            "ひな形を写しました。この募集に合わせて直してください。",
        )

    @expose("/<call>/criteria/new/", methods=("GET", "POST"))
    def new_criterion_view(self, call: str) -> Any:
        session, one = self.db_session(), self.call_of(call)
        self.found(queries.find_setting(session, one.id))
        if why := self.why_frozen(one.id):
            return self.closed("審査基準の追加", one.id, why)
        place = len(queries.criteria_of(session, one.id)) + 1
        form = CriterionForm(request.form, position=place, lowest=0, highest=5, weight="1")
        page = FormPage(
            title="審査基準の追加",
            form=form,
            action_url=url_for(".new_criterion_view", call=one.id),
            cancel_url=url_for(".call_view", call=one.id),
        )

        def save() -> Response:
            criteria.add_criterion(session, actor=self.actor, call_id=one.id, values=_values(form))
            return self.go("review.call_view", "審査基準を追加しました。", call=one.id)

        return self.ask(page, save)

    @expose("/criterion/<criterion>/", methods=("GET", "POST"))
    def criterion_view(self, criterion: str) -> Any:
        session = self.db_session()
        row = get_visible(session, Criterion, criterion, self.actor)
        if why := self.why_frozen(row.call_id):
            return self.closed(f"審査基準「{row.label}」", row.call_id, why, _facts(row))
        form = CriterionForm(
            request.form,
            **{name: getattr(row, name) for name in criteria.FIELDS if name != "stage"},
            stage=row.stage.value,
        )
        page = FormPage(
            title=f"審査基準「{row.label}」",
            form=form,
            action_url=url_for(".criterion_view", criterion=row.id),
            cancel_url=url_for(".call_view", call=row.call_id),
            version=row.version,
        )

        def save() -> Response:
            criteria.update_criterion(
                session, actor=self.actor, criterion_id=row.id, values=_values(form), version=self.seen_version()
            )
            return self.go("review.call_view", "審査基準を変更しました。", call=row.call_id)

        return self.ask(page, save)

    @expose("/criterion/<criterion>/remove/", methods=("POST",))
    def remove_criterion_view(self, criterion: str) -> Response:
        session = self.db_session()
        row = get_visible(session, Criterion, criterion, self.actor)
        call_id = row.call_id
        return self.done(
            call_id,
            lambda: criteria.remove_criterion(session, actor=self.actor, criterion_id=row.id),
            "審査基準を削除しました。",
        )


def _facts(row: Criterion) -> list[tuple[str, Any]]:
    return [
        (str(Criterion.__table__.c[name].info["label"]), _told(getattr(row, name)))
        for name in criteria.FIELDS
        if name != "position"
    ]


def _told(value: Any) -> str:
    if value is None or value == "":
        return "なし"
    return value.label if isinstance(value, ReviewStage) else str(value)


def _values(form: CriterionForm) -> dict[str, Any]:
    values = {name: form[name].data for name in criteria.FIELDS}
    return values | {
        "lowest": values["lowest"] or 0,
        "position": values["position"] or 1,
        "description": values["description"] or "",
    }
