"""Reference data of the city (domain.md 2.1): seeded from readable files, replaceable by another city."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, LabelledEnum, Timestamped, Versioned, code_of, labelled


class Department(Keyed, Timestamped, Versioned, Base):
    """部・課. Renamed and reorganised departments stay; a successor link joins them."""

    __tablename__ = "department"
    __label__ = "課"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(100), index=True, info=labelled("課名"))
    bureau: Mapped[str] = mapped_column(String(100), default="未確認", info=labelled("部"))
    is_council_member: Mapped[bool] = mapped_column(default=False, info=labelled("庁内検討会議の構成課"))
    council_order: Mapped[int | None] = mapped_column(Integer, info=labelled("構成順"))
    valid_from: Mapped[dt.date | None] = mapped_column(Date, info=labelled("設置日"))
    valid_until: Mapped[dt.date | None] = mapped_column(Date, info=labelled("廃止日"))
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True, info=labelled("引継ぎ先"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("備考"))

    successor: Mapped[Department | None] = relationship(remote_side="Department.id")

    def is_gone(self, on: dt.date) -> bool:
        """Whether it was merged or closed before that day. A successor without a day of the change took over already."""
        return self.valid_until < on if self.valid_until is not None else self.successor_id is not None

    def heir(self, on: dt.date) -> Department:
        """The department that does its work on that day: itself while it stands, else along its successors."""
        seen, one = {self.id}, self
        while one.is_gone(on) and one.successor is not None and one.successor.id not in seen:
            one = one.successor
            seen.add(one.id)
        return one


class ActivityField(Keyed, Versioned, Base):
    """活動分野: the 20 fields of the NPO law."""

    __tablename__ = "activity_field"
    __label__ = "活動分野"

    number: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("番号"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("分野名"))
    list_version: Mapped[str | None] = mapped_column(String(60), info=labelled("表の版"))
    is_left_to_ordinance: Mapped[bool] = mapped_column(default=False, info=labelled("条例に委ねる"))
    note: Mapped[str | None] = mapped_column(Text, info=labelled("備考"))


class CollaborationForm(Keyed, Versioned, Base):
    """協働の形態: a maintained list; `parent` is the handbook's form that a published variant belongs to."""

    __tablename__ = "collaboration_form"
    __label__ = "協働の形態"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(60), info=labelled("形態"))
    definition: Mapped[str] = mapped_column(Text, default="", info=labelled("説明"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))
    is_defined_in_handbook: Mapped[bool] = mapped_column(default=False, info=labelled("ハンドブックの6形態"))
    is_active: Mapped[bool] = mapped_column(default=True, info=labelled("使用中"))
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("collaboration_form.id"), index=True, info=labelled("属する形態")
    )
    note: Mapped[str | None] = mapped_column(Text, info=labelled("備考"))

    parent: Mapped[CollaborationForm | None] = relationship(remote_side="CollaborationForm.id")


class ProjectCategory(Keyed, Versioned, Base):
    """協働に適した事業の分類 (the five of §基礎編 7)."""

    __tablename__ = "project_category"
    __label__ = "事業の分類"

    code: Mapped[str | None] = mapped_column(String(60), unique=True, info=labelled("コード"))
    number: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("番号"))
    name: Mapped[str] = mapped_column(String(200), info=labelled("分類"))
    effect: Mapped[str] = mapped_column(Text, default="", info=labelled("期待される効果"))
    examples: Mapped[str] = mapped_column(Text, default="", info=labelled("具体例"))


class Principle(Keyed, Versioned, Base):
    """協働の原則 (the eight of §基礎編 5)."""

    __tablename__ = "principle"
    __label__ = "協働の原則"

    code: Mapped[str | None] = mapped_column(String(60), unique=True, info=labelled("コード"))
    number: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("番号"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("原則"))
    attitude: Mapped[str] = mapped_column(Text, default="", info=labelled("市の姿勢"))


class Effect(Keyed, Versioned, Base):
    """協働の効果 (the four of §基礎編 4)."""

    __tablename__ = "effect"
    __label__ = "協働の効果"

    code: Mapped[str | None] = mapped_column(String(60), unique=True, info=labelled("コード"))
    number: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("番号"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("効果"))
    description: Mapped[str] = mapped_column(Text, default="", info=labelled("説明"))


class CheckStage(LabelledEnum):
    """The three stages of the 相互チェックシート."""

    PLANNING = "planning", "I 事業計画段階"
    OPERATION = "operation", "II 事業実施段階"
    CLOSING = "closing", "III 事業終了段階"


