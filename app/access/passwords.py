"""Passwords: their normal form, their rules, and their hashes (argon2id).

Hashing takes a tenth of a second and 64 MiB on purpose: never call it inside a writing transaction, and no more than
`_AT_ONCE` run at a time in one process, so that a flood of sign-ins cannot eat the memory.
"""

from __future__ import annotations

import functools
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.problems import Invalid

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 200
COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")
#: Letters of a one-time password that is read from paper: none that look alike.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_AT_ONCE = 4

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106 for little memory
_turn = threading.BoundedSemaphore(_AT_ONCE)


def normalise(password: str) -> str:
    """The form that is hashed: NFKC, so that full-width typing by an input method makes no difference."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The argon2id hash, with its parameters and salt in it."""
    with _turn:
        return _hasher.hash(normalise(password))


@functools.cache
def _hash_of_nothing() -> str:
    return hash_password(secrets.token_urlsafe(24))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. Without a hash the same work is done, and the answer is no."""
    nothing = _hash_of_nothing()  # made once, and for known accounts as well: the first guess tells nothing either
    known = password_hash or nothing
    # An endless text would be work for us alone; the work is done all the same, on a short one.
    candidate = normalise(password) if len(password) <= MAXIMUM_LENGTH else ""
    try:
        with _turn:
            _hasher.verify(known, candidate)
    except (Argon2Error, InvalidHashError):
        return False
    return password_hash is not None and bool(candidate)


def needs_rehash(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def temporary_password() -> str:
    """A random one-time password (about 79 bits), in groups that can be read out: abcd-efgh-jkmn-pqrs."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def check_password(password: str, *, about: Iterable[str] = ()) -> None:
    """Raise Invalid (field `password`) unless the password follows the rules.

    Args:
        about: names, addresses and numbers of the user, which the password must not contain.
    """
    sentence = find_fault(password, about=about)
    if sentence is not None:
        raise Invalid(sentence, fields={"password": sentence})


def find_fault(password: str, *, about: Iterable[str] = ()) -> str | None:
    """What is wrong with a new password, as a sentence; None when nothing is."""
    normal = normalise(password)
    if len(normal) < MINIMUM_LENGTH:
        return f"パスワードは{MINIMUM_LENGTH}文字以上にしてください(いまは{len(normal)}文字です)。"
    if len(normal) > MAXIMUM_LENGTH:
        return f"パスワードは{MAXIMUM_LENGTH}文字以内にしてください。"
    if any(unicodedata.category(sign) == "Cc" for sign in normal):
        return "パスワードに改行などの制御文字は使えません。"
    if len(set(normal)) < 5:
        return "同じ文字の繰り返しが多すぎます。別のパスワードにしてください。"
    if fold(normal).isdecimal():
        return "数字だけのパスワードは使えません。文字を混ぜてください。"
    if is_common(normal):
        return "よく使われるパスワードのため、推測されやすく使えません。別のパスワードにしてください。"
    if _names_the_user(normal, about):
        return "氏名、メールアドレス、職員番号を含むパスワードは使えません。別のパスワードにしてください。"
    return None


# --- common ones -----------------------------------------------------------------------------------------------

_LEET = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"})


def fold(password: str) -> str:
    """The form in which common passwords are compared: NFKC, case folded, without signs between."""
    return re.sub(r"[\s\-_.,:;/+*#!?@$%&=~^|'\"()\[\]{}<>]+", "", normalise(password).casefold())


@functools.cache
def _common() -> frozenset[str]:
    lines = COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_common(password: str) -> bool:
    """Whether it is made of nothing but common passwords, repetition and digits, signs for letters (p@ssw0rd) too."""
    known = _common()
    small = normalise(password).casefold()
    plain = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", small).translate(_LEET)
    for candidate in {fold(small), fold(plain)}:
        parts = [part for part in re.split(r"\d+", candidate) if part]
        if candidate in known or (parts and all(part in known for part in parts)):
            return True
        if any(re.fullmatch(r"(.{1,8}?)\1+", text) for text in (candidate, "".join(parts)) if text):
            return True  # one short word over and over
    return False


def _names_the_user(normal: str, about: Iterable[str]) -> bool:
    folded = fold(normal)
    for item in about:
        for part in re.split(r"[@\s・,、]+", item or ""):
            name = fold(part)
            # Two kanji are a whole family name; of Latin letters it takes four to mean somebody.
            if len(name) >= (4 if name.isascii() else 2) and name in folded:
                return True
    return False
