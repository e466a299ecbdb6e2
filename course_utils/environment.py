"""Create, repair or update `.venv`; `make setup` runs this file with nothing but Python.

Scripts in `.venv/bin` look for Python beside themselves, and the course is found by a relative
path: a copy of this folder never runs the code of the original.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = 3  # GB on disk
LARGE = ("numpy", "jupyterlab", "tensorflow")
VERSION = "{}.{}".format(*sys.version_info)

# variables that move an installation, or put other packages in front of ours
MISLEADING = re.compile(
    "PYTHON(HOME|PATH|PLATLIBDIR)|__PYVENV_LAUNCHER__|VIRTUAL_ENV"
    "|PIP_(USER|TARGET|PREFIX|ROOT|PYTHON|REQUIRE_HASHES|REQUIRE_VIRTUALENV|DRY_RUN|NO_DEPS"
    "|EDITABLE|REQUIREMENT|IGNORE_INSTALLED|UPGRADE|QUIET|VERBOSE|REPORT)"
)
# pip's configuration files may do the same, and only its command line overrides them
HERE = ["--no-user", "--target="]

# settings of other installations must not reach Python or the kernels that Jupyter starts from it
OURS = b"env -u PYTHONHOME -u PYTHONPATH -u JUPYTER_PATH JUPYTER_PREFER_ENV_PATH=1"
LAUNCHER = (
    b"#!/bin/sh\n"
    b"'''exec' " + OURS + b' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"\n'
    b"' '''\n"
)
MADE_BY_PIP = re.compile(rb"#![^\n]*/bin/python[^\n]*\n|#!/bin/sh\n'''exec' [^\n]*\n' '''\n")


class SetUpError(Exception):
    """The environment cannot be made; the message says why, and what to do."""


class Environment:
    """The virtual environment of one checkout."""

    def __init__(self, root: Path = ROOT) -> None:
        """Describe `root/.venv`, which need not exist."""
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.packages = self.folder / "lib" / f"python{VERSION}" / "site-packages"
        self._stamp = self.folder / ".installed"

    def wanted(self) -> dict[str, str]:
        """Return the stamp of a finished environment: its place, Python and packages."""
        files = [self.root / name for name in ("requirements.lock", "pyproject.toml")]
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
        return {"root": str(self.root), "python": VERSION, "packages": digest}

    def stamp(self) -> dict[str, str] | None:
        """Return the stamp of the last finished set-up, or None if there is none."""
        try:
            read = json.loads(self._stamp.read_bytes() or b"{}")
        except (OSError, ValueError):
            return None
        return read if isinstance(read, dict) else None

    def is_ready(self) -> bool:
        """Return True if there is nothing to do."""
        return self.stamp() == self.wanted() and self.runs()

    def runs(self, *arguments: str) -> bool:
        """Return True if the environment's own Python starts, and succeeds with these arguments."""
        return _succeeds(self.python, "-I", *(arguments or ["-c", ""]))

    def fits(self) -> bool:
        """Return True if the packages were installed for the Python that runs this."""
        versions = [path.name for path in self.folder.glob("lib/python3.*")]
        pip_there = self.packages / "pip"
        return versions == [f"python{VERSION}"] and (
            not pip_there.exists() or _succeeds(sys.executable, "-I", pip_there, "--version")
        )

    def state(self, fits: bool) -> str:
        """Return a line that says why the environment is not ready, and what is done about it."""
        stamp = self.stamp()
        if not self.folder.exists():
            return f"Making .venv with Python {VERSION}"
        if not fits:
            return f"Rebuilding .venv: it was not made with this Python ({VERSION})"
        if stamp is None:
            return "An earlier set-up was interrupted: continuing"
        if not self.runs():
            return "The Python that .venv was made with is gone: using this one"
        if stamp.get("packages") != self.wanted()["packages"]:
            return "Bringing .venv up to date with requirements.lock and pyproject.toml"
        return "This folder was moved or copied: repairing the paths in .venv"

    def make(self, *, clear: bool) -> None:
        """Write Python's links, `activate` and pip; keep the packages unless `clear`."""
        rewritten = re.compile(r"python[\d.]*|[Aa]ctivate[.\w]*|pyvenv\.cfg")
        for file in [*self.folder.glob("bin/*"), *self.folder.glob("*.cfg")]:
            if rewritten.fullmatch(file.name):
                file.unlink()  # else a copy made of hard links would change the original, too
        with_pip = clear or not (self.packages / "pip").exists()
        try:
            venv.EnvBuilder(clear=clear, symlinks=True, with_pip=with_pip).create(self.folder)
        except ValueError as error:  # a colon in the path
            raise SetUpError(f"{error} Move or rename the folder") from None
        except subprocess.CalledProcessError as error:
            said = (error.output or b"").decode(errors="replace").strip()
            raise SetUpError(f"pip could not be put into .venv.{why(self)}\n{said}") from None

    def forget_interrupted(self) -> None:
        """Remove the records of packages whose installation was cut off, so that pip redoes them.

        To pip, a package is installed once its metadata is there; it writes RECORD last.
        """
        for found in [*self.packages.glob("*.dist-info"), *self.packages.glob("~*")]:
            if found.name.startswith("~") or not (found / "RECORD").is_file():
                shutil.rmtree(found, ignore_errors=True)

    def install(self, lock: int) -> None:
        """Have pip install the locked packages and the course itself."""
        locked = (self.root / "requirements.lock").read_text(encoding="utf-8")
        progress = Progress(len(re.findall(r"(?m)^[\w.-]+==", locked)))
        pinned = ["--require-hashes", "--only-binary", ":all:", "--no-compile"]
        pinned += ["-r", "requirements.lock"]
        pip(self, lock, pinned, progress)
        pip(self, lock, ["--no-deps", "--no-build-isolation", "-e", "."], Progress(0))
        say("Compiling the packages")  # on all processors; pip would use one
        self.runs("-m", "compileall", "-q", "-j", "0", str(self.packages))

    def settle(self) -> None:
        """Make scripts and the course independent of this folder's place."""
        for script in (self.folder / "bin").iterdir():
            if script.is_file() and not script.is_symlink():
                relocate(script)
        (self.folder / "home").mkdir(exist_ok=True)  # for users whose own is not writable
        inside = self.packages.resolve().is_relative_to(self.root)  # not if .venv is a link
        place = os.path.relpath(self.root, self.packages) if inside else str(self.root)
        for pointer in self.packages.glob("__editable__.sequence_models_course-*.pth"):
            replace(pointer, os.fsencode(f"{place}\n"))

    def configure_lab(self) -> None:
        """Switch off JupyterLab's news, which asks the network, and menus for instructors."""
        names = ["@jupyterlab/apputils-extension:announcements", "@jupyter/nbgrader"]
        command = ["-m", "jupyterlab.labextensions", "disable", "--level=sys_prefix"]
        if not self.runs(*command, *names):
            say("note: JupyterLab may ask about its news")

    def confirm(self) -> None:
        """Raise SetUpError unless Python finds the packages, and the course in this folder."""
        program = (
            "import os, sys; from importlib.util import find_spec\n"
            "lost = [name for name in sys.argv[2:] if not find_spec(name)]\n"
            "course = find_spec('course_utils')\n"
            "here = course and os.path.dirname(os.path.dirname(course.origin))\n"
            "if not here or not os.path.samefile(here, sys.argv[1]): lost.append('course_utils')\n"
            "sys.exit(' '.join(lost) or 0)"
        )
        command: list[str | Path] = [self.python, "-I", "-X", "utf8", "-c", program]
        command += [self.root, *LARGE]
        result = subprocess.run(command, capture_output=True, text=True, env=clean())
        if result.returncode:
            raise SetUpError(
                f"these packages were installed, but not into .venv: {result.stderr.strip()}. "
                "A setting of pip sends them elsewhere: look at `pip config list`"
            )

    def finish(self) -> None:
        """Record that set-up is complete."""
        self._stamp.write_text(json.dumps(self.wanted()) + "\n", encoding="utf-8")

    def begin(self) -> None:
        """Remove that record until set-up is complete again."""
        self._stamp.unlink(missing_ok=True)


