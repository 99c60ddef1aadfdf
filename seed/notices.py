"""Loads `notice_templates.toml`: the words of notices, and who sends them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.notices import NoticeSender, NoticeTemplate, NoticeTemplateEdition
from models.people import Role
from seed.files import read_toml
from seed.reference import Counts, Seeded, digest_of, merge

_WORDS = ("title", "body", "instruction")


def load_templates(session: Session, folder: Path, counts: Counts) -> None:
    """Bring templates and senders to what the file says; what a person changed is kept. To be called inside an act."""
    tables = read_toml(folder / "notice_templates.toml")
    seeded = Seeded(session, "notice_template")
    held = {one.code: one for one in session.scalars(select(NoticeTemplate).order_by(NoticeTemplate.id))}
    for place, table in enumerate(tables.get("template", []), start=1):
        wanted = template_values(table)
        template = held.get(table["code"])

        def write(
            template: NoticeTemplate | None = template,
            code: str = table["code"],
            wanted: dict[str, Any] = wanted,
            place: int = place,
        ) -> None:
            if template is None:
                session.add(NoticeTemplate(code=code, position=place, **wanted))
                return
            if any(getattr(template, name) != wanted[name] for name in _WORDS):
                words = {name: getattr(template, name) for name in _WORDS}
                template.editions.append(
                    NoticeTemplateEdition(edition=template.edition, ended_by="参照データの読み込み", **words)
                )
                template.edition += 1
            for name, value in wanted.items():
                setattr(template, name, value)

        now = digest_of({name: _plain(getattr(template, name)) for name in wanted}) if template else None
        merge(seeded, table["code"], digest_of({k: _plain(v) for k, v in wanted.items()}), now, counts, write)
    _load_senders(session, tables.get("sender", []), counts)
    session.flush()


def template_values(table: dict[str, Any]) -> dict[str, Any]:
    """Attributes of a template from its TOML table."""
    return {
        "issuer": Role(table["issuer"]),
        "name": table["name"],
        "purpose": table.get("purpose", ""),
        "title": table["title"],
        "body": table["body"].strip(),
        "instruction": table.get("instruction", "").strip(),
        "is_numbered": table.get("is_numbered", True),
        "placeholders": "\n".join(table.get("placeholders", [])),
    }


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Role) else value


def _load_senders(session: Session, tables: list[dict[str, Any]], counts: Counts) -> None:
    known = {sender.issuer for sender in session.scalars(select(NoticeSender))}
    for table in tables:
        issuer = Role(table["issuer"])
        if issuer in known:
            counts.unchanged += 1
            continue
        session.add(NoticeSender(issuer=issuer, name=table.get("name", ""), office=table.get("office", "")))
        counts.created += 1


def template_table(template: NoticeTemplate) -> dict[str, Any]:
    """The TOML table of a template."""
    table: dict[str, Any] = {
        "code": template.code,
        "issuer": template.issuer.value,
        "name": template.name,
        "purpose": template.purpose,
        "title": template.title,
        "body": f"{template.body}\n",
    }
    if template.instruction:
        table["instruction"] = f"{template.instruction}\n"
    if not template.is_numbered:
        table["is_numbered"] = False
    return table | {"placeholders": template.placeholders.splitlines()}


def sender_table(sender: NoticeSender) -> dict[str, Any]:
    """The TOML table of a sender."""
    table = {"issuer": sender.issuer.value}
    return table | {name: value for name in ("name", "office") if (value := getattr(sender, name))}
