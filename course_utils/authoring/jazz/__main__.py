"""Write data/jazz: python -m course_utils.authoring.jazz [--check] [--out FOLDER]."""

from __future__ import annotations

from pathlib import Path

from course_utils.authoring.generated_data import command
from course_utils.authoring.jazz.solo import RECIPES, compose
from course_utils.music.playing import to_midi

FOLDER = Path(__file__).parents[3] / "data" / "jazz"


def files() -> dict[str, bytes]:
    """Return every file of the corpus: its name and its bytes."""
    return {
        recipe.title.lower().replace(" ", "_") + ".mid": to_midi(compose(recipe))
        for recipe in RECIPES
    }


main = command("the jazz solos", FOLDER, files)

if __name__ == "__main__":
    main()
