"""Open music: the course's own solos, a file of MIDI or notation, a folder, music21's corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from course_utils.data import locate
from course_utils.music.melody import NoMelody, Score, to_tune
from course_utils.music.midi_reading import read_midi
from course_utils.music.notes import Tune

MIDI, MUSICXML = (".mid", ".midi", ".kar", ".rmi"), (".xml", ".musicxml", ".mxl")
PLAIN = (".abc", ".krn")
KNOWN = MIDI + MUSICXML + PLAIN
PIECES = {"maple_leaf_rag": "joplin/maple_leaf_rag"}  # in music21's corpus
_TOLD = 12  # lines printed at most
_ADVICE = "use a MIDI or MusicXML file with one instrument playing a melody"


class Corpus(list[Tune]):
    """A list of tunes; `.said` has a line for each file that says what was chosen in it."""

    def __init__(self, tunes: Iterable[Tune] = (), said: Iterable[str] = ()) -> None:
        super().__init__(tunes)
        self.said: list[str] = list(said)

    def __repr__(self) -> str:
        notes = sum(len(tune.melody) for tune in self)
        return f"<Corpus: {len(self)} tunes, {notes:,} notes>"


def load_corpus(path: str | Path | None = None, part: str | int | None = None) -> Corpus:
    """Return the tunes of the course's corpus, of a MIDI or MusicXML file, or of a folder of them.

    ABC and Humdrum's kern are read, too, as far as music21 reads them. `path` may also be
    "maple_leaf_rag", or "music21:NAME" for any piece of music21's corpus.
    `part` is the name or number (from 1) of the part with the melody, in case the wrong one was
    chosen. Prints a line for each file that says what was chosen, except for the course's own.
    Raises FileNotFoundError; NoMelody (a ValueError) with the file, the reason and what to do.
    """
    if path is None:
        return _folder(locate("data/jazz/lamplight_blues.mid").parent, None)
    name = PIECES.get(str(path), str(path).removeprefix("music21:"))
    if str(path) in PIECES or str(path).startswith("music21:"):
        from course_utils.music.score_reading import read_corpus

        corpus = _tunes(name, lambda: read_corpus(name), part)
    else:
        path = Path(path).expanduser()
        if path.is_dir():
            corpus = _folder(path, part)
        elif path.is_file():
            corpus = _file(path, part)
        else:
            known = ", ".join(map(repr, PIECES))
            raise FileNotFoundError(
                f"there is no file or folder {path}: give the path of a "
                f"{', '.join(KNOWN)} file, a folder of them, {known}, "
                "or nothing for the course's own solos"
            )
    print(*_first(corpus.said, ", in .said"), sep="\n")
    return corpus


def _first(said: Sequence[str], where: str = "") -> list[str]:
    """Return the first lines, and a line that says how many more there are, and where."""
    more = [f"... and {len(said) - _TOLD} more{where}"] if len(said) > _TOLD else []
    return [*said[:_TOLD], *more]


def _folder(folder: Path, part: str | int | None) -> Corpus:
    """Read every file of a folder that can be read, and list first those that could not."""
    there = sorted(folder.iterdir())
    files = [p for p in there if p.suffix.lower() in KNOWN and not p.name.startswith(".")]
    files = [p for p in files if not p.is_dir()]
    if not files:
        inside = sum(p.is_dir() for p in there)
        hint = f"; folders in it ({inside}) are not looked into: give one of them"
        raise NoMelody(f"{folder} has no {', '.join(KNOWN)} file{hint * (inside > 0)}: {_ADVICE}")
    corpus, failed = Corpus(), []
    for file in files:
        try:
            one = _file(file, part)
        except NoMelody as error:
            failed.append(f"left out: {error}")
        else:
            corpus += one
            corpus.said += one.said
    if not corpus:
        raise NoMelody("\n".join([f"no file in {folder} could be read", *_first(failed)]))
    others = len(there) - len(files)
    if failed or others:
        read = f"read {len(files) - len(failed)} of {len(files)} files"
        skipped = f"; {others} that are hidden, folders or of other kinds were skipped"
        corpus.said[:0] = [read + skipped * (others > 0), *failed]
    return corpus


def _file(path: Path, part: str | int | None) -> Corpus:
    suffix = path.suffix.lower()
    if suffix not in KNOWN:
        hint = "unpack it, and give the folder" if suffix == ".zip" else _ADVICE
        kinds = ", ".join(KNOWN)
        raise NoMelody(f"{path.name}: its name does not end as a music file's ({kinds}): {hint}")
    if suffix in MIDI:
        return _tunes(path.name, lambda: read_midi(path), part)
    from course_utils.music import score_reading

    read = score_reading.read_musicxml if suffix in MUSICXML else score_reading.read_plain
    return _tunes(path.name, lambda: read(path), part)


def _tunes(name: str, read: Callable[[], list[Score]], part: str | int | None) -> Corpus:
    """Make tunes of the scores that `read` returns. Raises NoMelody if none has a melody."""
    corpus, failed = Corpus(), ["it holds no music"]
    try:
        for score in read():
            try:
                tune, said = to_tune(score, part)
            except NoMelody as error:
                failed.append(str(error))
                corpus.said.append(f"left out: {score.title}: {error}")
            else:
                corpus.append(tune)
                corpus.said.append(said)
    except NoMelody as error:
        failed.append(str(error))
    except OSError as error:
        failed.append(f"it can't be opened ({error.strerror})")
    if not corpus:
        raise NoMelody(f"{name}: {failed[-1]}; {_ADVICE}")
    return corpus
