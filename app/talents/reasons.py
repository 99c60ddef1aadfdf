"""Why a talent is liked for a request, in sentences that a person can check. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.talents.facts import ANYWHERE, ONLINE, RequestFacts, TalentFacts, times_in_words
from app.talents.features import Features, tag_likeness
from app.talents.index import Asked, TalentIndex
from app.talents.scoring import Part
from app.talents.token_rows import Dense

#: From here on two tags are said to be near, and a part is worth a sentence.
_NEAR, _STRONG = 0.34, 0.5
_MOST_TIMES = 3


def reasons_for(
    request: RequestFacts,
    talent: TalentFacts,
    wanted: Features,
    offered: Features,
    index: TalentIndex,
    asked: Asked,
    values: Mapping[Part, float],
) -> Iterator[str]:
    """The sentences, what was asked for first, then when and where, then what is known from before."""
    skills = list(_skills(request, talent))
    yield from skills
    words = _common_words(wanted, offered, index)
    if words and not any("希望どおり" in sentence for sentence in skills):
        yield words
    elif (
        not skills and values.get(Part.SAYINGS, 0) >= _STRONG and (name := _resembled(index, asked.resembled, offered))
    ):
        yield f"依頼の言い方が「{name}」を頼むときに似ている"
    if not skills and not words and values.get(Part.MEANING, 0) >= _STRONG:
        yield "依頼と紹介文の意味が近い"
    if common := sorted(
        set(map(str, request.fields)) & set(map(str, talent.fields)), key=lambda each: (len(each), each)
    ):
        yield f"分野が同じ({'・'.join(common)})"
    yield from _circumstances(request, talent)


def common_matter(
    request: RequestFacts, talent: TalentFacts, wanted: Features, offered: Features, index: TalentIndex
) -> str:
    """What the two have in common by their words alone, in one sentence; "" where nothing is."""
    return next(_skills(request, talent), "") or _common_words(wanted, offered, index)


def _skills(request: RequestFacts, talent: TalentFacts) -> Iterator[str]:
    for wish in request.skills_wanted[:5]:
        likeness, skill = max(((tag_likeness(wish, skill), skill) for skill in talent.skills), default=(0.0, ""))
        if likeness >= 0.999:
            yield f"「{skill}」が希望どおり"
        elif likeness >= _NEAR:
            yield f"「{skill}」が希望の「{wish}」と近い"


def _common_words(wanted: Features, offered: Features, index: TalentIndex) -> str:
    """The concept that both texts touch most, with the request's word and the talent's."""
    common = [number for number in wanted.evidence if number in offered.evidence]
    if not common:
        return ""
    best = max(common, key=lambda number: (wanted.concepts[number] * offered.concepts[number], -number))
    asked, has = wanted.evidence[best].words[0], offered.evidence[best].words[0]
    name = index.lexicon.concepts[best].name
    if asked == has:
        return f"どちらも「{asked}」に触れている({name})"
    return f"依頼の「{asked}」が紹介の「{has}」と近い({name})"


def _resembled(index: TalentIndex, resembled: Dense | None, offered: Features) -> str:
    if resembled is None or not offered.concepts:
        return ""
    likeness = resembled[0]
    best = max(offered.concepts, key=lambda number: (likeness[number] * offered.concepts[number], -number))
    return index.lexicon.concepts[best].name if likeness[best] > 0 else ""


def _circumstances(request: RequestFacts, talent: TalentFacts) -> Iterator[str]:
    if common := talent.free_times & frozenset(request.times):
        words = times_in_words(common).split("・")
        yield "・".join(words[:_MOST_TIMES]) + ("などが空き" if len(words) > _MOST_TIMES else "が空き")
    if request.area == ONLINE:
        if ONLINE in talent.areas:
            yield "オンラインでできる"
    elif ANYWHERE in talent.areas:
        yield "市内全域に通える"
    elif request.area in talent.areas:
        yield f"{request.area}に通える"
    if talent.past_outcome is not None and talent.past_outcome >= 0.75:
        yield "これまでの活動の評判がよい"
