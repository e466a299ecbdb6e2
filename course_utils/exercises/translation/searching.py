"""Search for a translation with a beam, and score texts of different lengths."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception, Nested
from . import oracle
from .cases import END, START, alphabet, described, drawn_rows, network, with_blank

MARGIN = 0.01  # in log-probability, between what is kept and what is dropped: float32 is far finer


def _search(start, step, target_index, max_length, width, alpha, *, first=START, log=np.log,
            add=lambda log_p, log_q: log_p + log_q, carry=lambda old, new: new,
            pick=lambda ranked, room: ranked[:room], lend=lambda states, i: states[i],
            stop=True, refill=False, keep_end=False, drop_open=False, said=lambda text: text,
            until_first=False, compete=False, more=0, begin=0.0,
            divide=lambda log_p, n, alpha: log_p / n**alpha, order=lambda pairs: pairs,
            count=0, running=False, fed=lambda text: text[-1:]):  # fmt: skip
    """Search with one thing or another done wrong; step(number, state) gives (p, state)."""
    beams, finished = [(begin, first, start, 0)], []
    for _ in range(max_length + more):
        longer, states = [], []
        for i, (log_p, text, state, _) in enumerate(beams):
            p, new = step(target_index.get(fed(text), 0), state)
            states.append(carry(state, new))
            log_q = log(p)
            if running:
                numbers = [*target_index.values()]
                log_q[numbers] = np.cumsum(log_q[numbers])
            longer += [(add(log_p, log_q[n]), text + ch, i) for ch, n in target_index.items()]
        if compete and beams:
            longer += [(log_p, text, 0) for log_p, text, *_ in finished]
            finished = []
        longer.sort(key=lambda beam: beam[0], reverse=True)
        room = width if refill else width - len(finished)
        best = [(log_p, text, lend(states, i), i) for log_p, text, i in pick(longer, room)]
        finished += [beam for beam in best if stop and beam[1][-1] == END]
        beams = [beam for beam in best if not stop or beam[1][-1] != END]
        if until_first and finished:
            break
    every = finished if drop_open else finished + beams
    texts = [(log_p, said(text[len(first) :])) for log_p, text, *_ in every]
    scored = [
        (text if keep_end else text.replace(END, ""),
         float(divide(log_p, max(1, len(text) + count), alpha)))
        for log_p, text in texts
    ]  # fmt: skip
    return order(sorted(scored, key=lambda pair: -pair[1]))[: None if refill else width]


def _searched(source, encoder_model, decoder_model, target_index, max_length, width, alpha, *,
              start=lambda h, c: [h, c], write=lambda pairs: pairs, **wrong):  # fmt: skip
    """Search with two models, or what gives the same."""

    def step(number, states):
        p, *new = decoder_model([np.array([[number]]), *map(np.asarray, states)])
        return np.asarray(p)[0, -1], new

    states = start(*encoder_model(source))
    return write(_search(states, step, target_index, max_length, width, alpha, **wrong))


def _greedy(*args):
    """Take one character after the other; return it as the only translation."""
    *args, _, alpha = args
    return _searched(*args, 1, alpha)


def _best_of_each(ranked: list, room: int) -> list:
    """Let every beginning go on by its best character only, once there are several."""
    if len({i for *_, i in ranked}) == 1 and len(ranked[0][1]) == 2:
        return ranked[:room]
    return list({i: beam for beam in ranked[::-1] for i in beam[2:]}.values())[:room]


def _up_to_end(text: str) -> str:
    """Cut off what follows the first end character."""
    return text[: text.find(END) + 1] if END in text else text


def _room_for_each(ranked: list, room: int) -> list:
    """Keep as many for each beginning as there should be in all."""
    kept: dict[int, list] = {}
    for beam in ranked:
        kept.setdefault(beam[2], []).append(beam)
    return [beam for beams in kept.values() for beam in beams[:room]][:64]


_WRONG: dict[str, dict[str, Any]] = {
    "best of each": {"pick": _best_of_each},
    "added": {"log": np.asarray},
    "last": {"add": lambda log_p, log_q: log_q},
    "running": {"running": True},
    "old states": {"carry": lambda old, new: old},
    "last state": {"lend": lambda states, i: states[-1]},
    "first state": {"lend": lambda states, i: states[0]},
    "refill": {"refill": True},
    "compete": {"compete": True},
    "multiplied": {"divide": lambda log_p, n, alpha: log_p * n**alpha},
    "mean": {"divide": lambda log_p, n, alpha: log_p / n},
    "no length": {"divide": lambda log_p, n, alpha: log_p},
    "short length": {"count": -1},
    "worst": {"order": lambda pairs: pairs[::-1]},
    "kept worst": {"pick": lambda ranked, room: ranked[::-1][:room]},
}


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (source, encoder_model, ..., max_length, width, alpha)."""
    return [
        _case(rng, "sentences that end", "plain", max_length=8, width=3, alpha=0.0),
        _case(rng, "... and their lengths count", "length", max_length=8, width=3, alpha=0.7),
        _case(rng, "sentences that go on", "open", max_length=4, width=3, alpha=0.0),
        _case(rng, "one that ends early", "early", max_length=8, width=3, alpha=0.0),
        _case(rng, "sentences that go on, and their lengths count", "open, length", max_length=4,
              width=3, alpha=0.7),
    ]  # fmt: skip


