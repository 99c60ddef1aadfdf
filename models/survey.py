"""The yearly survey 取組調査: each department tells which collaborations go on, change, end or are new."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Keyed, LabelledEnum, Timestamped, UtcDateTime, Versioned, code_of, labelled, utc_now
from models.people import User
from models.reference import Department
from models.registry import Project
from models.years import year_name


class SurveyState(LabelledEnum):
    """Where a department's response stands."""

    NOT_STARTED = "not_started", "未着手"
    IN_PROGRESS = "in_progress", "入力中"
    SUBMITTED = "submitted", "提出済み"
    RETURNED = "returned", "差戻し"
    ACCEPTED = "accepted", "確認済み"


class Intention(LabelledEnum):
    """What becomes of a collaboration in the year of the survey."""

    CONTINUES = "continues", "継続"
    CHANGED = "changed", "変更"
    ENDED = "ended", "終了"
    NEW = "new", "新規"


class SurveyRound(Keyed, Timestamped, Versioned, Base):
    """The survey of one fiscal year. Closed when its rows have become the projects of the year."""

    __tablename__ = "survey_round"
    __label__ = "取組調査"
    __table_args__ = (
        CheckConstraint("base_year IS NULL OR base_year < fiscal_year", name="base_year_is_earlier"),
        CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_is_plausible"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer, unique=True, info=labelled("年度"))
    #: The year whose rows were laid before the departments; None when there was none.
    base_year: Mapped[int | None] = mapped_column(Integer, info=labelled("前回の年度"))
    due_on: Mapped[dt.date] = mapped_column(Date, info=labelled("回答期限"))
    message: Mapped[str] = mapped_column(Text, default="", info=labelled("各課への案内"))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("開始日時"))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("一覧への反映日時"))

    responses: Mapped[list[SurveyResponse]] = relationship(back_populates="round", order_by="SurveyResponse.id")

    def __str__(self) -> str:
        return f"取組調査({year_name(self.fiscal_year)})"


