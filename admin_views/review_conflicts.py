"""Pages of the office on conflicts, equal names, and members who are absent or left."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.pages import FormPage
from admin_views.review_base import ReviewPages
from admin_views.review_forms import AbsenceForm, ConflictForm, ReasonForm, SettleForm, set_choices
from app.access.scopes import get_visible, scoped
from app.reviews import conflicts, queries, setting_up
from app.reviews.suspicions import origin_text
from models.calls import Call
from models.proposals import Proposal
from models.review_conflicts import Conflict, ConflictSuspicion
from models.reviews import ReviewMember, ReviewStage, StageAbsence


class ConflictPages(ReviewPages):
    """Part of the screen of a review."""

    @expose("/<call>/conflicts/look/", methods=("POST",))
    def look_view(self, call: str) -> Response:
        session = self.db_session()
        one = get_visible(session, Call, call, self.actor)
        return self.done(
            one.id,
            lambda: setting_up.look_for_conflicts(session, actor=self.actor, call_id=one.id),
            "団体データの所属・役員と照合しました。",
        )

    @expose("/<call>/conflicts/new/", methods=("GET", "POST"))
    def new_conflict_view(self, call: str) -> Any:
        session = self.db_session()
        one = get_visible(session, Call, call, self.actor)
        if why := self.why_concluded(one.id):
            return self.closed("利害関係の設定", one.id, why)
        proposals = session.scalars(
            scoped(Proposal, self.actor)
            .where(Proposal.call_id == one.id, Proposal.state.in_(queries.IN_REVIEW))
            .order_by(Proposal.id)
        )
        form = ConflictForm.of(queries.members_of(session, one.id), proposals)
        page = FormPage(
            title="利害関係の設定",
            form=form,
            action_url=url_for(".new_conflict_view", call=one.id),
            cancel_url=url_for(".call_view", call=one.id),
            lead="設定すると、その委員はすぐにこの提案を見られなくなり、確定した採点票は無効になります。",
            submit_label="設定する",
        )

        def save() -> Response:
            conflicts.set_conflict(session, actor=self.actor, **form.values())
            return self.go("review.call_view", "利害関係を設定しました。", call=one.id)

        return self.ask(page, save)

    def _reason(self, title: str, lead: str, submit: str, action: str, call_id: int, verb: Any, said: str) -> Any:
        if why := self.why_concluded(call_id):
            return self.closed(title, call_id, why)
        form = ReasonForm(request.form)
        page = FormPage(
            title=title,
            form=form,
            action_url=action,
            cancel_url=url_for(".call_view", call=call_id),
            lead=lead,
            submit_label=submit,
        )

        def save() -> Response:
            verb(form.reason.data or "")
            return self.go("review.call_view", said, call=call_id)

        return self.ask(page, save)

    @expose("/conflict/<conflict>/lift/", methods=("GET", "POST"))
    def lift_view(self, conflict: str) -> Any:
        session = self.db_session()
        row = get_visible(session, Conflict, conflict, self.actor)
        return self._reason(
            f"利害関係の解除({row.member.name}委員、「{row.proposal.title}」)",
            "解除すると、委員は申告のうえでこの提案を見て採点できます。",
            "解除する",
            url_for(".lift_view", conflict=row.id),
            row.member.call_id,
            lambda reason: conflicts.lift_conflict(session, actor=self.actor, conflict_id=row.id, reason=reason),
            "利害関係を解除しました。",
        )

    @expose("/suspicion/<suspicion>/", methods=("GET", "POST"))
    def settle_view(self, suspicion: str) -> Any:
        session = self.db_session()
        row = get_visible(session, ConflictSuspicion, suspicion, self.actor)
        form = SettleForm(request.form)
        call_id = row.member.call_id
        page = FormPage(
            title=f"同姓同名の確認({row.member.name}委員)",
            form=form,
            action_url=url_for(".settle_view", suspicion=row.id),
            cancel_url=url_for(".call_view", call=call_id),
            lead=f"{row.member.name}委員と同じ名前の人が、「{row.proposal.organization.name}」の応募にいます"
            f"({origin_text(row.origin)})。名前が同じだけでは、本人とは限りません。",
        )

        def save() -> Response:
            conflicts.settle_suspicion(
                session,
                actor=self.actor,
                suspicion_id=row.id,
                is_same_person=form.answer.data == "same",
                reason=form.reason.data or "",
            )
            return self.go("review.call_view", "確認の結果を記録しました。", call=call_id)

        return self.ask(page, save)

    @expose("/member/<member>/absence/", methods=("GET", "POST"))
    def absence_view(self, member: str) -> Any:
        session = self.db_session()
        row = get_visible(session, ReviewMember, member, self.actor)
        if why := self.why_concluded(row.call_id):
            return self.closed(f"採点の欠席({row.name}委員)", row.call_id, why)
        form = AbsenceForm(request.form)
        stages = queries.stages_of(queries.criteria_of(session, row.call_id)) or list(ReviewStage)
        set_choices(form.stage, [(one.value, one.label) for one in stages])
        page = FormPage(
            title=f"採点の欠席({row.name}委員)",
            form=form,
            action_url=url_for(".absence_view", member=row.id),
            cancel_url=url_for(".call_view", call=row.call_id),
            lead="欠席と記録すると、ほかの委員の採点がそろったときに集計できます。この委員の点数は集計に入りません。",
        )

        def save() -> Response:
            setting_up.record_absence(
                session,
                actor=self.actor,
                member_id=row.id,
                stage=ReviewStage(form.stage.data),
                reason=form.reason.data or "",
            )
            return self.go("review.call_view", "欠席を記録しました。", call=row.call_id)

        return self.ask(page, save)

    @expose("/absence/<absence>/", methods=("GET", "POST"))
    def withdraw_absence_view(self, absence: str) -> Any:
        session = self.db_session()
        row = get_visible(session, StageAbsence, absence, self.actor)
        return self._reason(
            f"欠席の取消し({row.member.name}委員、{row.stage.label})",
            "取り消すと、この委員の採点がそろうまで集計できなくなります。",
            "欠席を取り消す",
            url_for(".withdraw_absence_view", absence=row.id),
            row.member.call_id,
            lambda reason: setting_up.withdraw_absence(session, actor=self.actor, absence_id=row.id, reason=reason),
            "欠席を取り消しました。",
        )

    @expose("/member/<member>/leave/", methods=("GET", "POST"))
    def leave_view(self, member: str) -> Any:
        session = self.db_session()
        row = get_visible(session, ReviewMember, member, self.actor)
        return self._reason(
            f"委員の退任({row.name}委員)",
            "退任した委員は名簿の人数に入らず、提案を見られなくなります。",
            "退任を記録する",
            url_for(".leave_view", member=row.id),
            row.call_id,
            lambda reason: setting_up.leave(session, actor=self.actor, member_id=row.id, reason=reason),
            "退任を記録しました。",
        )
