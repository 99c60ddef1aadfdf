"""What holds for a user's own data: normal forms of names, addresses and numbers, and that they are free."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.access.sign_in import normalise_email, normalise_staff_number
from app.actor import Actor
from app.audit.acts import Act
from app.audit.recorder import act
from app.problems import Conflict, Invalid, NotFound
from models.people import User

#: What an address and a 職員番号 look like, in their normal forms.
EMAIL = re.compile(r"[^@\s\x00-\x1f,;<>\"'\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
STAFF_NUMBER = re.compile(r"[0-9A-Z_.-]{1,40}")


def wrong(field: str, sentence: str) -> Invalid:
    """A refusal tied to one field."""
    return Invalid(sentence, fields={field: sentence})


def clean(text: str | None) -> str | None:
    """One line without blanks around; None when nothing is left."""
    return unicodedata.normalize("NFC", text).strip() or None if text else None


def reason_of(text: str) -> str:
    """The reason given. Raises Invalid without one."""
    reason = clean(text)
    if reason is None:
        raise wrong("reason", "理由を入力してください。")
    return reason


def checked(
    display_name: str, email: str | None, staff_number: str | None, notice_email: str | None
) -> dict[str, str | None]:
    """The values in their normal forms. Raises Invalid with every fault found."""
    name = clean(display_name)
    values = {
        "display_name": name,
        "email": normalise_email(email or "") or None,
        "staff_number": normalise_staff_number(staff_number or "") or None,
        "notice_email": normalise_email(notice_email or "") or None,
    }
    faults: dict[str, str] = {}
    if name is None or len(name) > 100 or any(unicodedata.category(sign) == "Cc" for sign in name):
        faults["display_name"] = "氏名を100文字以内で入力してください。"
    for field, label in (("email", "メールアドレス"), ("notice_email", "通知先のメールアドレス")):
        address = values[field]
        if address is not None and (len(address) > 254 or not EMAIL.fullmatch(address)):
            faults[field] = f"{label}の形が正しくありません(例: hanako@city.example.jp)。"
    number = values["staff_number"]
    if number is not None and not STAFF_NUMBER.fullmatch(number):
        faults["staff_number"] = "職員番号は、半角の英数字とハイフンで40文字以内にしてください。"
    if values["email"] is None and number is None:
        faults["email"] = "メールアドレスか職員番号のどちらかを入力してください。"
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)
    return values


def refuse_taken(session: Session, values: dict[str, str | None], own_id: int | None) -> None:
    """Raise Invalid when another user has the address or the number."""
    faults = {}
    for field, label in (("email", "メールアドレス"), ("staff_number", "職員番号")):
        if values[field] is None:
            continue
        column = getattr(User, field)
        if session.scalar(select(User.id).where(column == values[field], User.id != (own_id or 0))) is not None:
            faults[field] = f"この{label}は、ほかの利用者が使っています。"
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)


def about(user: User) -> list[str]:
    """What a password of this user must not contain: names, addresses before the @, numbers."""
    return [text for text in (user.display_name, user.email, user.staff_number) if text]


@contextmanager
def changing(session: Session, actor: Actor, verb: str, label: str, reason: str | None = None) -> Iterator[Act]:
    """An act that tells a constraint broken by somebody at the same moment as a sentence."""
    try:
        with act(session, actor, verb, label, reason=reason) as current:
            yield current
    except IntegrityError as error:  # two at once: what the checks saw was no longer true
        raise Conflict("ほかの操作と重なったため、保存できませんでした。もう一度お試しください。") from error


def require_editable(session: Session, actor: Actor, user: User) -> None:
    """Raise NotAllowed or NotFound unless the actor may change this user."""
    actor.require(Permission.USER_MANAGE)
    if not is_editable(session, user, actor):
        raise NotFound
