"""Write data/translation: python -m course_utils.authoring.translation [--check] [--out FOLDER]."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from course_utils.authoring.translation.corpus import files

FOLDER = Path(__file__).parents[3] / "data" / "translation"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not as it should be.")
@click.option("--out", type=click.Path(path_type=Path), default=FOLDER, show_default=True)
def main(check: bool, out: Path) -> None:
    """Write the sentence pairs, or compare them with the files there are, byte for byte."""
    wanted = files()
    there = {path.name for path in out.glob("*.txt")}
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
