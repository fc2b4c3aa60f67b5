"""The digest as one page: no script, nothing fetched, readable at 320 px and on paper. Pure.

Meant to meet WCAG 2.2 AA: landmarks, headings in order, table headers, contrast, nothing said by colour alone.
"""

from __future__ import annotations

from html import escape

from freeze.report.digest import HEADS, compared, title, warnings, when
from freeze.views.digest import Digest
from freeze.views.digest_items import Item
from freeze.windows import say
from freeze.words import safe

STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:0 1rem 2rem;font:1rem/1.5 system-ui,"DejaVu Sans",sans-serif;color:#1a1a1a;
background:#fff;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:2px solid #1a1a1a}
p{margin:.35rem 0}
.marking{font-weight:bold;letter-spacing:.05em}
.warn{border-left:.4rem solid #8a1c00;padding:.4rem .8rem;background:#fdf3f0}
ol{padding-left:1.6rem}
ol li{margin:0 0 1.1rem}
.when{font-weight:bold}
.words{font-style:italic}
.news{display:inline-block;border:2px solid #1a1a1a;border-radius:.2rem;padding:0 .35rem;font-weight:bold;
font-size:.85rem}
.clause{color:#4a4a4a}
table{border-collapse:collapse;width:100%;font-size:.92rem;overflow-wrap:break-word}
tbody th{min-width:8.5rem}
td:nth-child(2){min-width:9rem}
td:nth-child(3){min-width:11rem}
caption{text-align:left;font-weight:bold;padding:.3rem 0}
th,td{border:1px solid #767676;padding:.35rem .5rem;text-align:left;vertical-align:top}
thead th{background:#ececec}
footer{margin-top:2rem;border-top:1px solid #767676;font-size:.9rem}
@media (max-width:48rem){
table,thead,tbody,tr,th,td,caption{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border:1px solid #767676;margin:0 0 .8rem;padding:.3rem .5rem}
th,td{border:0;padding:.1rem 0}
td[data-head]::before{content:attr(data-head) ": ";font-weight:bold}
td.none{display:none}}
@media print{body{max-width:none;font-size:10pt}tr,li{break-inside:avoid}}
"""


def page(d: Digest) -> str:
    """The digest as an HTML document."""
    p = d.picture
    parts = [
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="robots" content="noindex">',
        f"<title>{_t(d.subject)} – {_t(title(d))}</title>",
        f"<style>{STYLE}</style>\n</head>\n<body>\n<header>",
        f'<p class="marking">{_t(p.marking)}</p>' if p.marking else "",
        f"<p>{_t(title(d))}</p>\n<h1>{_t(d.subject)}</h1>",
        f"<p>Made {_t(say(p.now))}.</p>\n</header>\n<main>",
        *(f'<p class="warn">{_t(w)}</p>' for w in (p.missed, *warnings(d)) if w),
        *(f"<p>{_t(line)}</p>" for line in d.pauses),
        f"<p>{_t(compared(d))}</p>",
        f"<p>{_t(d.aside)}</p>" if d.aside else "",
        '<section aria-labelledby="first">\n<h2 id="first">First</h2>',
        *(["<ol>", *(_entry(i) for i in d.first), "</ol>"] if d.first else ["<p>Nothing to decide.</p>"]),
        "</section>",
    ]
    for sort, head in HEADS.items():
        rows = [i for i in d.items if i.sort is sort]
        if rows:
            ident = f"kind-{sort.name.lower().replace('_', '-')}"
            parts += [f'<section aria-labelledby="{ident}">\n<h2 id="{ident}">{head} ({len(rows)})</h2>']
            parts += [_table(head, rows), "</section>"]
    parts += ['<section aria-labelledby="ages">\n<h2 id="ages">How old this is</h2>\n<ul>']
    parts += [f"<li>{_t(s.title)}: {_t(safe(s.said, 200))}</li>" for s in p.sources.values()]
    parts += ["</ul>\n</section>\n</main>"]
    parts += [f"<footer>\n<p>Log head: {_t(p.head)}</p>\n</footer>\n</body>\n</html>\n"]
    return "\n".join(part for part in parts if part)


def _t(text: str) -> str:
    """Anybody's text, as text."""
    return escape(safe(text, 600))


def _news(i: Item) -> str:
    return f'<span class="news">{i.news.upper()}</span> ' if i.news else ""


def _entry(i: Item) -> str:
    top = " · ".join(filter(None, (when(i), i.account)))
    words = f'<p><span class="words">“{_t(i.words)}”</span> {i.post}</p>' if i.words else ""
    known = ", ".join(filter(None, (f"clause {i.clause}", i.finding)))
    clause = f' <span class="clause">({_t(known)})</span>' if i.clause else ""
    do = f"<p><strong>Do:</strong> {_t(i.do)}{clause}</p>" if i.do else f"<p>{clause}</p>" if clause else ""
    first = f'<p>{_news(i)}<span class="when">{_t(top or i.says)}</span></p>'
    return f"<li>{first}{words}{f'<p>{_t(i.says)}.</p>' if top else ''}{do}</li>"


def _table(head: str, rows: list[Item]) -> str:
    heads = ("When", "Account", "Post", "What is the matter", "What to do", "Clause")
    top = "".join(f'<th scope="col" role="columnheader">{h}</th>' for h in heads)
    out = [f'<table role="table">\n<caption>{head}: what changed first, then by time</caption>']
    out += [f'<thead role="rowgroup"><tr role="row">{top}</tr></thead>\n<tbody role="rowgroup">']
    for i in rows:
        post = f"{_t(i.words)} {i.post}".strip()
        cells = (i.account, post, _news(i) + _t(i.says), i.do, i.clause)
        shown = (_t(cells[0]), post, cells[2], _t(cells[3]), _t(cells[4]))
        out.append(f'<tr role="row"><th scope="row" role="rowheader">{_t(when(i)) or "Now"}</th>')
        for name, value in zip(heads[1:], shown, strict=True):
            none = "" if value else ' class="none"'
            out.append(f'<td role="cell" data-head="{name}"{none}>{value}</td>')
        out.append("</tr>")
    return "".join([*out, "</tbody>\n</table>"])
