"""Departments that were merged or closed: who carries on with what they had, in the words of the screens."""

from __future__ import annotations

from app.japanese.dates import today_in_tokyo
from models.coordination import DepartmentOpinion, OpinionState
from models.reference import Department


def is_gone(department: Department) -> bool:
    """Whether nothing can be asked of it any more."""
    return department.is_gone(today_in_tokyo())


def heir_of(department: Department) -> Department:
    """Who does its work today: itself while it stands, else its successor, as far as they go."""
    return department.heir(today_in_tokyo())


def name_today(department: Department) -> str:
    """「旧課(現 新しい課)」 where somebody is waited for."""
    heir = heir_of(department)
    return department.name if heir is department else f"{department.name}(現 {heir.name})"


def addressee(opinion: DepartmentOpinion) -> str:
    """Who writes the 所見書: as today while it is waited for, then the department that wrote it."""
    is_open = opinion.state in (OpinionState.REQUESTED, OpinionState.RETURNED)
    return name_today(opinion.department) if is_open else opinion.department.name


def gone_sentence(department: Department, what_to_do: str) -> str | None:
    """Why it can take nothing, and who can; None while it stands. what_to_do: 「を選んでください。」 after a name."""
    if not is_gone(department):
        return None
    heir = heir_of(department)
    after = "" if is_gone(heir) else f"「{heir.name}」{what_to_do}"
    return f"「{department.name}」は組織改正でなくなりました。{after}"
