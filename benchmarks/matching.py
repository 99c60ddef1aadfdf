"""Matching talents with requests: nDCG@10 on the development set, and speed beside the bare sparse product."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from app.talents.assignment import propose
from app.talents.conditions import broken_conditions
from app.talents.facts import Key, RequestFacts, TalentFacts
from app.talents.facts_json import read_requests, read_talents
from app.talents.features import request_features, talent_text
from app.talents.index import TalentIndex
from app.talents.lexicon import Lexicon, load_lexicon
from app.talents.ranking import advise, pair_scores, rank
from app.talents.vectors import Encoder, find_encoder

FOLDER = Path(__file__).parent / "matching_data"
#: Wordings of every request: with tags, and in lay words only.
WORDINGS = {"N": "requests.json", "P": "requests_lay.json"}
PARTS = ("tuned", "held", "fresh", "unseen")


def run() -> list[dict[str, Any]]:
    """Quality first, then speed."""
    return [*quality(), *speed()]


def quality() -> list[dict[str, Any]]:
    """nDCG@10 among those who can do it, by wording and part of the development set."""
    rows = []
    encoder = find_encoder()
    lexicon = load_lexicon("kodaira")
    levels: list[tuple[str, Lexicon, Encoder | None]] = [
        ("tags and texts only", Lexicon(()), None),
        ("no vectors", lexicon, None),
    ]
    if encoder is not None:
        levels += [("vectors, no lexicon", Lexicon(()), encoder), ("all", lexicon, encoder)]
    talents = read_talents(FOLDER / "talents.json")
    for level, words, used in levels:
        index = filled_index(talents, words, used)
        row: dict[str, Any] = {"case": f"nDCG@10, {level}"}
        for wording, file in WORDINGS.items():
            values = ndcg_by_part(index, read_requests(FOLDER / file))
            row |= {f"{wording} {part}": values[part] for part in PARTS}
        rows.append(row)
    return rows


def filled_index(talents: list[TalentFacts], lexicon: Lexicon, encoder: Encoder | None) -> TalentIndex:
    """An index with all these talents and their vectors."""
    index = TalentIndex(lexicon, encoder, Path(tempfile.gettempdir()) / "kyodo-bench-vectors")
    vectors = encoder.encode([talent_text(facts) for facts in talents], "passage") if encoder else None
    for number, facts in enumerate(talents):
        index.put(facts, None if vectors is None else vectors[number])
    return index


def ndcg_by_part(index: TalentIndex, requests: list[RequestFacts]) -> dict[str, float]:
    """The mean nDCG@10 of each part of the set; gain 2^grade - 1, the ideal among those who can do it."""
    judged = {each["request"]: each for each in json.loads((FOLDER / "judgments.json").read_text(encoding="utf-8"))}
    lists = rank(index, index.ask(requests), top=10)
    values: dict[str, list[float]] = {part: [] for part in PARTS}
    for request, best in zip(requests, lists, strict=True):
        able = [facts.id for facts in index.facts if facts is not None and not broken_conditions(facts, request)]
        judgment = judged[str(request.id)]
        values[judgment["part"]].append(ndcg([key for key, _ in best], able, judgment["grades"]))
    return {part: float(np.mean(found)) for part, found in values.items()}


def ndcg(best: list[Key], able: list[Key], grades: dict[str, int]) -> float:
    """nDCG@10 of one list."""
    gains = [2 ** grades.get(str(key), 0) - 1 for key in best[:10]]
    ideal = sorted((2 ** grades.get(str(key), 0) - 1 for key in able), reverse=True)[:10]
    return _discounted(gains) / max(_discounted(ideal), 1e-9)


def _discounted(gains: list[int]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def speed() -> list[dict[str, Any]]:
    """10,000 talents x 1,000 requests, one request, one changed talent, the assignment of 2,000 x 500."""
    talents, requests = crowd(10_000, 1_000)
    lexicon, encoder = load_lexicon("kodaira"), find_encoder()
    index = TalentIndex(lexicon, encoder, Path(tempfile.gettempdir()) / "kyodo-bench-vectors")
    made = Random(5)
    vectors = np.array([[made.gauss(0, 1) for _ in range(64)] for _ in range(200)], np.float32).repeat(6, axis=1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    started = time.perf_counter()
    for number, facts in enumerate(talents):
        index.put(facts, vectors[number % 200] if encoder else None)
    asked = index.ask(requests, vectors[[number % 200 for number in range(len(requests))]])
    features = time.perf_counter() - started
    rank(index, index.ask(requests[:1], vectors[:1]))
    queries = [request_features(request, lexicon).grams for request in requests]
    letters = _seconds(lambda: bare_products(index, queries))
    bare = _seconds(lambda: [index.parts(asked, at, at + 200) for at in range(0, 1_000, 200)])
    ranked = _seconds(lambda: rank(index, asked, top=20))
    one = index.ask(requests[:1], vectors[:1])
    page = _seconds(lambda: advise(index, requests[0], one, top=10))
    changed = _seconds(lambda: (index.put(talents[0]), advise(index, requests[0], one, top=10)))
    few = TalentIndex(lexicon, encoder, Path(tempfile.gettempdir()) / "kyodo-bench-vectors")
    for number, facts in enumerate(talents[:2_000]):
        few.put(facts, vectors[number % 200] if encoder else None)
    some = few.ask(requests[:500], vectors[[number % 200 for number in range(500)]])
    by_id = {facts.id: facts for facts in talents[:2_000]}
    pairs = list(pair_scores(few, some))
    assigned = _seconds(lambda: propose(pairs, by_id))
    rows = [
        {"case": "features of 11,000 texts", "seconds": features},
        {"case": "bare sparse product of pairs of characters alone", "seconds": letters, "ratio": letters / bare},
        {"case": "bare products of all features", "seconds": bare, "ratio": 1.0},
        {"case": "rank 10,000 x 1,000, top 20", "seconds": ranked, "ratio": ranked / bare},
        {"case": "one request of 10,000, with parts and reasons", "seconds": page},
        {"case": "the same after a talent changed", "seconds": changed},
        {"case": "assignment of 2,000 x 500", "seconds": assigned},
    ]
    return rows


def bare_products(index: TalentIndex, queries: list[Mapping[str, float]]) -> None:
    """The least work that compares the same texts: one sparse product of pairs of characters, left sparse."""
    _ = index.grams.asked(queries) @ index.grams.matrix()


def crowd(talents: int, requests: int) -> tuple[list[TalentFacts], list[RequestFacts]]:
    """Fictitious records by mixing those of the development set."""
    made = Random(7)
    people, wanted = read_talents(FOLDER / "talents.json"), read_requests(FOLDER / "requests.json")

    def pick(number: int) -> TalentFacts:
        one, two, three = made.sample(people, 3)
        skills = tuple(dict.fromkeys((*one.skills, *two.skills[:1])))
        return TalentFacts(
            id=number, fields=two.fields, skills=skills, description=one.description + two.description,
            audiences=one.audiences, areas=three.areas, availability=three.availability, reward=two.reward,
        )  # fmt: skip

    def ask(number: int) -> RequestFacts:
        one, two = made.sample(wanted, 2)
        return RequestFacts(
            id=number, title=one.title, description=one.description + two.title, fields=one.fields,
            skills_wanted=one.skills_wanted, audiences=two.audiences, area=two.area, times=one.times,
            reward_offered=two.reward_offered, headcount=1,
        )  # fmt: skip

    return [pick(number) for number in range(talents)], [ask(number) for number in range(requests)]


def _seconds(call: Any, times: int = 3) -> float:
    spent = []
    for _ in range(times):
        before = time.perf_counter()
        call()
        spent.append(time.perf_counter() - before)
    return sorted(spent)[times // 2]
