"""Where each rule stands in the handbook (実践編2), by program: the words that findings quote."""

from __future__ import annotations

import enum


class Clause(enum.Enum):
    """A heading under which the handbook (or the city's practice) puts a rule."""

    APPLICANTS = "applicants"
    PROJECTS = "projects"
    REQUIREMENTS = "requirements"
    MONEY = "money"
    PERIOD = "period"
    WAY = "way"
    PROPOSING = "proposing"
    COORDINATION = "coordination"
    CHALLENGES = "challenges"


_SUGGESTED, _IKIIKI = "提示型公募事業", "行政提案型いきいき協働事業"

_WORDS: dict[str, dict[Clause, str]] = {
    "suggested": {
        Clause.APPLICANTS: f"{_SUGGESTED} 応募できる団体",
        Clause.PROJECTS: f"{_SUGGESTED} 応募できる事業",
        Clause.REQUIREMENTS: f"{_SUGGESTED} 応募できる事業(事業の主な要件)",
        Clause.MONEY: f"{_SUGGESTED} 公募事業の予算",
        Clause.PERIOD: f"{_SUGGESTED} 事業の実施期間",
        Clause.WAY: f"{_SUGGESTED} 事業の流れ",
        Clause.PROPOSING: f"{_SUGGESTED} 事業の流れ(募集)",
        Clause.COORDINATION: f"{_SUGGESTED} 事業の流れ(事前調整)",
        Clause.CHALLENGES: f"{_SUGGESTED} 事業の目的",
    },
    "ikiiki": {
        Clause.APPLICANTS: f"{_IKIIKI} 提案できる団体",
        Clause.PROJECTS: f"{_IKIIKI} 提案できる事業",
        Clause.REQUIREMENTS: f"{_IKIIKI} 提案できる事業",
        Clause.MONEY: f"{_IKIIKI} 協働事業の予算",
        Clause.PERIOD: f"{_IKIIKI} 事業の実施期間",
        Clause.WAY: f"{_IKIIKI} 事業の流れ",
        Clause.PROPOSING: f"{_IKIIKI} 協働事業の提案(6月〜7月下旬)",
        Clause.COORDINATION: f"{_IKIIKI} 担当課との調整(8月上旬〜9月中旬)",
        Clause.CHALLENGES: f"{_IKIIKI} 提案できる事業",
    },
}
_OTHER = {
    Clause.APPLICANTS: "応募できる団体",
    Clause.PROJECTS: "応募できる事業",
    Clause.REQUIREMENTS: "応募できる事業",
    Clause.MONEY: "予算",
    Clause.PERIOD: "事業の実施期間",
    Clause.WAY: "事業の流れ",
    Clause.PROPOSING: "募集",
    Clause.COORDINATION: "調整",
    Clause.CHALLENGES: "提案できる事業",
}


def clause_of(program_code: str, program_name: str, clause: Clause) -> str:
    """「提示型公募事業 応募できる団体」; a program that the handbook does not know is called by its own name."""
    words = _WORDS.get(program_code)
    return words[clause] if words else f"{program_name} {_OTHER[clause]}"
