"""審査資料・結果資料 to print: made by the worker, fetched by whoever asked. A member gets the own copy alone."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.downloads import attachment
from admin_views.job_progress import progress_of
from admin_views.review_result_base import ResultPages
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.problems import NotFound, Problem
from app.reviews import pack_jobs, queries
from app.reviews.pack_jobs import RESULT, PackKey
from models.calls import Call
from models.reviews import ReviewSetting, ReviewStage


class PackScreen(ResultPages):
    """資料."""

    permission = Permission.SCORE_READ
    in_menu = False

    def __init__(self) -> None:
        super().__init__(name="審査資料", endpoint="review-pack", url="/review-pack")

    def _keys(self, call: Call) -> list[tuple[str, PackKey]]:
        """What this reader may have, with its name."""
        session = self.db_session()
        stages = queries.stages_of(queries.criteria_of(session, call.id)) or [ReviewStage.DOCUMENT]
        own = queries.find_own_member(session, self.actor, call.id)
        if own is not None:
            return [(f"審査資料({stage.label})", PackKey(call.id, stage.value, own.id)) for stage in stages]
        keys = [(f"審査資料({stage.label})", PackKey(call.id, stage.value, 0)) for stage in stages]
        keys += [
            (f"審査資料({stage.label}) {member.name}委員用", PackKey(call.id, stage.value, member.id))
            for member in queries.members_of(session, call.id)
            for stage in stages
        ]
        return [*keys, ("結果資料", PackKey(call.id, RESULT, 0))]

    def _key(self, text: str) -> PackKey:
        key = PackKey.read(text)
        pack_jobs.check_reader(self.db_session(), self.actor, key)
        return key

    @expose("/")
    def index(self) -> Any:
        settings = self.db_session().scalars(
            scoped(ReviewSetting, self.actor)
            .join(Call, Call.id == ReviewSetting.call_id)
            .order_by(Call.fiscal_year.desc(), Call.id.desc())
        )
        rows = [(one.call.name, url_for(".call_view", call=one.call_id)) for one in settings]
        return self.render("reviews/pack_calls.html", title="印刷用の資料", rows=rows)

    @expose("/<call>/")
    def call_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        rows = []
        for name, key in self._keys(one):
            pack_jobs.check_reader(session, self.actor, key)
            file = pack_jobs.find_pack(session, self.actor, key)
            progress = progress_of(pack_jobs.find_job(session, self.actor, key), name, unit="件")
            rows.append(
                {
                    "name": name,
                    "make_url": url_for(".make_view", key=str(key)),
                    "made": shown(file.created_at) if file is not None else "",
                    "size": f"{file.size / 1024:,.0f}KB" if file is not None else "",
                    "file_url": url_for(".file_view", key=str(key)) if file is not None else None,
                    "busy_url": url_for(".progress_view", key=str(key)) if progress and progress.is_busy else None,
                    "trouble": progress.trouble if progress else "",
                }
            )
        return self.render(
            "reviews/packs.html",
            title=f"印刷用の資料: {one.name}",
            call=one,
            rows=rows,
            back=url_for("review-result.call_view", call=one.id),
        )

    @expose("/make/<key>/", methods=("POST",))
    def make_view(self, key: str) -> Response:
        one = self._key(key)
        try:
            pack_jobs.request_pack(self.db_session(), actor=self.actor, key=one)
        except NotFound:
            raise
        except Problem as problem:
            self.db_session().rollback()
            flash(problem.message, "error")
            return redirect(url_for(".call_view", call=one.call_id), code=303)  # type: ignore[return-value]
        return redirect(url_for(".wait_view", key=key), code=303)  # type: ignore[return-value]

    @expose("/wait/<key>/")
    def wait_view(self, key: str) -> Any:
        """The page that waits for the worker."""
        one = self._key(key)
        job = self.found(pack_jobs.find_job(self.db_session(), self.actor, one))
        back = url_for(".call_view", call=one.call_id)
        progress = progress_of(job, "資料の作成", unit="件")
        return self.render("reviews/pack_wait.html", title="資料の作成", progress=progress, back_url=back, key=key)

    @expose("/progress/<key>/")
    def progress_view(self, key: str) -> Any:
        one = self._key(key)
        job = pack_jobs.find_job(self.db_session(), self.actor, one)
        back = url_for(".call_view", call=one.call_id)
        return self.render("jobs/progress.html", progress=progress_of(job, "資料の作成", unit="件"), back_url=back)

    @expose("/file/<key>.pdf", methods=("POST",))
    def file_view(self, key: str) -> Response:
        """Taken by POST, because that is logged."""
        one = self._key(key)
        settings = current_app.extensions["settings"]
        found = pack_jobs.download_pack(self.db_session(), actor=self.actor, settings=settings, key=one)
        return attachment(found.content, found.name, found.media_type)
