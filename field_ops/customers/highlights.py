"""Where in a name as it is written what was typed is: the match knows the name's matching form."""

from functools import lru_cache

from .matching import Span
from .names import matching_form


def written_span(name: str, span: Span | None) -> Span | None:
    """From and to which character of the written name; None where it cannot be told."""
    if span is None:
        return None
    forms = list(map(_form, name))
    if "".join(forms) != matching_form(name):
        return None  # two characters became one
    at, marked = 0, []
    for place, form in enumerate(forms):
        if form and span[0] <= at < span[1]:
            marked.append(place)
        at += len(form)
    return (marked[0], marked[-1] + 1) if marked else None


@lru_cache(maxsize=32_768)
def _form(char: str) -> str:
    return matching_form(char)
