"""Who can do it at all: hard conditions exclude, soft ones lower. Pure; one pair at a time, in sentences.

The same rules over many talents at once: condition_table.py; a test holds the two together.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from app.talents.facts import (
    ADULTS,
    ANYWHERE,
    EVERYBODY,
    ONLINE,
    REWARDS,
    WITHIN_ADULTS,
    RequestFacts,
    TalentFacts,
    times_in_short,
    times_in_words,
)


class Condition(enum.Enum):
    """What must hold. A relaxable one may change by talking with either side."""

    TIME = "time", "日時", True
    REWARD = "reward", "謝礼", True
    PLACE = "place", "対面・オンライン", True
    AUDIENCE = "audience", "対象", True
    GUARANTEE = "guarantee", "条件の確認(年齢・保険など)", True
    CAPACITY = "capacity", "引き受けられる件数", False
    DECLINED = "declined", "この依頼への辞退", False
    STANDING = "standing", "登録・同意の状態", False

    def __init__(self, code: str, label: str, is_relaxable: bool) -> None:
        self.code = code
        self.label = label
        self.is_relaxable = is_relaxable


class Wish(enum.Enum):
    """What lowers and is named. ROTATION is no condition of a request, but fairness to the talent (rules.md 34)."""

    REWARD_STEP = "reward_step", "謝礼が一段階ちがう"
    TOWN = "town", "活動できる町の外"
    ROTATION = "rotation", "最近の打診"

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True)
class Miss:
    """A condition or wish that is not met, and how in a sentence."""

    what: Condition | Wish
    sentence: str


def served_audiences(audiences: tuple[str, ...]) -> frozenset[str]:
    """Whom a talent serves: 大人 serves 高齢者, 若者 and 子育て世代 too, not the reverse."""
    served = frozenset(audiences)
    return served | WITHIN_ADULTS if ADULTS in served else served


def has_common_audience(talent: TalentFacts, request: RequestFacts) -> bool:
    """だれでも on either side fits all; an empty list fits nobody."""
    if not talent.audiences or not request.audiences:
        return False
    wanted = frozenset(request.audiences)
    return EVERYBODY in talent.audiences or EVERYBODY in wanted or bool(served_audiences(talent.audiences) & wanted)


def has_place(talent: TalentFacts, request: RequestFacts) -> bool:
    """Online asks for online; everything else for any place that is not online."""
    if request.area == ONLINE:
        return ONLINE in talent.areas
    return any(area != ONLINE for area in talent.areas)


def is_outside_towns(talent: TalentFacts, request: RequestFacts) -> bool:
    """Whether the request names a town that the talent does not come to."""
    is_town = request.area not in ("", ONLINE, ANYWHERE)
    return is_town and ANYWHERE not in talent.areas and request.area not in talent.areas


def reward_steps(talent: TalentFacts, request: RequestFacts) -> int:
    """Steps that the fee wanted lies above the fee offered; unknown words that differ count as one step."""
    wanted, offered = REWARDS.get(talent.reward), REWARDS.get(request.reward_offered)
    if wanted is not None and offered is not None:
        return max(0, wanted - offered)
    is_said = bool(talent.reward and request.reward_offered)
    return int(is_said and talent.reward != request.reward_offered)


def broken_conditions(talent: TalentFacts, request: RequestFacts) -> list[Miss]:
    """The hard conditions that do not hold, in the order of Condition."""
    found: list[Miss] = []
    if not talent.free_times & frozenset(request.times):
        found.append(Miss(Condition.TIME, _no_time(talent, request)))
    if reward_steps(talent, request) >= 2:
        found.append(Miss(Condition.REWARD, f"謝礼は「{talent.reward}」を希望(依頼は「{request.reward_offered}」)"))
    if not has_place(talent, request):
        wanted = "オンラインには対応していない" if request.area == ONLINE else "オンラインだけで、現地には行けない"
        found.append(Miss(Condition.PLACE, wanted))
    if not has_common_audience(talent, request):
        whom = "・".join(talent.audiences) or "対象の登録なし"
        found.append(Miss(Condition.AUDIENCE, f"対象は{whom}(依頼は{'・'.join(request.audiences) or '未記入'})"))
    if missing := request.required - talent.guarantees:
        found.append(Miss(Condition.GUARANTEE, f"{'・'.join(sorted(missing))}が確認できていない"))
    if talent.free_places is not None and talent.free_places <= 0:
        found.append(Miss(Condition.CAPACITY, "同時に引き受けられる件数がいっぱい"))
    if talent.id in request.declined_by:
        found.append(Miss(Condition.DECLINED, "この依頼を辞退している"))
    if standing := _standing(talent):
        found.append(Miss(Condition.STANDING, standing))
    return found


def unmet_wishes(talent: TalentFacts, request: RequestFacts) -> list[Miss]:
    """The soft conditions that lower a talent."""
    found: list[Miss] = []
    if reward_steps(talent, request) == 1:
        found.append(Miss(Wish.REWARD_STEP, f"謝礼は「{talent.reward}」を希望(依頼は「{request.reward_offered}」)"))
    if is_outside_towns(talent, request):
        towns = [area for area in talent.areas if area != ONLINE]
        found.append(
            Miss(Wish.TOWN, f"活動できる町は{'・'.join(towns[:5]) or '未記入'}で、{request.area}は入っていない")
        )
    return found


def recently_approached(talent: TalentFacts) -> list[Miss]:
    """That the talent was approached lately, which lowers it: one Miss, or none."""
    if not talent.recent_approaches:
        return []
    return [Miss(Wish.ROTATION, f"最近{talent.recent_approaches}回打診している(続けて頼まないよう下げている)")]


def _no_time(talent: TalentFacts, request: RequestFacts) -> str:
    if not request.times:
        return "依頼の日時が決まっていない"
    if not talent.availability:
        return "活動できる曜日・時間の登録がない"
    if frozenset(talent.availability) & frozenset(request.times):
        return f"{times_in_words(talent.taken_times & frozenset(request.times))}はほかの活動が入っている"
    return f"空いているのは{times_in_short(talent.free_times) or 'なし'}(依頼は{times_in_short(request.times)})"


def _standing(talent: TalentFacts) -> str:
    if not talent.is_consented:
        return "登録への同意がない"
    if not talent.is_active:
        return "登録が休止か終了になっている"
    return "" if talent.is_valid else "同意の有効期間が切れている"
