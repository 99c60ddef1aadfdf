"""Verbs of requests: enter, change, keep the group's contact, close without success, open again, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotAllowed, check_version
from app.talents import sensitive
from app.talents.facts import ANYWHERE, ONLINE
from app.talents.services import apply_values
from app.talents.stages import HOLDS_PLACE, HOLDS_SEAT
from app.talents.values import REQUEST_CONTACT_RULES, REQUEST_RULES, cleaned
from models.base import utc_now
from models.directory import Organization
from models.matches import Match, Stage
from models.reference import Area
from models.talent_requests import RequestStatus, TalentRequest, UnfilledReason

_SPOKEN = ("title", "description", "place_note", "schedule_note")


def create_request(session: Session, *, actor: Actor, values: Mapping[str, Any]) -> TalentRequest:
    """Enter a request. `values`: keys of values.REQUEST_RULES. Raises Invalid with a sentence per field."""
    actor.require(Permission.TALENT_REQUEST_CREATE)
    clean = cleaned(TalentRequest, REQUEST_RULES, {"received_on": today_in_tokyo()} | dict(values))
    _check(session, actor, clean, None)
    with act(session, actor, "talent-request:create", "依頼の登録") as current:
        request = TalentRequest()
        apply_values(request, clean)
        session.add(request)
        session.flush()
        current.label = f"依頼の登録: {request.id}番"
    return request


def update_request(
    session: Session, *, actor: Actor, request: TalentRequest, version: int | None, values: Mapping[str, Any]
) -> TalentRequest:
    """Change a request. Raises StaleRecord, Invalid; fewer people than have said yes cannot be asked for."""
    _require_editable(session, request, actor)
    check_version(request, version)
    clean = cleaned(TalentRequest, REQUEST_RULES, values)
    _check(session, actor, clean, request)
    with act(session, actor, "talent-request:edit", f"依頼の変更: {request.id}番"):
        apply_values(request, clean)
        session.flush()
        renew_status(session, request)
    return request


def update_request_contact(
    session: Session, *, actor: Actor, request: TalentRequest, version: int | None, values: Mapping[str, Any]
) -> None:
    """Change whom at the group to reach."""
    actor.require(Permission.CONTACT_DISCLOSE)
    _require_editable(session, request, actor)
    check_version(request, version)
    clean = cleaned(TalentRequest, REQUEST_CONTACT_RULES, values)
    with act(session, actor, "talent-request:edit-contact", f"依頼団体の連絡先の変更: {request.id}番"):
        apply_values(request, clean)
        session.flush()


def close_request(
    session: Session, *, actor: Actor, request: TalentRequest, version: int | None, reason: UnfilledReason | None
) -> None:
    """End a request for which nobody was found. Matches that run keep it open: they come first."""
    _require_editable(session, request, actor)
    check_version(request, version)
    if reason is None:
        raise Invalid("見つからなかった理由を選んでください。", fields={"reason": "理由を選んでください。"})
    if request.status is RequestStatus.CLOSED:
        raise Conflict("この依頼は、すでに終了しています。")
    if request.status is RequestStatus.FILLED:
        raise Conflict("この依頼は、必要な人数が成立しています。見つからなかった依頼としては終了できません。")
    running = select(Match.id).where(Match.request_id == request.id, Match.stage.in_(HOLDS_PLACE)).limit(1)
    if session.scalar(running) is not None:
        raise Conflict("進行中のコーディネートがあります。先に不成立・中止などを記録してください。")
    with act(session, actor, "talent-request:close", f"依頼の終了: {request.id}番", reason=reason.label):
        request.status, request.unfilled_reason = RequestStatus.CLOSED, reason
        request.closed_on = today_in_tokyo()
        session.flush()


def reopen_request(session: Session, *, actor: Actor, request: TalentRequest, version: int | None) -> None:
    """Look on for somebody."""
    _require_editable(session, request, actor)
    check_version(request, version)
    if request.status is not RequestStatus.CLOSED:
        raise Conflict("この依頼は終了していません。")
    with act(session, actor, "talent-request:reopen", f"依頼の再開: {request.id}番"):
        request.status, request.unfilled_reason, request.closed_on = RequestStatus.OPEN, None, None
        session.flush()
        renew_status(session, request)


def delete_request(session: Session, *, actor: Actor, request: TalentRequest) -> None:
    """Hide a request that nobody was approached for."""
    _require_editable(session, request, actor, Permission.TALENT_REQUEST_DELETE)
    if (sentence := why_not_deletable(session, request)) is not None:
        raise Conflict(sentence)
    with act(session, actor, "talent-request:delete", f"依頼の削除: {request.id}番"):
        request.deleted_at = utc_now()


def restore_request(session: Session, *, actor: Actor, request: TalentRequest) -> None:
    """Bring back a deleted request."""
    actor.require(Permission.TALENT_REQUEST_DELETE)
    with act(session, actor, "talent-request:restore", f"依頼の復元: {request.id}番"):
        request.deleted_at = None


def why_not_deletable(session: Session, request: TalentRequest) -> str | None:
    """A sentence when somebody has been approached for it."""
    touched = select(Match.id).where(Match.request_id == request.id, Match.stage != Stage.CANDIDATE).limit(1)
    if session.scalar(touched) is None:
        return None
    return "打診などの記録があるため削除できません。募集をやめるときは「見つからずに終了する」を使ってください。"


def renew_status(session: Session, request: TalentRequest) -> None:
    """Filled when as many as wanted are engaged (or have finished); open again when one falls away."""
    if request.status is RequestStatus.CLOSED:
        return
    stages = session.scalars(select(Match.stage).where(Match.request_id == request.id)).all()
    engaged = sum(stage in {Stage.ENGAGED, Stage.FINISHED} for stage in stages)
    status = RequestStatus.FILLED if engaged >= request.headcount else RequestStatus.OPEN
    if request.status is not status:
        request.status = status
        session.flush()


def warning_of(request: TalentRequest) -> str | None:
    """What in the request's texts should perhaps not stand there."""
    texts = [(name, getattr(request, name)) for name in _SPOKEN] + [("free_skills", " / ".join(request.free_skills))]
    return sensitive.warning_about((TalentRequest.__mapper__.columns[name].info["label"], text) for name, text in texts)


def _check(session: Session, actor: Actor, clean: Mapping[str, Any], request: TalentRequest | None) -> None:
    wrong: dict[str, str] = {}
    if request is None or "organization_id" in clean:
        key = clean.get("organization_id")
        if key is None or find_visible(session, Organization, key, actor) is None:
            wrong["organization_id"] = "依頼した団体を、候補から選んでください。"
    if "area" in clean and (request is None or clean["area"] != request.area):
        known = {ANYWHERE, ONLINE, *session.scalars(select(Area.name))}
        if clean["area"] not in known:
            wrong["area"] = "場所は、町名・市内全域・オンラインのどれかにしてください。"
    if request is not None and "headcount" in clean:
        seats = select(Match.seat).where(Match.request_id == request.id, Match.stage.in_(HOLDS_SEAT))
        taken = len(session.scalars(seats).all())
        if clean["headcount"] < taken:
            wrong["headcount"] = f"すでに{taken}人が承諾しています。それより少ない人数にはできません。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)


def _require_editable(
    session: Session,
    request: TalentRequest,
    actor: Actor,
    permission: str = Permission.TALENT_REQUEST_EDIT,
) -> None:
    actor.require(permission)
    if not is_editable(session, request, actor):
        raise NotAllowed("この依頼は変更できません。あすぴあへご連絡ください。")
