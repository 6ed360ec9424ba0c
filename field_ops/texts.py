"""What we say to people is a `Text`: Chinese and English, chosen by the language of the reader."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages. `{name}` in it stands for a fact.

    A fact that is a `Text` itself speaks the language of the whole.
    """

    zh: str
    en: str

    def say(self, language: str, /, **facts: object) -> str:
        """The text for a reader of `language` (`zh` or `en`), with its facts in it."""
        side = self.en if language.startswith("en") else self.zh
        if not facts:  # a text that was filled may have braces of its own: a customer's name, say
            return side
        return side.format(**{name: said(fact, language) for name, fact in facts.items()})

    def filled(self, **facts: object) -> "Text":
        """The text with its facts in it, while the reader is not known yet."""
        return Text(self.say("zh", **facts), self.say("en", **facts))


def said(fact: object, language: str) -> object:
    """A fact as it is told: a `Text` in this language, anything else as it is."""
    return fact.say(language) if isinstance(fact, Text) else fact
