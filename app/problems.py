"""What services refuse with. Each carries a Japanese sentence that says what to do; screens show it as it is."""

from __future__ import annotations

from collections.abc import Mapping


class Problem(Exception):
    """A refusal that the person can do something about. `fields` ties sentences to form fields."""

    status = 400

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class NotAllowed(Problem):
    """The actor may not do this."""

    status = 403

    def __init__(self, message: str = "この操作を行う権限がありません。担当の方へご確認ください。") -> None:
        super().__init__(message)


class NotFound(Problem):
    """No such record, or none that the actor may see: the two are not told apart."""

    status = 404

    def __init__(self, message: str = "見つかりません。削除されたか、閲覧する権限がありません。") -> None:
        super().__init__(message)


class Conflict(Problem):
    """Somebody else changed it first, or the state does not allow it now."""

    status = 409


class Invalid(Problem):
    """What was entered breaks a rule."""

    status = 422


class StaleRecord(Conflict):
    """The record is no longer the version that the person saw."""

    def __init__(self) -> None:
        super().__init__("ほかの人が先に保存しました。画面を開き直して、内容を確かめてください。")


def check_version(record: object, expected: int | None) -> None:
    """Raise StaleRecord when the row is not the version that the person saw. None checks nothing."""
    if expected is not None and getattr(record, "version", None) != expected:
        raise StaleRecord
