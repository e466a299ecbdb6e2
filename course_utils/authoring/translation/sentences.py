"""Say the sentences of each construction, in English and in French at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from . import english, french
from .lexicon import (
    ADJECTIVES,
    ANIMALS,
    DRUNK,
    EATEN,
    FAMILY,
    KITCHEN,
    MOODS,
    PEOPLE,
    PLACES,
    THINGS,
    VERBS,
    Noun,
)

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

NARROW = "\u202f"  # the no-break space that French puts before a question mark

_BY_NAME = {noun.en: noun for noun in (*THINGS, *ANIMALS, *PEOPLE, *FAMILY, *PLACES)}


def _nouns(names: str) -> list[Noun]:
    return [_BY_NAME[name] for name in names.split()]


_GROWING = _nouns("tree flower")
_OWNED = [noun for noun in THINGS if noun not in _GROWING]
_CARRIED = _nouns("book hat key coat bag")


def having() -> Iterator[Pair]:
    """I have a red car. You have a beautiful house, madam."""
    subjects = (*PRONOUNS, *NAMES, *RELATED[:2], *POLITE)
    chosen = [("have", _OWNED), ("have", ANIMALS), ("want", _OWNED), ("want", ANIMALS)]
    chosen += [("buy", (*_OWNED, _BY_NAME["tree"])), ("see", (*_GROWING, *ANIMALS))]
    chosen += [("see", _nouns("car house")), ("look for", _OWNED)]
    for verb, nouns in chosen:
        for subject, noun in product(subjects, nouns):
            if subject.vocative and verb != "have":
                continue
            for adjective in (None, *noun.adjectives):
                yield subject.says(
                    verb, english.indefinite(noun, adjective), french.indefinite(noun, adjective)
                )


def lacking() -> Iterator[Pair]:
    """I don't have a car. She doesn't want any bread."""
    for subject, verb in product((*PRONOUNS, *NAMES, *RELATED), ("have", "want")):
        for noun in (*_OWNED, *ANIMALS):
            none = french.joined("de", noun.fr)
            yield subject.says(verb, english.indefinite(noun), none, negated=True)
        for noun in (*EATEN, *DRUNK, *KITCHEN):
            yield subject.says(verb, f"any {noun.en}", french.joined("de", noun.fr), negated=True)


def taking() -> Iterator[Pair]:
    """We are eating some soup."""
    for subject in (*PRONOUNS, *NAMES, *RELATED, *OTHERS):
        for verb, nouns in (
            ("eat", EATEN), ("drink", DRUNK), ("buy", (*EATEN, *DRUNK, *KITCHEN)),
            ("want", (*EATEN, *DRUNK, *KITCHEN)),
        ):  # fmt: skip
            for noun in nouns:
                yield subject.says(verb, f"some {noun.en}", french.some(noun))


def describing() -> Iterator[Pair]:
    """My car is red. The hats aren't black."""
    for noun, plural, negated in product((*THINGS, *ANIMALS), (False, True), (False, True)):
        for adjective in noun.adjectives:
            if adjective == "new":  # neuf, of a thing just made: nouveau stands before its noun
                continue
            form = ADJECTIVES[adjective].form(noun.gender, plural)
            for subject in _determined(noun, plural):
                yield subject.says("be", adjective, form, negated)


def _determined(noun: Noun, plural: bool, whose: str = "my your our") -> Iterator[Subject]:
    """Yield the noun as a subject: with the article, and with possessives."""
    person = 6 if plural else 3
    word = noun.english(plural)
    yield Subject(f"the {word}", french.definite(noun, plural), person, noun.gender)
    if noun.en in ("tree", "flower", "bird"):
        return
    for own in whose.split():
        owner = {"my": 1, "your": 2, "his": 3, "her": 3, "our": 4, "their": 6}[own]
        yield Subject(f"{own} {word}", french.possessed(owner, noun, plural), person, noun.gender)


def feeling() -> Iterator[Pair]:
    """She is tired. You aren't ready, sir."""
    for subject, mood, negated in product((*EVERYBODY, *POLITE), MOODS, (False, True)):
        yield subject.says("be", mood, subject.mood(mood), negated)


def lying() -> Iterator[Pair]:
    """The keys are in the bag."""
    places = {"on": "table chair", "under": "table chair", "in": "bag house car"}
    pets = {"on": "chair", "under": "table chair tree", "in": "house car"}
    for things, where in ((_CARRIED, places), (_nouns("cat dog"), pets)):
        for noun, plural, (preposition, names) in product(things, (False, True), where.items()):
            for place in _nouns(names):
                if place is not noun:
                    yield from _lies(noun, plural, preposition, place)
    for noun, plural in product(_nouns("bird cat"), (False, True)):
        yield from _lies(noun, plural, "in", _BY_NAME["tree"])


