"""The way of a match, as a table: from, to, what it asks for, what must hold first (domain.md 2.3, rules.md 34). Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from models.matches import ContactResult, Stage

#: A match in one of these holds one of the talent's places.
HOLDS_PLACE = frozenset({Stage.APPROACHED, Stage.ACCEPTED, Stage.INTRODUCED, Stage.ENGAGED})
#: A match in one of these fills one of the request's seats.
HOLDS_SEAT = frozenset({Stage.ACCEPTED, Stage.INTRODUCED, Stage.ENGAGED, Stage.FINISHED})
#: Ended before its time.
CLOSED = frozenset({Stage.DECLINED, Stage.UNMATCHED, Stage.CANCELLED})
#: Both sides know each other's contact.
DISCLOSED = frozenset({Stage.INTRODUCED, Stage.ENGAGED, Stage.FINISHED})
#: Both sides can tell how it went.
MAY_FOLLOW_UP = frozenset({Stage.ENGAGED, Stage.FINISHED, Stage.CANCELLED})
#: The columns of the board, in order.
BOARD = (Stage.CANDIDATE, Stage.APPROACHED, Stage.ACCEPTED, Stage.INTRODUCED, Stage.ENGAGED, Stage.FINISHED)

#: Days without an answer after which a match is shown as waiting.
REPLY_DAYS = 7
#: Days from the end of an engagement (or its beginning, when it has no end) until both sides are asked how it went.
FOLLOW_UP_DAYS = 60
#: Days before the end of a consent from which its renewal is shown.
RENEWAL_DAYS = 60
#: Days over which approaches count for fair rotation.
ROTATION_DAYS = 180


@dataclass(frozen=True)
class Step:
    """One step. asks: "reason", "times", "agreement", "period": what the worker gives with it."""

    code: str
    label: str
    sources: tuple[Stage, ...]
    target: Stage
    asks: frozenset[str] = frozenset()
    help: str = ""


_BEFORE_ENGAGED = (Stage.CANDIDATE, Stage.APPROACHED, Stage.ACCEPTED, Stage.INTRODUCED)

APPROACH = Step("approach", "打診する", (Stage.CANDIDATE,), Stage.APPROACHED, help="人財に連絡を取り始めます。")
STEPS: tuple[Step, ...] = (
    APPROACH,
    Step("accept", "承諾を記録する", (Stage.APPROACHED,), Stage.ACCEPTED, frozenset({"times"})),
    Step(
        "introduce",
        "双方を紹介する",
        (Stage.ACCEPTED,),
        Stage.INTRODUCED,
        frozenset({"agreement"}),
        help="双方の連絡先を、互いに開示します。開示は記録されます。",
    ),
    Step("engage", "成立を記録する", (Stage.INTRODUCED,), Stage.ENGAGED, frozenset({"period"})),
    Step("finish", "活動の終了を記録する", (Stage.ENGAGED,), Stage.FINISHED),
    Step("decline", "辞退を記録する", _BEFORE_ENGAGED, Stage.DECLINED, frozenset({"reason"})),
    Step("unmatch", "不成立にする", _BEFORE_ENGAGED, Stage.UNMATCHED, frozenset({"reason"})),
    Step("cancel", "中止を記録する", (Stage.ENGAGED,), Stage.CANCELLED, frozenset({"reason"})),
    Step(
        "reopen",
        "候補に戻す",
        (Stage.DECLINED, Stage.UNMATCHED, Stage.CANCELLED),
        Stage.CANDIDATE,
        help="記録の誤りや、事情が変わったときに使います。",
    ),
)
_BY_CODE = {step.code: step for step in STEPS}


def find_step(code: str) -> Step | None:
    """The step with that code."""
    return _BY_CODE.get(code)


def steps_from(stage: Stage) -> list[Step]:
    """The steps that lead on from a stage, in the table's order."""
    return [step for step in STEPS if stage in step.sources]


@dataclass(frozen=True)
class MatchFacts:
    """What the guards look at. missing: what the request requires and the talent's record does not vouch for."""

    is_active: bool = True
    has_valid_consent: bool = True
    is_request_open: bool = True
    has_free_place: bool = True
    has_free_seat: bool = True
    talent_has_contact: bool = True
    group_has_contact: bool = True
    missing: tuple[str, ...] = ()


def hindrances(step: Step, facts: MatchFacts) -> list[str]:
    """What must hold before the step and does not, as sentences."""
    found: list[str] = []
    if step.code in {"approach", "accept", "introduce"}:
        if not facts.is_active:
            found.append("この人財は、いま登録中ではありません。")
        elif not facts.has_valid_consent:
            found.append("登録への同意の有効期限が切れています。更新してから進めてください。")
    if step.code in {"approach", "accept"} and not facts.is_request_open:
        found.append("この依頼は募集中ではありません。")
    if step.code == "approach" and not facts.has_free_place:
        found.append("この人財は、同時に引き受けられる件数に達しています。")
    if step.code in {"approach", "accept"} and not facts.has_free_seat:
        found.append("この依頼は、必要な人数に達しています。")
    if step.code == "introduce":
        if facts.missing:
            found.append(f"依頼の条件が確認できていません: {'、'.join(facts.missing)}。")
        if not facts.talent_has_contact:
            found.append("人財の電話番号かメールアドレスを登録してください。")
        if not facts.group_has_contact:
            found.append(
                "依頼団体の連絡担当者と、電話番号かメールアドレスを、依頼のページの「連絡先」から登録してください。"
            )
    return found


def awaits_reply(stage: Stage, since: dt.datetime, last_result: ContactResult | None, now: dt.datetime) -> bool:
    """Whether an approached talent has not answered for REPLY_DAYS since the approach or the last contact."""
    if stage is not Stage.APPROACHED or last_result is ContactResult.ANSWERED:
        return False
    return now - since >= dt.timedelta(days=REPLY_DAYS)


def follow_up_due(stage: Stage, engaged_on: dt.date, ends_on: dt.date | None) -> dt.date | None:
    """The day from which both sides are asked how it went; None while nothing began."""
    if stage not in {Stage.ENGAGED, Stage.FINISHED}:
        return None
    return (ends_on or engaged_on) + dt.timedelta(days=FOLLOW_UP_DAYS)
