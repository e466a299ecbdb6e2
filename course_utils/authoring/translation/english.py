"""Put English words together: a and an, the verb's third person, negation."""

from __future__ import annotations

from .lexicon import Noun, Verb

POSSESSIVES = {1: "my", 2: "your", 3: "his", 4: "our", 5: "your", 6: "their"}


def indefinite(noun: Noun, adjective: str | None = None) -> str:
    """Return a or an, and the noun."""
    phrase = described(noun, adjective)
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def described(noun: Noun, adjective: str | None = None, plural: bool = False) -> str:
    """Return an adjective and a noun."""
    return f"{adjective} {noun.english(plural)}" if adjective else noun.english(plural)


def owner(noun: Noun, plural: bool) -> str:
    """Return the genitive: the girl's, the girls', the children's."""
    word = noun.english(plural)
    return f"{word}'" if word.endswith("s") else f"{word}'s"


def clause(subject: str, person: int, verb: Verb, rest: str, negated: bool = False) -> str:
    """Return subject, verb and what follows; a negation is contracted, as in speech.

    person: 1 to 6, counted as in French.
    """
    third = person == 3
    if verb.progressive or verb.third == "is":
        after = f"{verb.en} {rest}" if verb.progressive else rest
        if person == 1:
            return f"{subject}'m not {after}" if negated else f"{subject} am {after}"
        be = "is" if third else "are"
        return f"{subject} {be}n't {after}" if negated else f"{subject} {be} {after}"
    if negated:
        return f"{subject} {'doesn' if third else 'don'}'t {verb.en} {rest}"
    return f"{subject} {verb.third if third else verb.en} {rest}"
