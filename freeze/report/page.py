"""Every page people read is rendered here, from `templates/`: one shell, one stylesheet, no script, nothing fetched.

A page is one file that is mailed and opened offline, so the stylesheet stands in it. Meant to meet WCAG 2.2 AA:
landmarks, headings in order, table headers, contrast, nothing said by colour alone, readable at 320 px and on paper.
Jinja2 is imported by the first page that is made, not by this module: most commands make none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from freeze.words import safe

if TYPE_CHECKING:
    from jinja2 import Environment

MOST = 2_000
"""Characters of any one value that a page shows, where its template says no less."""


def render(template: str, **values: object) -> str:
    """One page as an HTML document. A value the template asks for and does not get is an error."""
    return _pages().get_template(template).render(values)


@cache
def _pages() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def plain(value: object) -> object:
        """Anybody's text on one line, harmless; what a template itself wrote (a macro, a block) stays as it is."""
        return safe(value, MOST) if isinstance(value, str) and not isinstance(value, Markup) else value

    pages = Environment(
        loader=PackageLoader("freeze.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=plain,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters["short"] = lambda text, most=600: safe(text, most)
    del pages.filters["safe"]  # Jinja2's own would let a template switch the escaping off
    return pages
