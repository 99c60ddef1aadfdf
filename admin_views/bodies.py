"""Screens of bodies and of who sits in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_admin import expose
from sqlalchemy.orm import selectinload

from admin_views.base import GuardedView
from admin_views.columns import Column
from admin_views.meeting_forms import MEMBER_GROUPS, BodyForm, member_form
from admin_views.pages import DetailsPage, FormPage
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible, may_read_field
from app.calls.departments import name_today
from app.japanese.dates import (
    fiscal_year_bounds,
    fiscal_year_of,
    format_date,
    format_fiscal_year,
    parse_fiscal_year,
    today_in_tokyo,
)
from app.meetings import members, queries
from app.meetings.quorum import SEATED, least_present
from app.problems import Problem
from models.bodies import Body, MemberRole, Membership

NOT_SET = "未設定"


class BodyView(GuardedView):
    """会議体."""

    model = Body
    resource = "body"
    title = "会議体"
    lead = "協働の会議と、その構成員です。定足数などハンドブックにない決まりは、推進担当が設定するまで「未設定」です。"
    singular = "会議体"
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "名称", lambda row: row.name, needs=("name",)),
        Column("short_name", "略称", lambda row: row.short_name, needs=("short_name",)),
        Column(
            "quorum",
            "定足数",
            lambda row: row.quorum_kind.label if row.quorum_kind else NOT_SET,
            needs=("quorum_kind",),
        ),
        Column("source", "根拠", lambda row: row.source, needs=("source",)),
    )
    default_order = (Body.position,)
    lookup_attribute = "name"
    form_class = BodyForm
    details_template = "meetings/body.html"

    def make_form(self, *, posted: Any = None, record: Any = None) -> BodyForm:
        return BodyForm(posted, obj=record)

    def change(self, record: Body, form: Any, version: int | None) -> None:
        members.update_body(self.db_session(), actor=self.actor, body=record, version=version, values=form.data)

    def sections(self, record: Body) -> list[tuple[str, list[tuple[str, Any]]]]:
        closed = f"原則非公開({record.closed_reason})" if record.is_closed_by_default else "原則公開"
        return [
            (
                "決まり",
                [
                    ("役割", record.purpose),
                    ("根拠", record.source),
                    ("定足数", record.quorum_kind.label if record.quorum_kind else None),
                    ("代理出席", "出席に数える" if record.counts_representatives else "出席に数えない"),
                    ("公開", closed),
                ],
            )
        ]

    def details_page(self, record: Body) -> DetailsPage:
        page = super().details_page(record)
        if self.may("edit"):
            page.next_steps = [
                ("構成員を登録する", url_for("membership.new_view", body=record.id), "get", None),
                ("会議の予定を入れる", url_for("meeting.create_view", body=record.id), "get", None),
            ]
        if record.quorum_kind is None and self.may("edit"):
            page.missing = [("定足数", url_for(".edit_view", key=record.id))]
        return page

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.details_template and "record" in kwargs:
            kwargs |= self._roster(kwargs["record"])
        return str(super().render(template, **kwargs))

    def _roster(self, record: Body) -> dict[str, Any]:
        """The members of a fiscal year, and the meetings of the body."""
        today = today_in_tokyo()
        try:
            year = parse_fiscal_year(request.args.get("year", "")[:20] or str(fiscal_year_of(today)))
            first, last = fiscal_year_bounds(year)
        except (Problem, ValueError):
            year = fiscal_year_of(today)
            first, last = fiscal_year_bounds(year)
        found = queries.members_between(self.db_session(), record.id, first, last)
        seats = sum(one.role in SEATED and one.is_in_force(min(max(today, first), last)) for one in found)
        least = least_present(record.quorum_kind, seats)
        this_year = fiscal_year_of(today)
        return {
            "year_label": format_fiscal_year(year),
            "years": [
                (format_fiscal_year(one), url_for(".details_view", key=record.id, year=one), one == year)
                for one in range(this_year - 3, this_year + 2)
            ],
            "members": [self._line(one) for one in found],
            "seats": seats,
            "least": least,
            "quorum_is_set": record.quorum_kind is not None,
            "may_edit": self.may("edit"),
            "renew_url": url_for(".renew_view", key=record.id),
            "next_year": this_year + 1,
            "next_year_label": format_fiscal_year(this_year + 1),
            "meetings_url": f"{url_for('meeting.index_view')}?f-body={record.id}",
        }

    def _line(self, one: Membership) -> dict[str, Any]:
        until = format_date(one.until_on, weekday=False) if one.until_on else ""
        linked = one.user.display_name if one.user else name_today(one.department) if one.department else ""
        if not linked and one.user_role is not None:
            linked = f"{one.user_role.label}の利用者"
        sees_mail = may_read_field(Membership, "email", self.actor)
        return {
            "name": one.name,
            "url": url_for("membership.edit_view", key=one.id) if self.may("edit") else None,
            "role": one.role.label,
            "title": one.title,
            "term": f"{format_date(one.from_on, weekday=False)}〜{until}",
            "replaces": one.replaces.name if one.replaces else "",
            "linked": linked,
            "email": "あり" if sees_mail and one.email else "",
            "note": one.note,
        }

    @expose("/<key>/renew/", methods=("POST",))
    def renew_view(self, key: str) -> Any:
        """Next year's roster from this year's."""
        self.require(Permission.BODY_EDIT)
        body = self.one(key)
        year = fiscal_year_of(today_in_tokyo()) + 1
        try:
            created = members.renew_terms(self.db_session(), actor=self.actor, body=body, fiscal_year=year)
        except Problem as problem:
            flash(problem.message, "error")
            return redirect(url_for(".details_view", key=key), code=303)
        flash(
            f"{format_fiscal_year(year)}の構成員を{len(created)}人分作りました。氏名と任期を確かめてください。",
            "success",
        )
        return redirect(url_for(".details_view", key=key, year=year), code=303)


class MembershipView(GuardedView):
    """構成員."""

    model = Membership
    resource = "body"
    title = "構成員の名簿"
    singular = "構成員"
    in_menu = False
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "氏名・課名", lambda row: row.name),
        Column("body", "会議体", lambda row: row.body.short_name, load=(selectinload(Membership.body),)),
        Column("role", "役", lambda row: row.role),
        Column("title", "肩書・選出区分", lambda row: row.title),
        Column("from_on", "任期の開始日", lambda row: row.from_on),
        Column("until_on", "任期の終了日", lambda row: row.until_on),
    )
    default_order = (Membership.body_id, Membership.from_on)
    lookup_attribute = "name"
    form_groups = MEMBER_GROUPS
    form_class = object
    details_template = "model/details.html"

    def __init__(self) -> None:
        super().__init__(endpoint="membership")

    def make_form(self, *, posted: Any = None, record: Any = None) -> Any:
        return member_form(posted, record, record.body_id)

    def change(self, record: Membership, form: Any, version: int | None) -> None:
        members.update_member(self.db_session(), actor=self.actor, member=record, version=version, values=form.data)

    def next_steps(self, record: Membership) -> list[tuple[str, str, str, str | None]]:
        if not self.may("edit"):
            return []
        return [("誤って登録した構成員を削除する", url_for(".remove_view", key=record.id), "post", None)]

    def details_page(self, record: Membership) -> DetailsPage:
        page = super().details_page(record)
        page.back = (record.body.short_name, url_for("body.details_view", key=record.body_id))
        return page

    @expose("/add/", methods=("GET", "POST"))
    def new_view(self) -> Any:
        """A new member of ?body=."""
        self.require(Permission.BODY_EDIT)
        key = as_key(request.values.get("body", "")) or 0
        body = self.found(find_visible(self.db_session(), Body, key, self.actor))
        errors: list[str] = []
        form = member_form(request.form, None, body.id)
        if request.method == "POST" and form.validate():
            try:
                member = members.add_member(self.db_session(), actor=self.actor, body=body, values=form.data)
            except Problem as problem:
                errors = form.add_problems(problem.fields) or ([] if problem.fields else [problem.message])
            else:
                return self.go("body.details_view", f"「{member.name}」を登録しました。", key=body.id)
        elif request.method == "GET":
            form.from_on.data = dt.date(fiscal_year_of(today_in_tokyo()), 4, 1)
            form.role.data = MemberRole.MEMBER
        page = FormPage(
            title=f"{body.short_name}の構成員の登録",
            form=form,
            action_url=url_for(".new_view"),
            cancel_url=url_for("body.details_view", key=body.id),
            groups=MEMBER_GROUPS,
            errors=errors,
            hidden=[("body", str(body.id))],
            submit_label="登録する",
        )
        return self.render("model/create.html", page=page), 422 if request.method == "POST" else 200

    @expose("/<key>/remove/", methods=("POST",))
    def remove_view(self, key: str) -> Any:
        self.require(Permission.BODY_EDIT)
        member = self.one(key)
        body_id, name = member.body_id, member.name
        try:
            members.remove_member(self.db_session(), actor=self.actor, member=member)
        except Problem as problem:
            flash(problem.message, "error")
            return redirect(url_for(".details_view", key=key), code=303)
        return self.go("body.details_view", f"「{name}」を削除しました。", key=body_id)
