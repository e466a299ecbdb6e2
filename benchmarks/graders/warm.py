"""Import a grader once, and run each job, a line of JSON, in a fork of this process, in a cage.

python warm.py CAGE.PY nbgrader|otter: started by the grader's own interpreter. What is run is what
its command runs; only its imports, which take most of the time, are not repeated for each case.
"""

import importlib.util
import json
import sys


def main() -> None:
    """Answer every line of standard input by a line of results."""
    spec = importlib.util.spec_from_file_location("cage", sys.argv[1])
    cage = sys.modules["cage"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cage)
    if sys.argv[2] == "otter":
        from otter.cli import cli as command
    else:
        from nbgrader.apps.nbgraderapp import main as command
    for line in sys.stdin:
        try:
            result = cage.fork_and_run(cage.Job(**json.loads(line)), command)
        except Exception as error:
            result = {"failed": str(error), "touched": [], "collected": {}}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