def _case(rng, what: str, tag: str, *, max_length: int, width: int, alpha: float) -> Case:
    for _ in range(20_000):
        target = alphabet(rng, string.ascii_lowercase, 5, True)
        weights = network(rng, 5, len(target) + 1, 3, 4)
        weights["characters"][0] *= 0.5  # in two minds
        for silent in (0, target[START]):
            weights["characters"][1][silent] = -30.0
        weights["characters"][1][target[END]] += "open" not in tag
        source = drawn_rows(rng, 5, (3,), 3)
        if _is_telling(weights, source, target, max_length, width, alpha, tag):
            break
    else:
        raise RuntimeError(f"no network drawn for {what!r}")
    if tag == "open":  # one is cut after a blank, which a strip would take off
        found, _ = oracle.beams(weights, source, target, max_length, width, alpha)
        target = with_blank(target, _cut([text for text, _ in found], max_length)[0][-1])
    args = {
        "source": source,
        "encoder_model": described(weights, "encoder", 3),
        "decoder_model": described(weights, "decoder", 1),
        "target_index": target,
        "max_length": max_length,
        "width": width,
        "alpha": alpha,
    }
    return Case(f"{what}: width={width}, alpha={alpha}", args, frozenset(tag.split(", ")))


def _cut(texts: Sequence[str], max_length: int) -> list[str]:
    """List the texts that are still open and don't repeat one letter."""
    return [text for text in texts if len(text) == max_length and len(set(text)) > 1]


def _is_telling(weights, source, target, max_length, width, alpha, tag) -> bool:
    """Return True if the choices are clear, end as wanted, and every mistake changes them."""
    greedy, _ = oracle.run(weights, source, target, max_length)
    if (greedy[-1] != target[END]) != ("open" in tag) or len(greedy) < 3:
        return False
    found, margin = oracle.beams(weights, source, target, max_length, width, alpha)
    texts, lengths = [text for text, _ in found], {len(text) for text, _ in found}
    if margin < MARGIN or len(lengths) < 2 or 0 in lengths or found[0][1] > -0.2:
        return False
    if (max(lengths) == max_length) != ("open" in tag):
        return False
    if tag == "open" and not _cut(texts, max_length):
        return False
    if [target[character] for character in texts[0] + END][: len(greedy)] == greedy:
        return False  # no search is needed
    if "length" in tag:
        plain, _ = oracle.beams(weights, source, target, max_length, width, 0.0)
        if ([text for text, _ in plain] == texts) != (tag == "open, length"):
            return False
    if tag == "open, length":  # what is done to the open ones shows in their scores alone
        if sorted(texts, key=lambda text: len(text) == max_length) != texts:
            return False
        less = (max_length / (max_length + 1)) ** alpha
        raised = [score * (less if len(text) == max_length else 1) for text, score in found]
        if sorted(raised, reverse=True) != raised:
            return False

    def step(number, state):
        p, *new = oracle.decoded(weights, number, *state)
        return p, new

    start = oracle.encoded(weights, source[0].tolist())
    search = partial(_search, start, step, target, max_length, width, alpha)
    names = {"length": (), "open, length": (), "early": ("compete",)}.get(tag, _TEXTS)
    wrongs = [_WRONG[name] for name in names]
    if len(wrongs) > 1 and [text for text, _ in search(**_WRONG["mean"])] != texts:
        return False  # that mistake shows in the scores
    return all([text for text, _ in search(**wrong)] != texts for wrong in wrongs)


_TEXTS = (
    "best of each",
    "added",
    "last",
    "running",
    "old states",
    "last state",
    "first state",
    "refill",
)


