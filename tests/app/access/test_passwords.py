"""Passwords: what is refused, and that hashing answers alike."""

from __future__ import annotations

import pytest

from app.access import passwords
from app.problems import Invalid

ABOUT = ["田中 太郎", "tanaka@city.example.jp", "S12345"]


@pytest.mark.parametrize(
    "password",
    [
        "short-one",
        "password1234",
        "Password!2024",
        "P@ssw0rd2024",
        "ｐａｓｓｗｏｒｄ１２３４",  # full width is the same word
        "kodaira-2026-kodaira",
        "Shimin-Kyodo-2026",
        "qwertyuiop[]12",
        "1q2w3e4r5t6y",
        "さくらさくらさくら2026",
        "12345678901234",
        "aaaaaaaaaaaaaaaa",
        "tanaka.taro.99x",
        "いまは田中のことば",
        "xx-S12345-otter",
        "x" * 50 + "y" * 200,
        "otter lamp\x00brisk",
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check_password(password, about=ABOUT)
    assert refused.value.fields == {"password": refused.value.message}
    assert refused.value.message.endswith(("。", "です)。"))


@pytest.mark.parametrize(
    "password",
    ["brisk-otter-lamp-42", "ふじのたかねにゆきはふりつつ", "correct zebra 9 window", "mdxw-yqyk-tq9f-pmxp"],
)
def test_a_strong_password_is_taken(password: str) -> None:
    passwords.check_password(password, about=ABOUT)


def test_full_width_typing_makes_no_difference() -> None:
    kept = passwords.hash_password("brisk-otter-lamp-42")
    assert kept.startswith("$argon2id$")
    assert passwords.verify_password(kept, "ｂｒｉｓｋ－ｏｔｔｅｒ－ｌａｍｐ－４２")
    assert not passwords.verify_password(kept, "brisk-otter-lamp-43")


def test_without_a_hash_the_answer_is_no() -> None:
    assert not passwords.verify_password(None, "brisk-otter-lamp-42")
    assert not passwords.verify_password("not a hash", "brisk-otter-lamp-42")


def test_an_endless_password_is_not_hashed() -> None:
    kept = passwords.hash_password("brisk-otter-lamp-42")
    assert not passwords.verify_password(kept, "x" * 1_000_000)


def test_common_passwords_are_kept_in_the_form_in_which_they_are_compared() -> None:
    lines = passwords.COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert len(words) > 5000
    assert [word for word in words if passwords.fold(word) != word] == []
