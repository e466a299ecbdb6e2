"""Train every system of the course at full length: python -m benchmarks.reproduce."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import records, run
from .systems import SYSTEMS


class KerasOrFile(click.Path):
    """A path, or the word keras for the data set that Keras downloads."""

    def convert(self, value, param, ctx):
        """Leave the word as it is."""
        return Path(value) if value == "keras" else super().convert(value, param, ctx)


@click.command()
@click.option("--only", "wanted", multiple=True, help="Name of a system; may be given again.")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--cifar",
    type=KerasOrFile(exists=True, dir_okay=False, path_type=Path),
    help='CIFAR-10 as an .npz of x_train, y_train, x_test, y_test; or "keras" to download it.',
)
@click.option("--fra", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="English-French pairs, tab-separated, as of manythings.org.")  # fmt: skip
def main(wanted: tuple[str, ...], seed: int, cifar: Path | None, fra: Path | None) -> None:
    """Train the systems and write benchmarks/reproduced.md; go on where a run was stopped."""
    known = {system.name: system for system in SYSTEMS}
    if unknown := [name for name in wanted if name not in known]:
        raise click.BadParameter(f"no system {unknown[0]}; there are: {', '.join(known)}")
    files = {"cifar": cifar, "fra": fra}
    chosen = [known[name] for name in wanted] or SYSTEMS
    ready = [s for s in chosen if not s.needs or files[s.needs]]
    failed = run.run(ready, seed, files)
    records.write_table(SYSTEMS)
    for system in chosen:
        if system not in ready and not records.load(system):
            click.echo(f"not run: {system.name} (give its data: --{system.needs} PATH)")
    for sentence in failed:
        click.echo(f"error: {sentence}", err=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
