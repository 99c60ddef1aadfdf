"""Freezing an edition of むすぶ: confirmed groups, and of each only what it agreed to publish. Erasure alone changes one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, Select, func, insert, select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.directory.consent import may_publish
from app.directory.edition_contents import Entry, hash_of, ordered, seal_of
from app.directory.fields import FIELDS, Kept
from app.directory.profile_texts import text_of_field
from app.japanese.dates import fiscal_year_of, format_date, format_fiscal_year, today_in_tokyo
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Conflict, Invalid
from models.base import utc_now
from models.directory import Organization, OrganizationKind
from models.directory_profile import OrganizationField
from models.directory_rounds import Edition, EditionEntry, EditionOrder

TITLE = "むすぶ"
ISSUER = "小平市民活動支援センターあすぴあ"
_CHUNK = 200
#: Why a group that somebody might look for is not printed.
NOT_CONFIRMED, NOT_SINCE, NOT_REGISTERED, NO_CONSENT = (
    "まだ確認していない",
    "指定した日より後に確認していない",
    "あすぴあに登録していない",
    "公開に同意した項目がない",
)


@dataclasses.dataclass(frozen=True)
class Frame:
    """What a person says when freezing. confirmed_since: only groups confirmed on that day or later."""

    fiscal_year: int
    order: EditionOrder = EditionOrder.FIELD
    title: str = TITLE
    foreword: str = ""
    issuer: str = ISSUER
    issued_on: dt.date | None = None
    contact: str = ""
    confirmed_since: dt.date | None = None
    is_registered_only: bool = False


def freeze(session: Session, *, actor: Actor, frame: Frame) -> Edition:
    """Freeze this year's edition. Raises Conflict when the year has one, Invalid when there is nothing to print."""
    actor.require(Permission.EDITION_MANAGE)
    frame = _cleaned(frame)
    year = format_fiscal_year(frame.fiscal_year)
    with act(session, actor, "edition:freeze", f"むすぶ({year}版)の確定"):
        if session.scalar(select(Edition.id).where(Edition.fiscal_year == frame.fiscal_year)) is not None:
            raise Conflict(f"{year}版の「むすぶ」は、すでに確定しています。確定した版は変更できません。")
        left_out: Counter[str] = Counter()
        entries = ordered(_entries(session, frame, left_out), frame.order)
        if not entries:
            raise Invalid(
                "掲載できる団体がありません。内容を確認済みで、公開に同意した項目のある団体が1つ以上必要です。"
            )
        contents = [entry.as_json() for entry in entries]
        hashes = [hash_of(content) for content in contents]
        edition = Edition(
            fiscal_year=frame.fiscal_year,
            title=frame.title,
            order=frame.order,
            foreword=frame.foreword,
            colophon=_colophon(frame, year),
            columns=used_columns(entries),
            frozen_at=utc_now(),
            frozen_by_id=actor.user_id,
            previous_id=previous_id(session, frame.fiscal_year),
            entry_count=len(entries),
            left_out=[[reason, number] for reason, number in sorted(left_out.items())],
            content_hash=seal_of(hashes),
        )
        session.add(edition)
        session.flush()
        rows = [
            {
                "edition_id": edition.id,
                "organization_id": entry.organization_id,
                "position": position,
                "content": content,
                "hash": digest,
            }
            for position, (entry, content, digest) in enumerate(zip(entries, contents, hashes, strict=True), start=1)
        ]
        session.execute(insert(EditionEntry), rows)
    return edition


def outlook(session: Session, frame: Frame) -> tuple[int, list[tuple[str, int]]]:
    """What freezing now would print: how many groups, and [(reason, number)] of those left out."""
    left_out: Counter[str] = Counter()
    printed = sum(1 for _ in _entries(session, frame, left_out))
    return printed, sorted(left_out.items())


def previous_id(session: Session, fiscal_year: int) -> int | None:
    """The edition before that year's."""
    earlier = select(Edition.id).where(Edition.fiscal_year < fiscal_year)
    return session.scalar(earlier.order_by(Edition.fiscal_year.desc()).limit(1))


def used_columns(entries: Iterable[Entry]) -> list[list[str]]:
    """[key, label] of the fields that any entry fills, in the order of the page."""
    used = {key for entry in entries for key in entry.values}
    head = [["kind", "種別"], ["legal_form", "法人格"]]
    return [pair for pair in [*head, *([field.name, field.label] for field in FIELDS)] if pair[0] in used]


