"""Import a grader once, and run each job, a line of JSON, in a fork of this process, in a cage.

python warm.py nbgrader|otter: started by the grader's own interpreter. What is run is what
its command runs; only its imports, which take most of the time, are not repeated for each case.
"""

import json
import sys

from tests.hostile import cage


def main() -> None:
    """Answer every line of standard input by a line of results."""
    if sys.argv[1] == "otter":
        from otter.cli import cli as command
    else:
        from nbgrader.apps.nbgraderapp import main as command
    for line in sys.stdin:
        try:
            result = cage.run(cage.Job(**json.loads(line)), command)
        except Exception as error:
            result = {"failed": str(error), "touched": [], "collected": {}}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
