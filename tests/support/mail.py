"""A real SMTP server (aiosmtpd) on this machine, which answers as a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask


class Mailbox:
    """What arrived, and how the server behaves. `on_data` runs when a mail's words are in, before the answer."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.rcpt_answer: str | None = None
        self.data_answer = "250 OK"
        self.on_data: Callable[[], None] | None = None
        self.hangs_up = False
        self._lock = threading.Lock()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take or refuse the addressee."""
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take the mail."""
        with self._lock:
            if self.data_answer.startswith("250"):
                self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
                self.recipients += envelope.rcpt_tos
        if self.on_data is not None:
            self.on_data()
        if self.hangs_up:
            server.transport.close()
            await asyncio.sleep(0)
        return self.data_answer


@contextlib.contextmanager
def mail_server(app: Flask) -> Iterator[Mailbox]:
    """Run a server and let `app` send through it."""
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        point_to(app, port)
        yield mailbox
    finally:
        controller.stop()


def point_to(app: Flask, port: int) -> None:
    """Let `app` send to that port of this machine."""
    app.extensions["settings"] = dataclasses.replace(
        app.extensions["settings"], smtp_host="127.0.0.1", smtp_port=port, smtp_from="office@example.jp"
    )
