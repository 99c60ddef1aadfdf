"""消去: what tells who a talent was goes, everywhere; an empty shell stays for the statistics (domain.md 3, rules.md 36)."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.exchange.retention import purge_records
from app.problems import Conflict, check_version
from app.search.index import forget
from app.talents.coordination import Given, take_step
from app.talents.searching import ANONYMOUS, NAMED
from app.talents.services import require_editable
from app.talents.stages import HOLDS_PLACE
from models.base import utc_now
from models.matches import CloseReason, Match, Stage
from models.people import SavedView
from models.talent_requests import RequestStatus, TalentRequest
from models.talents import Talent, TalentFeatures, TalentStatus, TextVector

IMPORTS = ("talents",)
_EMPTY_TEXTS = (
    "contact_person", "phone", "email", "address", "contact_note", "description", "reward_note", "note",
    "consent_on", "consent_way", "valid_until", "consent_withdrawn_on",
)  # fmt: skip
_EMPTY_LISTS = ("free_skills", "audiences", "areas", "availability")
_EMPTY_FLAGS = ("is_adult", "has_guardian_consent", "is_insured")


def erase_talent(session: Session, *, actor: Actor, settings: Settings, talent: Talent, version: int | None) -> None:
    """Erase a talent for good. One act: running matches end, every copy of its data goes, an anonymous shell stays.

    What the log holds of it was never its values. Backups expire by themselves. Raises NotAllowed, StaleRecord.
    """
    actor.require(Permission.TALENT_ERASE)
    require_editable(session, talent, actor)
    check_version(talent, version)
    key, secrets = talent.id, [text for text in (talent.name, talent.reading, talent.phone, talent.email) if text]
    with act(session, actor, "talent:erase", f"個人情報の消去: {talent}") as current:
        for match in session.scalars(select(Match).where(Match.talent_id == key).order_by(Match.id)).all():
            _end(session, actor, match)
            _empty_match(match)
        _empty(talent)
        session.flush()
        session.execute(delete(TextVector).where(TextVector.talent_id == key))
        session.execute(delete(TalentFeatures).where(TalentFeatures.talent_id == key))
        for entity in (ANONYMOUS, NAMED):
            forget(session, entity, [key])
        _forget_views(session, secrets)
        purge_records(session, actor=actor, settings=settings, spec_names=IMPORTS, record_key=key)
        current.label = f"個人情報の消去: {talent}"


def erase_request_contact(session: Session, *, actor: Actor, request: TalentRequest, version: int | None) -> None:
    """Erase whom at the group to reach, when the request is over."""
    actor.require(Permission.TALENT_ERASE)
    check_version(request, version)
    if request.status is RequestStatus.OPEN:
        raise Conflict("募集中の依頼の連絡先は消去できません。依頼が終わってから消去してください。")
    running = select(Match.id).where(Match.request_id == request.id, Match.stage.in_(HOLDS_PLACE)).limit(1)
    if session.scalar(running) is not None:
        raise Conflict("活動が続いているコーディネートがあります。終わってから消去してください。")
    with act(session, actor, "talent-request:erase-contact", f"依頼団体の連絡先の消去: {request.id}番"):
        request.contact_name = request.contact_phone = request.contact_email = None
        session.flush()


def _end(session: Session, actor: Actor, match: Match) -> None:
    given = Given(reason=CloseReason.CONSENT_ENDED)
    if match.stage is Stage.ENGAGED:
        take_step(session, actor=actor, match_id=match.id, code="cancel", version=None, given=given)
    elif match.stage in {Stage.CANDIDATE, Stage.APPROACHED, Stage.ACCEPTED, Stage.INTRODUCED}:
        take_step(session, actor=actor, match_id=match.id, code="unmatch", version=None, given=given)


def _empty_match(match: Match) -> None:
    """Stages, dates, reasons and outcomes stay: they are the statistics. Free words go."""
    match.note = match.why = None
    for line in match.contacts:
        line.summary = None
    for said in match.follow_ups:
        said.comment = None


def _empty(talent: Talent) -> None:
    talent.name = talent.reading = ""
    for name in _EMPTY_TEXTS:
        setattr(talent, name, None)
    for name in _EMPTY_LISTS:
        setattr(talent, name, [])
    for name in _EMPTY_FLAGS:
        setattr(talent, name, False)
    talent.capacity = 1
    talent.status, talent.erased_at = TalentStatus.ERASED, utc_now()
    talent.skills.clear()
    talent.fields.clear()


def _forget_views(session: Session, secrets: list[str]) -> None:
    """Named views whose search words tell the name: of anybody, since the name is nobody's to keep."""
    from urllib.parse import unquote_plus

    views = session.scalars(select(SavedView).where(SavedView.endpoint.in_(("talent", "match", "talent-request"))))
    for view in views.all():
        told = unquote_plus(view.query) + view.name
        if any(secret in told for secret in secrets):
            session.delete(view)
