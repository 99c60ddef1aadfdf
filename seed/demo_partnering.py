"""Demonstration data of choosing a partner: one at its beginning, one being compared, one decided. Fictitious problems."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.levels import STAFF
from app.actor import Actor
from app.japanese.dates import fiscal_year_of
from app.partnering import matching, services, shortlist
from app.partnering.profiles import profile_of
from app.partnering.queries import partner_versions, possible_partners
from app.talents.index import TalentIndex
from app.talents.lexicon import load_lexicon
from app.talents.ranking import explained, rank
from app.talents.wording import field_names
from models.partnering import Gain, Lead, PartnerSearch, Support, Verdict
from models.reference import ActivityField, CollaborationForm, Department, ProjectCategory

_POSSIBLE: dict[str, Any] = {
    "gains": [Gain.QUALITY, Gain.QUANTITY],
    "gains_note": "市だけでは年に1回が限度で、地域の様子もつかみにくい。団体だけでは用具と保険の備えがない。",
    "group_strengths": "ふだんから地域で活動していて、人に声をかけられる。",
    "city_strengths": "広報、会場、用具、保険の備えがある。",
    "verdict": Verdict.SUITED,
    "verdict_reason": "互いの足りないところを補えて、回数を増やせる見込みがある。",
    "method": "むすぶと取組一覧から候補を挙げ、話を聞いて比べる。",
    "criteria": "同じ目的で活動した実績があること。続けられる体制があること。",
}
_SEARCHES: tuple[dict[str, Any], ...] = (
    {
        "title": "用水沿いの落ち葉とごみ(デモ)",
        "department": "kankyo-seisaku",
        "problem": "秋になると用水沿いの道に葉が積もり、空き缶も捨てられ、歩く人が滑りそうになります。",
        "goal": "近くに住む人が気持ちよく散歩できる道になる。",
        "wanted": "月に一度、住民に声をかけて一緒にきれいにしてくれること。",
        "fields": (7, 3),
        "step": "compare",
    },
    {
        "title": "食べ残しを減らす(デモ)",
        "department": "shigen-junkan",
        "problem": "家庭から出る台所のくずが減らず、まだ食べられるものも捨てられています。",
        "goal": "もったいないと思う人が、明日からできることを持ち帰る。",
        "wanted": "実際にやって見せながら、暮らしの工夫を伝えてくれること。",
        "fields": (7,),
        "step": "begin",
    },
    {
        "title": "子どもと本をつなぐ催し(デモ)",
        "department": "kominkan",
        "problem": "小さい子を連れた人が、雨の日に行くところがないと言います。",
        "goal": "親子が月に二度、絵本に親しみながら知り合える。",
        "wanted": "声に出して読む楽しさを、親子に伝えてくれること。",
        "fields": (2, 13),
        "step": "decide",
    },
)


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Three searches, through the services."""
    for told in _SEARCHES:
        search = _begin(session, actor, told, fiscal_year_of(today) + 1)
        if told["step"] == "begin":
            continue
        _take(session, actor, search)
        if told["step"] == "decide":
            _choose(session, actor, search, today)


def _begin(session: Session, actor: Actor, told: dict[str, Any], fiscal_year: int) -> PartnerSearch:
    departments = session.scalars(select(Department).order_by(Department.id)).all()
    department = next((row for row in departments if row.code == told["department"]), departments[0])
    fields = session.scalars(select(ActivityField.id).where(ActivityField.number.in_(told["fields"]))).all()
    values = {name: told[name] for name in ("title", "problem", "goal", "wanted")}
    values |= {"fiscal_year": fiscal_year, "department_id": department.id}
    if told["step"] != "begin":
        form = session.scalar(select(CollaborationForm.id).where(CollaborationForm.code == "co_hosting"))
        values |= _POSSIBLE | {"lead": Lead.BOTH, "supports": [Support.HELP], "form_id": form}
        values["form_reason"] = "企画から一緒に行い、責任を分けたいため。"
    categories = session.scalars(select(ProjectCategory.id).where(ProjectCategory.code == "community_building")).all()
    return services.create_search(
        session,
        actor=actor,
        values=values,
        field_ids=fields,
        category_ids=categories if told["step"] != "begin" else (),
    )


def _take(session: Session, actor: Actor, search: PartnerSearch) -> None:
    """The three best by words: the demonstration needs no encoder."""
    for place, (key, reasons) in enumerate(_best(session, actor, search), start=1):
        shortlist.take_candidate(
            session,
            actor=actor,
            search=search,
            organization_id=key,
            rank=place,
            reasons=reasons,
        )


def _best(session: Session, actor: Actor, search: PartnerSearch) -> list[tuple[int, tuple[str, ...]]]:
    index = TalentIndex(load_lexicon("kodaira"))
    for group in possible_partners(session, actor, partner_versions(session, actor)):
        index.put(profile_of(group, STAFF).facts(()))
    asked = index.ask([matching.request_of_search(search)])
    keys = [int(key) for key, _ in rank(index, asked, top=3)[0]]
    told = explained(index, asked, keys)
    fields = field_names(session)
    return [
        (key, tuple(matching.in_words(one, fields) for one in told[key].reasons if matching.is_of_the_matter(one)))
        for key in keys
    ]


def _choose(session: Session, actor: Actor, search: PartnerSearch, today: dt.date) -> None:
    for place, candidate in enumerate(search.candidates):
        shortlist.judge_candidate(
            session,
            actor=actor,
            candidate=candidate,
            version=None,
            values={
                "has_common_purpose": True,
                "purpose_note": "親子の居場所をつくりたいという考えが同じ。",
                "has_workable_method": place == 0,
                "method_note": "月に二度、午前に開ける。" if place == 0 else "平日の午前は人が集まらないとのこと。",
            },
        )
    if search.candidates:
        shortlist.decide(
            session,
            actor=actor,
            search=search,
            version=None,
            candidate_ids=[search.candidates[0].id],
            reason="同じ目的で続けてきた実績があり、月に二度開ける体制があるため。",
            decided_on=today,
        )
