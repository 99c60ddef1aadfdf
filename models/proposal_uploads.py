"""Excel forms of proposals on their way in: kept while somebody looks at what would change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, UtcDateTime, labelled, utc_now
from models.calls import Call
from models.people import User
from models.proposals import Proposal


class ProposalUpload(Keyed, Base):
    """A filled-in form as read; gone once taken or put aside. `proposal` None: it would become a new draft."""

    __tablename__ = "proposal_upload"
    __audited__ = False

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True, info=labelled("募集"))
    proposal_id: Mapped[int | None] = mapped_column(
        ForeignKey("proposal.id", ondelete="CASCADE"), index=True, info=labelled("応募・提案")
    )
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True, info=labelled("登録者"))
    uploaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now, info=labelled("登録日時"))
    file_name: Mapped[str] = mapped_column(String(300), info=labelled("ファイル名"))
    #: As `app.calls.form_reading` writes it: {"fields": {...}, "budget": [...], …, "problems": [...]}.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    call: Mapped[Call] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
    uploaded_by: Mapped[User | None] = relationship()
