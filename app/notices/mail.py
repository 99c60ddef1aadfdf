"""One mail over SMTP, and what is known afterwards: sent, refused, not sent yet, or unknown."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import ipaddress
import re
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate

from app.config import Settings

TIMEOUT_SECONDS = 30.0
#: The enhanced status of a reply (RFC 3463): all that is kept of it, since replies repeat addresses.
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class Outcome(enum.Enum):
    """What became of an attempt."""

    SENT = "sent"
    #: Not sent, for sure; worth another try (4xx, no connection).
    LATER = "later"
    #: Refused for good (5xx).
    REFUSED = "refused"
    #: The words were on their way and no answer came.
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True)
class Result:
    """`reason`: a sentence without addresses. is_server_down: nobody answered, other mails need not be tried now."""

    outcome: Outcome
    reason: str = ""
    is_server_down: bool = False


@dataclasses.dataclass(frozen=True)
class Letter:
    """What is sent. paper: a PDF and its file name."""

    message_id: str
    to_address: str
    title: str
    body: str
    paper: tuple[bytes, str] | None = None


def compose(letter: Letter, sender: str) -> bytes:
    """The mail as bytes (RFC 5322). Raises ValueError when a header holds a line break."""
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"], mail["To"], mail["Subject"] = sender, letter.to_address, letter.title
    mail["Message-ID"] = letter.message_id
    mail["Date"] = formatdate(localtime=False)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body, cte="base64")
    if letter.paper is not None:
        content, name = letter.paper
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return mail.as_bytes()


def _why(error: Exception) -> str:
    """Why no connection came about, in words; the name of an unusual error, for the administrator."""
    if isinstance(error, ConnectionRefusedError):
        return "断られました"
    if isinstance(error, TimeoutError):
        return "応答がありません"
    if isinstance(error, socket.gaierror):
        return "サーバーの名前が見つかりません"
    return type(error).__name__


def send(letter: Letter, settings: Settings) -> Result:
    """Try once. Never raises for what the server or the network does."""
    assert settings.smtp_host and settings.smtp_from
    try:
        content = compose(letter, settings.smtp_from)
    except ValueError:
        return Result(Outcome.REFUSED, "件名か宛先に使えない文字があります。")
    try:
        server = _connect(settings)
    except smtplib.SMTPResponseException as error:
        return _of_reply(error.smtp_code, error.smtp_error, "接続", is_server=True)
    except (OSError, smtplib.SMTPException) as error:
        return Result(Outcome.LATER, f"メールサーバーに接続できません({_why(error)})。", is_server_down=True)
    try:
        return _hand_over(server, letter, content, settings.smtp_from)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _connect(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host or "", settings.smtp_port
    context = ssl.create_default_context()
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo_or_helo_if_needed()
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
            server.ehlo()
        if settings.smtp_user and settings.smtp_password:
            if settings.smtp_tls == "none" and not is_here(host):
                raise smtplib.SMTPException("no password without TLS")
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def is_here(host: str) -> bool:
    """Whether the server is this machine."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _hand_over(server: smtplib.SMTP, letter: Letter, content: bytes, sender: str) -> Result:
    """MAIL, RCPT, DATA, step by step: up to the words themselves nothing can have been sent."""
    try:
        for step, (code, reply) in (
            ("差出人", server.mail(sender)),
            ("宛先", server.rcpt(letter.to_address)),
        ):
            if code not in {250, 251}:
                return _of_reply(code, reply, step)
        code, reply = server.docmd("DATA")
        if code != 354:
            return _of_reply(code, reply, "本文")
    except (OSError, smtplib.SMTPException) as error:
        return Result(Outcome.LATER, f"送信の途中で接続が切れました({type(error).__name__})。", is_server_down=True)
    try:
        quoted = smtplib._quote_periods(smtplib._fix_eols(content.decode("ascii")).encode("ascii"))  # type: ignore[attr-defined]
        server.send(quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n")
        server.send(b".\r\n")
        code, reply = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Result(Outcome.UNKNOWN, f"送信したあと、メールサーバーから返事がありません({type(error).__name__})。")
    if code == 250:
        return Result(Outcome.SENT)
    return _of_reply(code, reply, "本文")


def _of_reply(code: int, reply: bytes | str, step: str, *, is_server: bool = False) -> Result:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    found = _STATUS.search(text)
    what = f"{step}の段階で断られました(応答 {code}{' ' + found[0] if found else ''})。"
    if 500 <= code < 600 and not is_server:
        return Result(Outcome.REFUSED, what)
    return Result(Outcome.LATER, what, is_server_down=is_server or code == 421)
