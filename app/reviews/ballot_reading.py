"""A ballot from JSON: strict about kinds of values, so that nothing is counted that was not meant."""

from __future__ import annotations

import enum
import json
import re
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

from app.reviews.ballot import (
    Ballot,
    CriterionFacts,
    Id,
    MemberFacts,
    Missing,
    NextBest,
    ProposalEntry,
    Quorum,
    RuleFacts,
    TallyError,
    TieDecision,
    TieRule,
)

STAGES = ("document", "interview")
_DECIMAL = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")
_LARGEST = 10**15
E = TypeVar("E", bound=enum.StrEnum)


class _Fractional:
    """A JSON number with a point or an exponent: kept apart, because none is allowed anywhere."""

    def __init__(self, text: str) -> None:
        self.text = text


def read_ballot(text: str) -> Ballot:
    """A ballot from JSON text, also from the sealed record of a review, which holds one.

    Raises TallyError with the place and what to do.
    """
    try:
        data = json.loads(
            text, parse_float=_Fractional, parse_constant=_Fractional, object_pairs_hook=_object_without_repeats
        )
    except RecursionError:
        raise TallyError("JSONの入れ子が深すぎます。") from None
    except TallyError:
        raise
    except ValueError as error:
        raise TallyError(f"JSONとして読めません({error})。") from None
    return ballot_from(data["ballot"] if isinstance(data, dict) and "ballot" in data else data)


def ballot_from(data: Any) -> Ballot:
    """A ballot from what JSON holds (dicts, lists, ints, strings)."""
    whole = _mapping(data, "全体")
    return Ballot(
        criteria=tuple(_criterion(one, f"criteria[{i}]") for i, one in enumerate(_list(whole, "criteria", "全体"))),
        rule=_rule(_mapping(_need(whole, "rule", "全体"), "rule")),
        members=tuple(_member(one, f"members[{i}]") for i, one in enumerate(_list(whole, "members", "全体"))),
        proposals=tuple(_proposal(one, f"proposals[{i}]") for i, one in enumerate(_list(whole, "proposals", "全体"))),
        tie_decisions=tuple(
            _tie_decision(one, f"tie_decisions[{i}]")
            for i, one in enumerate(_list(whole, "tie_decisions", "全体", optional=True))
        ),
    )


def _criterion(data: Any, where: str) -> CriterionFacts:
    row = _mapping(data, where)
    key = str(_id(_need(row, "key", where), f"{where}.key"))
    stage = _need(row, "stage", where)
    if stage not in STAGES:
        _refuse(f"{where}.stage", f"{'か'.join(STAGES)}のどちらかにしてください")
    lowest = _integer(row.get("min", 0), f"{where}.min")
    highest = _integer(_need(row, "max", where), f"{where}.max")
    if highest < 1 or lowest >= highest:
        _refuse(f"{where}.max", "下限より大きい、1以上の整数にしてください")
    veto_at = row.get("veto_at")
    if veto_at is not None and not lowest <= _integer(veto_at, f"{where}.veto_at") <= highest:
        _refuse(f"{where}.veto_at", f"{lowest}から{highest}までの整数にしてください")
    weight = _decimal(_need(row, "weight", where), f"{where}.weight")
    return CriterionFacts(key, stage, highest, weight, veto_at, lowest, _label(row, where))


def _rule(row: dict[str, Any]) -> RuleFacts:
    minimum = _decimal(_need(row, "minimum_percent", "rule"), "rule.minimum_percent")
    if minimum > 100:
        _refuse("rule.minimum_percent", "0から100までにしてください")
    return RuleFacts(
        minimum_percent=minimum,
        missing=_one_of(Missing, _need(row, "missing", "rule"), "rule.missing"),
        quorum=_one_of(Quorum, _need(row, "quorum", "rule"), "rule.quorum"),
        tie=tuple(_one_of(TieRule, one, "rule.tie") for one in _list(row, "tie", "rule", optional=True)),
        budget_yen=_integer(_need(row, "budget_yen", "rule"), "rule.budget_yen", least=0),
        next_best=_one_of(NextBest, _need(row, "next_best", "rule"), "rule.next_best"),
    )


