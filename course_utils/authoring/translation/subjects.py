"""Who a sentence is about, and the sentence that is made of them and a verb."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from . import english, french
from .lexicon import ADJECTIVES, FAMILY, PEOPLE, VERBS

Pair = tuple[str, str]


@dataclass(frozen=True)
class Subject:
    """Who a sentence is about; person: 1 to 6; vocative: who is spoken to as vous."""

    en: str
    fr: str
    person: int
    gender: str = "m"
    vocative: tuple[str, str] | None = None

    @property
    def own(self) -> str:
        """Return the English possessive."""
        feminine = self.person == 3 and self.gender == "f"
        return "her" if feminine else english.POSSESSIVES[self.person]

    def says(self, verb: str, en: str, fr: str, negated: bool = False) -> Pair:
        """Return a main clause of this subject, as a sentence."""
        known = VERBS[verb]
        one = english.clause(self.en, self.person, known, en, negated)
        other = french.clause(self.fr, known.fr[self.person - 1], fr, negated=negated)
        called = self.vocative or ("", "")
        return sentence(one, called[0]), sentence(other, called[1])

    def mood(self, mood: str) -> str:
        """Return a French adjective that agrees with this subject."""
        polite = self.person == 5  # one person
        return ADJECTIVES[mood].form(self.gender, self.person >= 4 and not polite)


def sentence(text: str, called: str = "") -> str:
    """Write a clause as a sentence, with the person who is spoken to at its end."""
    text = text[0].upper() + text[1:]
    return f"{text}, {called}." if called else f"{text}."


PRONOUNS = (
    Subject("I", "je", 1),
    Subject("you", "tu", 2),
    Subject("he", "il", 3),
    Subject("she", "elle", 3, "f"),
    Subject("we", "nous", 4),
    Subject("they", "ils", 6),
)
NAMES = (Subject("Paul", "Paul", 3), Subject("Marie", "Marie", 3, "f"),
         Subject("Anna", "Anna", 3, "f"))  # fmt: skip
POLITE = (
    Subject("you", "vous", 5, "m", ("sir", "monsieur")),
    Subject("you", "vous", 5, "f", ("madam", "madame")),
)
RELATED = tuple(
    Subject(
        f"my {noun.english(plural)}", french.possessed(1, noun, plural), 6 if plural else 3,
        noun.gender,
    )
    for noun, plural in product(FAMILY, (False,))
)  # fmt: skip
OTHERS = tuple(
    Subject(
        f"the {noun.english(plural)}", french.definite(noun, plural), 6 if plural else 3,
        noun.gender,
    )
    for noun, plural in product(PEOPLE, (False, True))
)  # fmt: skip
EVERYBODY = (*PRONOUNS, *NAMES, *RELATED, *OTHERS)
