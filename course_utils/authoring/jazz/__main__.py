"""Write data/jazz: python -m course_utils.authoring.jazz [--check] [--out FOLDER]."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from course_utils.authoring.jazz.solo import RECIPES, compose
from course_utils.music_midi import to_midi

FOLDER = Path(__file__).parents[3] / "data" / "jazz"


def files() -> dict[str, bytes]:
    """Return every file of the corpus: its name and its bytes."""
    return {
        recipe.title.lower().replace(" ", "_") + ".mid": to_midi(compose(recipe))
        for recipe in RECIPES
    }


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not as it should be.")
@click.option("--out", type=click.Path(path_type=Path), default=FOLDER, show_default=True)
def main(check: bool, out: Path) -> None:
    """Write the jazz solos, or compare them with the files there are, byte for byte."""
    wanted = files()
    there = {path.name for path in out.glob("*.mid")}
    wrong = sorted(there - wanted.keys())  # not ours
    for name, content in wanted.items():
        path = out / name
        if check:
            if name not in there or path.read_bytes() != content:
                wrong.append(name)
        else:
            out.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            click.echo(f"{hashlib.sha256(content).hexdigest()}  {name}")
    if wrong:
        raise click.ClickException(f"not as the grammar writes them: {', '.join(wrong)} in {out}")


if __name__ == "__main__":
    main()
