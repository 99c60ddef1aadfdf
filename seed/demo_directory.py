"""The demonstration set of the directory: 60 made-up groups in every state, last year's むすぶ, this year's confirmation."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.directory.editions import Frame, freeze
from app.directory.in_one_go import in_one_go
from app.directory.registering import register_group, requirements, withdraw
from app.directory.rows import KINDS, save_rows
from app.directory.services import confirm_organization, create_organization, record_consents, update_organization
from app.japanese.dates import fiscal_year_of, format_fiscal_year
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.directory_profile import Audience, ConsentLevel, ConsentWay
from models.reference import ActivityField, Area
from seed.demo_rounds import load_round

FOLDER = Path(__file__).parent / "demo"
PUBLIC, STAFF = ConsentLevel.PUBLIC, ConsentLevel.STAFF
#: What a group of each detail fills besides purpose and activities.
_TEXTS = {
    "full": (
        "policy", "founding_reason", "public_interest", "non_profit", "voluntariness", "bookkeeping", "audit_method",
        "soundness", "disclosure", "plans", "independence", "prospects", "bylaws",
    ),
    "usual": ("founding_reason", "public_interest", "non_profit", "bookkeeping", "bylaws"),
    "thin": (),
}  # fmt: skip
_PUBLISHED = {
    "full": (
        "purpose", "policy", "founding_reason", "founded_year", "activities", "activity_records", "fields", "audiences",
        "areas", "regular_day", "regular_place", "member_count", "public_interest", "statements", "disclosure", "pr",
        "web", "email",
    ),
    "usual": (
        "purpose", "founded_year", "activities", "activity_records", "fields", "audiences", "areas", "regular_day",
        "regular_place", "member_count", "pr", "web",
    ),
    "thin": ("purpose", "activities", "fields", "areas"),
}  # fmt: skip
_STAFF_ONLY = {"full": ("bookkeeping", "audit_method", "plans", "phone"), "usual": ("statements", "phone"), "thin": ()}
_YEARS = {"full": 4, "usual": 2, "thin": 0}
#: Groups that nobody asked for a consent yet: they stay out of print.
_SILENT = {"chokubai", "nishicho", "midori2", "kigyo"}
#: Groups that came after last year's edition was frozen.
NEW = {"sumaho", "shokuhinloss", "saishushoku"}


@dataclasses.dataclass(frozen=True)
class Group:
    """One group of the file, with its place."""

    place: int
    facts: dict[str, Any]
    organization: Organization

    @property
    def key(self) -> str:
        """Its name in the file."""
        return str(self.facts["key"])

    @property
    def detail(self) -> str:
        """full, usual or thin."""
        return str(self.facts["detail"])


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """The groups as they stood, last year's edition, what changed since, this year's confirmation under way."""
    _Maker(session, actor, today).make()


class _Maker:
    def __init__(self, session: Session, actor: Actor, today: dt.date) -> None:
        self.session, self.actor, self.today = session, actor, today
        self.year = fiscal_year_of(today)
        self.phrases = tomllib.loads((FOLDER / "phrases.toml").read_text("utf-8"))
        self.fields = {row.number: row.id for row in session.scalars(select(ActivityField))}
        self.areas = {row.code: row.id for row in session.scalars(select(Area).order_by(Area.id))}
        self.audiences = {row.code: row.id for row in session.scalars(select(Audience))}
        self.requirements = [row.id for row in requirements(session)]

    def make(self) -> None:
        """Everything, in the order in which it happened."""
        facts = tomllib.loads((FOLDER / "organizations.toml").read_text("utf-8"))["group"]
        with in_one_go(self.session):
            old = [self._group(place, one) for place, one in enumerate(facts) if one["key"] not in NEW]
        self._last_edition()
        with in_one_go(self.session):
            self._change(old)
            new = [self._group(place, one) for place, one in enumerate(facts) if one["key"] in NEW]
        groups = {group.key: group.organization for group in old + new}
        with in_one_go(self.session):
            load_round(self.session, actor=self.actor, today=self.today, groups=groups)

    # --- a group -------------------------------------------------------------------------------------------

    def _group(self, place: int, facts: dict[str, Any]) -> Group:
        organization = create_organization(
            self.session, actor=self.actor, values=self._values(place, facts), source=OrganizationSource.DEMO
        )
        group = Group(place, facts, organization)
        self._rows(group)
        self._consents(group)
        self._registration(group)
        day = self._confirmed_on(facts)
        if day is not None:
            by = f"団体(年次確認 {format_fiscal_year(fiscal_year_of(day))})"
            confirm_organization(self.session, actor=self.actor, organization=organization, on=day, by=by)
        return group

    def _values(self, place: int, facts: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {
            name: facts[name] for name in ("name", "reading", "purpose", "activities") if name in facts
        }
        values |= {name: facts[name] for name in ("pr", "regular_day", "regular_place") if name in facts}
        values |= {name: self._phrase(name, place) for name in _TEXTS[facts["detail"]]}
        values |= {
            "kind": OrganizationKind(facts.get("kind", "civic_group")),
            "founded_year": facts["since"],
            "member_count": facts["members"],
            "fields": [self.fields[number] for number in facts["fields"] if number in self.fields],
            "audiences": [self.audiences[code] for code in facts["audiences"] if code in self.audiences],
            "areas": self._area_ids(place, facts["areas"]),
        }
        if facts["detail"] != "thin":
            site = f"https://{facts['key']}.example.jp/"
            values |= {
                "web": site,
                "email": f"{facts['key']}@example.jp",
                "phone": f"042-000-{1000 + place:04}",
                "representative": "デモ 代表",
                "contact_person": "デモ 連絡係",
                "member_count_in_city": facts["members"] * 4 // 5,
            }
        if facts.get("duplicate_of"):
            values["phone"] = "042-000-1019"  # the number of the group that it doubles
        return values

    def _area_ids(self, place: int, codes: list[str]) -> list[int]:
        """Another city's folder need not have these areas: then others stand in."""
        ids = list(self.areas.values())
        return [self.areas.get(code) or ids[(place + number) % len(ids)] for number, code in enumerate(codes) if ids]

    def _phrase(self, name: str, place: int) -> str:
        found = self.phrases[name]
        return str(found[place % len(found)])

    def _rows(self, group: Group) -> None:
        """What the group had told when last year's edition was frozen: up to the year before it."""
        newest = self.year - (1 if group.key in NEW else 2)
        self._add_years(group, range(newest, newest - _YEARS[group.detail], -1))
        if group.detail != "thin":
            since = dt.date(self.year - 2, 4, 1)
            officers = [("デモ 代表", "代表"), ("デモ 会計", "会計"), ("デモ 監事", "監事")]
            self._save(group, "officers", [{"name": name, "role": role, "from_on": since} for name, role in officers])

    def _add_years(self, group: Group, years: range) -> None:
        place, facts = group.place, group.facts
        records = [
            {
                "fiscal_year": year,
                "heading": self._phrase("record_titles", place + year + number),
                "description": self._phrase("record_texts", place + year + number),
                "participant_count": 20 + (place * 7 + year + number * 13) % 180,
                "partner": self._phrase("record_partners", place + year + number) or None,
            }
            for year in years
            for number in range(2 if group.detail == "full" else 1)
        ]
        self._save(group, "activity_records", records)
        self._save(group, "statements", [self._statement(group, year) for year in years])
        members = [
            {
                "fiscal_year": year,
                "members": facts["members"] + year - self.year + 1,
                "in_city": facts["members"] * 3 // 5,
                "joined": max(0, min(5, (place + year) % 6)),
                "aged_65": (facts["members"] + year - self.year) * ((place % 7) + 1) // 9,
            }
            for year in years
        ]
        self._save(group, "member_counts", members)

    def _statement(self, group: Group, year: int) -> dict[str, Any]:
        """Sums that fit the group's size; every ninth group spent more than came in last year."""
        income = 40_000 + 6_500 * int(group.facts["members"]) + (group.place * 3_700 + year * 1_300) % 90_000
        is_deficit = group.place % 9 == 4 and year == self.year - 1
        spent = income * 109 // 100 if is_deficit else income * (88 + (group.place + year) % 9) // 100
        carried = 30_000 + (group.place * 11_000) % 240_000 + income - spent
        return {"fiscal_year": year, "income_yen": income, "expenditure_yen": spent, "carried_forward_yen": carried}

    def _save(self, group: Group, kind: str, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        one = KINDS[kind]
        held = [
            {name: getattr(row, name) for name in one.columns} | {"id": row.id}
            for row in getattr(group.organization, kind)
        ]
        save_rows(self.session, actor=self.actor, organization=group.organization, kind=one, rows=[*held, *rows])

    def _consents(self, group: Group) -> None:
        if group.key in _SILENT:
            return
        levels: dict[str, ConsentLevel | None] = dict.fromkeys(_PUBLISHED[group.detail], PUBLIC)
        levels |= dict.fromkeys(_STAFF_ONLY[group.detail], STAFF)
        if group.facts.get("regular_place") == "非公開":
            levels["regular_place"] = ConsentLevel.CENTER
        record_consents(
            self.session,
            actor=self.actor,
            organization=group.organization,
            levels=levels,
            given_on=dt.date(self.year - 1, 5, 20) if group.key not in NEW else self.today - dt.timedelta(days=40),
            way=ConsentWay.APPLICATION if group.place % 3 else ConsentWay.UPDATE_FORM,
        )

    def _registration(self, group: Group) -> None:
        kind = group.facts["registration"]
        if kind == "none":
            return
        back = {"current": 1 if group.place % 2 else 0, "expiring": 2, "lapsed": 4, "withdrawn": 1}[kind]
        issued = min(dt.date(self.year - back, 4, 20), self.today)
        checks = dict.fromkeys(self.requirements, True)
        register_group(
            self.session,
            actor=self.actor,
            organization=group.organization,
            number=f"デモ-{group.place + 1:03}",
            issued_on=issued,
            checks=checks,
        )
        if kind == "withdrawn":
            on = min(dt.date(self.year, 5, 10), self.today)
            reason = "会員が減り、活動を休止するため。(デモ)"
            withdraw(self.session, actor=self.actor, organization=group.organization, on=on, reason=reason)

    def _confirmed_on(self, facts: dict[str, Any]) -> dt.date | None:
        """When the group was last asked before this year's round."""
        days = {
            "this_year": dt.date(self.year - 1, 6, 15),
            "last_year": dt.date(self.year - 1, 6, 30),
            "old": dt.date(self.year - 3, 6, 20),
        }
        return days.get(facts["freshness"])

    # --- last year's edition, and what changed since ---------------------------------------------------------

    def _last_edition(self) -> None:
        frozen_on = dt.date(self.year - 1, 10, 1)
        edition = freeze(
            self.session,
            actor=self.actor,
            frame=Frame(
                fiscal_year=self.year - 1,
                foreword=(
                    "この冊子は、市内で活動する団体が、自分たちで内容を確かめ、公開に同意した項目をまとめたものです。\n"
                    "活動をはじめたい人、仲間を探している人、団体と一緒に取り組みたい人の手がかりになれば幸いです。\n"
                    "(デモ用の架空の団体です。)"
                ),
                issued_on=frozen_on,
                contact="小平市民活動支援センターあすぴあ(デモ)",
                confirmed_since=dt.date(self.year - 2, 4, 1),
            ),
        )
        with act(self.session, self.actor, "edition:freeze", "前年度の版の取込み"):
            edition.frozen_at = dt.datetime(frozen_on.year, 10, 1, 1, 0, tzinfo=dt.UTC)

    def _change(self, groups: list[Group]) -> None:
        """What became different since: another year's figures, members, a place, a consent taken back."""
        for group in groups:
            if group.facts["freshness"] == "this_year" and group.detail != "thin":
                self._add_years(group, range(self.year - 1, self.year - 2, -1))
        by_key = {group.key: group.organization for group in groups}
        changes: dict[str, dict[str, Any]] = {
            "ibasho": {"member_count": 53, "regular_day": "毎週月曜日から金曜日 10時から15時"},
            "bosai": {
                "activities": "防災まち歩き、避難所運営の図上訓練、在宅避難の備えの講座、炊き出し訓練、子ども防災教室。"
            },
            "gassho": {"regular_place": "架空公民館 音楽室"},
        }
        for key, values in changes.items():
            update_organization(self.session, actor=self.actor, organization=by_key[key], version=None, values=values)
        record_consents(
            self.session,
            actor=self.actor,
            organization=by_key["heiwa"],
            levels={"email": ConsentLevel.CENTER, "statements": STAFF},
            given_on=min(dt.date(self.year, 4, 10), self.today),
            way=ConsentWay.PHONE,
        )
