"""Write Slurm's hooks, for its operator to put beside slurm.conf.

gate's socket -> job_submit.lua, prolog.sh, epilog.sh, ask.py, slurm.conf.add
"""

import os
import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from assent.adapters.files import make_folder, write_durably
from assent.vocabulary import InputError

_HOOKS = {  # name: mode
    "ask.py": 0o644,
    "job_submit.lua": 0o644,
    "prolog.sh": 0o755,
    "epilog.sh": 0o755,
}
_PLAIN = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+"
)
_LINES = """\
# Beside slurm.conf: put job_submit.lua into the same folder. Every line is needed.
JobSubmitPlugins=lua
PrologSlurmctld={out}/prolog.sh
EpilogSlurmctld={out}/epilog.sh
# Or anybody may name anybody's account (needs slurmdbd):
AccountingStorageEnforce=associations,limits
# Or a job may use chips that were not allocated to it (ConstrainDevices=yes in
# cgroup.conf as well):
TaskPlugin=task/cgroup
ProctrackType=proctrack/cgroup
"""


def install_hooks(socket: Path, out: Path, conf: Path) -> list[Path]:
    """Write the hooks into a folder, with the paths of this machine in them.

    Args:
        socket: the gate's.
        out: the folder, which stays where it is.
        conf: Slurm's own settings.

    Returns:
        What was written.

    Raises:
        InputError: if a path has characters that a shell may read as something else.
        StoreUnavailable: if the disk refuses.

    """
    out, socket, conf = out.absolute(), socket.absolute(), conf.absolute()
    for path in (out, socket, conf):
        if not _PLAIN.issuperset(str(path)):
            raise InputError(
                f"{path} has characters that hooks had better not contain.",
                remedy="Name a path of letters, digits and /._-+.",
            )
    found = shutil.which("scontrol")
    commands = [str(Path(found).parent)] if found else []
    python = Path(sys.base_prefix) / "bin" / "python3"
    values = {
        "@ASK@": shlex.join([str(python), "-I", "-S", f"{out}/ask.py", str(socket)]),
        "@CONF@": str(conf),
        "@PATH@": os.pathsep.join(dict.fromkeys([*commands, "/usr/bin", "/bin"])),
    }
    make_folder(out, 0o755)
    written = []
    for name, mode in _HOOKS.items():
        text = (files("assent.adapters.gate.slurm.hooks") / name).read_text("utf-8")
        for mark, value in values.items():
            text = text.replace(mark, value)
        write_durably(out / name, text.encode(), mode)
        written.append(out / name)
    write_durably(out / "slurm.conf.add", _LINES.format(out=out).encode(), 0o644)
    return [*written, out / "slurm.conf.add"]