def _member(data: Any, where: str) -> MemberFacts:
    row = _mapping(data, where)
    key = str(_id(_need(row, "id", where), f"{where}.id"))
    is_present = _boolean(_need(row, "present", where), f"{where}.present")
    is_chair = row.get("chair") is not None and _boolean(row["chair"], f"{where}.chair")
    return MemberFacts(key, is_present, is_chair, _label(row, where))


def _proposal(data: Any, where: str) -> ProposalEntry:
    row = _mapping(data, where)
    proposal_id = _id(_need(row, "id", where), f"{where}.id")
    about = f"提案「{proposal_id}」"
    conflicts = _list(row, "conflicts", about, optional=True)
    withdrawn = _list(row, "withdrawn", about, optional=True)
    return ProposalEntry(
        id=proposal_id,
        requested_yen=_integer(_need(row, "requested", about), f"{about}のrequested", least=0),
        scores=_scores(row.get("scores"), about),
        conflicts=frozenset(str(_id(one, f"{about}のconflicts")) for one in conflicts),
        label=_label(row, about),
        withdrawn=frozenset(str(_id(one, f"{about}のwithdrawn")) for one in withdrawn),
    )


def _scores(data: Any, about: str) -> dict[str, dict[str, int]]:
    """Scores by member and criterion; null, for a member or a criterion, is a score that was not given."""
    found: dict[str, dict[str, int]] = {}
    for member, given in _mapping({} if data is None else data, f"{about}のscores").items():
        whose = f"{about}の委員「{_text(member, f'{about}のscores')}」の点数"
        marks = _mapping({} if given is None else given, whose)
        found[member] = {
            _text(key, whose): _integer(value, f"{whose}(「{_shown(key)}」)")
            for key, value in marks.items()
            if value is not None
        }
    return found


def _tie_decision(data: Any, where: str) -> TieDecision:
    row = _mapping(data, where)
    order = tuple(str(_id(one, f"{where}.order")) for one in _list(row, "order", where))
    if len(set(order)) != len(order):
        _refuse(f"{where}.order", "同じ提案が二度書かれています")
    return TieDecision(order, _text(_need(row, "how", where), f"{where}.how"))


def _label(row: dict[str, Any], where: str) -> str:
    return _text(row.get("label", ""), f"{where}.label")


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise TallyError(f"JSONの同じ場所に「{_shown(twice)}」が二度書かれています。一つにしてください。")
    return data


def _need(row: dict[str, Any], key: str, where: str) -> Any:
    if row.get(key) is None:
        _refuse(where, f"「{key}」がありません。書いてください")
    return row[key]


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(where, "{…}の形で書いてください")
    return value


def _list(row: dict[str, Any], key: str, where: str, *, optional: bool = False) -> list[Any]:
    if optional and row.get(key) is None:
        return []
    value = _need(row, key, where)
    if not isinstance(value, list):
        _refuse(f"{where}の{key}", "[…]の形で書いてください")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        _refuse(where, "文字で書いてください")
    if _shown(value) != value:
        _refuse(where, "使えない文字があります")
    return value


def _id(value: Any, where: str) -> Id:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not _text(value, where):
        _refuse(where, "空にできません")
    return str(value)


def _integer(value: Any, where: str, *, least: int | None = None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        shown = f"(「{value.text}」は使えません)" if isinstance(value, _Fractional) else ""
        _refuse(where, f"整数で書いてください{shown}")
    if abs(value) > _LARGEST:
        _refuse(where, "数が大きすぎます")
    if least is not None and value < least:
        _refuse(where, f"{least}以上にしてください")
    return value


def _decimal(value: Any, where: str) -> Fraction:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Fraction(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(_integer(value, where, least=0))
    _refuse(where, '0以上の整数か、小数を表す文字列("1.5"など)で書いてください')


def _boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        _refuse(where, "trueかfalseで書いてください")
    return value


def _one_of(kind: type[E], value: Any, where: str) -> E:
    codes = [one.value for one in kind]
    if not isinstance(value, str) or value not in codes:
        _refuse(where, f"{'、'.join(codes)}のどれかにしてください")
    return kind(value)


def _shown(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _refuse(where: str, what: str) -> NoReturn:
    raise TallyError(f"{where}: {what}。")
