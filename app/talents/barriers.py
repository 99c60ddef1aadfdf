"""Why none of the open requests is proposed to a talent, in words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.talents.conditions import Condition, broken_conditions
from app.talents.facts import RequestFacts, TalentFacts

#: What keeps a talent from every request, whichever it is; nothing else matters until it is mended.
_EVERYWHERE = frozenset({Condition.STANDING, Condition.CAPACITY})


def barriers_of(talent: TalentFacts, requests: Sequence[RequestFacts]) -> list[tuple[str, str]]:
    """(condition, what is in the way), first what concerns the talent alone, else the conditions most often broken."""
    broken = [broken_conditions(talent, request) for request in requests]
    own = {miss.what: miss.sentence for misses in broken for miss in misses if miss.what in _EVERYWHERE}
    if own:
        return [(what.label, sentence) for what, sentence in own.items()]
    if blank := _blanks(talent):
        return blank
    often = Counter(miss.what for misses in broken for miss in misses)
    return [(what.label, f"合わない依頼が{number}件") for what, number in often.most_common()]


def _blanks(talent: TalentFacts) -> list[tuple[str, str]]:
    wanting = (
        (Condition.TIME, talent.availability, "活動できる曜日・時間帯の登録がない"),
        (Condition.PLACE, talent.areas, "行ける地域の登録がない"),
        (Condition.AUDIENCE, talent.audiences, "対象の登録がない"),
    )
    return [(what.label, sentence) for what, given, sentence in wanting if not given]