# --- what would be printed -------------------------------------------------------------------------------------


def entry_of(organization: Organization) -> Entry | None:
    """What may be printed of a group; None when it agreed to nothing."""
    names = [field.name for field in FIELDS if field.kept is not Kept.FILE and may_publish(organization, field.name)]
    texts = {name: text for name in names if name != "fields" and (text := text_of_field(organization, name))}
    numbers = tuple(row.activity_field.number for row in organization.fields) if "fields" in names else ()
    if not texts:
        return None
    values = {"kind": organization.kind.label} | texts
    if organization.legal_form:
        values["legal_form"] = organization.legal_form
    return Entry(organization.id, organization.name, organization.reading, numbers, values)


def _entries(session: Session, frame: Frame, left_out: Counter[str]) -> Iterator[Entry]:
    number = session.scalar(_candidates(is_confirmed=False)) or 0
    if number:
        left_out[NOT_CONFIRMED] = number
    today = today_in_tokyo()
    for organization in _confirmed(session):
        registration = organization.registration
        is_registered = (
            registration is not None and registration.withdrawn_on is None and registration.valid_until >= today
        )
        if frame.is_registered_only and not is_registered:
            left_out[NOT_REGISTERED] += 1
        elif frame.confirmed_since and (
            organization.confirmed_on is None or organization.confirmed_on < frame.confirmed_since
        ):
            left_out[NOT_SINCE] += 1
        elif (entry := entry_of(organization)) is None:
            left_out[NO_CONSENT] += 1
        else:
            yield entry


def _candidates(*, is_confirmed: bool) -> Select[int]:
    return select(func.count()).where(*_criteria(is_confirmed))


def _criteria(is_confirmed: bool) -> tuple[ColumnElement[bool], ...]:
    return (
        Organization.deleted_at.is_(None),
        Organization.merged_into_id.is_(None),
        Organization.is_person.is_(False),
        Organization.kind != OrganizationKind.GOVERNMENT,
        Organization.is_confirmed.is_(is_confirmed),
    )


#: What telling a group's profile reads besides the row.
PROFILE_OPTIONS = (
    selectinload(Organization.fields).joinedload(OrganizationField.activity_field),
    selectinload(Organization.audiences),
    selectinload(Organization.areas),
    selectinload(Organization.consents),
    selectinload(Organization.activity_records),
    selectinload(Organization.statements),
    selectinload(Organization.member_counts),
)


def _confirmed(session: Session) -> Iterator[Organization]:
    """Confirmed groups in chunks by their key, each with all that is told of it."""
    last = 0
    while True:
        query = (
            select(Organization)
            .where(*_criteria(True), Organization.id > last)
            .options(*PROFILE_OPTIONS, selectinload(Organization.registration))
            .order_by(Organization.id)
            .limit(_CHUNK)
        )
        chunk = session.scalars(query).all()
        if not chunk:
            return
        yield from chunk
        last = chunk[-1].id


# --- what a person typed ---------------------------------------------------------------------------------------


def _cleaned(frame: Frame) -> Frame:
    wrong: dict[str, str] = {}
    texts: dict[str, str] = {}
    for name, clean, limit, label in (
        ("title", clean_line, 100, "表題"),
        ("foreword", clean_text, 10_000, "はじめに"),
        ("issuer", clean_line, 100, "発行者"),
        ("contact", clean_text, 1_000, "連絡先"),
    ):
        try:
            texts[name] = clean(getattr(frame, name) or "")
            check_length(texts[name], limit, label)
        except TextError as error:
            wrong[name] = str(error)
    if not 1950 <= frame.fiscal_year <= fiscal_year_of(today_in_tokyo()) + 1:
        wrong["fiscal_year"] = "年度は、来年度までの年度で入力してください。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    return dataclasses.replace(
        frame,
        title=texts["title"] or TITLE,
        foreword=texts["foreword"],
        issuer=texts["issuer"] or ISSUER,
        contact=texts["contact"],
    )


def _colophon(frame: Frame, year: str) -> list[list[str]]:
    lines = [
        ["名称", f"市民活動団体データ集「{frame.title}」{year}版"],
        ["発行日", format_date(frame.issued_on or today_in_tokyo(), weekday=False)],
        ["編集・発行", frame.issuer],
        ["連絡先", frame.contact],
        ["掲載の基準", "団体が内容を確認し、公開に同意した項目だけを載せています。"],
    ]
    return [line for line in lines if line[1]]
