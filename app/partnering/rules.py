"""What the handbook says on the way to a partner (実践編1(1)-(3)), as pure functions: forms, categories, what is missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.japanese.normalize import fold
from models.calls import ChallengeState
from models.partnering import Lead, PartnerSearch, Support, Verdict

_PARTS = re.compile(r"[|・、()()\s]+")
#: Endings that say nothing of the matter.
_ENDINGS = re.compile(r"(の?(支援|推進|振興|事業|管理|対策|活動|相談|のネットワーク|づくり|など))+$")


@dataclass(frozen=True)
class FormHint:
    """A form that fits the answers: its code in the maintained list, and why."""

    code: str
    why: str


@dataclass(frozen=True)
class Step:
    """A step of the way and what is missing in it."""

    name: str
    is_done: bool
    missing: tuple[str, ...]


def form_hints(lead: Lead | None, supports: Collection[str]) -> list[FormHint]:
    """Forms (基礎編(6)) that fit who carries it and what the city gives; the best fitting first."""
    given = {Support(code) for code in supports}
    found: list[FormHint] = []
    if Support.SERVICE in given:
        found.append(
            FormHint("commission", "市の仕事を、団体の専門性を生かして任せるとき。協定か契約に役割を書きます。")
        )
    if lead is Lead.MANY:
        found.append(FormHint("committee_council", "いろいろな人や団体と市が、1つの組織で取り組むとき。"))
    if lead is Lead.BOTH:
        found.append(FormHint("co_hosting", "団体と市がともに主催し、責任を分けるとき。"))
    if lead is Lead.GROUP and Support.MONEY in given:
        found.append(FormHint("subsidy", "団体が自ら行う公益的な活動に、市がお金で支えるとき。"))
    if Support.HELP in given and lead in (Lead.GROUP, Lead.CITY, None):
        whose = "市の事業に団体の力を借りる" if lead is Lead.CITY else "団体の事業を広報・会場・準備で手伝う"
        found.append(FormHint("cooperation", f"{whose}とき。"))
    if lead is Lead.GROUP and Support.NAME in given:
        found.append(FormHint("endorsement", "団体が主催し、市は名義で応援するとき。申請と承認の手続があります。"))
    if lead is Lead.CITY and not found:
        found.append(FormHint("cooperation", "市が主催する事業に、団体の力を借りるとき。"))
    return found


def category_hints(text: str, examples: Mapping[int, str]) -> dict[int, list[str]]:
    """{category: its examples that the text touches}, to help to tick the five categories (基礎編(7)).

    examples: {id: "ごみ減量・リサイクル|…"} as the reference data hold them.
    """
    folded = fold(text)
    found: dict[int, list[str]] = {}
    for key, written in examples.items():
        for example in _PARTS.split(written):
            core = _ENDINGS.sub("", example)
            if len(core) >= 2 and fold(core) in folded:
                found.setdefault(key, []).append(example)
    return found


def steps_of(search: PartnerSearch) -> list[Step]:
    """The way of a search: problem, possibility (1(1)), form (1(2)), partner (1(3))."""
    return [
        _step("課題", _missing_problem(search)),
        _step("可能性の検討", _missing_possibility(search)),
        _step("形態の選択", _missing_form(search)),
        _step("相手の選択", [] if search.decided_on or is_called(search) else missing_for_choice(search)),
    ]


def is_called(search: PartnerSearch) -> bool:
    """Whether all groups are asked by a call instead: the challenge made of it stands, not deleted and not declined."""
    challenge = search.challenge
    return challenge is not None and challenge.deleted_at is None and challenge.state is not ChallengeState.DECLINED


def _step(name: str, missing: Iterator[str] | list[str]) -> Step:
    found = tuple(missing)
    return Step(name, not found, found)


def _missing_problem(search: PartnerSearch) -> Iterator[str]:
    if not search.goal:
        yield "目指す姿を書いてください。"
    if not search.wanted:
        yield "相手に期待することを書いてください。"


def _missing_possibility(search: PartnerSearch) -> Iterator[str]:
    if not (search.gains or search.gains_note):
        yield "一緒に行うと何がよくなるか(質・量・費用対効果・効率性)を選んでください。"
    if not (search.group_strengths and search.city_strengths):
        yield "相手と市、それぞれの長所・特性を書いてください。"
    if not search.categories:
        yield "協働に適した事業の分類を選んでください。"
    if search.verdict is None:
        yield "協働に向いているかの見極めを書いてください。"


def _missing_form(search: PartnerSearch) -> Iterator[str]:
    if search.form_id is None:
        yield "形態を選んでください。"
    elif not search.form_reason:
        yield "形態を選んだ理由を書いてください。"


def missing_for_choice(search: PartnerSearch) -> list[str]:
    """What a choice needs first (rules.md 3): method, criteria, and for each candidate both questions answered."""
    found = []
    if search.verdict is Verdict.NOT_SUITED:
        found.append("見極めの結果が「協働に向いていない」です。相手を選ぶときは、見極めを直してください。")
    if not search.method:
        found.append("選定方法を書いてください。")
    if not search.criteria:
        found.append("選定基準を書いてください。")
    if not search.candidates:
        found.append("候補の団体を挙げてください。")
    open_ones = [
        str(candidate)
        for candidate in search.candidates
        if candidate.has_common_purpose is None or candidate.has_workable_method is None
    ]
    if open_ones:
        found.append(f"共通の目的と実施手法を確かめていない候補があります({'、'.join(open_ones[:3])})。")
    return found
