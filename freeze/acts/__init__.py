"""The use cases: each a function of plain values; terminal, pages and jobs call these and nothing below."""
