"""Take system calls away from this process: those that neither namespaces nor Landlock govern.

Some of what the kernel offers belongs to no namespace and has no path: keyrings, memory files,
leases, locks, reserved pages, sockets of rare families, another process's limits. And some parts of
the kernel are large, seldom used and often broken (io_uring, bpf, userfaultfd). A filter, run by
the kernel before each call, refuses these with an error that libraries are prepared for. It sees
the number of a call and its arguments, but no memory they point to. Calls that need a capability
are not listed, since a worker has none. Calls newer than this list do not exist for a worker:
libraries then fall back to older ones. Of ioctl, which is a thousand calls in one, only a few are
left.

A worker without a file system of its own that runs as the person who grades gives up more: what a
file's owner may do to it.

The filter is a short one of our own: the binding on PyPI (pyseccomp) needs a C library that is not
installed everywhere. Source: seccomp(2), Linux include/uapi/linux/{seccomp,filter,audit}.h, and the
tables of numbers in arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import struct
import termios
from functools import cache

from .kernel import column, prctl

_SET_SECCOMP, _FILTER = 22, 2  # of prctl
_LAST_KNOWN = 450  # set_mempolicy_home_node; the calls after it are the same on all machines

# name: (number on x86-64, number on arm64); None where a machine does not have it
_FORBIDDEN = {
    # other processes: their memory, descriptors, memory placement
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # what outlives a process, or is shared by all of a user's
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "io_setup": (206, 0),  # there is one bound for the whole machine
    # memory that no limit counts; access lists and rules are kept apart from what they are about
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    # every family but Unix reaches past the worker: no namespace covers AF_VSOCK, say; pairs stay,
    # whose ends may talk to nobody else
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    # a descriptor on its way holds a file that nobody sees; all of a user's share a bound on those
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # pages that a pipe or socket holds once they are unmapped or cut off their file count for
    # nobody, and one may be a huge page
    "sendfile": (40, 71),
    "vmsplice": (278, 75),
    "splice": (275, 76),
    "tee": (276, 77),
    # folders that others use, too
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # ways round a filter, and parts of the kernel that programs of ours never use
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "seccomp": (317, 277),  # a filter may have the kernel note each call in the machine's log
    "syslog": (103, 116),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
}
# its flags lie in memory, where a filter cannot look: without it, libraries use clone
_MISSING = {"clone3": (435, 435)}

# what concerns every file system of the machine, or the cores that the template has chosen; it is
# said to have worked. So are locks: one on a file that is only read would make others wait, one on
# each byte would be memory that no limit counts, and files of its own a submission has alone
_IGNORED = {
    "sync": (162, 81),
    "syncfs": (306, 267),
    "sched_setaffinity": (203, 122),
    "flock": (73, 32),
}
_FCNTL, _LOCKS = (72, 25), (6, 7, 37, 38)  # of a process and of an open file, to try and to wait

# what belongs to a file's owner and no other mechanism governs: for a worker that is this owner
_OWNERS = {
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "truncate": (76, 45),  # Landlock governs it from its version 3 on
}
# the same, which honest libraries call after copying a file: they are told that it worked
_PRETENDED = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}

# all that is left of ioctl: what terminals, pipes and event loops are asked
_IOCTL, _REQUEST = (16, 29), 1  # the argument that says which
_REQUESTS = (
    *(termios.TCGETS, termios.TIOCGWINSZ, termios.FIONREAD),
    *(termios.FIONBIO, termios.FIOCLEX, termios.FIONCLEX),
)

_EQUAL, _SOME_BIT, _ALL_BITS, _DIFFERS = range(4)
_AF_UNIX, _NEW_NAMESPACES, _SHARED_ANONYMOUS = 1, 0x7E020000, 0x21
_HUGE_PAGES, _LIMIT_OF_CORES = 0x40000, 4
_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SCHED_CORE, _PROCESS = 1, 4, 62, 1
_SET_LEASE, _NOTIFY, _SET_PIPE_SIZE = 1024, 1026, 1031
# forbidden for some arguments: (numbers, which argument, test, value)
_CONDITIONAL = {
    "socketpair": ((53, 199), 0, _DIFFERS, _AF_UNIX),  # event loops need it
    "sendto, to an address": ((44, 206), 5, _DIFFERS, 0),
    "clone": ((56, 220), 0, _SOME_BIT, _NEW_NAMESPACES),
    "mmap": ((9, 222), 3, _ALL_BITS, _SHARED_ANONYMOUS),  # it can be kept without being mapped
    "mmap of reserved pages": ((9, 222), 3, _SOME_BIT, _HUGE_PAGES),  # a pool of the machine's
    # a limit of 0 would let a program of root's take cores in (see `resources.limit`)
    "setrlimit": ((160, 164), 0, _EQUAL, _LIMIT_OF_CORES),
    "prlimit64 of cores": ((302, 261), 1, _EQUAL, _LIMIT_OF_CORES),
    "prctl, to outlive the template": ((157, 167), 0, _EQUAL, _SET_DEATH_SIGNAL),
    "prctl, to hide what it has open": ((157, 167), 0, _EQUAL, _SET_DUMPABLE),
    "prctl, to add a filter": ((157, 167), 0, _EQUAL, _SET_SECCOMP),
    "prctl, to have a core without neighbours": ((157, 167), 0, _EQUAL, _SCHED_CORE),
    "prlimit64": ((302, 261), 0, _DIFFERS, 0),
    "setpriority": ((141, 140), 0, _DIFFERS, 0),
    "setpriority of another": ((141, 140), 1, _DIFFERS, 0),
    "ioprio_set": ((251, 30), 0, _DIFFERS, _PROCESS),
    "ioprio_set of another": ((251, 30), 1, _DIFFERS, 0),
    "sched_setparam": ((142, 118), 0, _DIFFERS, 0),
    "sched_setscheduler": ((144, 119), 0, _DIFFERS, 0),
    "sched_setattr": ((314, 274), 0, _DIFFERS, 0),
    # files that others use, too: who opens one with a lease on it waits up to 45 seconds
    "fcntl, for a lease": (_FCNTL, 1, _EQUAL, _SET_LEASE),
    "fcntl, to watch a folder": (_FCNTL, 1, _EQUAL, _NOTIFY),
    "fcntl, for a larger pipe": (_FCNTL, 1, _EQUAL, _SET_PIPE_SIZE),
}

_MACHINES = 0xC000003E, 0xC00000B7  # audit's numbers of x86-64 and arm64
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_BITS, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # where a filter finds them, in bytes


def restrict(*, owner: bool) -> None:
    """Give up the system calls above for good; OSError where that cannot be done.

    A worker is an `owner` if it runs as the person who grades and sees that person's files. To be
    called after `privileges.gain_none`.
    """
    filtered = program(owner)
    code = ctypes.create_string_buffer(filtered, len(filtered))
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(code))
    prctl(_SET_SECCOMP, _FILTER, head)


@cache
def program(owner: bool) -> bytes:
    """Return the filter, in the kernel's form; OSError on a machine whose numbers are not known."""
    here = column()
    refused = {number[here]: errno.EPERM for number in _FORBIDDEN.values()}
    refused |= {number[here]: errno.ENOSYS for number in _MISSING.values()}
    refused |= {number[here]: 0 for number in _IGNORED.values()}
    if owner:
        refused |= {number[here]: errno.EPERM for number in _OWNERS.values()}
        refused |= {number[here]: 0 for number in _PRETENDED.values()}
    lines = [
        _line(_LOAD, _MACHINE),
        _line(_JUMP_EQUAL, _MACHINES[here], 1, 0),
        _line(_RETURN, _KILL_PROCESS),
        _line(_LOAD, _NUMBER),
        _line(_JUMP_GREATER, _LAST_KNOWN, 0, 1),
        _line(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    for number, code in refused.items():
        if number is not None:  # this machine has such a call
            lines += [_line(_JUMP_EQUAL, number, 0, 1), _line(_RETURN, _ERRNO | code)]
    for numbers, argument, test, value in _CONDITIONAL.values():
        lines += _if_number(numbers[here], [_argument(argument), *_refused_if(test, value)])
    locks = [line for lock in _LOCKS for line in _refused_if(_EQUAL, lock, code=0)]
    lines += _if_number(_FCNTL[here], [_argument(_REQUEST), *locks])
    lines += _if_number(_IOCTL[here], [_argument(_REQUEST), *_refused_but(_REQUESTS)])
    return b"".join([*lines, _line(_RETURN, _ALLOW)])


def _if_number(number: int, body: list[bytes]) -> list[bytes]:
    """Return the lines that run `body` for the call of this number, and leave the number loaded."""
    body = [*body, _line(_LOAD, _NUMBER)]
    return [_line(_JUMP_EQUAL, number, 0, len(body)), *body]


def _argument(place: int) -> bytes:
    """Return the line that loads an argument, or its lower half: the machines above begin by it."""
    return _line(_LOAD, _ARGUMENTS + 8 * place)


def _refused_if(test: int, value: int, code: int = errno.EPERM) -> list[bytes]:
    """Return the lines that refuse a call whose argument, loaded already, passes a test."""
    refuse = _line(_RETURN, _ERRNO | code)
    if test == _EQUAL:
        return [_line(_JUMP_EQUAL, value, 0, 1), refuse]
    if test == _SOME_BIT:
        return [_line(_JUMP_BITS, value, 0, 1), refuse]
    if test == _ALL_BITS:
        return [_line(_AND, value), _line(_JUMP_EQUAL, value, 0, 1), refuse]
    return [_line(_JUMP_EQUAL, value, 1, 0), refuse]


def _refused_but(values: tuple[int, ...]) -> list[bytes]:
    """Return the lines that refuse a call unless its argument, loaded already, is one of these."""
    refuse = _line(_RETURN, _ERRNO | errno.ENOTTY)
    return [*(_line(_JUMP_EQUAL, v, len(values) - i, 0) for i, v in enumerate(values)), refuse]


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
