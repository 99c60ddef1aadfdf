"""Mail addresses: one address, nothing that could become a second one or a header."""

from __future__ import annotations

import re

from app.notices.wording import clean_line
from app.problems import Invalid

#: A plain address (RFC 5321 without quoted local parts or literals), as mail servers here accept it.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


def clean_address(text: str) -> str:
    """One mail address. Raises Invalid, without repeating the address, for anything else."""
    address = clean_line(text)
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        sentence = "メールアドレスの形が正しくありません。1件だけ、name@example.jp のように入力してください。"
        raise Invalid(sentence, fields={"recipient_email": sentence})
    return address
