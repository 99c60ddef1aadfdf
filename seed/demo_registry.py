"""Demonstration data of the registry: fictitious groups and collaborations of every year but the published ones."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory.services import create_organization
from app.japanese.dates import fiscal_year_bounds, fiscal_year_of, format_fiscal_year
from app.registry import publication, services
from app.registry.lines import PartnerLine
from app.registry.survey_queries import responses_of
from app.registry.survey_rounds import open_round
from app.registry.survey_services import submit
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.reference import CollaborationForm, Department, Effect, Principle, ProjectCategory
from models.registry import HostedBy, Project, ProjectSource, ProjectStatus, PublishedList
from models.survey import SurveyState

K = OrganizationKind

#: Fictitious groups: key → (name, reading, kind, purpose).
GROUPS: dict[str, tuple[str, str, OrganizationKind, str]] = {
    "hana": ("架空はなの会", "かくうはなのかい", K.CIVIC_GROUP, "花壇づくりを通して、まちを明るくする。"),
    "mizube": ("NPO法人架空みずべクラブ", "かくうみずべくらぶ", K.CIVIC_GROUP, "水辺の生き物を調べ、守る。"),
    "kosodate": ("架空子育てひろばの会", "かくうこそだてひろばのかい", K.CIVIC_GROUP, "親子が集まる場をつくる。"),
    "honyomi": ("架空おはなしの木", "かくうおはなしのき", K.CIVIC_GROUP, "子どもに本を届ける。"),
    "mimamori": ("架空みまもり隊", "かくうみまもりたい", K.CIVIC_GROUP, "登下校の子どもを見守る。"),
    "nihongo": ("架空にほんご教室", "かくうにほんごきょうしつ", K.CIVIC_GROUP, "日本語を学ぶ人を支える。"),
    "recycle": ("架空リユース研究会", "かくうりゆーすけんきゅうかい", K.CIVIC_GROUP, "物を長く使う暮らしを広める。"),
    "kaigo": (
        "一般社団法人架空介護者のつどい",
        "かくうかいごしゃのつどい",
        K.CIVIC_GROUP,
        "介護する人が話せる場をつくる。",
    ),
    "east": ("架空東町会", "かくうひがしちょうかい", K.NEIGHBOURHOOD, "地域の安全と親睦をはかる。"),
    "west": ("架空西自治会", "かくうにしじちかい", K.NEIGHBOURHOOD, "地域の安全と親睦をはかる。"),
    "art": ("架空美術大学", "かくうびじゅつだいがく", K.UNIVERSITY, "美術とデザインを教え、研究する。"),
    "welfare": ("架空福祉大学", "かくうふくしだいがく", K.UNIVERSITY, "福祉を教え、研究する。"),
    "rail": ("架空電鉄株式会社", "かくうでんてつ", K.BUSINESS, "鉄道を営む。"),
    "market": ("㈱架空マーケット", "かくうまーけっと", K.BUSINESS, "食品の販売を営む。"),
    "matsuri": ("架空まつり実行委員会", "かくうまつりじっこういいんかい", K.COMMITTEE, "まつりを企画し、運営する。"),
    "douro": ("架空みちづくり協議会", "かくうみちづくりきょうぎかい", K.COMMITTEE, "歩きやすい道を話し合う。"),
    "school": ("架空小学校PTA", "かくうしょうがっこうぴーてぃーえー", K.SCHOOL, "学校と家庭をつなぐ。"),
}


@dataclasses.dataclass(frozen=True)
class Story:
    """A collaboration that goes on from `first` for `years` years (counted from the first demonstration year).

    forms: (years since the start, form): the form from then on.
    """

    name: str
    departments: tuple[str, ...]
    partners: tuple[str, ...]
    forms: tuple[tuple[int, str], ...]
    category: int
    first: int = 0
    years: int = 99

    def form_in(self, since: int) -> str:
        """The form's code so many years after the start."""
        return [form for start, form in self.forms if start <= since][-1]