class SurveyResponse(Keyed, Timestamped, Versioned, Base):
    """One department's answer to one round."""

    __tablename__ = "survey_response"
    __label__ = "取組調査の回答"
    __audit_parent__ = "round"
    __table_args__ = (
        UniqueConstraint("round_id", "department_id"),
        CheckConstraint(
            "(state IN ('submitted', 'accepted')) = (submitted_at IS NOT NULL)", name="submitted_has_its_moment"
        ),
        CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_has_its_moment"),
        CheckConstraint("state <> 'returned' OR return_reason IS NOT NULL", name="returned_has_its_reason"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), info=labelled("取組調査"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True, info=labelled("課名"))
    state: Mapped[SurveyState] = mapped_column(
        code_of(SurveyState), default=SurveyState.NOT_STARTED, info=labelled("状況")
    )
    has_nothing_to_report: Mapped[bool] = mapped_column(default=False, info=labelled("該当なし"))
    note: Mapped[str] = mapped_column(Text, default="", info=labelled("推進担当への連絡"))
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("提出日時"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("提出者"))
    accepted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("確認日時"))
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("確認者"))
    #: Why it was last handed back; stays readable after the second submission.
    return_reason: Mapped[str | None] = mapped_column(Text, info=labelled("差戻しの理由"))
    returned_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("差戻し日時"))

    round: Mapped[SurveyRound] = relationship(back_populates="responses")
    department: Mapped[Department] = relationship()
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    accepted_by: Mapped[User | None] = relationship(foreign_keys=[accepted_by_id])
    rows: Mapped[list[SurveyRow]] = relationship(
        back_populates="response", order_by="(SurveyRow.position, SurveyRow.id)", cascade="all, delete-orphan"
    )
    reminders: Mapped[list[SurveyReminder]] = relationship(
        back_populates="response", order_by="SurveyReminder.id", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return f"{self.department.name}の回答" if self.department else "取組調査の回答"


survey_row_department = Table(
    "survey_row_department",
    Base.metadata,
    Column("survey_row_id", Key, ForeignKey("survey_row.id", ondelete="CASCADE"), primary_key=True),
    Column("department_id", Key, ForeignKey("department.id"), primary_key=True),
    Index("ix_survey_row_department_department_id_survey_row_id", "department_id", "survey_row_id"),
)


class SurveyRow(Keyed, Timestamped, Versioned, Base):
    """One collaboration as the department wants it told for the year."""

    __tablename__ = "survey_row"
    __label__ = "取組調査の行"
    __audit_parent__ = "response"
    __table_args__ = (
        UniqueConstraint("response_id", "predecessor_id"),
        CheckConstraint("(intention = 'new') = (predecessor_id IS NULL)", name="only_new_rows_lack_a_predecessor"),
        Index("ix_survey_row_response_id_position_id", "response_id", "position", "id"),
    )

    response_id: Mapped[int] = mapped_column(
        ForeignKey("survey_response.id", ondelete="CASCADE"), info=labelled("回答")
    )
    position: Mapped[int] = mapped_column(Integer, default=0, info=labelled("順"))
    predecessor_id: Mapped[int | None] = mapped_column(
        ForeignKey("project.id"), index=True, info=labelled("前回の事業")
    )
    intention: Mapped[Intention] = mapped_column(code_of(Intention), info=labelled("区分"))
    name: Mapped[str] = mapped_column(String(300), info=labelled("事業名称"))
    summary: Mapped[str] = mapped_column(Text, default="", info=labelled("事業の概要"))
    #: What the city and the group agreed and who does what: asked of a new commission (実践編1(2)).
    contract_note: Mapped[str] = mapped_column(Text, default="", info=labelled("協定・契約の内容と役割"))
    contract_on: Mapped[dt.date | None] = mapped_column(Date, info=labelled("協定・契約の日"))
    note: Mapped[str] = mapped_column(Text, default="", info=labelled("変更・終了の理由など"))
    #: What the row became when the round was closed.
    project_id: Mapped[int | None] = mapped_column(
        ForeignKey("project.id"), unique=True, info=labelled("登録された事業")
    )

    response: Mapped[SurveyResponse] = relationship(back_populates="rows")
    predecessor: Mapped[Project | None] = relationship(foreign_keys=[predecessor_id])
    project: Mapped[Project | None] = relationship(foreign_keys=[project_id])
    lines: Mapped[list[SurveyRowLine]] = relationship(
        back_populates="row",
        order_by="SurveyRowLine.position",
        cascade="all, delete-orphan",
        info=labelled("協働相手・協働形態"),
    )
    #: Departments besides the one that answers.
    other_departments: Mapped[list[Department]] = relationship(
        secondary=survey_row_department, order_by="Department.id", info=labelled("共同の課")
    )


class SurveyRowLine(Keyed, Base):
    """A printed line of a row: the partners of one form, as they shall be printed."""

    __tablename__ = "survey_row_line"
    __label__ = "協働相手の行"
    __audit_parent__ = "row"
    __table_args__ = (UniqueConstraint("row_id", "position"),)

    row_id: Mapped[int] = mapped_column(ForeignKey("survey_row.id", ondelete="CASCADE"), info=labelled("取組調査の行"))
    position: Mapped[int] = mapped_column(Integer, info=labelled("順"))
    partners: Mapped[str] = mapped_column(String(1000), info=labelled("協働相手(団体名)", personal_if="is_person"))
    form: Mapped[str] = mapped_column(String(100), info=labelled("協働形態"))
    is_person: Mapped[bool] = mapped_column(default=False, info=labelled("個人名を含む"))

    row: Mapped[SurveyRow] = relationship(back_populates="lines")

    def __str__(self) -> str:
        return f"個人を含む相手({self.position}行目)" if self.is_person else self.partners


class SurveyReminder(Keyed, Base):
    """That a department was reminded, when, by whom and with which words."""

    __tablename__ = "survey_reminder"
    __label__ = "回答の督促"
    __audit_parent__ = "response"

    response_id: Mapped[int] = mapped_column(
        ForeignKey("survey_response.id", ondelete="CASCADE"), index=True, info=labelled("回答")
    )
    reminded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("督促日時"))
    reminded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("督促した人"))
    text: Mapped[str] = mapped_column(Text, info=labelled("文面"))

    response: Mapped[SurveyResponse] = relationship(back_populates="reminders")
    reminded_by: Mapped[User | None] = relationship()


class SurveyUpload(Keyed, Base):
    """A department's Excel form as read, while its differences are looked at; gone once taken or put aside."""

    __tablename__ = "survey_upload"
    __audited__ = False

    response_id: Mapped[int] = mapped_column(
        ForeignKey("survey_response.id", ondelete="CASCADE"), unique=True, info=labelled("回答")
    )
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("登録者"))
    uploaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("登録日時"))
    file_name: Mapped[str] = mapped_column(String(300), info=labelled("ファイル名"))
    #: What was read: {"rows": [...]}, as `app.registry.survey_exchange` writes it.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    response: Mapped[SurveyResponse] = relationship()
