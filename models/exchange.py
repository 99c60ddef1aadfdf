"""Background jobs, and imports with what they found in each row (the preview and what undo needs)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Keyed, LabelledEnum, Timestamped, UtcDateTime, code_of, labelled, utc_now
from models.people import User
from models.records import StoredFile


class JobStatus(LabelledEnum):
    """Where a job stands."""

    QUEUED = "queued", "順番待ち"
    RUNNING = "running", "実行中"
    FINISHED = "finished", "完了"
    FAILED = "failed", "失敗"
    INTERRUPTED = "interrupted", "中断"


class Job(Keyed, Base):
    """Long work done by a worker. It is done again or told as 中断 when its worker dies."""

    __tablename__ = "job"
    __audited__ = False
    __label__ = "バックグラウンド処理"
    __table_args__ = (
        Index("ix_job_status_id", "status", "id"),
        Index("ix_job_subject_table_subject_key", "subject_table", "subject_key"),
        CheckConstraint("status <> 'running' OR claim IS NOT NULL", name="running_job_is_claimed"),
    )

    kind: Mapped[str] = mapped_column(String(60), info=labelled("種類"))
    status: Mapped[JobStatus] = mapped_column(code_of(JobStatus), default=JobStatus.QUEUED, info=labelled("状態"))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: What it works on: table and key, so that pages find their job.
    subject_table: Mapped[str] = mapped_column(String(60), default="", info=labelled("対象"))
    subject_key: Mapped[str] = mapped_column(String(60), default="", info=labelled("対象番号"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True, info=labelled("依頼者"))
    actor_label: Mapped[str] = mapped_column(String(200), info=labelled("だれが"))
    address: Mapped[str | None] = mapped_column(String(64))
    #: The claim of the worker that runs it; who no longer holds it may not commit.
    claim: Mapped[str | None] = mapped_column(String(80))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    progress_done: Mapped[int] = mapped_column(Integer, default=0, info=labelled("処理済み"))
    progress_total: Mapped[int] = mapped_column(Integer, default=0, info=labelled("全体"))
    message: Mapped[str] = mapped_column(Text, default="", info=labelled("状況"))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("受付日時"))
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("開始日時"))
    heartbeat_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("終了日時"))

    user: Mapped[User | None] = relationship()


class ImportStatus(LabelledEnum):
    """Where an import stands; what happens just now is told by its job."""

    RECEIVED = "received", "内容の確認中"
    REFUSED = "refused", "読み取れません"
    READY = "ready", "確認待ち"
    APPLIED = "applied", "取込済み"
    UNDONE = "undone", "取消済み"
    DISCARDED = "discarded", "取りやめ"


def _unlogged(label: str) -> dict[str, Any]:
    return {"label": label, "unlogged": True}


class ImportRun(Keyed, Timestamped, Base):
    """取込: one uploaded file on its way into one table."""

    __tablename__ = "import_run"
    __label__ = "取込"
    __table_args__ = (Index("ix_import_run_user_id_status", "user_id", "status"),)

    #: Name of the registered ImportSpec.
    spec_name: Mapped[str] = mapped_column(String(60), index=True, info=labelled("取込の種類"))
    title: Mapped[str] = mapped_column(String(100), info=labelled("名称"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), info=labelled("依頼者"))
    actor_label: Mapped[str] = mapped_column(String(200), info=labelled("だれが"))
    #: As the person called it: it may hold a name.
    file_name: Mapped[str] = mapped_column(String(300), info=labelled("ファイル名", personal=True))
    file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), info=_unlogged("ファイル")
    )
    #: What the upload page asked besides the file (a fiscal year, a department …).
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=labelled("条件"))
    status: Mapped[ImportStatus] = mapped_column(
        code_of(ImportStatus), default=ImportStatus.RECEIVED, info=_unlogged("状態")
    )
    message: Mapped[str] = mapped_column(Text, default="", info=_unlogged("説明"))
    notes: Mapped[list[str]] = mapped_column(JSON, default=list, info=_unlogged("読み取りの注記"))
    #: Keys of the columns that the file has, in the order of the file.
    column_keys: Mapped[list[str]] = mapped_column(JSON, default=list, info=_unlogged("列"))
    new_count: Mapped[int] = mapped_column(Integer, default=0, info=_unlogged("新規"))
    changed_count: Mapped[int] = mapped_column(Integer, default=0, info=_unlogged("変更"))
    unchanged_count: Mapped[int] = mapped_column(Integer, default=0, info=_unlogged("変更なし"))
    wrong_count: Mapped[int] = mapped_column(Integer, default=0, info=_unlogged("誤り"))
    previewed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=_unlogged("確認日時"))
    applied_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=_unlogged("取込日時"))
    undone_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=_unlogged("取消日時"))
    #: When the file and the rows are purged; undo is possible until then.
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=_unlogged("保存期限"))
    is_purged: Mapped[bool] = mapped_column(default=False, info=_unlogged("消去済み"))
    #: The latest job: preview, apply or undo.
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"), info=_unlogged("処理"))

    user: Mapped[User | None] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    job: Mapped[Job | None] = relationship()


class RowKind(LabelledEnum):
    """What an import would do with a row."""

    NEW = "new", "新規"
    CHANGED = "changed", "変更"
    UNCHANGED = "unchanged", "変更なし"
    WRONG = "wrong", "誤り"


class ImportRow(Base):
    """One row of an import. A store of its own, purged with the run: the log never holds these values.

    `values`: {column key: plain value} of new and changed rows, the cells' texts of wrong ones. `old`: of changed
    rows only the cells that differ. `problems`: [address, column key, sentence]. `record_version`: what the preview
    saw; once applied, what the import wrote.
    """

    __tablename__ = "import_row"
    __audited__ = False
    __table_args__ = (
        Index("ix_import_row_run_id_kind_row_number", "run_id", "kind", "row_number"),
        Index("ix_import_row_record_key", "record_key"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    row_number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[RowKind] = mapped_column(code_of(RowKind, 20))
    label: Mapped[str] = mapped_column(String(300), default="")
    record_key: Mapped[str | None] = mapped_column(String(60))
    record_version: Mapped[int | None] = mapped_column(Integer)
    #: Of an applied row: the version that stood before it, so that undoing gives an earlier import its turn.
    seen_version: Mapped[int | None] = mapped_column(Integer)
    values: Mapped[dict[str, Any]] = mapped_column("row_values", JSON, default=dict)
    old: Mapped[dict[str, Any]] = mapped_column("old_values", JSON, default=dict)
    problems: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
