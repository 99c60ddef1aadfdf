"""Demonstration data of こだいら人財の森: 80 fictitious talents, 25 requests (seed/demo_data/*.csv), matches in every stage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.japanese.dates import TOKYO
from app.talents import contacts, coordination, services
from app.talents.coordination import Given
from app.talents.requests import close_request, create_request
from models.directory import Organization
from models.matches import CloseReason, ContactResult, ContactWay, Match, Outcome, Side
from models.reference import ActivityField, Area, Skill
from models.talent_requests import TalentRequest, UnfilledReason
from models.talents import ConsentWay, Reward, Talent, TalentKind, TalentStatus
from seed.demo_registry import GROUPS
from seed.files import read_csv

DATA = Path(__file__).resolve().parent / "demo_data"
REWARDS = {reward.label: reward for reward in Reward}

#: (request, talent, days since it was approached, how far, reason). "introduce" etc.: the last step taken.
STORIES: tuple[tuple[str, str, int, str, CloseReason | None], ...] = (
    ("r01", "t04", 2, "candidate", None),
    ("r01", "t54", 3, "approach", None),
    ("r03", "t21", 12, "approach", None),
    ("r04", "t24", 9, "approach", None),
    ("r07", "t52", 15, "approach", None),
    ("r05", "t62", 6, "accept", None),
    ("r09", "t10", 20, "accept", None),
    ("r10", "t58", 25, "introduce", None),
    ("r12", "t46", 30, "introduce", None),
    ("r14", "t77", 40, "engage", None),
    ("r16", "t38", 60, "engage", None),
    ("r17", "t12", 130, "engage", None),
    ("r13", "t61", 200, "finish", None),
    ("r11", "t28", 120, "finish", None),
    ("r20", "t70", 90, "finish", None),
    ("r19", "t41", 14, "decline", CloseReason.NO_TIME),
    ("r19", "t42", 10, "approach", None),
    ("r18", "t66", 22, "decline", CloseReason.CONTENT),
    ("r24", "t14", 18, "unmatch", CloseReason.NO_REPLY),
    ("r15", "t73", 45, "cancel", CloseReason.GROUP_CHANGED),
    ("r06", "t05", 4, "candidate", None),
    ("r22", "t34", 1, "candidate", None),
)
#: Consents that ran out (two) or run out soon, by talent: days from today, so that renewals wait.
EXPIRING = {"t08": -20, "t29": -3, "t40": 12, "t50": 25, "t57": 48}
_WAY = ("approach", "accept", "introduce", "engage", "finish")
_PATHS = {step: _WAY[: place + 1] for place, step in enumerate(_WAY)} | {
    "candidate": (),
    "decline": ("approach", "decline"),
    "unmatch": ("approach", "unmatch"),
    "cancel": ("approach", "accept", "introduce", "engage", "cancel"),
}


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Add the talents, requests and matches, in the caller's act."""
    _Maker(session, actor, today).make()


