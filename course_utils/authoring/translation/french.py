"""Put French words together: elision, articles and their contractions, agreement, negation."""

from __future__ import annotations

from .lexicon import ADJECTIVES, Noun

VOWELS = "aeiouyàâéèêëîïôùûœh"  # every h of the lexicon is mute
ELIDED = {"le": "l'", "la": "l'", "de": "d'", "je": "j'", "ne": "n'", "que": "qu'"}
POSSESSIVES = {  # person -> masculine, feminine, plural
    1: ("mon", "ma", "mes"),
    2: ("ton", "ta", "tes"),
    3: ("son", "sa", "ses"),
    4: ("notre", "notre", "nos"),
    5: ("votre", "votre", "vos"),
    6: ("leur", "leur", "leurs"),
}


def starts_with_vowel(word: str) -> bool:
    """Return True if the word before this one is elided."""
    return word[0].lower() in VOWELS


def joined(*words: str) -> str:
    """Write words one after the other, eliding le, la, de, je, ne and que before a vowel."""
    text = ""
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if word in ELIDED and following and starts_with_vowel(following):
            text += ELIDED[word]
        else:
            text += f"{word} "
    return text.strip()


def with_adjective(noun: Noun, adjective: str | None, plural: bool) -> list[str]:
    """Return a noun and an adjective that agrees, in the order of French."""
    word = noun.french(plural)
    if adjective is None:
        return [word]
    known = ADJECTIVES[adjective]
    form = known.form(noun.gender, plural)
    if known.vowel and form == known.ms and not plural and starts_with_vowel(word):
        form = known.vowel
    return [form, word] if known.before else [word, form]


def indefinite(noun: Noun, adjective: str | None = None) -> str:
    """Return un or une, and the noun."""
    article = "un" if noun.gender == "m" else "une"
    return joined(article, *with_adjective(noun, adjective, False))


def definite(noun: Noun, plural: bool = False, adjective: str | None = None) -> str:
    """Return le, la, l' or les, and the noun."""
    article = "les" if plural else "le" if noun.gender == "m" else "la"
    return joined(article, *with_adjective(noun, adjective, plural))


def possessed(person: int, noun: Noun, plural: bool = False) -> str:
    """Return a possessive and the noun: mon before a vowel whatever the gender."""
    masculine, feminine, several = POSSESSIVES[person]
    word = noun.french(plural)
    if plural:
        return f"{several} {word}"
    return f"{masculine if noun.gender == 'm' or starts_with_vowel(word) else feminine} {word}"


def contracted(preposition: str, phrase: str) -> str:
    """Put à or de before a phrase: au, aux, du, des with le and les."""
    whole = f"{preposition} {phrase}"
    for apart, together in (
        ("à les ", "aux "), ("à le ", "au "), ("de les ", "des "), ("de le ", "du "),
    ):  # fmt: skip
        if whole.startswith(apart):
            return together + whole.removeprefix(apart)
    return joined(preposition, phrase)


def some(noun: Noun) -> str:
    """Return the partitive: du pain, de la soupe, de l'eau."""
    return contracted("de", definite(noun))


def clause(subject: str, verb: str, *rest: str, negated: bool = False) -> str:
    """Return subject, verb and what follows; negated by ne ... pas."""
    middle = ("ne", verb, "pas") if negated else (verb,)
    return joined(subject, *middle, *rest)
