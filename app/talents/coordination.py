"""Verbs of matches: take a candidate, step on (calls and follow-ups: contacts.py). Races end with exactly one winner:
the unique pairs of models/matches.py decide, whatever two workers saw."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import to_tokyo, today_in_tokyo
from app.japanese.text import clean_text
from app.problems import Conflict, Invalid, NotFound, check_version
from app.talents import queries
from app.talents.contacts import editable_match, text_of
from app.talents.facts import TIMES
from app.talents.requests import renew_status
from app.talents.stages import CLOSED, HOLDS_PLACE, HOLDS_SEAT, Step, find_step, hindrances
from models.base import utc_now
from models.matches import CloseReason, Disclosure, Match, MatchStep, MatchTime, Side, Stage
from models.talent_requests import TalentRequest
from models.talents import Talent

DISCLOSURE_PURPOSE = "依頼の紹介(双方の承諾済み)"
_TAKEN_PLACE = "この人財の空きは、先にほかの打診で埋まりました。画面を開き直して、ほかの人財を選んでください。"
_TAKEN_SEAT = "この依頼は、先にほかの人財の承諾で必要な人数に達しました。"
_TAKEN_TIME = "その曜日・時間帯は、この人財のほかの活動ですでに埋まっています。"
_TAKEN_PAIR = "この人財は、先にほかの人がこの依頼の候補にしました。画面を開き直して確かめてください。"

#: How the databases name the unique pair that was taken (SQLite by columns, PostgreSQL by constraint), and what to say.
_LOST = (
    (("talent_match.place", "uq_talent_match_talent_id_place"), _TAKEN_PLACE),
    (("talent_match.seat", "uq_talent_match_request_id_seat"), _TAKEN_SEAT),
    (("match_time.code", "uq_match_time_talent_id_code"), _TAKEN_TIME),
    (("talent_match.talent_id, talent_match.request_id", "uq_talent_match_talent_id_request_id"), _TAKEN_PAIR),
)


@dataclass(frozen=True)
class Given:
    """What the worker gives with a step; which of it a step asks for stands in the table of stages."""

    reason: CloseReason | None = None
    note: str | None = None
    times: Sequence[str] = ()
    group_agreed: bool = False
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    at: dt.datetime | None = None


NOTHING = Given()


def take_candidate(
    session: Session, *, actor: Actor, talent_id: int, request_id: int, why: str = "", at: dt.datetime | None = None
) -> Match:
    """Put a talent among the candidates of a request. Raises Conflict when it is there already, NotFound."""
    actor.require(Permission.MATCH_EDIT)
    talent = get_visible(session, Talent, talent_id, actor)
    request = get_visible(session, TalentRequest, request_id, actor)
    with _racing(), act(session, actor, "match:create", "候補に追加") as current:
        _lock(session, talent, request)
        if (there := queries.find_match(session, talent.id, request.id)) is not None:
            raise Conflict(f"この人財は、すでにこの依頼の「{there.stage.label}」にあります。")
        match = Match(talent=talent, request=request, stage=Stage.CANDIDATE, stage_at=at or utc_now(), why=why or None)
        match.steps.append(_line(actor, Stage.CANDIDATE, match.stage_at))
        session.add(match)
        session.flush()
        current.label = f"候補に追加: {talent}、依頼{request.id}番"
    return match


def approach(session: Session, *, actor: Actor, talent_id: int, request_id: int, why: str = "") -> Match:
    """Take the talent as a candidate where it is none yet, and begin to approach. One act. Raises Conflict, NotFound."""
    actor.require(Permission.MATCH_EDIT)
    with _racing(), act(session, actor, "match:approach", "打診の開始"):
        talent = get_visible(session, Talent, talent_id, actor)
        request = get_visible(session, TalentRequest, request_id, actor)
        _lock(session, talent, request)
        match = queries.find_match(session, talent_id, request_id)
        if match is None:
            match = take_candidate(session, actor=actor, talent_id=talent_id, request_id=request_id, why=why)
        elif match.stage is not Stage.CANDIDATE:
            raise Conflict(f"この人財は、すでにこの依頼の「{match.stage.label}」にあります。")
        return take_step(session, actor=actor, match_id=match.id, code="approach", version=None)


def take_step(
    session: Session, *, actor: Actor, match_id: int, code: str, version: int | None, given: Given = NOTHING
) -> Match:
    """The one door of a match's stages.

    Raises:
        NotFound, NotAllowed; StaleRecord when `version` is not the present one; Conflict when the stage does not allow
        the step, something must hold first, or somebody else was first; Invalid when something asked for is missing.
    """
    actor.require(Permission.MATCH_EDIT)
    step = find_step(code)
    if step is None:
        raise NotFound
    _check_given(step, given)
    with _racing(), act(session, actor, f"match:{code}", "コーディネートの手続") as current:
        match = editable_match(session, actor, match_id)
        check_version(match, version)
        talent, request = match.talent, match.request
        _lock(session, talent, request)
        session.refresh(match)
        check_version(match, version)
        if match.stage not in step.sources:
            raise Conflict(f"いまは「{match.stage.label}」のため、「{step.label}」はできません。")
        wanting = hindrances(step, queries.facts_for_steps(session, talent, request, today_in_tokyo()))
        if wanting:
            raise Conflict("".join(wanting))
        _move(session, actor, match, step, given)
        session.flush()
        renew_status(session, request)
        current.label = f"{step.label}: コーディネート{match.id}"
        if given.reason is not None and step.target in CLOSED:
            current.reason = current.reason or given.reason.label
    return match


# --- inside ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _racing() -> Iterator[None]:
    """Tell the one who came second what happened, in words."""
    try:
        yield
    except IntegrityError as error:
        told = str(error.orig)
        for marks, sentence in _LOST:
            if any(mark in told for mark in marks):
                raise Conflict(sentence) from None
        raise


def _lock(session: Session, talent: Talent, request: TalentRequest) -> None:
    """Others who step with the same talent or request wait here (SQLite: every writer waits already)."""
    session.execute(select(Talent.id).where(Talent.id == talent.id).with_for_update())
    session.execute(select(TalentRequest.id).where(TalentRequest.id == request.id).with_for_update())


def _check_given(step: Step, given: Given) -> None:
    wrong: dict[str, str] = {}
    if "reason" in step.asks and given.reason is None:
        wrong["reason"] = "理由を選んでください。"
    if "agreement" in step.asks and not given.group_agreed:
        wrong["group_agreed"] = "連絡先を人財に伝えることについて、依頼団体の了承を得てから紹介してください。"
    if any(code not in TIMES for code in given.times):
        wrong["times"] = "曜日・時間帯を一覧から選んでください。"
    if given.starts_on and given.ends_on and given.ends_on < given.starts_on:
        wrong["ends_on"] = "終了予定日は、開始日より後の日にしてください。"
    text_of("note", given.note, wrong)
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)


def _line(actor: Actor, stage: Stage, at: dt.datetime) -> MatchStep:
    return MatchStep(stage=stage, at=at, by_label=actor.label[:200])


def _move(session: Session, actor: Actor, match: Match, step: Step, given: Given) -> None:
    moment = given.at or utc_now()
    target = step.target
    place = _number(
        match.place,
        target in HOLDS_PLACE,
        queries.places_of(session, match.talent_id),
        match.talent.capacity,
        _TAKEN_PLACE,
    )
    seat = _number(
        match.seat,
        target in HOLDS_SEAT,
        queries.seats_of(session, match.request_id),
        match.request.headcount,
        _TAKEN_SEAT,
    )
    match.place, match.seat = place, seat
    match.stage, match.stage_at = target, moment
    match.close_reason = given.reason if target in CLOSED else None
    if given.note:
        text = clean_text(given.note)
        match.note = f"{match.note}\n{text}" if match.note else text
    if step.code == "accept":
        _book(match, given.times)
    if step.code == "introduce":
        match.introduced_at, match.group_agreed_on = moment, to_tokyo(moment).date()
        _disclose(actor, match, moment)
    if step.code == "engage":
        match.starts_on = given.starts_on or to_tokyo(moment).date()
        match.ends_on = given.ends_on
    if target in CLOSED or target is Stage.FINISHED:
        match.times.clear()
        if target is Stage.FINISHED and match.ends_on is None:
            match.ends_on = to_tokyo(moment).date()
    match.steps.append(_line(actor, target, moment))


def _number(present: int | None, is_wanted: bool, taken: Sequence[int], limit: int, refusal: str) -> int | None:
    if not is_wanted:
        return None
    if present is not None:
        return present
    number = queries.free_number(taken, limit)
    if number is None:
        raise Conflict(refusal)
    return number


def _book(match: Match, codes: Sequence[str]) -> None:
    present = {line.code for line in match.times}
    for code in dict.fromkeys(codes):
        if code not in present:
            match.times.append(MatchTime(talent_id=match.talent_id, code=code))


def _disclose(actor: Actor, match: Match, moment: dt.datetime) -> None:
    """Note, once a side, what of the other it is given: the items, never their values."""
    talent, request = match.talent, match.request
    of_talent = [("氏名・団体名", talent.name), ("連絡担当者", talent.contact_person), ("電話番号", talent.phone),
                 ("メールアドレス", talent.email)]  # fmt: skip
    of_group = [("連絡担当者", request.contact_name), ("電話番号", request.contact_phone),
                ("メールアドレス", request.contact_email)]  # fmt: skip
    known = {line.to_side for line in match.disclosures}
    for side, items in ((Side.GROUP, of_talent), (Side.TALENT, of_group)):
        if side not in known:
            match.disclosures.append(
                Disclosure(
                    to_side=side,
                    items=[label for label, value in items if value],
                    purpose=DISCLOSURE_PURPOSE,
                    disclosed_at=moment,
                    by_label=actor.label[:200],
                )
            )