def _lies(noun: Noun, plural: bool, preposition: str, place: Noun) -> Iterator[Pair]:
    where = {"on": "sur", "under": "sous", "in": "dans"}[preposition]
    for subject, negated in product(_determined(noun, plural), (False, True)):
        yield subject.says(
            "be", f"{preposition} the {place.en}", f"{where} {french.definite(place)}", negated
        )


def going() -> Iterator[Pair]:
    """He is going to the market. We aren't coming from the station."""
    for subject, place, negated in product(EVERYBODY, PLACES, (False, True)):
        there = french.definite(place)
        for verb, to, fr in (("go", "to", "à"), ("come", "from", "de")):
            yield subject.says(verb, f"{to} the {place.en}", french.contracted(fr, there), negated)


def talking() -> Iterator[Pair]:
    """We are talking to the children."""
    persons = [
        (f"the {n.english(p)}", french.definite(n, p)) for n, p in product(PEOPLE, (False, True))
    ]
    persons += [
        (f"my {n.english(p)}", french.possessed(1, n, p)) for n, p in product(FAMILY, (False, True))
    ]
    for subject, (en, fr), negated in product(
        (*PRONOUNS, *NAMES, *RELATED, *OTHERS), persons, (False, True)
    ):
        if en != subject.en:
            yield subject.says("talk", f"to {en}", french.contracted("à", fr), negated)


def owning() -> Iterator[Pair]:
    """I see the doctor's car."""
    owners = [*product(PEOPLE, (False,)), *product(_nouns("boy girl child"), (True,))]
    things = _nouns("car hat house coat bag key dog cat horse")
    for subject, verb in product((*PRONOUNS, *NAMES, *RELATED[:2]), ("see", "like", "look for")):
        for (owner, plural), noun in product(owners, things):
            belongs = french.contracted("de", french.definite(owner, plural))
            if (noun.en, verb) == ("key", "like") or (plural and noun.en in ("hat", "coat")):
                continue  # several children have several hats
            yield subject.says(
                verb,
                f"the {english.owner(owner, plural)} {noun.en}",
                f"{french.definite(noun)} {belongs}",
            )


def thinking() -> Iterator[Pair]:
    """I think that she is sick."""
    for subject, other, mood in product((*PRONOUNS, *NAMES), (*PRONOUNS, *NAMES, *RELATED), MOODS):
        if subject == other:
            continue
        en, fr = other.says("be", mood, other.mood(mood))
        keep = other in NAMES or other.en == "I"
        en = en[:-1] if keep else en[0].lower() + en[1:-1]
        fr = fr[:-1] if other in NAMES else fr[0].lower() + fr[1:-1]
        yield subject.says("think", f"that {en}", french.joined("que", fr))


def liking() -> Iterator[Pair]:
    """I like old books. She doesn't like black cats."""
    for subject, noun, negated in product(
        (*PRONOUNS, *NAMES, *RELATED), (*THINGS, *ANIMALS), (False, True)
    ):
        if noun.en in ("key", "chair", "table"):
            continue
        for adjective in (None, *noun.adjectives):
            yield subject.says(
                "like", english.described(noun, adjective, True),
                french.definite(noun, True, adjective), negated,
            )  # fmt: skip


def keeping() -> Iterator[Pair]:
    """He is looking for his keys. I like my school."""
    for subject in (*PRONOUNS, *NAMES):
        chosen = [("look for", [*_CARRIED, *ANIMALS[:3], *FAMILY]), ("want", _CARRIED)]
        chosen += [("like", [*_nouns("car hat house computer"), *ANIMALS[:3]])]
        for verb, nouns in chosen:
            for noun, plural in product(nouns, (False, True)):
                yield subject.says(
                    verb, f"{subject.own} {noun.english(plural)}",
                    french.possessed(subject.person, noun, plural),
                )  # fmt: skip
        for noun in (*_nouns("school"), *FAMILY):
            yield subject.says(
                "like", f"{subject.own} {noun.en}", french.possessed(subject.person, noun)
            )


def asking() -> Iterator[Pair]:
    """Where are my keys?"""
    asked = [*_CARRIED, *_nouns("car computer chair"), *ANIMALS[:3]]
    for noun, plural in product([*asked, *FAMILY, *PEOPLE[:5]], (False, True)):
        for subject in _determined(noun, plural, "my your his her our their"):
            if noun in PEOPLE and not subject.en.startswith("the "):
                continue
            if noun in FAMILY and subject.en.startswith("the "):
                continue
            be = VERBS["be"]
            verb = "are" if plural else "is"
            yield (f"Where {verb} {subject.en}?",
                   f"Où {be.fr[subject.person - 1]} {subject.fr}{NARROW}?")  # fmt: skip
    for place in PLACES:
        yield f"Where is the {place.en}?", f"Où est {french.definite(place)}{NARROW}?"


CONSTRUCTIONS = {
    function.__name__: function
    for function in (
        having, lacking, taking, describing, feeling, lying, going, talking, owning, thinking,
        liking, keeping, asking,
    )
}  # fmt: skip