def _follows(args: Mapping[str, Any], value: Sequence) -> dict[str, Any]:
    """Expect the scores of the learner's own texts."""
    if len({text for text, _ in value}) < 2:
        raise ValueError("the same text again and again is no search")
    weights = oracle.weights_of(args["encoder_model"], args["decoder_model"])
    given = weights, args["source"], args["target_index"], args["max_length"], args["alpha"]
    return {f"{i}.score": oracle.score_of(text, *given) for i, (text, _) in enumerate(value)}


def _mistake(name: str) -> Callable[..., Any]:
    return partial(_searched, **_WRONG[name])


BEAM_SEARCH = Exercise(
    name="beam_search",
    difficulty=3,
    minutes=25,
    returns=Nested("", ("text", "score"), each=True),
    stages=("text", "score"),
    cases=_cases,
    oracle=oracle.beam_search,
    probe="call_with_keras",
    in_numpy=oracle.in_numpy,
    follows=_follows,
    charged_first=("*.text",),
    criteria=(
        Criterion("returns a list of `width` pairs, (text, score)", 2, aspect="shape"),
        Criterion("the most probable beginnings are kept, and those that end are set aside", 6,
                  leaves=("*.text",)),
        Criterion("the score of each: its log-probability, its end included", 3,
                  leaves=("*.score",),
            hint="Choosing the end character has a probability, too. Is its logarithm in the "
                 "sum of a finished text?"),
        Criterion("divided by the length to the power of alpha", 3, tag="length",
            hint="At which moment is a sum divided: at every step, or once, for the ranking "
                 "in the end? And does the length count the end character?"),
        Criterion("texts still open after max_length characters", 2, tag="open",
            hint="What is open when the steps are used up is a result as well. Where does it "
                 "join those that have ended?"),
    ),
    misconceptions=(
        Misconception("one translation only",
            "You return one translation. The `width` most probable beginnings are kept at each "
            "step, and all of them are returned in the end, as a list of pairs.",
            _greedy,
            (partial(_searched, write=lambda pairs: pairs[0]),
             partial(_searched, write=lambda pairs: pairs[0][0]))),
        Misconception("each continued by its best character only",
            "Each beginning is continued by its own best character, so the first characters decide "
            "what can be found. Continue each by every character, and choose among all of them.",
            _mistake("best of each")),
        Misconception("a beam for each beginning",
            "You keep `width` continuations of each beginning, and their number multiplies. Put "
            "the continuations of all into one list, and keep the `width` best of that.",
            partial(_searched, pick=_room_for_each, refill=True)),
        Misconception("probabilities added",
            "You add probabilities. Those of a text's characters are multiplied, so their "
            "logarithms are added.",
            _mistake("added")),
        Misconception("logarithms multiplied",
            "You multiply logarithms. Those of a text's characters are added, and the sum starts "
            "from 0, which is the logarithm of 1.",
            partial(_searched, add=lambda log_p, log_q: -log_p * log_q, begin=-1.0)),
        Misconception("only the last character counts",
            "You compare the last characters alone. Add each one's log-probability to that of "
            "the text before it.",
            _mistake("last")),
        Misconception("added up from character to character",
            "In the loop over the characters, each one's log-probability is added to what the last "
            "one had. Each text starts again from that of its own beginning.",
            _mistake("running")),
        Misconception("states never updated",
            "Every step starts from the encoder's states. Each text needs the states after its "
            "own characters: those the decoder model returned when it was continued.",
            _mistake("old states")),
        Misconception("one state for all texts",
            "All texts go on from the same states. Keep each text together with its own h and c: "
            "two beginnings of one parent share theirs, others don't.",
            _mistake("last state"), (_mistake("first state"),)),
        Misconception("encoder's states not used",
            "The decoder starts from zeros, so it has not read the sentence. Its first states "
            "are those of the encoder model.",
            partial(_searched, start=lambda h, c: [0 * h, 0 * c])),
        Misconception("starts from another character",
            "The first thing the decoder reads is not the start character, with which every "
            "translation began in training.",
            partial(_searched, first=END)),
        Misconception("character not fed back",
            "The decoder reads the same character at every step. Each text goes on from its own "
            "last character: give the decoder model that one.",
            partial(_searched, fed=lambda text: START)),
        Misconception("goes on past the end",
            "Texts that have got the end character are continued. Set them aside as finished.",
            partial(_searched, stop=False),
            (partial(_searched, stop=False, said=_up_to_end),)),
        Misconception("end character kept",
            "The end character is part of the texts you return. It counts in the score and in "
            "the length; then take it off.",
            partial(_searched, keep_end=True)),
        Misconception("places of finished texts filled again",
            "A finished text gives its place to another one. Let it keep its place: of those that "
            "go on, keep `width` less those finished.",
            partial(_searched, refill=True),
            (partial(_searched, refill=True, write=lambda pairs: pairs[:3]),)),
        Misconception("finished texts can be pushed out",
            "A finished text can lose its place to one that is still open. It is to keep it: set "
            "it aside when it ends, and let one text less go on.",
            _mistake("compete")),
        Misconception("all stop at the first end",
            "The whole search stops when one text ends. The others are still open: go on with "
            "them, on the places that are left.",
            partial(_searched, until_first=True)),
        Misconception("one step too few or too many",
            "The loop runs once too seldom or once too often: a text may have max_length "
            "characters, and no more.",
            partial(_searched, more=-1), (partial(_searched, more=1),),
            costs="texts still open after max_length characters"),
        Misconception("open texts dropped",
            "Texts that have not ended after max_length characters are missing. They count as "
            "they are.",
            partial(_searched, drop_open=True)),
        Misconception("alpha not used",
            "The scores are not divided by a power of the length, so short texts win. Divide each "
            "by n ** alpha.",
            _mistake("no length")),
        Misconception("multiplied by the length",
            "You multiply by n ** alpha, which makes long texts look worse still. Divide by it.",
            _mistake("multiplied")),
        Misconception("mean, whatever alpha",
            "You divide by n, whatever alpha is. Divide by n ** alpha: with alpha 0 the length "
            "does not count.",
            _mistake("mean"),
            costs="divided by the length to the power of alpha"),
        Misconception("length without the end character",
            "The length is one too small: n counts every character that was said, the end "
            "character too.",
            _mistake("short length")),
        Misconception("length as Wu and others count it",
            "You divide by ((5 + n) / 6) ** alpha, as Google's translator of 2016 did. Here a "
            "text's log-probability is divided by n ** alpha.",
            partial(_searched, divide=lambda log_p, n, alpha: log_p / ((5 + n) / 6) ** alpha),
            costs="divided by the length to the power of alpha"),
        Misconception("blanks stripped",
            "You strip the texts, which takes off blanks as well. One that is cut after "
            "max_length characters may end in a blank: take off the end character alone.",
            partial(_searched, write=lambda pairs: [(text.strip(), each) for text, each in pairs]),
            costs="texts still open after max_length characters"),
        Misconception("worst first",
            "The list begins with the worst text. Sort it by score, the highest first.",
            _mistake("worst")),
        Misconception("least probable kept",
            "You keep the least probable beginnings. Sort from the highest log-probability down.",
            _mistake("kept worst")),
        Misconception("probabilities instead of their logarithms",
            "Your scores are probabilities. Return log-probabilities: products of many "
            "probabilities become too small for a computer to tell apart.",
            partial(_searched, divide=lambda log_p, n, alpha: np.exp(log_p / n**alpha)),
            (partial(_searched, divide=lambda log_p, n, alpha: np.exp(log_p) / n**alpha),),
            costs="the score of each: its log-probability, its end included"),
        Misconception("scores with the other sign",
            "Your scores are above 0: they are costs, -log p, of which the smallest is the best. "
            "The log-probability is asked for, which is below 0 and the larger the better.",
            partial(_searched, divide=lambda log_p, n, alpha: -log_p / n**alpha,
                    order=lambda pairs: pairs[::-1]),
            (partial(_searched, divide=lambda log_p, n, alpha: -log_p,
                     order=lambda pairs: pairs[::-1]),
             partial(_searched, divide=lambda log_p, n, alpha: -log_p / n**alpha)),
            costs="the score of each: its log-probability, its end included"),
        Misconception("score and text exchanged",
            "In each pair, the score stands first. The order is (text, score).",
            partial(_searched, write=lambda pairs: [pair[::-1] for pair in pairs])),
        Misconception("scores missing",
            "You return the texts without their scores. Return a list of pairs, (text, score).",
            partial(_searched, write=lambda pairs: [text for text, _ in pairs])),
    ),
    hints=(
        "What must be kept of a beginning, so that it can be continued later, and compared with "
        "the others?",
        "Two loops: for each step, for each open text. The inner one calls the decoder model once, "
        "and adds np.log(p[0, -1])[number] to the text's log-probability for every character.",
        "Collect (log_p, text, h, c) of all continuations in one list, sort it by log_p, and keep "
        "the first `width - len(finished)`. Those that end in \"\\n\" are finished, the others "
        "are the next beams.",
    ),
)  # fmt: skip
