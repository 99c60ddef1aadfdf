"""Import of talents from Excel: the centre's paper forms, typed into a sheet. Nothing that names anybody enters the log."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.acts import Act
from app.exchange.cells import Raw
from app.exchange.columns import CellError, ColumnKind, ImportColumn, Plain, as_text
from app.exchange.mapped import column_of
from app.exchange.specs import Context, Existing, ParsedRow, PlannedRow, register_import
from app.exchange.table_import import Match, TableImport
from app.japanese.dates import today_in_tokyo
from app.japanese.kana import is_kana, to_hiragana
from app.japanese.normalize import fold
from app.japanese.text import TextError, clean_line
from app.talents.facts import ANYWHERE, AUDIENCES, ONLINE, TIMES
from app.talents.services import apply_values
from app.talents.values import MAX_TEXT, MAX_WORDS
from models.reference import ActivityField, Area, Skill
from models.talents import Reward, Talent, TalentKind, TalentStatus

_BETWEEN = re.compile(r"[、,・/;\n]+")
_LISTS = ("free_skills", "audiences", "areas", "availability")
#: Columns that name other records, of which a talent has several.
_JOINED = frozenset({"skills", "fields"})
#: What a blank cell of these means.
_BLANKS: Mapping[str, Any] = {
    "capacity": 1, "kind": TalentKind.PERSON, "reward": Reward.NOTHING, "reading": "", "is_adult": False,
    "is_insured": False, "has_guardian_consent": False,
} | {name: [] for name in _LISTS}  # fmt: skip


def _words_of(known: Mapping[str, str] | None) -> Callable[[Raw], Plain]:
    """A parser of several words in a cell; `known`: word → what is kept, None: any word."""

    def parse(raw: Raw) -> Plain:
        try:
            words = [clean_line(word) for word in _BETWEEN.split(as_text(raw)) if word.strip()]
        except TextError as error:
            raise CellError(str(error)) from None
        if known is not None and (unknown := [word for word in words if word not in known]):
            raise CellError(f"「{'」「'.join(unknown[:5])}」は一覧にありません。")
        if len(words) > MAX_WORDS or any(len(word) > 60 for word in words):
            raise CellError(f"60文字までのことばを、{MAX_WORDS}個まで入力できます。")
        return list(dict.fromkeys(words if known is None else [known[word] for word in words]))

    return parse


def _list_column(name: str, known: Mapping[str, str] | None, **more: Any) -> ImportColumn:
    info = Talent.__mapper__.columns[name].info
    shown = {code: word for word, code in (known or {}).items()}
    return ImportColumn(
        key=name,
        label=info["label"],
        parse=_words_of(known),
        show=lambda value: "、".join(shown.get(word, word) for word in value or ()),
        personal=name == "free_skills",
        **more,
    )


def _skills(session: Session, actor: Actor, texts: frozenset[str]) -> dict[str, tuple[int, str]]:
    """Skills by name, else by a synonym that only one skill has."""
    rows = session.scalars(select(Skill).order_by(Skill.id)).all()
    owners: dict[str, set[int]] = {}
    for row in rows:
        for word in row.synonyms:
            owners.setdefault(fold(word), set()).add(row.id)
    named = {row.id: row.name for row in rows}
    known = {word: (one, named[one]) for word, ids in owners.items() if len(ids) == 1 for one in ids}
    known |= {fold(row.name): (row.id, row.name) for row in reversed(rows)}
    return {text: known[fold(text)] for text in texts if fold(text) in known}


def _fields(session: Session, actor: Actor, texts: frozenset[str]) -> dict[str, tuple[int, str]]:
    """Fields by name or number."""
    known: dict[str, tuple[int, str]] = {}
    for row in session.scalars(select(ActivityField)):
        known[fold(row.name)] = known[str(row.number)] = (row.id, row.name)
    return {text: known[fold(text)] for text in texts if fold(text) in known}


def _with_joined(ids: Iterable[int]) -> Any:
    wanted = select(Talent).where(Talent.id.in_(list(ids)))
    return wanted.options(selectinload(Talent.skills), selectinload(Talent.fields))


class TalentImport(TableImport):
    """人財の一覧."""

    name = "talents"
    title = "人財の一覧"
    permission = Permission.TALENT_IMPORT
    help = "番号があればその人財を、なければ氏名・団体名の同じ人財を変更します。どちらもなければ新しく登録します。"
    model = Talent
    attributes: Mapping[str, str | None] = {"number": None} | dict.fromkeys(_JOINED)  # type: ignore[misc]
    matches = (Match(("number",), ("id",)), Match(("name",)))
    columns = (
        ImportColumn(key="number", label="人財の番号", kind=ColumnKind.INT, help="新しく登録する行は空欄にします。"),
        column_of(Talent, "name", aliases=["氏名", "団体名"]),
        column_of(Talent, "reading", aliases=["ふりがな", "フリガナ"]),
        column_of(Talent, "kind", aliases=["種別"]),
        column_of(Talent, "contact_person"),
        column_of(Talent, "phone", aliases=["電話"]),
        column_of(Talent, "email", aliases=["メール"]),
        column_of(Talent, "address"),
        ImportColumn(
            "skills", "技能の分類", ColumnKind.MANY, lookup=_skills, help="一覧にある技能を「、」で区切ります。別名でも入力できます。",
            unknown="「{text}」は技能の一覧にありません。一覧にないものは「そのほかの技能」の列に入力してください。",
        ),
        _list_column("free_skills", None, aliases=["技能"], help="「、」で区切ります。"),
        ImportColumn(
            "fields", "活動分野", ColumnKind.MANY, aliases=["分野"], lookup=_fields, help="分野の名称か番号を「、」で区切ります。",
            unknown="「{text}」は活動分野の一覧にありません。",
        ),
        column_of(Talent, "description", aliases=["できること", "経験"], max_length=MAX_TEXT),
        _list_column("audiences", {word: word for word in AUDIENCES}, help="「小学生、大人」のように入力します。"),
        _list_column("areas", None, aliases=["地域"], help="町名、市内全域、オンラインを「、」で区切ります。"),
        _list_column(
            "availability", {word: code for code, word in TIMES.items()}, aliases=["曜日・時間帯"],
            help="「土曜午前、日曜午後」のように入力します。",
        ),
        column_of(Talent, "reward", aliases=["謝礼"]),
        column_of(Talent, "capacity", minimum=1, maximum=20),
        column_of(Talent, "consent_on", required=True, aliases=["同意日"]),
        column_of(Talent, "consent_way", required=True),
        column_of(Talent, "valid_until", required=True, aliases=["有効期限"]),
        column_of(Talent, "is_adult"),
        column_of(Talent, "has_guardian_consent"),
        column_of(Talent, "is_insured"),
        column_of(Talent, "note", max_length=MAX_TEXT),
    )  # fmt: skip

    def label(self, row: ParsedRow) -> str:
        """Never the name: this stands in the log."""
        return f"{row.number}行目の人財"

    def validate(self, context: Context, row: ParsedRow, existing: Existing | None) -> None:
        reading = row.values.get("reading")
        if isinstance(reading, str) and not is_kana(reading):
            row.problem("reading", "よみは、ひらがなかカタカナで入力してください。")
        areas = row.values.get("areas")
        if isinstance(areas, list):
            known = {ANYWHERE, ONLINE, *context.session.scalars(select(Area.name))}
            if unknown := [str(area) for area in areas if area not in known]:
                row.problem("areas", f"「{'」「'.join(unknown[:5])}」は町名の一覧にありません。")
        today = today_in_tokyo().isoformat()
        consent, until = row.values.get("consent_on"), row.values.get("valid_until")
        if isinstance(consent, str) and consent > today:
            row.problem("consent_on", "同意日は、今日までの日にしてください。")
        if isinstance(consent, str) and isinstance(until, str) and until < consent:
            row.problem("valid_until", "有効期限は、同意日より後の日にしてください。")

    def find_existing(self, context: Context, rows: Sequence[ParsedRow]) -> Mapping[int, Existing]:
        found = dict(super().find_existing(context, rows))
        asked = _JOINED & context.columns
        if asked and found:
            talents = {
                one.id: one for one in context.session.scalars(_with_joined(int(one.key) for one in found.values()))
            }
            for number, one in found.items():
                if one.values and (talent := talents.get(int(one.key))) is not None:
                    joined = {name: [[row.id, row.name] for row in getattr(talent, name)] for name in asked}
                    found[number] = dataclasses.replace(one, values={**one.values, **joined})
        return found

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        super().apply(context, rows, act)
        self._join(context, rows, is_undo=False)

    def undo(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        super().undo(context, rows, act)
        self._join(context, [row for row in rows if not row.is_new], is_undo=True)

    def _join(self, context: Context, rows: Sequence[PlannedRow], *, is_undo: bool) -> None:
        """Set skills and fields of the rows that were written; their versions are then those of the records."""
        asked = _JOINED & context.columns
        if not asked or not rows:
            return
        session = context.session
        known: dict[str, dict[int, Skill] | dict[int, ActivityField]] = {
            "skills": {row.id: row for row in session.scalars(select(Skill))},
            "fields": {row.id: row for row in session.scalars(select(ActivityField))},
        }
        talents = {one.id: one for one in session.scalars(_with_joined(int(row.record_key or 0) for row in rows))}
        for row in rows:
            values = {**row.values, **row.old} if is_undo else row.values
            wanted = {name: [known[name][key] for key, _ in values.get(name) or ()] for name in asked}
            apply_values(talents[int(row.record_key or 0)], wanted)
        session.flush()
        for row in rows:
            row.record_version = talents[int(row.record_key or 0)].version

    def derived(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        found = {name: blank for name, blank in _BLANKS.items() if name in values and values[name] in (None, "")}
        if values.get("reading"):
            found["reading"] = to_hiragana(values["reading"])
        return found

    def defaults(self, context: Context) -> Mapping[str, Any]:
        return {"status": TalentStatus.ACTIVE, "registered_on": today_in_tokyo()}


register_import(TalentImport())
