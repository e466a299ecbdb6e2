"""Draw a line of pitches: a goal on every strong beat, and a way from each goal to the next."""

from __future__ import annotations

from itertools import pairwise, product
from random import Random

from course_utils.authoring.jazz.rhythms import pick
from course_utils.music.notes import Chord

LOW, HIGH = 55, 81  # most of the time; a phrase that returns over other chords may go beyond
_SMALL = 5  # semitones: a larger leap only if nothing else leads there


def goals(chord: Chord) -> list[int]:
    """Return the chord tones within the range, as pitches, the lowest first."""
    tones = chord.tones
    return [pitch for pitch in range(LOW, HIGH + 1) if pitch % 12 in tones]


def goal(random: Random, chord: Chord, before: int, rising: bool) -> int:
    """Choose a chord tone 1 to 7 semitones away, most often in the direction of the line."""
    near = [pitch for pitch in goals(chord) if 1 <= abs(pitch - before) <= 7]
    ahead = [pitch for pitch in near if (pitch > before) == rising]
    # thirds and sevenths tell a chord from its neighbours
    telling = [p for p in ahead if p % 12 in (chord.tones[1], chord.tones[-1])]
    for wanted, chance in ((telling, 0.6), (ahead, 0.8), (near, 1.0)):
        if wanted and random.random() < chance:
            return pick(random, wanted)
    return min(goals(chord), key=lambda pitch: abs(pitch - before))


def neighbour(chord: Chord, pitch: int, places: int) -> int:
    """Return the note so many places up (or down) the chord's scale."""
    scale, step = sorted(chord.scale), 1 if places > 0 else -1
    for _ in range(abs(places)):
        pitch += step
        while pitch % 12 not in scale:
            pitch += step
    return pitch


def way(random: Random, start: int, chord: Chord, end: int, there: Chord, count: int) -> list[int]:
    """Return `count` pitches that lead from `start` over `chord` to `end` over `there`."""
    if not count:
        return []
    above, below = neighbour(there, end, 1), neighbour(there, end, -1)
    in_scale = [pitch for pitch in (above, below) if pitch % 12 in chord.scale]
    last = in_scale * 3 + [end - 1]  # a semitone below is an approach from outside
    if count == 1:
        return _best(random, start, [[pitch] for pitch in last], end)
    heads = _heads(start, chord, count)
    tails = [[above, end - 1], [below, above]] if count >= 3 else []
    lines = [head[: count - 1] + [tail] for head, tail in product(heads, last)]
    lines += [head[: count - 2] + tail for head, tail in product(heads, tails)]
    return _best(random, start, lines, end)


def _heads(start, chord, count):
    """List ways to leave a note: up and down the scale, the chord, and round a neighbour."""
    up, down = neighbour(chord, start, 1), neighbour(chord, start, -1)
    of_chord = chord.tones
    heads = [[up, start], [down, start], [up, down]]
    for step in (1, -1):
        heads.append([neighbour(chord, start, step * i) for i in range(1, count + 1)])
        tones = [p for p in range(start - 24, start + 25) if p % 12 in of_chord]
        tones = sorted((p for p in tones if (p - start) * step > 0), key=lambda p: abs(p - start))
        heads.append(tones[:count])
        heads.append([neighbour(chord, start, step * 2), neighbour(chord, start, step)])
    return [(head + head[::-1] + head)[:count] for head in heads]


def _best(random, start, lines, end):
    """Choose among the lines without a repeated note and with the smallest leaps."""
    graded: dict[int, list] = {}
    for line in lines:
        whole = [start, *line, end]
        leaps = [abs(b - a) for a, b in pairwise(whole)]
        if min(leaps) and min(line) >= LOW - 3 and max(line) <= HIGH + 3:
            graded.setdefault(max(max(leaps), _SMALL), []).append(line)
    return pick(random, graded[min(graded)]) if graded else lines[0]
