"""The one who acts: given to every service and every scope."""

from __future__ import annotations

import dataclasses
import getpass

from app.problems import NotAllowed
from models.people import Role


@dataclasses.dataclass(frozen=True)
class Actor:
    """Who acts, with what is in force today (built by `app.access.actors`).

    `departments` holds the ids of the actor's departments and of their predecessors: a renamed department's old
    rows belong to its successor. `permissions` holds codes of `app.access.permissions.Permission`.
    """

    user_id: int | None
    label: str
    roles: frozenset[Role] = frozenset()
    departments: frozenset[int] = frozenset()
    address: str | None = None
    channel: str = "screen"
    is_system: bool = False
    permissions: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether a role in force grants it. Which rows is the row scope's question."""
        return self.is_system or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise NotAllowed unless `may`."""
        if not self.may(permission):
            raise NotAllowed

    def has(self, *roles: Role) -> bool:
        """Whether one of the roles is in force."""
        return bool(self.roles.intersection(roles))


NOBODY = Actor(user_id=None, label="(ログインしていません)")


def system_actor(label: str | None = None, channel: str = "cli") -> Actor:
    """The actor of the command line and of background work: may everything, and is named in the log."""
    if label is None:
        try:
            label = f"コマンドライン({getpass.getuser()})"
        except (KeyError, OSError):
            label = "コマンドライン"
    return Actor(user_id=None, label=label, channel=channel, is_system=True)
