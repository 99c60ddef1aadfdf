"""What is done on a search's page: shortlist, findings, choice, and what it leads to."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_admin import expose
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from admin_views.pages import FormPage
from admin_views.partnering_forms import CandidateForm, ChallengeForm, DecideForm, ReopenForm, candidate_data
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.japanese.dates import today_in_tokyo
from app.partnering import following, shortlist
from app.partnering.paper import find_paper
from app.problems import Problem
from models.partnering import PartnerCandidate, PartnerSearch

#: Groups further down than this are taken without their place.
_RANKED = 50


class PartnerActs:
    """Mixed into the view of searches."""

    def _workable(self: Any, key: str) -> PartnerSearch:
        self.require(Permission.PARTNER_SEARCH_EDIT)
        record: PartnerSearch = self.one(key)
        if not self.may_work_on(record):
            raise Forbidden
        return record

    def _done(self: Any, key: str, problem: Problem | None, sentence: str, door: str = ".details_view") -> Any:
        if problem is not None:
            self.db_session.rollback()
            flash(" ".join(dict.fromkeys([problem.message, *problem.fields.values()])), "error")
            return self.go(door, key=key)
        return self.go(door, sentence, key=key)

    @expose("/<key>/take/", methods=("POST",))
    def take_view(self: Any, key: str) -> Any:
        """Put a group on the shortlist, with the reasons that the ranking gives for it now."""
        record = self._workable(key)
        number = as_key(request.form.get("organization", ""))
        if number is None:
            raise NotFound
        back = ".groups_view" if request.form.get("back") == "groups" else ".details_view"
        ranking = self.ranking(record, _RANKED)
        fit = next((one for one in ranking.fits if one.organization.id == number), None)
        try:
            candidate = shortlist.take_candidate(
                self.db_session,
                actor=self.actor,
                search=record,
                organization_id=number,
                rank=fit.position if fit else None,
                reasons=fit.reasons if fit else (),
            )
        except Problem as problem:
            return self._done(key, problem, "", back)
        return self._done(key, None, f"「{candidate}」を候補にしました。", back)

    @expose("/<key>/drop/", methods=("POST",))
    def drop_view(self: Any, key: str) -> Any:
        """Take a candidate off the shortlist."""
        record = self._workable(key)
        candidate = self._candidate(record, request.form.get("candidate", ""))
        label = str(candidate)
        try:
            shortlist.drop_candidate(self.db_session, actor=self.actor, candidate=candidate)
        except Problem as problem:
            return self._done(key, problem, "")
        return self._done(key, None, f"「{label}」を候補から外しました。")

    @expose("/<key>/candidates/<candidate_key>/", methods=("GET", "POST"))
    def judge_view(self: Any, key: str, candidate_key: str) -> Any:
        """What was found of a candidate."""
        record = self._workable(key)
        candidate = self._candidate(record, candidate_key)
        form = CandidateForm(request.form) if is_posted() else CandidateForm(data=candidate_data(candidate))
        page = FormPage(
            title=f"候補の検討: {candidate}",
            lead="共通の目的や方向性が見いだせるか、実施手法に合意できそうかを確かめて書きます(実践編1(3))。",
            form=form,
            action_url=url_for(".judge_view", key=record.id, candidate_key=candidate.id),
            cancel_url=url_for(".details_view", key=record.id),
            version=candidate.version,
        )

        def save() -> Response:
            seen = as_key(request.form.get("version", ""))
            shortlist.judge_candidate(
                self.db_session, actor=self.actor, candidate=candidate, version=seen or 0, values=form.values()
            )
            return self.go(".details_view", "保存しました。", key=record.id)

        return self.ask(page, save)

    @expose("/<key>/decide/", methods=("GET", "POST"))
    def decide_view(self: Any, key: str) -> Any:
        """Choose, with the reason."""
        record = self._workable(key)
        form = DecideForm(request.form) if is_posted() else DecideForm(data={"decided_on": today_in_tokyo()})
        form.candidates.choices = [(one.id, str(one)) for one in record.candidates]
        page = FormPage(
            title=f"相手の選定: {record.title}",
            lead="選定方法と選定基準に照らして選び、理由を書きます(実践編1(3))。",
            form=form,
            action_url=url_for(".decide_view", key=record.id),
            cancel_url=url_for(".details_view", key=record.id),
            version=record.version,
            submit_label="選定する",
        )

        def save() -> Response:
            shortlist.decide(
                self.db_session,
                actor=self.actor,
                search=record,
                version=as_key(request.form.get("version", "")) or 0,
                candidate_ids=form.candidates.data or [],
                reason=form.reason.data or "",
                decided_on=form.decided_on.data,
            )
            return self.go(".details_view", "相手を選定しました。", key=record.id)

        return self.ask(page, save)

    @expose("/<key>/reopen/", methods=("GET", "POST"))
    def reopen_view(self: Any, key: str) -> Any:
        """Take the choice back."""
        record = self._workable(key)
        form = ReopenForm(request.form if is_posted() else None)
        page = FormPage(
            title=f"選定の取消し: {record.title}",
            form=form,
            action_url=url_for(".reopen_view", key=record.id),
            cancel_url=url_for(".details_view", key=record.id),
            submit_label="選定を取り消す",
        )

        def save() -> Response:
            shortlist.reopen(self.db_session, actor=self.actor, search=record, reason=form.reason.data or "")
            return self.go(".details_view", "選定を取り消しました。", key=record.id)

        return self.ask(page, save)

    @expose("/<key>/project/", methods=("POST",))
    def project_view(self: Any, key: str) -> Any:
        """Make a planned collaboration of it."""
        record = self._workable(key)
        try:
            project = following.make_project(self.db_session, actor=self.actor, search=record)
        except Problem as problem:
            return self._done(key, problem, "")
        return self.go("project.details_view", "協働事業として登録しました。続きを入力してください。", key=project.id)

    @expose("/<key>/challenge/", methods=("GET", "POST"))
    def challenge_view(self: Any, key: str) -> Any:
        """Make a draft of a challenge of it."""
        record = self._workable(key)
        form = ChallengeForm(request.form if is_posted() else None)
        page = FormPage(
            title=f"課題・テーマの下書きにする: {record.title}",
            lead="相手を市が選ぶ代わりに、公募で提案を求めます。課題と目指す姿を写した下書きを作ります。",
            form=form,
            action_url=url_for(".challenge_view", key=record.id),
            cancel_url=url_for(".details_view", key=record.id),
            submit_label="下書きを作る",
        )

        def save() -> Response:
            challenge = following.make_challenge(
                self.db_session, actor=self.actor, search=record, program_id=form.program_id.data or 0
            )
            return self.go("challenge.details_view", "下書きを作りました。続きを入力してください。", key=challenge.id)

        return self.ask(page, save)

    @expose("/<key>/pdf/")
    def pdf_view(self: Any, key: str) -> Response:
        """The record of the search on paper."""
        paper = find_paper(self.db_session, self.actor, self.one(key))
        return Response(
            paper,
            mimetype="application/pdf",
            headers={"Content-Disposition": "attachment; filename*=UTF-8''partner-search.pdf"},
        )

    def _candidate(self: Any, record: PartnerSearch, key: str) -> PartnerCandidate:
        number = as_key(key)
        found = next((one for one in record.candidates if one.id == number), None)
        if found is None:
            raise NotFound
        return found
