"""The lock, `environment.yml` and `pyproject.toml` say the same, and name no registry."""

import re
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_utils.authoring import environment_file

# in two halves, so that this file does not name a host either
HOSTS = ["pypi" + ".org", "files.python" + "hosted.org", "registry." + "npmjs.org"]


@pytest.fixture(scope="module")
def lock() -> str:
    """Return the text of the lock."""
    return environment_file.LOCK.read_text(encoding="utf-8")


def wanted() -> list[str]:
    """List what must be in the lock: run-time, test and build requirements."""
    pyproject = tomllib.loads(
        (environment_file.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )
    project = pyproject["project"]
    build = pyproject["build-system"]["requires"]
    return [*project["dependencies"], *project["optional-dependencies"]["test"], *build]


def unmet(lock_text: str, required: list[str]) -> list[str]:
    """List the requirements that some pin of the lock breaks, or that no pin answers."""
    versions: dict[str, list[str]] = {}
    for pin, _ in environment_file.requirements(lock_text):
        requirement = Requirement(pin)
        version = next(iter(requirement.specifier)).version
        versions.setdefault(canonicalize_name(requirement.name), []).append(version)

    def met(requirement: Requirement) -> bool:
        found = versions.get(canonicalize_name(requirement.name), [])
        return bool(found) and all(requirement.specifier.contains(v) for v in found)

    return [text for text in required if not met(Requirement(text))]


def unhashed(lock_text: str) -> list[str]:
    """List the pins that carry no SHA-256 hash."""
    return [
        pin
        for pin, hashes in environment_file.requirements(lock_text)
        if not any(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes)
    ]


def index_lines(lock_text: str) -> list[str]:
    """List the lines, comments included, that name a URL, an index or a folder of wheels."""
    return re.findall(r"(?m)^.*(?:://|--(?:extra-)?index-url|--find-links).*$", lock_text)


def hosts_named(text: str) -> list[str]:
    """List the registry hosts that a text names."""
    return [host for host in HOSTS if host in text.lower()]


def test_environment_is_what_the_lock_renders(lock):
    assert environment_file.ENVIRONMENT.read_bytes() == environment_file.render(lock).encode()


def test_a_changed_lock_renders_another_environment(lock):
    changed = re.sub(r"(?m)^numpy==", "numpy==9", lock)
    assert environment_file.render(changed).encode() != environment_file.ENVIRONMENT.read_bytes()


def test_render_keeps_markers_and_drops_hashes():
    lock_text = (
        "# made by a tool\n"
        "a-b==1.2 ; os_name == 'nt' \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
        "    # via c\n"
        "c==3.0rc1 \\\n    --hash=sha256:22\n"
    )
    assert environment_file.render(
        lock_text, name="x", python="3.11"
    ) == environment_file.HEADER + (
        "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - pip\n"
        "  - pip:\n    - a-b==1.2 ; os_name == 'nt'\n    - c==3.0rc1\n    - -e .\n"
    )


@pytest.mark.parametrize("line", ["numpy>=2.1", "a @ file:///a.whl", "--find-links wheels", "-e ."])
def test_a_line_that_pins_nothing_is_refused(line):
    with pytest.raises(ValueError, match="not a pinned requirement"):
        environment_file.requirements(line + "\n")


def test_lock_meets_every_requirement(lock):
    assert unmet(lock, wanted()) == []


def test_an_unmet_requirement_is_detected(lock):
    too_new = re.sub(r"(?m)^numpy==", "numpy==9", lock)
    missing = re.sub(r"(?m)^nbval==", "other==", lock)
    assert [Requirement(text).name for text in unmet(too_new, wanted())] == ["numpy"]
    assert [Requirement(text).name for text in unmet(missing, wanted())] == ["nbval"]


def test_every_pin_has_a_hash(lock):
    assert unhashed(lock) == []


def test_a_missing_or_short_hash_is_detected(lock):
    bare = re.sub(r"(?m)^click==(\S+) \\\n(?:    --hash=\S+(?: \\)?\n)+", r"click==\1\n", lock)
    short = re.sub(r"sha256:\w+", "sha256:00", lock)
    assert [pin.split("==")[0] for pin in unhashed(bare)] == ["click"]
    assert len(unhashed(short)) == len(environment_file.requirements(lock))


def test_lock_names_no_index(lock):
    assert index_lines(lock) == []


@pytest.mark.parametrize("line", ["--index-url x", "--find-links wheels", "# from https://a.b/c"])
def test_a_named_index_is_detected(lock, line):
    assert index_lines(f"{line}\n{lock}") == [line]


def test_no_file_names_a_registry_host():
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        run = subprocess.run(listing, cwd=environment_file.ROOT, capture_output=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: there is no list of the project's own files")
    named = {}
    for name in filter(None, run.stdout.decode().split("\0")):
        path = environment_file.ROOT / name
        if path.is_file() and (hosts := hosts_named(path.read_bytes().decode("latin-1"))):
            named[name] = hosts
    assert named == {}


@pytest.mark.parametrize("host", HOSTS)
def test_a_registry_host_is_detected(host):
    assert hosts_named(f"see https://{host.upper()}/simple") == [host]
