"""Secret addresses of calendar feeds: by one of them a calendar program reads what its user may see."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Keyed, Timestamped, UtcDateTime, labelled
from models.people import User


class CalendarFeed(Keyed, Timestamped, Base):
    """One secret address (iCalendar). Only the token's hash is kept; revoking it ends the address at once."""

    __tablename__ = "calendar_feed"
    __label__ = "予定表の配信アドレス"
    __table_args__ = (CheckConstraint("name <> ''", name="has_a_name"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True, info=labelled("利用者"))
    #: What it is used for: 「職場のOutlook」.
    name: Mapped[str] = mapped_column(String(80), info=labelled("使いみち"))
    #: SHA-256 of the token.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=labelled("アドレスの鍵", secret=True))
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=labelled("止めた日時"))

    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"予定表の配信アドレス「{self.name}」"
