"""Screens of こだいら人財の森: the list of talents, a talent's page, its form, its contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, request, url_for
from flask_admin import expose
from sqlalchemy.orm import selectinload

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter
from admin_views.home import link_waiting
from admin_views.pages import DetailsPage
from admin_views.talent_consent import ConsentPages
from admin_views.talent_contacts import ContactPages
from admin_views.talent_forms import TALENT_GROUPS, ContactFields, NewTalentForm, TalentForm
from admin_views.talent_lists import TALENT_COLUMNS, TALENT_FILTERS, skills_in_words
from admin_views.talent_notes import PURPOSES, note_names
from admin_views.talent_page import fitting_of, matches_of, missing_of, sections_of
from app.access.permissions import Permission
from app.japanese.dates import today_in_tokyo
from app.talents import queries, services
from app.talents.policy import reads_names
from app.talents.searching import entity_for
from models.talents import Reward, Talent, TalentKind, TalentStatus

STATUS_KIND = {
    TalentStatus.ACTIVE: "success",
    TalentStatus.PAUSED: "warning",
    TalentStatus.ENDED: "muted",
    TalentStatus.ERASED: "muted",
}


class TalentView(ContactPages, ConsentPages, GuardedView):
    """人財の一覧."""

    contact_form = ContactFields

    model = Talent
    resource = "talent"
    title = "人財の一覧"
    singular = "人財"
    columns: ClassVar[Sequence[Column]] = TALENT_COLUMNS
    filters: ClassVar[Sequence[Filter]] = TALENT_FILTERS
    eager = (selectinload(Talent.skills),)
    form_class = TalentForm
    form_groups = TALENT_GROUPS
    field_options: ClassVar[dict[str, dict[str, Any]]] = {
        "capacity": {"unit": "件", "width": "short"},
        "skills": {"help": "「修理」「通訳」のように入力すると、候補が表示されます。"},
    }
    details_template = "talents/talent.html"

    @property
    def lead(self) -> str:  # type: ignore[override]
        """What the reader gets."""
        if reads_names(self.actor):
            return "氏名の表示は記録されます。連絡先は、各人財のページで目的を選んで表示します。"
        return "氏名と連絡先を伏せて表示しています。紹介を希望するときは、番号をあすぴあに伝えてください。"

    @property
    def search_entity(self) -> str:  # type: ignore[override]
        """Names are looked for only by who may read them."""
        return entity_for(self.actor)

    @property
    def search_hint(self) -> str:  # type: ignore[override]
        """What can be found."""
        who = "氏名やよみ、" if reads_names(self.actor) else ""
        return f"{who}技能や「できること」のことばで探せます。"

    def label_of(self, record: Talent) -> str:
        return f"{record.name}({record.number})" if reads_names(self.actor) and record.name else record.number

    # --- the list ------------------------------------------------------------------------------------------

    @expose("/")
    def index_view(self) -> Any:
        state, query = self.state()
        page = self.list_page(state, query)
        action = "search" if state.search else "display"
        note_names(self.actor, action, "talent", None, len(page.rows), "人財の一覧の閲覧")
        return self.render(self.list_template, page=page)

    @expose("/lookup/")
    def lookup_view(self) -> Any:
        note_names(self.actor, "search", "talent", None, 1, "人財を名前で探す")
        return super().lookup_view()

    @expose("/export/<kind>/")
    def export_view(self, kind: str) -> Any:
        self.demand("export")
        _, query = self.state()
        note_names(self.actor, "export", "talent", None, query.count(), "人財の一覧の書き出し")
        return super().export_view(kind)

    # --- contacts ------------------------------------------------------------------------------------------

    def contact_title(self, record: Talent) -> str:
        return f"{self.label_of(record)}の連絡先"

    def save_contacts(self, record: Talent, version: int, values: dict[str, Any]) -> None:
        services.update_contact(self.db_session, actor=self.actor, talent=record, version=version, values=values)

    # --- a talent's page -----------------------------------------------------------------------------------

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        note_names(self.actor, "display", "talent", record.id, 1, "人財のページの閲覧")
        record = self.one(key)
        context: dict[str, Any] = {"matches": [], "fitting": [], "may_match": self.actor.may(Permission.MATCH_EDIT)}
        if self.actor.may(Permission.MATCH_READ):
            context["matches"] = matches_of(self.db_session, self.actor, record)
            context |= fitting_of(self.db_session(), self.actor, record)
        return self.render(self.details_template, page=self.details_page(record), record=record, **context)

    def sections(self, record: Talent) -> list[tuple[str, list[tuple[str, Any]]]]:
        return sections_of(record, with_names=reads_names(self.actor))

    def details_page(self, record: Talent) -> DetailsPage:
        page = super().details_page(record)
        page.status = (record.status.label, STATUS_KIND[record.status])
        if not reads_names(self.actor):
            page.lead = skills_in_words(record)
            page.notice = (
                "氏名と連絡先は表示していません",
                "紹介を希望するときは、番号をあすぴあに伝えてください。",
                "info",
            )
            page.history = page.history_url = None
            return page
        if not queries.has_valid_consent(record, today_in_tokyo()):
            page.notice = ("登録への同意が有効ではありません", "更新するか、個人情報を消去してください。", "warning")
        page.missing = missing_of(record, url_for(".edit_view", key=record.id))
        if self.may_edit(record):
            page.actions += [
                ("同意を更新する", url_for(".renew_view", key=record.id), "get"),
                ("個人情報を消去する", url_for(".erase_view", key=record.id), "get"),
            ]
        return page

    # --- the form ------------------------------------------------------------------------------------------

    def make_form(self, *, posted: Any = None, record: Any = None) -> Any:
        kind = NewTalentForm if record is None else TalentForm
        if posted is not None:
            return kind(posted)
        if record is not None:
            return kind(data=TalentForm.data_of(record))
        today = today_in_tokyo()
        usual = {"kind": TalentKind.PERSON, "status": TalentStatus.ACTIVE, "reward": Reward.NOTHING, "capacity": 1}
        return kind(
            data=usual | {"consent_on": today, "valid_until": today.replace(month=3, day=31, year=today.year + 3)}
        )

    @expose("/<key>/edit/", methods=("GET", "POST"))
    def edit_view(self, key: str) -> Any:
        if request.method == "GET" and self.may("edit"):
            record = self.one(key)
            note_names(self.actor, "display", "talent", record.id, 1, "登録内容の変更")
        return super().edit_view(key)

    def insert(self, form: Any) -> Talent:
        talent = services.create_talent(self.db_session, actor=self.actor, values=form.values())
        self._warn(talent)
        return talent

    def change(self, record: Talent, form: Any, version: int | None) -> None:
        services.update_talent(self.db_session, actor=self.actor, talent=record, version=version, values=form.values())
        self._warn(record)

    def _warn(self, talent: Talent) -> None:
        sentence = services.warning_of(talent)
        if sentence:
            flash(sentence, "warning")

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.details_template:
            kwargs |= {"purposes": PURPOSES, "may_disclose": reads_names(self.actor)}
        return str(super().render(template, **kwargs))


link_waiting("talent_consent", lambda line: url_for("talent.index_view") + "?f-expires=60&sort=valid_until")


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    from admin_views.talent_assignment import AssignmentScreen
    from admin_views.talent_board import BoardScreen
    from admin_views.talent_matches import MatchView
    from admin_views.talent_numbers import NumbersScreen
    from admin_views.talent_requests import TalentRequestView

    return [TalentRequestView(), BoardScreen(), MatchView(), AssignmentScreen(), TalentView(), NumbersScreen()]
