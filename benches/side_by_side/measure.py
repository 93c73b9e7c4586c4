"""Runs commands side by side: each once a round, one after the other, so that what drifts does so for all."""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

from dataclasses import dataclass, field


@dataclass
class Row:
    """One command of a group, and what was measured of it."""

    label: str
    command: str
    # What it writes, removed before each run.
    out: pathlib.Path | None = None
    # Why it cannot be run here; then it is not.
    missing: str = ""
    seconds: list = field(default_factory=list)
    cpu_seconds: list = field(default_factory=list)
    peak_kib: int = 0
    out_bytes: int = 0

    @property
    def median(self):
        return statistics.median(self.seconds) if self.seconds else None


def remove(path):
    """A file or a directory, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def len_bytes(path):
    """Bytes of a file, or of all files below."""
    files = path.rglob("*") if path.is_dir() else path.parent.glob(path.name + "*")
    return sum(file.stat().st_size for file in files if file.is_file())


def run(row, work):
    """Once. Memory is that of the largest process, by GNU time: a child of this one would be counted with it."""
    if row.out:
        remove(row.out)
    # What an earlier command wrote must not go to the medium while this one is measured.
    os.sync()
    report = work / "memory"
    command = [shutil.which("time"), "-f", "%U %S %M", "-o", report, "bash", "-o", "pipefail", "-c", row.command]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        row.missing = f"failed with exit code {done.returncode}"
        print(f"warning: {row.label}: {row.missing}\n{done.stderr.decode(errors='replace')[-500:]}", file=sys.stderr)
        return
    row.seconds.append(seconds)
    user, system, peak_kib = report.read_text().split()[-3:]
    report.unlink()
    row.cpu_seconds.append(float(user) + float(system))
    row.peak_kib = max(row.peak_kib, int(peak_kib))
    if row.out:
        row.out_bytes = len_bytes(row.out)


def run_all(rows, rounds, work):
    """All rows, round by round; what they write is gone afterwards."""
    for number in range(rounds):
        for row in rows:
            if not row.missing:
                run(row, work)
        found = ", ".join(f"{row.label} {row.seconds[-1]:.2f}" for row in rows if row.seconds)
        print(f"  round {number + 1}: {found}", file=sys.stderr, flush=True)
    for row in rows:
        if row.out:
            remove(row.out)
