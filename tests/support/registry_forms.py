"""The forms of a fetched page as a browser would send them."""

from __future__ import annotations

import warnings
from xml.etree.ElementTree import Element

import html5lib

Fields = dict[str, list[str]]


def fields_of(page: str, action: str | None = None) -> Fields:
    """{name: values} of the page's main form (class "form", method post; `action`: the one posted there)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = html5lib.parse(page, namespaceHTMLElements=False)
    forms = [
        form
        for form in tree.iter("form")
        if form.get("method") == "post"
        and (form.get("action") == action if action else "form" in (form.get("class") or "").split())
    ]
    fields: Fields = {}
    for element in _controls(forms[0]):
        name = element.get("name")
        if name and element.get("disabled") is None:
            for value in _values(element):
                fields.setdefault(name, []).append(value)
    fields.pop("csrf_token", None)
    return fields


def _controls(parent: Element) -> list[Element]:
    found: list[Element] = []
    for element in parent:
        if element.tag == "template":
            continue
        if element.tag in {"input", "select", "textarea"}:
            found.append(element)
        found += _controls(element)
    return found


def _values(element: Element) -> list[str]:
    if element.tag == "textarea":
        return ["".join(element.itertext())]
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return [option.get("value") or "" for option in chosen]
    kind = (element.get("type") or "text").lower()
    if kind in {"checkbox", "radio"}:
        return [element.get("value") or "on"] if element.get("checked") is not None else []
    return [] if kind in {"submit", "button", "file"} else [element.get("value") or ""]
