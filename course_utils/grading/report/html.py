"""Fill the templates. Whatever comes from a submission is cleaned and escaped on its way in."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ...exercises import assignment
from ...judging.panel import code
from ...judging.result import printable

LONGEST = 3000  # characters of one text; a message can hold whatever an answer printed


def clean(text: str) -> str:
    """Cut a long text, and show the characters that would mislead a reader or break a file."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]} … (cut after {LONGEST:,} characters)"
    return printable(text)


@lru_cache(1024)  # a class meets the same hints, criteria and misconceptions over and over
def with_code(text: str) -> Markup:
    """Clean and escape a text, and turn `name` into code."""
    return Markup(code(clean(text)))


def link(path: str) -> Markup:
    """Percent-encode a path relative to the page; it leads to a file, whatever its name is."""
    try:
        encoded = quote(path, errors="surrogateescape")
    except UnicodeEncodeError:  # half a character that no file name has
        encoded = quote(path, errors="replace")
    # "./", so that neither "javascript:" nor "//host" begins it; whole, and needing no escape
    return Markup(f"./{encoded}")


def title_of(stem: str) -> str:
    """Return an assignment's title, or its stem where the course has no such assignment."""
    try:
        return assignment(stem).title
    except KeyError:
        return stem


def percent(share: float) -> str:
    """Write a share as whole percent; only all is 100 % and only nothing 0 %."""
    shown = round(100 * share)
    return f"{min(max(shown, int(share > 0)), 100 - int(share < 1))}%"


def duration(seconds: float) -> str:
    """Write a time with the units a reader needs."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def _shown(value: Any) -> Any:
    """Clean what a template shows; escaping comes after."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def template(name: str) -> Template:
    """Compile a template once a process."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "code": with_code,
        "duration": duration,
        "link": link,
        "percent": percent,
        "title_of": title_of,
    }
    return environment.get_template(name)


def render(name: str, **values: Any) -> str:
    """Fill the template of that name."""
    return template(name).render(**values)