def set_up(environment: Environment) -> None:
    """Make the environment ready. Raises SetUpError or OSError."""
    if environment.is_ready():
        return
    with locked(environment.root) as lock:
        if environment.is_ready():  # another `make` did it meanwhile
            return
        fits = environment.fits()
        say(environment.state(fits))
        moved = {**(environment.stamp() or {}), "root": str(environment.root)}
        only_moved = fits and moved == environment.wanted()
        environment.folder.mkdir(exist_ok=True)
        environment.begin()
        environment.make(clear=not fits)
        if not only_moved:
            environment.forget_interrupted()
            environment.install(lock)
            environment.configure_lab()
        environment.settle()
        environment.confirm()
        environment.finish()
        say("Ready")


@contextlib.contextmanager
def locked(root: Path) -> Iterator[int]:
    """Hold a lock on this checkout, so that two runs of `make` do not install at once."""
    with (root / "requirements.lock").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another `make`, which is setting up this folder")
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            pass
        yield file.fileno()


def clean() -> dict[str, str]:
    """Return the environment variables without those that mislead Python or pip."""
    return {k: v for k, v in os.environ.items() if not MISLEADING.fullmatch(k)}


def _succeeds(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, env=clean()).returncode == 0
    except OSError:
        return False


def pip(environment: Environment, lock: int, arguments: list[str], progress: Progress) -> None:
    """Run `pip install` and show its progress. Raises SetUpError if it fails.

    pip inherits the lock: if this process is killed, the next one waits for pip to end.
    """
    command = [str(environment.python), "-m", "pip", "--no-input", "--disable-pip-version-check"]
    with subprocess.Popen(
        [*command, "install", *HERE, *arguments],
        cwd=environment.root,
        env=clean(),
        stdout=subprocess.PIPE,
        pass_fds=[lock],
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        show(process, environment, progress)
    if process.returncode:
        raise SetUpError(f"pip could not install the packages.{why(environment)}")


def why(environment: Environment) -> str:
    """Return the usual causes of a failing pip that apply here."""
    places = {str(environment.folder): NEEDED, tempfile.gettempdir(): 1}
    full = [
        f"only {free:.1f} GB are free in {place}"
        for place, needed in places.items()
        if (free := shutil.disk_usage(place).free / 1e9) < needed
    ]
    if full:
        return f" The disk may be full: {', '.join(full)}. Make room, and run `make setup` again"
    settings = sorted(name for name in clean() if name.startswith("PIP_"))
    also = f" Settings of pip that are in force: {', '.join(settings)}." if settings else ""
    return f" Its reason stands above.{also} Run `make setup` again to continue"


def show(process: subprocess.Popen[str], environment: Environment, progress: Progress) -> None:
    """Show pip's progress: a bar on a terminal, a line every 20 seconds elsewhere."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)

    reader = threading.Thread(target=read)
    reader.start()
    while reader.is_alive() or not lines.empty():
        with contextlib.suppress(queue.Empty):
            progress.read(lines.get(timeout=0.5))
        if progress.installing:
            progress.installed = sum(1 for _ in environment.packages.glob("*.dist-info/RECORD"))
        progress.show()
    progress.close()


class Progress:
    """pip's progress, judged by the lines that it prints and the packages that are there."""

    EVERY = 20  # seconds between lines where there is no terminal

    def __init__(self, pins: int) -> None:
        """Expect `pins` packages; if it is 0, nothing is shown."""
        self.total = pins
        self.found = self.installed = 0
        self.installing = False
        self.doing = ""
        self._bar = sys.stdout is not None and sys.stdout.isatty()
        self._shown = time.monotonic()
        self._width = 0

    def read(self, line: str) -> None:
        """Process a line of pip's output."""
        verb, _, rest = line.strip().partition(" ")
        if verb == "Ignoring":
            self.total -= 1
        elif verb in ("Collecting", "Requirement"):
            self.found += 1
        elif verb in ("Downloading", "Using"):
            self.doing = " ".join([verb.lower(), *(w.rsplit("/", 1)[-1] for w in rest.split())])
        elif verb == "Installing" and rest.startswith("collected packages"):
            self.installing = True

    def text(self) -> str:
        """Return the line to show, or "" before there is anything to say."""
        if self.total <= 0:
            return ""
        if self.installing:
            return f"installing: {min(self.installed, self.total)} of {self.total} packages"
        if not self.doing:
            return ""
        return f"fetching: {min(self.found, self.total)} of {self.total} packages, {self.doing}"

    def show(self) -> None:
        """Print the line, unless the last one is too recent."""
        now = time.monotonic()
        if not self.text() or now - self._shown < (0.2 if self._bar else self.EVERY):
            return
        self._shown = now
        if not self._bar:
            say(f"  {self.text()}")
            return
        done = self.installed if self.installing else self.found
        full = 20 * min(done, self.total) // max(self.total, 1)
        line = f"  [{'#' * full}{'.' * (20 - full)}] {self.text()}"
        line = line[: shutil.get_terminal_size().columns - 1]
        print("\r" + line.ljust(self._width), end="", flush=True)
        self._width = len(line)

    def close(self) -> None:
        """Erase the bar."""
        if self._width:
            print("\r" + " " * self._width + "\r", end="", flush=True)


def relocate(script: Path) -> None:
    """Make a script from pip find Python in its own folder."""
    text = script.read_bytes()
    if made := MADE_BY_PIP.match(text):
        replace(script, LAUNCHER + text[made.end() :])


def replace(file: Path, content: bytes) -> None:
    """Replace a file by a new one with the same mode, unless its content is right already."""
    if file.read_bytes() == content:
        return
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(content)
    shutil.copymode(file, new)
    new.replace(file)


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def main() -> int:
    """Set up; return the exit code."""
    environment = Environment()
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.reconfigure(errors="backslashreplace")
    try:
        set_up(environment)
        return 0
    except SetUpError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.strerror}: {error.filename or '.venv'}"
    except KeyboardInterrupt:
        print("\nstopped: run `make setup` again to continue", file=sys.stderr)
        return 130
    print(f"error: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
