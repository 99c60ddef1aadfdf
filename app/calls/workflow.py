"""The way of a proposal (domain.md 4.1; 実践編2): which step leads from where to where, who takes it, what must hold.

One table for both programs. Screens, tests and the README's diagram are made from it; `app.calls.services.advance` is
the one door through which a step is taken. Other rooms add conditions by `register_guard`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from models.people import Role
from models.proposals import ProposalState as S

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.actor import Actor
    from models.proposals import Proposal

SUGGESTED, IKIIKI = "suggested", "ikiiki"
BOTH = (SUGGESTED, IKIIKI)
_OFFICE = (Role.OFFICE,)
FORWARD, BACK, END, TAKE_OVER = "forward", "back", "end", "take_over"


@dataclasses.dataclass(frozen=True)
class Step:
    """One row of the table. condition: what must hold; asks: what it sets going with others, both in words."""

    code: str
    label: str
    sources: tuple[S, ...]
    target: S
    programs: tuple[str, ...] = BOTH
    roles: tuple[Role, ...] = _OFFICE
    kind: str = FORWARD
    asks_reason: bool = False
    condition: str = ""
    asks: str = ""
    #: Label of the version that the step freezes.
    freezes: str | None = None
    #: Whose screens take it: "reviews" steps are refused unless that room has registered its guard.
    room: str = "calls"


@dataclasses.dataclass(frozen=True)
class Obstacle:
    """Why a step cannot be taken. overridable: the office may go on with a reason, which is recorded."""

    rule: str
    message: str
    clause: str = ""
    is_overridable: bool = False


Guard = Callable[["Session", "Actor", "Proposal"], Iterable["Obstacle | str"]]

DECIDED = (S.ADOPTED, S.ADOPTED_WITH_CONDITIONS)

STEPS: tuple[Step, ...] = (
    # --- 提案 ---
    Step(
        "submit",
        "受付する",
        (S.DRAFT,),
        S.SUBMITTED,
        condition="募集の期間内で、応募の規則に合っている(期間外や例外は理由を書く)",
        freezes="受付時",
    ),
    Step(
        "start_coordination",
        "事前調整を始める",
        (S.SUBMITTED,),
        S.COORDINATING,
        (SUGGESTED,),
        condition="必要な書類がそろっている",
        asks="関連課に所見書を依頼し、団体と調整する",
    ),
    Step(
        "start_coordination",
        "担当課との調整を始める",
        (S.SUBMITTED,),
        S.COORDINATING,
        (IKIIKI,),
        condition="必要な書類がそろい、担当課が決まっている。調整の期間内である(期間外は理由を書く)",
        asks="担当課と団体が調整し、庁内検討会議に意見を求める",
    ),
    # --- 審査 ---
    Step(
        "start_review",
        "審査にかける",
        (S.COORDINATING,),
        S.REVIEWING,
        (SUGGESTED,),
        condition="事前調整の記録があり、依頼した所見書がすべて提出されたか、理由を書いて省略されている",
        asks="選考審査会に審査を求める",
        freezes="審査用",
    ),
    Step(
        "start_review",
        "審査にかける",
        (S.COORDINATING,),
        S.REVIEWING,
        (IKIIKI,),
        condition="担当課との調整の記録があり、庁内検討会議の意見が記録されている",
        asks="選考審査会に審査を求める",
        freezes="審査用",
    ),
    Step(
        "adopt",
        "採択する",
        (S.REVIEWING, S.RESERVE),
        S.ADOPTED,
        condition="審査会の審査結果と市の決定がある",
        room="reviews",
    ),
    Step(
        "adopt_with_conditions",
        "条件を付けて採択する",
        (S.REVIEWING, S.RESERVE),
        S.ADOPTED_WITH_CONDITIONS,
        condition="審査会の審査結果と市の決定があり、条件が書かれている",
        room="reviews",
    ),
    Step(
        "reserve",
        "残額の候補として保留する",
        (S.REVIEWING,),
        S.RESERVE,
        condition="予算の残額の範囲での採択候補である",
        asks="団体に、残額で行うかどうかを確かめる",
        room="reviews",
    ),
    Step(
        "reject",
        "不採択にする",
        (S.REVIEWING, S.RESERVE),
        S.REJECTED,
        asks_reason=True,
        condition="審査会の審査結果と市の決定がある",
        room="reviews",
    ),
    # --- 提示型: 交付から完了まで ---
    Step("award", "交付を決定する", DECIDED, S.AWARDED, (SUGGESTED,), room="followup"),
    Step("start", "実施を始める", (S.AWARDED,), S.IN_PROGRESS, (SUGGESTED,), room="followup"),
    Step("report", "報告書を受け取る", (S.IN_PROGRESS,), S.REPORTED, room="followup"),
    Step("settle", "額を確定する", (S.REPORTED,), S.SETTLED, (SUGGESTED,), room="followup"),
    Step("close", "完了にする", (S.SETTLED,), S.CLOSED, (SUGGESTED,), room="followup"),
    # --- いきいき: 予算から公表まで ---
    Step(
        "record_budget",
        "翌年度の予算計上を記録する",
        DECIDED,
        S.BUDGETED,
        (IKIIKI,),
        roles=(Role.OFFICE, Role.DEPARTMENT),
        condition="担当課が翌年度の予算に計上している",
        room="followup",
    ),
    Step(
        "agree",
        "協定・契約の締結を記録する",
        (S.BUDGETED,),
        S.AGREED,
        (IKIIKI,),
        roles=(Role.OFFICE, Role.DEPARTMENT),
        condition="予算の計上が記録されている",
        room="followup",
    ),
    Step("start", "実施を始める", (S.AGREED,), S.IN_PROGRESS, (IKIIKI,), room="followup"),
    Step(
        "evaluate",
        "評価を終える",
        (S.REPORTED,),
        S.EVALUATED,
        (IKIIKI,),
        condition="団体と担当課の自己評価と、相互評価が終わっている",
        room="followup",
    ),
    Step("publish", "評価の結果を公表する", (S.EVALUATED,), S.PUBLISHED, (IKIIKI,), room="followup"),
    # --- 戻る ---
    Step("return_to_draft", "受付を取り消して下書きに戻す", (S.SUBMITTED,), S.DRAFT, kind=BACK, asks_reason=True),
    Step("return_to_submitted", "受付済に戻す", (S.COORDINATING,), S.SUBMITTED, kind=BACK, asks_reason=True),
    Step(
        "return_to_coordination",
        "事前調整に戻す",
        (S.REVIEWING,),
        S.COORDINATING,
        kind=BACK,
        asks_reason=True,
        condition="審査結果がまだ出ていない",
    ),
    Step("return_report", "報告書を返す", (S.REPORTED,), S.IN_PROGRESS, kind=BACK, asks_reason=True, room="followup"),
    Step(
        "reopen_settlement",
        "額の確定をやり直す",
        (S.SETTLED,),
        S.REPORTED,
        (SUGGESTED,),
        kind=BACK,
        asks_reason=True,
        room="followup",
    ),
    Step(
        "reopen_evaluation",
        "評価をやり直す",
        (S.EVALUATED,),
        S.REPORTED,
        (IKIIKI,),
        kind=BACK,
        asks_reason=True,
        room="followup",
    ),
    # --- 途中で終わる ---
    Step(
        "withdraw",
        "取下げを受け付ける",
        (S.SUBMITTED, S.COORDINATING, S.REVIEWING, S.RESERVE),
        S.WITHDRAWN,
        kind=END,
        asks_reason=True,
    ),
    Step(
        "discontinue",
        "中止・廃止にする",
        (*DECIDED, S.AWARDED, S.BUDGETED, S.AGREED, S.IN_PROGRESS),
        S.DISCONTINUED,
        kind=END,
        asks_reason=True,
        room="followup",
    ),
    Step(
        "revoke",
        "決定を取り消す",
        (*DECIDED, S.AWARDED, S.BUDGETED, S.AGREED, S.IN_PROGRESS, S.REPORTED, S.SETTLED, S.EVALUATED),
        S.REVOKED,
        kind=END,
        asks_reason=True,
        room="followup",
    ),
)

#: The code of the step that takes over a decision made on paper before this system (`services.take_over`).
TAKE_OVER_CODE = "take_over"
_AFTER = {
    SUGGESTED: (S.AWARDED, S.IN_PROGRESS, S.REPORTED, S.SETTLED, S.CLOSED),
    IKIIKI: (S.BUDGETED, S.AGREED, S.IN_PROGRESS, S.REPORTED, S.EVALUATED, S.PUBLISHED),
}
#: Before the committee's door: the content may still be changed.
OPEN_STATES = (S.DRAFT, S.SUBMITTED, S.COORDINATING)
#: Seen by the committee: in review or decided.
REVIEWED_STATES = tuple(state for state in S if state not in (*OPEN_STATES, S.WITHDRAWN))
#: Nothing more happens.
FINAL_STATES = (S.REJECTED, S.CLOSED, S.PUBLISHED, S.WITHDRAWN, S.DISCONTINUED, S.REVOKED)

_guards: dict[str, list[Guard]] = {}


def register_guard(step_code: str, guard: Guard) -> None:
    """Add a condition of a step: a function (session, actor, proposal) -> sentences (or Obstacles) that stand in its
    way. A plain sentence cannot be set aside."""
    if step_code not in {step.code for step in STEPS}:
        raise ValueError(f"no step {step_code}")
    if guard not in _guards.setdefault(step_code, []):
        _guards[step_code].append(guard)


def guards_of(step_code: str) -> tuple[Guard, ...]:
    """The registered conditions of a step."""
    return tuple(_guards.get(step_code, ()))


def states_of(program: str) -> tuple[S, ...]:
    """The states that proposals of a program can be in, in the order of the enum."""
    foreign = {state for other, states in _AFTER.items() if other != program for state in states}
    return tuple(state for state in S if state not in foreign.difference(_AFTER.get(program, ())))


def steps_from(program: str, state: S) -> list[Step]:
    """The steps that lead away from a state, in the order of the table."""
    if state not in states_of(program):
        return []
    return [step for step in STEPS if program in step.programs and state in step.sources]


def find_step(program: str, state: S, code: str) -> Step | None:
    """The step of that code from that state, if there is one."""
    return next((step for step in steps_from(program, state) if step.code == code), None)


def main_way(program: str) -> tuple[S, ...]:
    """The states of a proposal that is adopted and carried out, in order: the bar on its page."""
    return (S.DRAFT, S.SUBMITTED, S.COORDINATING, S.REVIEWING, S.ADOPTED, *_AFTER.get(program, ()))


def taken_over_states(program: str) -> tuple[S, ...]:
    """Where a decision taken on paper may have brought a proposal."""
    return (*DECIDED, S.REJECTED, *_AFTER.get(program, ()), S.WITHDRAWN, S.DISCONTINUED, S.REVOKED)


def next_step(program: str, state: S) -> Step | None:
    """The step forward on the main way."""
    return next((step for step in steps_from(program, state) if step.kind == FORWARD), None)
