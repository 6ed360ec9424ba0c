"""`/api/docs`: the OpenAPI document as one plain page, without a script from elsewhere."""

from html import escape
from typing import Any

STYLE = """body{font:15px/1.6 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2rem;border-bottom:1px solid #ddd}code{background:#f3f4f6;padding:.1em .3em}
.m{display:inline-block;min-width:4.5em;font-weight:600}small{color:#666}"""


def docs_page(document: dict[str, Any]) -> str:
    """The page, grouped by domain."""
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            by_tag.setdefault(entry["tags"][0], []).append(_entry(method, path, entry))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(rows)}" for tag, rows in sorted(by_tag.items()))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Waiqin API</title>'
        f"<style>{STYLE}</style><h1>Waiqin API</h1>"
        f'<p>The whole document: <a href="openapi.json">openapi.json</a>. Writes need the session '
        f"cookie, <code>X-CSRF-Token</code> and may carry <code>Idempotency-Key</code>.</p>{body}"
    )


def _entry(method: str, path: str, entry: dict[str, Any]) -> str:
    asked = ", ".join(p["name"] for p in entry["parameters"] if p["in"] == "query")
    body = entry.get("requestBody", {}).get("content", {})
    schema = body.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    more = "; ".join(filter(None, [asked and f"query: {asked}", schema and f"body: {schema}"]))
    return (
        f'<p><span class="m">{method.upper()}</span> <code>{escape(path)}</code> '
        f"{escape(entry['summary'])}<br><small>{escape(more)}</small></p>"
    )
