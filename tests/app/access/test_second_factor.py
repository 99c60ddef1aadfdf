"""Codes of the second factor: once each, one step early or late, sealed at rest; recovery codes."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import second_factor, users
from app.actor import system_actor
from app.audit.recorder import act
from models.base import utc_now
from models.people import RecoveryCode, User

NOW = dt.datetime(2026, 7, 1, 0, 0, 10, tzinfo=dt.UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.fixture
def user(any_session: Session) -> User:
    return users.create_user(any_session, actor=system_actor(), display_name="小平 花子", email="hanako@example.jp")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_factor, "utc_now", lambda: NOW)


@pytest.mark.parametrize(("offset", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_taken_one_step_early_or_late(clock: None, offset: int, is_taken: bool) -> None:
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).generate_otp(STEP + offset)
    assert second_factor.matching_step(secret, code) == (STEP + offset if is_taken else None)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５", "0" * 500, "-00001"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert second_factor.matching_step(second_factor.new_secret(), code) is None


def test_full_width_digits_and_blanks_are_read(clock: None) -> None:
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).generate_otp(STEP)
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert second_factor.matching_step(secret, f" {wide[:3]} {wide[3:]} ") == STEP


def test_a_code_is_good_once_and_none_before_it_after(clock: None, any_session: Session, user: User) -> None:
    secret = second_factor.new_secret()
    with act(any_session, system_actor(), "account:enable_second_factor", "試験"):
        user.totp_secret, user.totp_enabled_at = second_factor.seal(secret), utc_now()
    codes = {step: pyotp.TOTP(secret).generate_otp(STEP + step) for step in (-1, 0, 1)}
    taken = []
    for step in (0, 0, -1, 1, 1):
        with act(any_session, system_actor(), "session:second_factor", "試験"):
            taken.append(second_factor.accept_code(any_session, user.id, codes[step]))
    assert taken == [True, False, False, True, False]


def test_the_secret_is_sealed_and_another_key_cannot_open_it(any_session: Session) -> None:
    secret = second_factor.new_secret()
    kept = second_factor.seal(secret)
    assert secret not in kept
    assert second_factor.unseal(kept) == secret
    from flask import current_app

    current_app.config["SECRET_KEY"] = "another"
    assert second_factor.unseal(kept) is None


def test_recovery_codes_are_ten_hashed_and_good_once(any_session: Session, user: User) -> None:
    codes = second_factor.renew_recovery_codes(any_session, user.id)
    any_session.commit()
    assert len(set(codes)) == 10
    kept = any_session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(codes) & set(kept)
    assert second_factor.accept_recovery_code(any_session, user.id, codes[3].upper().replace("-", " "))
    assert not second_factor.accept_recovery_code(any_session, user.id, codes[3])
    assert not second_factor.accept_recovery_code(any_session, user.id, "aaaaa-aaaaa")
    assert second_factor.count_recovery_codes(any_session, user.id) == 9
    renewed = second_factor.renew_recovery_codes(any_session, user.id)
    assert not second_factor.accept_recovery_code(any_session, user.id, codes[4])
    assert second_factor.accept_recovery_code(any_session, user.id, renewed[4])
    any_session.rollback()


def test_the_picture_is_an_svg_without_anything_from_outside() -> None:
    picture = second_factor.picture(second_factor.new_secret(), "hanako@example.jp").decode()
    assert picture.startswith("<?xml")
    assert "<svg" in picture
    assert "href" not in picture