class _Maker:
    def __init__(self, session: Session, actor: Actor, today: dt.date) -> None:
        self.session, self.actor, self.today = session, actor, today
        self.skills = {row.code: row for row in session.scalars(select(Skill))}
        self.fields = {row.number: row for row in session.scalars(select(ActivityField))}
        self.areas = set(session.scalars(select(Area.name)))
        names = {name for name, *_ in GROUPS.values()}
        rows = session.scalars(select(Organization).where(Organization.name.in_(names)).order_by(Organization.id))
        self.groups = {row.name: row for row in rows}
        self.talents: dict[str, Talent] = {}
        self.requests: dict[str, TalentRequest] = {}

    def make(self) -> None:
        """All of it."""
        for place, line in enumerate(read_csv(DATA / "talents.csv")):
            self.talents[line["key"]] = self._talent(place, line)
        for place, line in enumerate(read_csv(DATA / "talent_requests.csv")):
            self.requests[line["key"]] = self._request(place, line)
        for story in STORIES:
            self._story(*story)
        self._endings()

    def _town(self, name: str) -> bool:
        """Another city's folder need not have these towns."""
        return name in self.areas or name in {"市内全域", "オンライン"}

    def _talent(self, place: int, line: dict[str, str]) -> Talent:
        number = place + 1
        agreed = self.today - dt.timedelta(days=30 + (place * 37) % 900)
        until = self.today + dt.timedelta(days=EXPIRING.get(line["key"], 200 + (place * 53) % 800))
        is_group = line["kind"] == TalentKind.GROUP
        return services.create_talent(
            self.session,
            actor=self.actor,
            values={
                "kind": TalentKind(line["kind"]),
                "name": line["name"],
                "reading": line["reading"],
                "contact_person": f"架空 担当{number}" if is_group else None,
                "phone": f"042-000-{number:04}",
                "email": f"jinzai{number:02}@example.jp",
                "address": "小平市架空町1-1",
                "description": line["description"],
                "free_skills": _words(line["free_skills"]),
                "skills": [self.skills[code] for code in _words(line["skills"]) if code in self.skills],
                "fields": [self.fields[int(code)] for code in _words(line["fields"]) if int(code) in self.fields],
                "audiences": _words(line["audiences"]),
                "areas": [area for area in _words(line["areas"]) if self._town(area)] or ["市内全域"],
                "availability": _words(line["availability"]),
                "reward": REWARDS[line["reward"]],
                "capacity": int(line["capacity"]),
                "consent_on": min(agreed, until - dt.timedelta(days=1)),
                "consent_way": ConsentWay.PAPER if place % 3 else ConsentWay.ONLINE,
                "valid_until": until,
                "is_adult": line["is_adult"] == "true",
                "has_guardian_consent": line["is_adult"] != "true",
                "is_insured": line["is_insured"] == "true",
                "status": TalentStatus.PAUSED if number in {9, 44} else TalentStatus.ACTIVE,
                "registered_on": agreed,
                "is_demo": True,
            },
        )

    def _request(self, place: int, line: dict[str, str]) -> TalentRequest:
        group = self.groups.get(GROUPS[line["group"]][0]) or next(iter(self.groups.values()))
        begun = [days for key, _, days, *_ in STORIES if key == line["key"]]
        received = self.today - dt.timedelta(days=max(begun) + 2 + place % 4 if begun else 2 + place % 9)
        values: dict[str, Any] = {
            "organization_id": group.id,
            "contact_name": f"架空 世話人{place + 1}",
            "contact_phone": f"042-111-{place + 1:04}",
            "contact_email": f"dantai{place + 1:02}@example.jp",
            "title": line["title"],
            "description": line["description"],
            "free_skills": _words(line["free_skills"]),
            "skills": [self.skills[code] for code in _words(line["skills"]) if code in self.skills],
            "fields": [self.fields[int(code)] for code in _words(line["fields"]) if int(code) in self.fields],
            "audiences": _words(line["audiences"]),
            "area": line["area"] if self._town(line["area"]) else "市内全域",
            "times": _words(line["times"]),
            "reward_offered": REWARDS[line["reward_offered"]],
            "headcount": int(line["headcount"]),
            "due_on": self.today + dt.timedelta(days=int(line["due_in_days"])),
            "received_on": received,
            "is_demo": True,
        }
        return create_request(self.session, actor=self.actor, values=values)

    def _story(self, request: str, talent: str, days: int, last: str, reason: CloseReason | None) -> None:
        wanted, offered = self.requests[request], self.talents[talent]
        begun = self._at(days + 1)
        match = coordination.take_candidate(
            self.session, actor=self.actor, talent_id=offered.id, request_id=wanted.id, at=begun
        )
        path = _PATHS[last]
        for place, code in enumerate(path):
            left = max(days - place * max(1, days // (len(path) + 1)), 0)
            coordination.take_step(
                self.session,
                actor=self.actor,
                match_id=match.id,
                code=code,
                version=None,
                given=Given(
                    reason=reason if code in {"decline", "unmatch", "cancel"} else None,
                    times=self._free_time(match) if code == "accept" else (),
                    group_agreed=code == "introduce",
                    at=self._at(left),
                ),
            )
            if code == "approach" and len(path) > 1:
                self._call(match, ContactResult.ANSWERED, max(left - 1, 0))
        if last == "approach" and talent in {"t24", "t52"}:
            self._call(match, ContactResult.ABSENT, max(days - 1, 0))
        if last == "finish":
            for side, outcome in ((Side.TALENT, Outcome.GOOD), (Side.GROUP, Outcome.VERY_GOOD)):
                if request == "r13" and side is Side.TALENT:
                    continue  # one side is still to be asked
                contacts.record_follow_up(
                    self.session,
                    actor=self.actor,
                    match_id=match.id,
                    side=side,
                    outcome=outcome,
                    wants_again=side is Side.GROUP,
                    comment="また来てほしいという声が多かった。(デモ)",
                    asked_on=self.today - dt.timedelta(days=5),
                )

    def _call(self, match: Match, result: ContactResult, days: int) -> None:
        contacts.log_contact(
            self.session,
            actor=self.actor,
            match_id=match.id,
            side=Side.TALENT,
            way=ContactWay.PHONE,
            result=result,
            summary="日程と内容を説明した。(デモ)" if result is ContactResult.ANSWERED else None,
            at=self._at(days),
        )

    def _free_time(self, match: Match) -> tuple[str, ...]:
        """One time of both that no other engagement of the talent takes."""
        from models.matches import MatchTime

        taken = set(self.session.scalars(select(MatchTime.code).where(MatchTime.talent_id == match.talent_id)))
        common = [code for code in match.request.times if code in match.talent.availability and code not in taken]
        return tuple(common[:1])

    def _at(self, days: int) -> dt.datetime:
        """In the morning of that day; of today at a time that has surely passed."""
        clock = dt.time(10, 30) if days else dt.time(0, 1)
        return dt.datetime.combine(self.today - dt.timedelta(days=days), clock, TOKYO)

    def _endings(self) -> None:
        """Two requests for which nobody was found."""
        for key, reason in (("r18", UnfilledReason.ALL_DECLINED), ("r24", UnfilledReason.TIME)):
            close_request(self.session, actor=self.actor, request=self.requests[key], version=None, reason=reason)


def _words(cell: str) -> list[str]:
    return [word for word in cell.split("|") if word]
