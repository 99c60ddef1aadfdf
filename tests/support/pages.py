"""The client that tests use: every HTML page that it fetches is checked, and every POST carries the CSRF token."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # html5lib 1.1 is older than some of Python's renamings
    import html5lib
    from html5lib.html5parser import ParseError

#: Attributes that name ids of other elements.
ID_REFERENCES = (
    "for",
    "headers",
    "list",
    "form",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-owns",
    "aria-activedescendant",
    "aria-errormessage",
    "aria-details",
)
ADDRESS_ATTRIBUTES = ("src", "href", "action", "formaction", "poster", "data", "srcset")
UNLABELLED_INPUTS = {"hidden", "submit", "button", "reset", "image"}


class BadPage(AssertionError):
    """A page that breaks a rule of the house; the message lists every rule broken."""


class CheckingClient(FlaskClient):
    """Checks each HTML answer; adds `X-CSRFToken` to what changes something (`csrf=False` leaves it out)."""

    def open(self, *args: Any, csrf: bool = True, check: bool = True, **kwargs: Any) -> TestResponse:
        """Make a request; raises BadPage when the answer is a page that breaks a rule."""
        method = str(kwargs.get("method", "GET")).upper()
        if csrf and method in {"POST", "PUT", "PATCH", "DELETE"}:
            headers = dict(kwargs.get("headers") or {})
            headers.setdefault("X-CSRFToken", self.csrf_token())
            kwargs["headers"] = headers
        response = super().open(*args, **kwargs)
        if check and response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            check_page(response.get_data(as_text=True), dict(response.headers))
        return response

    def csrf_token(self) -> str:
        """The token that a form of this session would carry."""
        with self.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", "f" * 40)
        serializer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(serializer.dumps(raw))


def check_page(text: str, headers: dict[str, str] | None = None) -> Element:
    """Parse a page (or a fragment without doctype) and check it; returns its tree. Raises BadPage."""
    is_page = text.lstrip()[:9].lower() == "<!doctype"
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree: Element = parser.parse(text) if is_page else parser.parseFragment(text)
        except ParseError as error:
            line, column = parser.tokenizer.stream.position()
            extract = "\n".join(text.splitlines()[max(0, line - 2) : line + 1])
            raise BadPage(f"not valid HTML5 at {line}:{column}: {error}\n{extract}") from error
    problems = [*_ids(tree), *_labels(tree), *_scripts(tree, headers or {}), *_addresses(tree), *_names(tree)]
    problems += _whole_page(tree) if is_page else []
    if problems:
        raise BadPage("\n".join(problems))
    return tree


def text_of(element: Element) -> str:
    """All text inside, with runs of white space as one space."""
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def _elements(tree: Element) -> list[Element]:
    return [element for element in tree.iter() if isinstance(element.tag, str)]


def _show(element: Element) -> str:
    attributes = " ".join(f'{name}="{value}"' for name, value in list(element.attrib.items())[:5])
    return f"<{element.tag} {attributes}>"


def _whole_page(tree: Element) -> list[str]:
    problems = []
    if tree.get("lang") != "ja":
        problems.append(f'lang is {tree.get("lang")!r}, not "ja"')
    headings = list(tree.iter("h1"))
    if len(headings) != 1:
        problems.append(f"{len(headings)} h1 elements, wanted one")
    title = tree.find("head/title")
    if title is None or not text_of(title):
        problems.append("no title")
    elif headings and not text_of(title).startswith(text_of(headings[0])):
        problems.append(f"title {text_of(title)!r} does not begin with the h1 {text_of(headings[0])!r}")
    if len(list(tree.iter("main"))) != 1:
        problems.append("no single main")
    return problems


def _ids(tree: Element) -> list[str]:
    elements = _elements(tree)
    counted = Counter(element.get("id") for element in elements if element.get("id") is not None)
    problems = [f"id {name!r} stands {count} times" for name, count in counted.items() if count > 1]
    is_page = tree.tag == "html"
    for element in elements:
        for attribute in ID_REFERENCES:
            for name in (element.get(attribute) or "").split():
                if name not in counted and is_page:
                    problems.append(f"{_show(element)}: {attribute} names the missing id {name!r}")
        target = element.get("href") or ""
        if is_page and element.tag == "a" and target.startswith("#") and target != "#" and target[1:] not in counted:
            problems.append(f"{_show(element)}: no element {target}")
    return problems


def _labels(tree: Element) -> list[str]:
    problems = []
    labelled = {label.get("for") for label in tree.iter("label") if text_of(label)}
    wrapped = {id(field) for label in tree.iter("label") if text_of(label) for field in label.iter()}
    for element in _elements(tree):
        if element.tag not in {"input", "select", "textarea"}:
            continue
        if element.tag == "input" and (element.get("type") or "text").lower() in UNLABELLED_INPUTS:
            continue
        has_name = element.get("aria-label") or element.get("aria-labelledby")
        if not (has_name or id(element) in wrapped or (element.get("id") and element.get("id") in labelled)):
            problems.append(f"{_show(element)} has no label")
    return problems


def _names(tree: Element) -> list[str]:
    problems = []
    for element in _elements(tree):
        if element.tag == "th" and element.get("scope") not in {"row", "col", "rowgroup", "colgroup"}:
            problems.append(f"{_show(element)} {text_of(element)!r} has no scope")
        if element.tag == "img" and element.get("alt") is None:
            problems.append(f"{_show(element)} has no alt")
        if element.tag in {"button", "a"} and not _has_name(element):
            problems.append(f"{_show(element)} has no name")
        if element.tag == "button" and element.get("type") is None:
            problems.append(f"{_show(element)} has no type")
    return problems


def _has_name(element: Element) -> bool:
    if text_of(element) or element.get("aria-label") or element.get("aria-labelledby"):
        return True
    return any(image.get("alt") for image in element.iter("img"))


def _scripts(tree: Element, headers: dict[str, str]) -> list[str]:
    problems = []
    policy = headers.get("Content-Security-Policy", "")
    if headers and not policy:
        problems.append("no Content-Security-Policy")
    if "unsafe-" in policy:
        problems.append("the policy allows unsafe-*")
    known = re.search(r"'nonce-([^']+)'", policy)
    for element in _elements(tree):
        if element.tag in {"script", "style"}:
            nonce = element.get("nonce")
            if not nonce or (known and nonce != known.group(1)):
                problems.append(f"{_show(element)} lacks the nonce")
        for name in element.attrib:
            if str(name).lower().startswith("on"):
                problems.append(f"{_show(element)} has the handler {name}")
            if str(name).lower() == "style":
                problems.append(f"{_show(element)} has a style attribute")
    return problems


def _addresses(tree: Element) -> list[str]:
    problems = []
    for element in _elements(tree):
        for attribute in ADDRESS_ATTRIBUTES:
            address = element.get(attribute)
            if address is None:
                continue
            parts = urlsplit(address)
            if not (parts.scheme or parts.netloc):
                continue
            # A link that a person may follow (a group's own site) says so; mail and telephone are no addresses.
            is_marked = element.tag == "a" and "external" in (element.get("rel") or "").split()
            if parts.scheme in {"mailto", "tel"} or (is_marked and parts.scheme in {"http", "https"}):
                continue
            problems.append(f"{_show(element)}: {attribute} leads outside")
    return problems