class CheckItem(Keyed, Versioned, Base):
    """相互チェックシートの項目: 3 stages x 4 items, wording replaceable by the official text."""

    __tablename__ = "check_item"
    __label__ = "チェック項目"
    __table_args__ = (UniqueConstraint("stage", "number"),)

    stage: Mapped[CheckStage] = mapped_column(code_of(CheckStage), info=labelled("段階"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("番号"))
    wording: Mapped[str] = mapped_column(Text, info=labelled("内容"))

    def __str__(self) -> str:
        return f"{self.stage.label} {self.number}"


class CheckPoint(Keyed, Versioned, Base):
    """POINT box beside a stage of the check sheet."""

    __tablename__ = "check_point"
    __label__ = "チェックシートのPOINT"
    __table_args__ = (UniqueConstraint("stage", "number"),)

    stage: Mapped[CheckStage] = mapped_column(code_of(CheckStage), info=labelled("段階"))
    number: Mapped[int] = mapped_column(Integer, info=labelled("番号"))
    title: Mapped[str] = mapped_column(String(100), info=labelled("見出し"))
    wording: Mapped[str] = mapped_column(Text, info=labelled("内容"))


class EvaluationPoint(Keyed, Versioned, Base):
    """評価ポイント (the five of §実践編 1(6)); the one on principles opens into the eight."""

    __tablename__ = "evaluation_point"
    __label__ = "評価ポイント"

    code: Mapped[str | None] = mapped_column(String(60), unique=True, info=labelled("コード"))
    number: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("番号"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("評価ポイント"))
    question: Mapped[str] = mapped_column(Text, default="", info=labelled("振り返り内容"))
    opens_into_principles: Mapped[bool] = mapped_column(default=False, info=labelled("8原則に展開"))


class Skill(Keyed, Versioned, Base):
    """知識・技能の分類, with synonyms."""

    __tablename__ = "skill"
    __label__ = "技能"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("技能"))
    group_code: Mapped[str] = mapped_column(String(60), default="", info=labelled("区分コード"))
    group: Mapped[str] = mapped_column("skill_group", String(60), info=labelled("区分"))
    synonyms: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("別名"))


class Area(Keyed, Versioned, Base):
    """町名, with variants."""

    __tablename__ = "area"
    __label__ = "町名"

    code: Mapped[str | None] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("町名"))
    reading: Mapped[str] = mapped_column(String(100), default="", info=labelled("よみ"))
    variants: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("別の書き方"))
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("表示順"))


class Program(Keyed, Timestamped, Versioned, Base):
    """公募制度: its rules are data (domain.md 4); a call copies them when it opens."""

    __tablename__ = "program"
    __label__ = "公募制度"

    code: Mapped[str] = mapped_column(String(60), unique=True, info=labelled("コード"))
    name: Mapped[str] = mapped_column(String(100), info=labelled("制度名"))
    is_closed: Mapped[bool] = mapped_column(default=False, info=labelled("終了した制度"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("根拠"))
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=labelled("規則"))
    #: Names of rules that the handbook does not give: shown as 「未設定」.
    unset_rules: Mapped[list[str]] = mapped_column(JSON, default=list, info=labelled("未設定の規則"))


class Chronicle(Keyed, Versioned, Base):
    """協働の取組経過 (資料1), continued year by year."""

    __tablename__ = "chronicle"
    __label__ = "協働の取組経過"
    __table_args__ = (UniqueConstraint("fiscal_year", "text"),)

    fiscal_year: Mapped[int] = mapped_column(Integer, index=True, info=labelled("年度"))
    position: Mapped[int] = mapped_column(Integer, default=1, info=labelled("年度内の順"))
    text: Mapped[str] = mapped_column(String(300), info=labelled("取組内容"))
    recurs_yearly: Mapped[bool] = mapped_column(default=False, info=labelled("毎年度行う"))
    source: Mapped[str] = mapped_column(String(200), default="", info=labelled("出典"))

    def __str__(self) -> str:
        return self.text


class PolicyBasis(Keyed, Versioned, Base):
    """協働の政策的位置付け (資料1): plans and ordinances that a project may name."""

    __tablename__ = "policy_basis"
    __label__ = "政策的位置付け"

    code: Mapped[str | None] = mapped_column(String(60), unique=True, info=labelled("コード"))
    year_month: Mapped[str] = mapped_column(String(7), info=labelled("時期"))
    name: Mapped[str] = mapped_column(String(200), unique=True, info=labelled("計画・条例等"))
    place: Mapped[str] = mapped_column(String(200), default="", info=labelled("箇所"))
    summary: Mapped[str] = mapped_column(Text, default="", info=labelled("内容"))


class SeedState(Keyed, Base):
    """What the loaders have completed: read by /healthz and by `make run`."""

    __tablename__ = "seed_state"
    __audited__ = False

    name: Mapped[str] = mapped_column(String(60), unique=True)
    value: Mapped[str] = mapped_column(String(200))


class SeededRow(Keyed, Base):
    """What the loader last wrote into a row: tells a wording that the office changed from one that it may renew."""

    __tablename__ = "seeded_row"
    __audited__ = False
    __table_args__ = (UniqueConstraint("table_name", "record_code"),)

    table_name: Mapped[str] = mapped_column(String(60))
    #: The row's key in its seed file.
    record_code: Mapped[str] = mapped_column(String(120))
    #: SHA-256 of the row as the seed file writes it.
    digest: Mapped[str] = mapped_column(String(64))
