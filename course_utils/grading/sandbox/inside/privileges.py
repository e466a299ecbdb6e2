"""Give up privileges, for good: what a worker cannot have, no mistake in another layer gives it.

Three things are given up. *Gaining* any: a program that a worker runs gets nothing by its owner or
its file's capabilities (no new privileges), which the kernel also demands before an ordinary user
may use Landlock or seccomp. *Having* any: all capabilities go. And, where root grades, *being*
root: a worker becomes a user who owns no file and no process, neither the grader's nor another
worker's. Of root it keeps one thing, reading files, because the interpreter may stand where only
root can read; what there is to be read is decided by the private root or by Landlock.

Workers also end with what they were forked from, and orphans come to the template, so nothing of a
submission is left when it is over. Sources: capabilities(7), prctl(2).
"""

from __future__ import annotations

import contextlib
import os
import signal
import struct

from .kernel import column, prctl, syscall

_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_KEEPCAPS = 1, 4, 8
_SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 36, 38
_DAC_READ_SEARCH = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522


def gain_none() -> None:
    """Promise that no program run from here on gains anything by its owner or capabilities."""
    prctl(_SET_NO_NEW_PRIVS, 1)


def drop(user: int) -> None:
    """Keep no capability; root becomes `user`, who may still read root's files, not write them.

    Its template may still look at its memory and at the files it has open: that is how both are
    counted. Raises OSError where capabilities cannot be dropped.
    """
    keep: tuple[int, ...] = (0,)
    if os.geteuid() == 0:
        column()  # raises where capabilities could be kept, but not dropped
        # a container's root may lack the rights to become another, or what is to be kept
        with contextlib.suppress(PermissionError):
            prctl(_SET_KEEPCAPS, 1)
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            keep = (_DAC_READ_SEARCH, 0)
    for kept in keep:
        with contextlib.suppress(PermissionError):
            _set_capabilities(kept)
            break
    else:
        raise PermissionError("the capabilities of this process cannot be dropped")
    prctl(_SET_DUMPABLE, 1)  # a change of user takes it away


def _set_capabilities(kept: int) -> None:
    """Set the effective and the permitted capabilities, and make none inheritable."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    syscall("capset", header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def end_with_parent() -> None:
    """Have this process killed when its parent dies; to be asked after privileges are dropped."""
    prctl(_SET_DEATH_SIGNAL, int(signal.SIGKILL))


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    prctl(_SET_CHILD_SUBREAPER, 1)
