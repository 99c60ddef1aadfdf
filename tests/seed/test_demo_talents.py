"""The demonstration's matches are such as the product itself would have made."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.japanese.dates import today_in_tokyo, to_tokyo
from app.talents.conditions import broken_conditions
from app.talents.facts import Key
from app.talents.matching import facts_of_request, facts_of_talent
from app.talents.stages import HOLDS_SEAT
from models.matches import Match, Stage
from models.talent_requests import TalentRequest


#: A row that the guards of the site add to every demonstration.
SAMPLE = "見本の依頼"


def test_no_match_breaks_a_hard_condition_and_who_said_yes_has_a_time(app: Flask) -> None:
    with app.app_context():
        matches = db.session.scalars(
            select(Match).join(Match.request).where(TalentRequest.title != SAMPLE).order_by(Match.id)
        ).all()
        nobody: frozenset[Key] = frozenset()
        broken = {
            f"{match.request.title}/{match.talent.number}": [miss.sentence for miss in misses]
            for match in matches
            if (
                misses := broken_conditions(
                    facts_of_talent(match.talent, today_in_tokyo()), facts_of_request(match.request, nobody)
                )
            )
        }
        assert broken == {}
        accepted = [match for match in matches if match.stage in HOLDS_SEAT and match.stage is not Stage.FINISHED]
        assert accepted
        assert [match.id for match in accepted if not match.times] == []
        assert {match.stage for match in matches} == set(Stage)
        db.session.rollback()


def test_requests_come_before_their_matches_and_few_days_ago_where_they_have_none(app: Flask) -> None:
    with app.app_context():
        first = {match.request_id: match for match in db.session.scalars(select(Match).order_by(Match.id.desc()))}
        for request in db.session.scalars(select(TalentRequest).where(TalentRequest.title != SAMPLE)):
            if request.id in first:
                assert request.received_on <= to_tokyo(min(line.at for line in first[request.id].steps)).date()
            else:
                assert (today_in_tokyo() - request.received_on).days <= 14
        db.session.rollback()
