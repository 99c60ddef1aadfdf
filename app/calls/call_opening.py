"""Opening and finishing a call: what must be there first, and the reason where its dates leave the program's months."""

from __future__ import annotations

import copy

from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.calls.call_calendar import deviations_of
from app.calls.call_services import require_editable
from app.problems import Conflict, Invalid, check_version
from models.base import utc_now
from models.calls import Call, CallState, ChallengeState


def open_call(
    session: Session, *, actor: Actor, call: Call, version: int | None = None, reason: str | None = None
) -> Call:
    """Open a call to the public (公開): its rules are copied once more from the program and then frozen.

    Raises Invalid with what is missing: dates, a challenge, the council's decision on each (実践編2(2)); and without a
    reason where the dates leave the months of the program's calendar.
    """
    require_editable(session, actor, call)
    check_version(call, version)
    if call.state is not CallState.PREPARING:
        raise Conflict("この募集は、もう公開しています。")
    missing = what_opening_needs(call)
    if missing:
        raise Invalid("公開の前に、次のことを決めてください。" + " ".join(missing))
    said = (reason or "").strip() or call.calendar_reason
    with act(session, actor, "call:open", f"募集の公開: {call.name}", reason=said):
        call.rules = copy.deepcopy(call.program.rules)
        outside = deviations_of(call)
        if outside and not said:
            raise Invalid(
                f"{' '.join(outside)} このまま公開するときは、理由を書いてください。",
                fields={"reason": "制度の時期と違う理由を書いてください。"},
            )
        call.calendar_reason = said if outside else None
        call.state = CallState.OPEN
        call.opened_at = utc_now()
        session.flush()
    return call


def what_opening_needs(call: Call) -> list[str]:
    """Sentences of what must be there before a call is opened."""
    wanted = [("opens_on", "募集開始日"), ("closes_on", "募集締切日")]
    wanted += [("period_from_on", "実施期間の初日"), ("period_until_on", "実施期間の末日")]
    missing = [f"{label}を入力してください。" for name, label in wanted if getattr(call, name) is None]
    if call.program.rules.get("needs_challenge", True) and not call.challenges:
        missing.append("募集に示す課題・テーマを1つ以上選んでください。")
    undecided = [one.title for one in call.challenges if one.state is not ChallengeState.CHOSEN]
    if undecided:
        missing.append(f"提示が決まっていない課題があります({'、'.join(undecided)})。")
    return missing


def finish_call(session: Session, *, actor: Actor, call: Call) -> Call:
    """Nothing more is taken in; the call stays readable."""
    require_editable(session, actor, call)
    if call.state is not CallState.OPEN:
        raise Conflict("公開している募集だけを終了できます。")
    with act(session, actor, "call:finish", f"募集の終了: {call.name}"):
        call.state = CallState.FINISHED
        call.finished_at = utc_now()
        session.flush()
    return call
