"""`/api/docs`: the OpenAPI document as one plain page, without a script from elsewhere."""

from html import escape
from typing import Any

import orjson

STYLE = """body{font:15px/1.6 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;
color:#1f2937}h2{margin-top:2.5rem;border-bottom:1px solid #ddd}
code,pre{background:#f3f4f6;padding:.1em .3em;border-radius:3px}
pre{padding:.6em .8em;overflow:auto;font-size:13px;line-height:1.45}
details{margin:.35rem 0;border:1px solid #e5e7eb;border-radius:6px;padding:.4rem .7rem}
summary{cursor:pointer}.m{display:inline-block;min-width:4.5em;font-weight:600}
small,dd{color:#6b7280}dt{margin-top:.3em}dd{margin-left:1.2em}nav a{margin-right:.8em}"""


def docs_page(document: dict[str, Any]) -> str:
    """The page, grouped by domain; each operation opens to its fields, examples and refusals."""
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            by_tag.setdefault(entry["tags"][0], []).append(_entry(method, path, entry))
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    links = "".join(f'<a href="#{_slug(tag)}">{escape(tag)}</a>' for tag in by_tag)
    body = "".join(
        f'<h2 id="{_slug(tag)}">{escape(tag)}</h2><p>{escape(about.get(tag, ""))}</p>'
        f"{''.join(rows)}"
        for tag, rows in by_tag.items()
    )
    told = "".join(
        _entry("event", name, methods["post"]) for name, methods in document["webhooks"].items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Waiqin API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>Waiqin API</h1>{_paragraphs(document['info']['description'])}"
        f'<p>The whole document: <a href="openapi.json">openapi.json</a></p><nav>{links}'
        f'<a href="#events">events</a></nav>{body}'
        f'<h2 id="events">events</h2><p>What webhooks are sent</p>{told}'
    )


def _entry(method: str, path: str, entry: dict[str, Any]) -> str:
    body = entry.get("requestBody", {}).get("content", {}).get("application/json")
    answers = [
        (status, answer["content"]["application/json"])
        for status, answer in entry["responses"].items()
        if "application/json" in answer.get("content", {})
    ]
    return (
        f'<details><summary><span class="m">{method.upper()}</span> <code>{escape(path)}</code> '
        f"{escape(entry['summary'])}</summary>{_paragraphs(entry.get('description', ''))}"
        f"{_parameters(entry.get('parameters', []))}"
        f"{_example('Send', body) if body else ''}"
        f"{''.join(_example(f'Answer {status}', answer) for status, answer in answers)}"
        f"{_refusals(entry['responses'])}</details>"
    )


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<dt><code>{escape(one['name'])}</code> <small>{one['in']}"
        f"{' · needed' if one.get('required') else ''}</small></dt>"
        f"<dd>{escape(one.get('description') or one['schema'].get('description', ''))}</dd>"
        for one in parameters
    )
    return f"<dl>{rows}</dl>" if rows else ""


def _example(title: str, content: dict[str, Any]) -> str:
    named = content["schema"].get("$ref", "").rpartition("/")[2]
    shown = orjson.dumps(content["example"], option=orjson.OPT_INDENT_2).decode()
    return f"<p>{title} <small>{escape(named)}</small></p><pre>{escape(shown)}</pre>"


def _refusals(responses: dict[str, Any]) -> str:
    rows = [
        f"{status} <small>{escape(', '.join(content['examples']))}</small>"
        for status, answer in responses.items()
        if (content := answer.get("content", {}).get("application/problem+json"))
    ]
    return f"<p>Refused with {'; '.join(rows)}</p>" if rows else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part)


def _slug(tag: str) -> str:
    return escape(tag.replace(" ", "-"))
