"""Duplicates: live while a name is typed, the list to judge, merging with both records side by side, and undoing it."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.pages import ConfirmPage, FormPage
from admin_views.screens import Screen, is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible
from app.directory import merging
from app.directory.duplicates import likely_duplicates
from app.directory.merging import COUNT_LIMIT, count_open_pairs, open_pairs
from app.lookup_fields import RelationField
from app.registry.queries import projects_of_organization
from app.webforms import BackOfficeForm, LineField, optional
from models.directory import Organization

_SHOWN = 5
_PAGE = 50


class MergeForm(BackOfficeForm):
    """Into which record."""

    into_id = RelationField(
        "統合先の団体",
        [InputRequired("統合先の団体を選んでください。")],
        lookup="organization.lookup_view",
        resolve=resolver(Organization),
        description="この団体の別名・事業・記録は、統合先の団体のものとして見えるようになります。",
    )
    reason = LineField("理由", [optional()], description="例: 名称の書き方の違いで二重に登録されていた")


class MergePages:
    """Mixed into OrganizationView."""

    @expose("/likely/", methods=("POST",))
    def likely_view(self: Any) -> Any:
        """A fragment: records that look like the one being typed. POST keeps what is typed out of addresses."""
        self.demand("create")
        typed = {name: request.form.get(name, "").replace("\x00", "")[:600] for name in ("name", "phone", "web")}
        aliases = request.form.get("aliases", "").replace("\x00", "").splitlines()[:20]
        but = as_key(request.form.get("but", ""))
        found = likely_duplicates(
            self.db_session, **typed, aliases=[alias[:300] for alias in aliases], but={but} if but else ()
        )
        lines = []
        for one in found[:_SHOWN]:
            record = find_visible(self.db_session, Organization, one.organization_id, self.actor)
            if record is not None:
                lines.append((record, url_for(f"{self.endpoint}.details_view", key=record.id), one.reason.label))
        return self.render("directory/likely.html", lines=lines, more=max(0, len(found) - _SHOWN))

    @expose("/<key>/merge/", methods=("GET", "POST"))
    def merge_view(self: Any, key: str) -> Any:
        """Choose the record that is to stand for this one."""
        self.require(Permission.ORGANIZATION_MERGE)
        record = self.one(key)
        form = (
            MergeForm(request.form)
            if is_posted()
            else MergeForm(data={"into_id": as_key(request.args.get("into", ""))})
        )
        projects = projects_of_organization(self.db_session, self.actor, record)
        page = FormPage(
            title=f"統合: {self.label_of(record)}",
            lead=f"「{self.label_of(record)}」(取組{len(projects)}件)を、ほかの団体と同じ団体としてまとめます。記録は書き換えず、いつでも取り消せます。",
            form=form,
            action_url=url_for(f"{self.endpoint}.merge_view", key=record.id),
            cancel_url=url_for(f"{self.endpoint}.details_view", key=record.id),
            submit_label="統合する",
        )

        def merge() -> Response:
            into = self.one(str(form.into_id.data))
            number = into.id
            merging.merge(self.db_session, actor=self.actor, absorbed=record, into=into, reason=form.reason.data or "")
            found: Response = self.go(
                f"{self.endpoint}.details_view", "統合しました。統合した団体の画面から取り消せます。", key=number
            )
            return found

        return self.ask(page, merge)

    @expose("/<key>/unmerge/", methods=("GET", "POST"))
    def unmerge_view(self: Any, key: str) -> Any:
        """Lift the pointer."""
        self.require(Permission.ORGANIZATION_MERGE)
        record = self.one(key)
        if record.merged_into_id is None:
            raise NotFound
        page = ConfirmPage(
            title="統合を取り消します",
            records=[(self.label_of(record), self.url_of(record))],
            consequence=f"「{record.merged_into}」とは別の団体として、一覧と検索に出るようになります。",
            action_url=url_for(f"{self.endpoint}.unmerge_view", key=record.id),
            cancel_url=self.url_of(record) or "",
            submit_label="統合を取り消す",
            is_danger=False,
        )

        def unmerge() -> Response:
            merging.unmerge(self.db_session, actor=self.actor, organization=record)
            found: Response = self.go(f"{self.endpoint}.details_view", "統合を取り消しました。", key=key)
            return found

        return self.confirm(page, unmerge)


def _side_by_side(first: Organization, second: Organization) -> list[tuple[str, str, str]]:
    """What tells two records apart; a line that is empty on both sides tells nothing."""
    both = (first, second)
    lines = {
        "よみ": [one.reading for one in both],
        "種別": [one.kind.label for one in both],
        "法人格": [one.legal_form or "" for one in both],
        "活動目的": [one.purpose or "" for one in both],
        "登録の経緯": [one.source.label for one in both],
        "ウェブサイト": [one.web or "" for one in both],
    }
    return [(label, one, other) for label, (one, other) in lines.items() if one or other]


class DuplicateScreen(Screen):
    """重複の候補."""

    permission = Permission.ORGANIZATION_MERGE

    def __init__(self) -> None:
        super().__init__(name="重複の候補", endpoint="duplicate", url="/duplicate")

    @expose("/")
    def index(self) -> Any:
        """Pairs that nobody has judged, most alike first."""
        count = count_open_pairs(self.db_session)
        pairs = [
            {
                "candidate": candidate,
                "first": (first, url_for("organization.details_view", key=first.id)),
                "second": (second, url_for("organization.details_view", key=second.id)),
                "lines": _side_by_side(first, second),
                "merge": [
                    (f"「{second}」へ統合", url_for("organization.merge_view", key=first.id, into=second.id)),
                    (f"「{first}」へ統合", url_for("organization.merge_view", key=second.id, into=first.id)),
                ],
            }
            for candidate, first, second in open_pairs(self.db_session, self.actor, limit=_PAGE)
        ]
        return self.render(
            "directory/duplicates.html",
            pairs=pairs,
            count=f"{COUNT_LIMIT:,}組以上" if count > COUNT_LIMIT else f"{count:,}組",
            most=_PAGE if count > _PAGE else None,
            judge_url=url_for("duplicate.judge_view"),
        )

    @expose("/judge/", methods=("POST",))
    def judge_view(self) -> Response:
        """Two records are two bodies."""
        first, second = as_key(request.form.get("first", "")), as_key(request.form.get("second", ""))
        if first is None or second is None:
            raise NotFound
        merging.judge_different(self.db_session, actor=self.actor, first_id=first, second_id=second)
        return self.go("duplicate.index", "別の団体と判定しました。この組はもう表示されません。")
