"""Rows for the tests of こだいら人財の森, made by the services."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from sqlalchemy.orm import Session

from app.japanese.dates import today_in_tokyo
from app.talents import coordination, requests, services
from app.talents.coordination import Given
from models.matches import Match
from models.talent_requests import TalentRequest
from models.talents import ConsentWay, Reward, Talent
from tests.factories import SYSTEM, an_organization

_numbers = itertools.count(1)
#: What each step asks for.
GIVEN = {"introduce": Given(group_agreed=True)}


def a_talent(session: Session, **values: Any) -> Talent:
    """An active talent that is free on Saturday mornings anywhere in the city, for everybody."""
    number = next(_numbers)
    usual = {
        "name": f"試験 人財{number}",
        "phone": f"042-333-{number:04}",
        "description": "網戸を直します。",
        "audiences": ["だれでも"],
        "areas": ["市内全域"],
        "availability": ["sat-am", "sun-am"],
        "reward": Reward.NOTHING,
        "capacity": 1,
        "consent_on": today_in_tokyo() - dt.timedelta(days=30),
        "consent_way": ConsentWay.PAPER,
        "valid_until": today_in_tokyo() + dt.timedelta(days=300),
    }
    return services.create_talent(session, actor=SYSTEM, values=usual | values)


def a_request(session: Session, **values: Any) -> TalentRequest:
    """An open request for one on a Saturday morning."""
    number = next(_numbers)
    if "organization_id" not in values:
        values["organization_id"] = an_organization(session).id
    usual = {
        "title": f"試験の依頼{number}",
        "description": "網戸を直してほしい。",
        "contact_name": "世話人",
        "contact_phone": "042-444-0000",
        "audiences": ["だれでも"],
        "area": "市内全域",
        "times": ["sat-am"],
        "reward_offered": Reward.NOTHING,
        "headcount": 1,
    }
    return requests.create_request(session, actor=SYSTEM, values=usual | values)


def a_match(session: Session, talent: Talent, request: TalentRequest, *steps: str) -> Match:
    """A match of the two, taken through these steps."""
    match = coordination.take_candidate(session, actor=SYSTEM, talent_id=talent.id, request_id=request.id)
    for code in steps:
        step(session, match, code)
    return match


def step(session: Session, match: Match, code: str, given: Given | None = None) -> Match:
    """One step, with what it asks for."""
    from models.matches import CloseReason

    if given is None:
        given = GIVEN.get(code, Given(reason=CloseReason.OTHER))
    return coordination.take_step(session, actor=SYSTEM, match_id=match.id, code=code, version=None, given=given)
