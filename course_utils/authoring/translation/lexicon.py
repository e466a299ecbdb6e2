"""The words of both languages, with what the grammar has to know of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """A noun: its forms in both languages, its French gender, and what is said of it.

    gender: "m" or "f". adjectives: the English ones that may stand with it.
    """

    en: str
    fr: str
    gender: str
    adjectives: tuple[str, ...] = ()
    en_plural: str = ""
    fr_plural: str = ""

    def english(self, plural: bool) -> str:
        """Return the English form."""
        return (self.en_plural or f"{self.en}s") if plural else self.en

    def french(self, plural: bool) -> str:
        """Return the French form; nouns in -eau end in -eaux."""
        regular = f"{self.fr}x" if self.fr.endswith("eau") else f"{self.fr}s"
        return (self.fr_plural or regular) if plural else self.fr


@dataclass(frozen=True)
class Adjective:
    """A French adjective: masculine and feminine, singular and plural, and where it stands.

    vowel: the masculine singular before a vowel, where it differs (un vieil arbre).
    """

    ms: str
    fs: str
    mp: str
    fp: str
    before: bool = False
    vowel: str = ""

    def form(self, gender: str, plural: bool) -> str:
        """Return the form that agrees with a noun."""
        return {"ms": self.ms, "fs": self.fs, "mp": self.mp, "fp": self.fp}[gender + "sp"[plural]]


def _regular(stem: str, **more) -> Adjective:
    """Make an adjective whose forms are stem, -e, -s, -es; one in -e or -s adds nothing to it."""
    feminine = stem if stem.endswith("e") else f"{stem}e"
    masculine = stem if stem.endswith("s") else f"{stem}s"
    return Adjective(stem, feminine, masculine, f"{feminine}s", **more)


ADJECTIVES = {
    "red": _regular("rouge"),
    "blue": _regular("bleu"),
    "green": _regular("vert"),
    "black": _regular("noir"),
    "white": Adjective("blanc", "blanche", "blancs", "blanches"),
    "small": _regular("petit", before=True),
    "big": _regular("grand", before=True),
    "old": Adjective("vieux", "vieille", "vieux", "vieilles", before=True, vowel="vieil"),
    "new": Adjective("nouveau", "nouvelle", "nouveaux", "nouvelles", before=True, vowel="nouvel"),
    "beautiful": Adjective("beau", "belle", "beaux", "belles", before=True, vowel="bel"),
    "tired": _regular("fatigué"),
    "busy": _regular("occupé"),
    "ready": _regular("prêt"),
    "sad": _regular("triste"),
    "sick": _regular("malade"),
    "tall": _regular("grand"),
    "happy": Adjective("heureux", "heureuse", "heureux", "heureuses"),
    "kind": Adjective("gentil", "gentille", "gentils", "gentilles"),
}

_ANY = ("red", "blue", "green", "black", "white")
_FUR = ("black", "white", "small", "big", "old", "beautiful")

THINGS = (
    Noun("car", "voiture", "f", (*_ANY, "small", "big", "old", "new", "beautiful")),
    Noun("book", "livre", "m", ("red", "blue", "green", "small", "big", "old", "new")),
    Noun("hat", "chapeau", "m", (*_ANY, "small", "big", "old", "new", "beautiful")),
    Noun("key", "clé", "f", ("small", "old", "new")),
    Noun("house", "maison", "f", ("white", "small", "big", "old", "new", "beautiful")),
    Noun("chair", "chaise", "f", (*_ANY, "small", "old", "new")),
    Noun("table", "table", "f", ("black", "white", "small", "big", "old", "new")),
    Noun("coat", "manteau", "m", (*_ANY, "old", "new", "beautiful")),
    Noun("bag", "sac", "m", (*_ANY, "small", "big", "old", "new")),
    Noun("computer", "ordinateur", "m", ("black", "white", "small", "old", "new")),
    Noun("flower", "fleur", "f", ("red", "blue", "white", "small", "beautiful")),
    Noun("tree", "arbre", "m", ("small", "big", "old", "beautiful")),
)  # fmt: skip
ANIMALS = (
    Noun("cat", "chat", "m", _FUR),
    Noun("dog", "chien", "m", _FUR),
    Noun("horse", "cheval", "m", _FUR, fr_plural="chevaux"),
    Noun("bird", "oiseau", "m", ("red", "blue", "green", *_FUR)),
)
PEOPLE = (
    Noun("man", "homme", "m", en_plural="men"),
    Noun("woman", "femme", "f", en_plural="women"),
    Noun("boy", "garçon", "m"),
    Noun("girl", "fille", "f"),
    Noun("child", "enfant", "m", en_plural="children"),
    Noun("doctor", "médecin", "m"),
)
FAMILY = (
    Noun("brother", "frère", "m"),
    Noun("sister", "sœur", "f"),
    Noun("uncle", "oncle", "m"),
)
PLACES = (
    Noun("market", "marché", "m"),
    Noun("station", "gare", "f"),
    Noun("school", "école", "f"),
    Noun("beach", "plage", "f"),
    Noun("hospital", "hôpital", "m"),
    Noun("museum", "musée", "m"),
    Noun("park", "parc", "m"),
    Noun("hotel", "hôtel", "m"),
)
EATEN = (
    Noun("bread", "pain", "m"),
    Noun("meat", "viande", "f"),
    Noun("cheese", "fromage", "m"),
    Noun("soup", "soupe", "f"),
)
DRUNK = (
    Noun("water", "eau", "f"),
    Noun("milk", "lait", "m"),
    Noun("coffee", "café", "m"),
)
KITCHEN = (Noun("oil", "huile", "f"), Noun("salt", "sel", "m"))
MOODS = ("tired", "busy", "ready", "sad", "sick", "tall", "happy", "kind")  # fmt: skip


@dataclass(frozen=True)
class Verb:
    """A verb in the present: six French persons, English for I and for he, and whether -ing."""

    fr: tuple[str, str, str, str, str, str]
    en: str
    third: str
    progressive: bool = False


VERBS = {
    "be": Verb(("suis", "es", "est", "sommes", "êtes", "sont"), "are", "is"),
    "have": Verb(("ai", "as", "a", "avons", "avez", "ont"), "have", "has"),
    "want": Verb(("veux", "veux", "veut", "voulons", "voulez", "veulent"), "want", "wants"),
    "like": Verb(("aime", "aimes", "aime", "aimons", "aimez", "aiment"), "like", "likes"),
    "see": Verb(("vois", "vois", "voit", "voyons", "voyez", "voient"), "see", "sees"),
    "think": Verb(
        ("pense", "penses", "pense", "pensons", "pensez", "pensent"), "think", "thinks"
    ),
    "eat": Verb(
        ("mange", "manges", "mange", "mangeons", "mangez", "mangent"), "eating", "eating", True
    ),
    "drink": Verb(
        ("bois", "bois", "boit", "buvons", "buvez", "boivent"), "drinking", "drinking", True
    ),
    "buy": Verb(
        ("achète", "achètes", "achète", "achetons", "achetez", "achètent"),
        "buying", "buying", True,
    ),
    "look for": Verb(
        ("cherche", "cherches", "cherche", "cherchons", "cherchez", "cherchent"),
        "looking for", "looking for", True,
    ),
    "go": Verb(("vais", "vas", "va", "allons", "allez", "vont"), "going", "going", True),
    "talk": Verb(
        ("parle", "parles", "parle", "parlons", "parlez", "parlent"), "talking", "talking", True
    ),
    "come": Verb(
        ("viens", "viens", "vient", "venons", "venez", "viennent"), "coming", "coming", True
    ),
}  # fmt: skip
