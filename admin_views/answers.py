"""What pages with a small form of their own have in common: the answer with its refusals, and who is here."""

from __future__ import annotations

from typing import Any

from flask import render_template
from werkzeug.wrappers import Response

from app.access import login
from app.access.login import Visitor
from app.access.throttle import TooManyAttempts
from app.problems import NotAllowed, Problem
from app.webforms import BackOfficeForm

#: A page with its status and headers.
Answer = Response | tuple[str, int, dict[str, str]]


def page(template: str, form: BackOfficeForm | None = None, problem: Problem | None = None, **values: Any) -> Answer:
    """The page with its form; a refusal ties its sentences to the fields, and sets the status."""
    if problem is None:
        status = 422 if form is not None and form.errors else 200
        return render_template(template, form=form, sentences=[], **values), status, {}
    loose = form.add_problems(problem.fields) if form is not None else []
    sentences = loose or ([] if problem.fields and form is not None else [problem.message])
    headers = {"Retry-After": str(problem.retry_after)} if isinstance(problem, TooManyAttempts) else {}
    return render_template(template, form=form, sentences=sentences, **values), problem.status, headers


def visitor_here() -> Visitor:
    """The person of this page; the door lets nobody else in."""
    visitor = login.current_visitor()
    if visitor is None:
        raise NotAllowed
    return visitor
