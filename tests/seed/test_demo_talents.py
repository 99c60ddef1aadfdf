"""The demonstration's matches are such as the product itself would have made. Pure: its files and stories alone."""

from __future__ import annotations

from app.talents.conditions import broken_conditions
from app.talents.facts import RequestFacts, TalentFacts
from seed.demo_talents import DATA, STORIES
from seed.files import read_csv


def _words(cell: str) -> tuple[str, ...]:
    return tuple(word for word in cell.split("|") if word)


def _talents() -> dict[str, TalentFacts]:
    return {
        line["key"]: TalentFacts(
            id=line["key"], audiences=_words(line["audiences"]), areas=_words(line["areas"]),
            availability=_words(line["availability"]), reward=line["reward"],
        )
        for line in read_csv(DATA / "talents.csv")
    }  # fmt: skip


def _requests() -> dict[str, RequestFacts]:
    return {
        line["key"]: RequestFacts(
            id=line["key"], audiences=_words(line["audiences"]), area=line["area"], times=_words(line["times"]),
            reward_offered=line["reward_offered"],
        )
        for line in read_csv(DATA / "talent_requests.csv")
    }  # fmt: skip


def test_as_many_as_the_issue_asks_for() -> None:
    assert (len(_talents()), len(_requests())) == (80, 25)


def test_no_story_breaks_a_hard_condition() -> None:
    talents, requests = _talents(), _requests()
    broken = {
        (request, talent): [miss.sentence for miss in misses]
        for request, talent, *_ in STORIES
        if (misses := broken_conditions(talents[talent], requests[request]))
    }
    assert broken == {}


def test_nobody_is_engaged_twice_at_the_same_time_and_every_stage_is_shown() -> None:
    running = [talent for _, talent, _, how_far, _ in STORIES if how_far in {"accept", "introduce", "engage"}]
    assert len(running) == len(set(running))
    assert {how_far for *_, how_far, _ in STORIES} == {
        "candidate", "approach", "accept", "introduce", "engage", "finish", "decline", "unmatch", "cancel",
    }  # fmt: skip
