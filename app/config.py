"""Settings from the environment, and the secrets made at first run."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything that an installation may set. `from_environment` documents each variable's name."""

    data_dir: Path
    database_url: str
    secret_key: str
    audit_key: str
    #: How many reverse proxies in front of us set X-Forwarded-*; 0 trusts none.
    trusted_proxies: int = 0
    city: str = "kodaira"
    session_idle_minutes: int = 60
    session_absolute_hours: int = 12
    max_upload_bytes: int = 50 * 1024 * 1024
    smtp_host: str | None = None
    smtp_port: int = 25
    smtp_user: str | None = None
    smtp_password: str | None = None
    #: The sender's address. Mail goes out only when host and sender are both set.
    smtp_from: str | None = None
    #: "none", "starttls" or "tls" (from the first byte).
    smtp_tls: str = "none"
    testing: bool = False

    @property
    def files_dir(self) -> Path:
        """Where stored files lie, outside the web root."""
        return self.data_dir / "files"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.database_url.startswith("sqlite")


def database_url_of(text: str) -> str:
    """A URL for SQLAlchemy: bare postgres(ql):// means psycopg 3."""
    for prefix in ("postgres://", "postgresql://"):
        if text.startswith(prefix):
            return "postgresql+psycopg://" + text.removeprefix(prefix)
    return text


def secret_from_file(path: Path) -> str:
    """The secret kept in `path`; made there (mode 0600) when it is missing. Two first runs at once agree."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all: nobody reads half a secret
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal():
        raise SystemExit(f"{name} must be a whole number, not {value!r}")
    return int(value)


def _one_of(environment: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = environment.get(name, "").strip().lower() or default
    if value not in allowed:
        raise SystemExit(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def _usual_tls(port: int) -> str:
    """What the ports say: 465 speaks TLS from the first byte, 587 after STARTTLS (RFC 8314)."""
    return {465: "tls", 587: "starttls"}.get(port, "none")


def _password(environment: Mapping[str, str], name: str) -> str | None:
    """A password from the variable, or from the file that NAME_FILE names (systemd credentials)."""
    path = environment.get(f"{name}_FILE")
    if not path:
        return environment.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise SystemExit(f"{name}_FILE cannot be read: {error.strerror}") from None


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; secrets that the environment does not give come from DATA_DIR/secrets.

    Raises SystemExit with a sentence when a value cannot be used.
    """
    env = os.environ if environment is None else environment
    data_dir = Path(env.get("DATA_DIR") or PROJECT_ROOT / "instance").expanduser().resolve()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'kyodo.sqlite3'}"
    return Settings(
        data_dir=data_dir,
        database_url=database_url_of(url),
        secret_key=env.get("SECRET_KEY") or secret_from_file(data_dir / "secrets" / "secret_key"),
        audit_key=env.get("AUDIT_KEY") or secret_from_file(data_dir / "secrets" / "audit_key"),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
        city=env.get("CITY") or "kodaira",
        session_idle_minutes=_number(env, "SESSION_IDLE_MINUTES", 60),
        session_absolute_hours=_number(env, "SESSION_ABSOLUTE_HOURS", 12),
        max_upload_bytes=_number(env, "MAX_UPLOAD_MB", 50) * 1024 * 1024,
        smtp_host=env.get("SMTP_HOST") or None,
        smtp_port=_number(env, "SMTP_PORT", 25),
        smtp_user=env.get("SMTP_USER") or None,
        smtp_password=_password(env, "SMTP_PASSWORD"),
        smtp_from=env.get("SMTP_FROM") or None,
        smtp_tls=_one_of(env, "SMTP_TLS", ("none", "starttls", "tls"), _usual_tls(_number(env, "SMTP_PORT", 25))),
    )
