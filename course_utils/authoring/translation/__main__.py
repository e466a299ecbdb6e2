"""Write data/translation: python -m course_utils.authoring.translation [--check] [--out FOLDER]."""

from __future__ import annotations

from pathlib import Path

from course_utils.authoring.generated_data import command
from course_utils.authoring.translation.corpus import files

FOLDER = Path(__file__).parents[3] / "data" / "translation"
main = command("the sentence pairs", FOLDER, files)

if __name__ == "__main__":
    main()
