"""Filling in a form as a browser would: what it holds when nobody touches it."""

from __future__ import annotations

import dataclasses
from xml.etree.ElementTree import Element

Pairs = list[tuple[str, str]]


@dataclasses.dataclass
class FilledForm:
    """A form of a page: where it goes, and what it would send."""

    action: str
    method: str
    pairs: Pairs
    element: Element

    def set(self, name: str, *values: str) -> FilledForm:
        """Replace what the field sends."""
        self.pairs = [pair for pair in self.pairs if pair[0] != name] + [(name, value) for value in values]
        return self

    def get(self, name: str) -> str | None:
        """The first value of the field."""
        return next((value for known, value in self.pairs if known == name), None)

    def data(self) -> dict[str, list[str]]:
        """For the test client."""
        found: dict[str, list[str]] = {}
        for name, value in self.pairs:
            found.setdefault(name, []).append(value)
        return found


def forms_of(tree: Element, method: str = "post") -> list[FilledForm]:
    """The forms of the page with that method."""
    return [
        FilledForm(form.get("action") or "", method, _pairs(form), form)
        for form in tree.iter("form")
        if (form.get("method") or "get").lower() == method
    ]


def form_to(tree: Element, action: str) -> FilledForm:
    """The one form that posts to that path."""
    found = [form for form in forms_of(tree) if form.action.split("?")[0] == action]
    assert len(found) == 1, f"{len(found)} forms post to {action}"
    return found[0]


def _pairs(form: Element) -> Pairs:
    pairs: Pairs = []
    for field in form.iter():
        name = field.get("name") if isinstance(field.tag, str) else None
        if not name or field.get("disabled") is not None:
            continue
        kind = (field.get("type") or "text").lower()
        if field.tag == "input":
            if kind in {"submit", "button", "reset", "image", "file"}:
                continue
            if kind in {"checkbox", "radio"} and field.get("checked") is None:
                continue
            pairs.append((name, field.get("value") or ("on" if kind == "checkbox" else "")))
        elif field.tag == "textarea":
            pairs.append((name, (field.text or "").removeprefix("\n")))
        elif field.tag == "select":
            options = list(field.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None]
            if not chosen and field.get("multiple") is None and options:
                chosen = options[:1]
            pairs += [(name, option.get("value") or "") for option in chosen]
    return pairs
