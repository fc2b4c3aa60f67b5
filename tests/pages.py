"""A real browser for the pages people read: pictures at any width, what axe-core finds, and whether it all fits.

    with browser() as look:
        seen = look(path, width=390)                  # or html="<!doctype html>..."
        assert not seen.broken, seen.broken           # sentences: the rule, how bad, and where
        assert seen.fits                              # nothing has to be scrolled sideways
        seen.picture                                  # a PNG of the whole page, kept beside the page

For the tests marked `pages` only (make test-pages): they need Debian's chromium.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHROMIUM = "/usr/bin/chromium"
PHONE, DESKTOP, NARROWEST = 390, 1280, 320
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Looked:
    """What a browser showed of one page at one width."""

    picture: Path
    broken: list[str]
    fits: bool
    asked_for: list[str]
    """Everything it asked for beyond the page itself; a page that stands alone asks for nothing."""


@contextmanager
def browser() -> Iterator[Callable[..., Looked]]:
    """Chromium for one test; give it a file, or `html`."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists() and not shutil.which("chromium"):
        raise RuntimeError("These tests need Debian's chromium: apt-get install chromium")
    home = Path(tempfile.mkdtemp(prefix="fg-pages-"))
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            try:

                def look(path: Path | None = None, *, html: str = "", width: int = DESKTOP) -> Looked:
                    if path is None:
                        path = home / "page.html"
                        path.write_text(html, encoding="utf-8")
                    page = chromium.new_page(viewport={"width": width, "height": 844})
                    asked: list[str] = []
                    page.on("request", lambda request: asked.append(request.url))
                    page.goto(path.resolve().as_uri())
                    found = Axe().run(page).response["violations"]
                    broken = [
                        f"{v['id']} ({v['impact']}): {v['help']}: {', '.join(str(n['target']) for n in v['nodes'][:5])}"
                        for v in found
                    ]
                    fits = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                    picture = path.with_name(f"{path.stem}-{width}.png")
                    page.screenshot(path=picture, full_page=True)
                    page.close()
                    return Looked(picture, broken, bool(fits), [u for u in asked if u != path.resolve().as_uri()])

                yield look
            finally:
                chromium.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)