STORIES: tuple[Story, ...] = (
    Story("花いっぱい通りづくり", ("mizu-midori-koen",), ("hana", "east"), ((0, "cooperation"), (3, "co_hosting")), 4),
    Story("水辺の生き物しらべ", ("kankyo-seisaku",), ("mizube",), ((0, "cooperation"), (2, "commission")), 1),
    Story("親子の居場所づくり", ("kosodate-shien",), ("kosodate",), ((0, "co_hosting"),), 2),
    Story("赤ちゃんと絵本のひととき", ("toshokan", "kosodate-shien"), ("honyomi",), ((0, "co_hosting"),), 2, 1),
    Story("登下校の見守り", ("chiiki-anzen", "shido"), ("mimamori", "school"), ((0, "cooperation"),), 4),
    Story("やさしい日本語の集い", ("shimin-kyodo",), ("nihongo",), ((0, "cooperation"), (4, "co_hosting")), 2),
    Story("おさがり交換会", ("shigen-junkan",), ("recycle",), ((0, "co_hosting"),), 1, 1),
    Story("介護者カフェ", ("koreisha-shien",), ("kaigo",), ((0, "cooperation"), (3, "commission")), 2),
    Story("防災まち歩き", ("bosai-kiki", "chiiki-anzen"), ("east", "west"), ((0, "co_hosting"),), 4),
    Story("駅前アート展", ("bunka-sports",), ("art", "rail"), ((0, "co_hosting"),), 3),
    Story("公民館デザイン講座", ("kominkan",), ("art",), ((0, "co_hosting"),), 3),
    Story("福祉を学ぶ夏の講座", ("kominkan",), ("welfare",), ((0, "cooperation"),), 2, 2),
    Story("公民館こどもまつり", ("kominkan",), ("matsuri",), ((0, "executive_committee"),), 3),
    Story("食品ロスをへらす月間", ("shigen-junkan",), ("market", "recycle"), ((0, "cooperation"),), 1, 2),
    Story("歩きたくなる道づくり", ("doro",), ("douro",), ((0, "council"),), 3),
    Story("地域デビュー講座", ("shimin-kyodo",), ("kosodate", "hana"), ((0, "co_hosting"),), 5, 3),
    Story("夏休み本の広場", ("toshokan",), ("honyomi", "school"), ((0, "cooperation"),), 2, 0, 5),
    Story("環境ポスター展", ("kankyo-seisaku",), ("art",), ((0, "commission"),), 2, 0, 4),
    Story("グリーンカーテン教室", ("kankyo-seisaku",), ("hana",), ((0, "co_hosting"),), 4, 4),
    Story("商店街のあかりまつり", ("sangyo-shinko",), ("matsuri", "market"), ((0, "executive_committee"),), 3),
    Story("就労支援のひろば", ("shogaisha-shien",), ("welfare",), ((0, "subsidy"),), 2, 5),
    Story("市民スポーツ体験会", ("bunka-sports",), ("west",), ((0, "endorsement"),), 3, 3),
)

