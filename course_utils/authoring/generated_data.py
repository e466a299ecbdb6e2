"""Make the command that writes, or compares, a folder of data that a program of ours generates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import click


def command(what: str, folder: Path, files: Callable[[], Mapping[str, bytes]]) -> click.Command:
    """Return the command for `folder`, where `files` gives each file's name and its bytes.

    what: the data, in the plural, for the command's help. All files have one ending; others of that
    ending in the folder are not ours, and are named.
    """

    @click.command(help=f"Write {what}, or compare them with the files there are, byte for byte.")
    @click.option(
        "--check", is_flag=True, help="Write nothing; fail if a file is not as it should be."
    )
    @click.option("--out", type=click.Path(path_type=Path), default=folder, show_default=True)
    def main(check: bool, out: Path) -> None:
        wanted = files()
        (ending,) = {Path(name).suffix for name in wanted}
        there = {path.name for path in out.glob(f"*{ending}")}
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
            raise click.ClickException(
                f"not as the grammar writes them: {', '.join(wrong)} in {out}"
            )

    return main