PLAN = {
    "common_goal": "だれもが参加しやすい場をつくり、地域のつながりを広げる。",
    "why_collaborate": "団体の経験と人のつながりを活かすと、市だけではできない内容になる。",
    "why_this_partner": "市内で同じ目的の活動を続けており、地域の事情に詳しい。",
    "selection_method": "活動の実績と運営の体制を見て、話し合いで決めた。",
    "form_reason": "双方の役割と責任に合う形態を選んだ。",
    "group_role": "企画、当日の運営、参加者への声かけ",
    "city_role": "会場の確保、広報、関係機関との調整",
    "agreement_note": "団体の代表者と担当課長",
    "evaluation_plan": "年度末に双方で振り返り、評価を記録する。",
    "publication_plan": "一覧に載せ、結果を公表する。",
    "committee_members": "団体、地域の代表、担当課",
}


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Groups, seven years of collaborations, a round of the survey that is open, and rows with something missing."""
    _Maker(session, actor, today).make()


class _Maker:
    def __init__(self, session: Session, actor: Actor, today: dt.date) -> None:
        self.session, self.actor, self.today = session, actor, today
        self.this_year = fiscal_year_of(today)
        self.published = set(session.scalars(select(PublishedList.fiscal_year)))
        self.departments = {row.code: row for row in session.scalars(select(Department).order_by(Department.id))}
        self.forms = {row.code: row for row in session.scalars(select(CollaborationForm))}
        self.categories = {row.number: row.id for row in session.scalars(select(ProjectCategory))}
        self.effects = list(session.scalars(select(Effect.id).order_by(Effect.number)))
        self.principles = list(session.scalars(select(Principle.id).order_by(Principle.number)))
        self.groups: dict[str, Organization] = {}
        self.last: dict[str, Project] = {}

    def make(self) -> None:
        """Everything, year after year."""
        for place, (key, (name, reading, kind, purpose)) in enumerate(GROUPS.items()):
            values = {
                "name": name,
                "reading": reading,
                "kind": kind,
                "purpose": purpose,
                "is_confirmed": place % 4 != 3,
            }
            self.groups[key] = create_organization(
                self.session, actor=self.actor, values=values, source=OrganizationSource.DEMO
            )
        years = [year for year in range(self.this_year - 7, self.this_year) if year not in self.published]
        for place, year in enumerate(years):
            for story in STORIES:
                if story.first <= place < story.first + story.years:
                    self._past(story, year, place - story.first)
            if year < self.this_year - 1:
                publication.publish_list(
                    self.session,
                    actor=self.actor,
                    fiscal_year=year,
                    title=f"協働や連携の取組一覧({format_fiscal_year(year)}・デモ)",
                )
        self._this_year()
        self._survey()

    def _department_ids(self, codes: tuple[str, ...]) -> list[int]:
        spare = list(self.departments.values())
        return [(self.departments.get(code) or spare[place]).id for place, code in enumerate(codes)]

    def _lines(self, story: Story, form: str) -> list[PartnerLine]:
        return [
            PartnerLine(
                name=self.groups[key].name,
                organization_id=self.groups[key].id,
                form_id=self.forms[form].id,
                kind=self.groups[key].kind,
            )
            for key in story.partners
        ]

    def _past(self, story: Story, year: int, since: int) -> None:
        """A year that is over. Of the last one some are not looked back on yet, so that they wait."""
        first, last = fiscal_year_bounds(year)
        form = story.form_in(since)
        is_open = year == self.this_year - 1 and STORIES.index(story) % 3 == 1
        values = PLAN | {
            "name": story.name,
            "fiscal_year": year,
            "summary": f"「{story.name}」を市と団体が一緒に行う(デモ用の架空の取組)。",
            "category_id": self.categories.get(story.category),
            "hosted_by": HostedBy.GROUP if form == "cooperation" else None,
            "agreed_on": first,
            "starts_on": first,
            "ends_on": last,
            "status": ProjectStatus.IN_PROGRESS if is_open else ProjectStatus.FINISHED,
            "review_note": None if is_open else "参加者が広がった。次は準備を早く始める。",
            "cost_yen": 100_000 + 20_000 * (STORIES.index(story) % 5) if form == "commission" else None,
        }
        if form == "commission":
            values |= {"contract_on": first, "contract_note": f"{story.name}の企画と運営の委託契約"}
        if form == "endorsement":
            values |= {"endorsement_applied_on": first, "endorsement_approved_on": first + dt.timedelta(days=14)}
        self.last[story.name] = services.create_project(
            self.session,
            actor=self.actor,
            values=values,
            department_ids=self._department_ids(story.departments),
            partners=self._lines(story, form),
            principle_ids=self.principles[:3],
            effect_ids=self.effects[:2],
            source=ProjectSource.SURVEY,
            predecessor=self.last.get(story.name),
            is_demo=True,
        )

    def _this_year(self) -> None:
        """Planned rows with something missing: a contract, a plan, an organisation nobody has linked."""
        soon = self.today + dt.timedelta(days=14)
        last = fiscal_year_bounds(self.this_year)[1]
        rows: tuple[tuple[str, tuple[str, ...], str | None, str, dict[str, Any]], ...] = (
            ("里山の下草刈り体験(新規)", ("kankyo-seisaku",), "mizube", "commission", PLAN | {"agreed_on": self.today}),
            ("公民館スマホ相談会(新規)", ("kominkan",), "welfare", "co_hosting", {"common_goal": PLAN["common_goal"]}),
            ("地域食堂の準備会(新規)", ("kosodate-shien",), None, "cooperation", {}),
        )
        for name, codes, group, form, plan in rows:
            found = self.groups.get(group) if group else None
            services.create_project(
                self.session,
                actor=self.actor,
                values={"name": name, "fiscal_year": self.this_year, "starts_on": min(soon, last), **plan},
                department_ids=self._department_ids(codes),
                partners=[
                    PartnerLine(
                        name=found.name if found else "架空地域食堂の会",
                        organization_id=found.id if found else None,
                        form_id=self.forms[form].id,
                        kind=K.CIVIC_GROUP,
                    )
                ],
                effect_ids=self.effects[:1] if plan else [],
                is_demo=True,
            )

    def _survey(self) -> None:
        """The survey of this year is open; one department has handed in its answer."""
        survey_round = open_round(
            self.session,
            actor=self.actor,
            fiscal_year=self.this_year,
            due_on=self.today + dt.timedelta(days=21),
            message="前年度の取組を確かめ、続いているもの・変わったもの・終わったもの・新しいものを入力してください。(デモ)",
        )
        for response in responses_of(self.session, self.actor, survey_round):
            if response.department.code == "doro" and response.state is SurveyState.NOT_STARTED and response.rows:
                submit(self.session, actor=self.actor, response_id=response.id, seen_version=response.version)
