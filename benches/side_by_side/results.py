"""benches/RESULTS.md: what was measured, and which goals were met."""

import datetime
import os
import platform
import re
import statistics

from .groups import MEMORY_MIB_MAX

HEAD = """# Results

Written by `benches/run`, {rounds} round{s}; do not edit. {date}.

- Machine: {cpu}, {cores} cores, {memory:.0f} GiB, Linux {kernel}. Load when the run began: {load}.{shared}
- Tools: {tools}.
- Corpus A: {files} regular files, {tree_gb:.2f} GB, copied from `/usr/lib` and `/usr/share`. Image B: {image_gib:.0f} GiB, ext4,
  {allocated_gb:.2f} GB of it allocated.
- Inputs are in the page cache; what is written goes to {outputs}. Within a group the commands take turns.
- Seconds are the median, with the least and the most beside it; ratio is the median over that of the row marked `=`. CPU is what
  all cores spent together, which others on the machine disturb less. Peak is that of the largest process.
- Absolute times drift with the machine: compare ratios of one run.
"""


def field_of(path, name):
    with open(path) as file:
        found = re.search(rf"^{name}\s*:\s*(.*)$", file.read(), re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


def head(facts):
    """The machine and the inputs. No names of hosts or people."""
    return HEAD.format(
        date=datetime.date.today().isoformat(),
        cpu=f"{field_of('/proc/cpuinfo', 'model name')} (family {field_of('/proc/cpuinfo', 'cpu family')}, "
            f"model {field_of('/proc/cpuinfo', 'model')})",
        cores=len(os.sched_getaffinity(0)),
        memory=int(field_of("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20),
        kernel=platform.release().split("-")[0],
        s="" if facts["rounds"] == 1 else "s",
        **facts,
    )


def row_text(row, reference, sizes):
    if not row.seconds or row.missing:
        return [row.label, row.missing or "not measured", "", "", ""] + [""] * sizes
    ratio = "=" if row is reference else f"{row.median / reference.median:.2f}" if reference.seconds else ""
    spread = f"{row.median:.2f} ({min(row.seconds):.2f}-{max(row.seconds):.2f})"
    size = [f"{row.out_bytes / 1e6:.0f}" if row.out_bytes else ""] if sizes else []
    cpu = f"{statistics.median(row.cpu_seconds):.2f}"
    return [row.label, spread, ratio, cpu, f"{row.peak_kib / 1024:.0f}"] + size


def table(headings, rows):
    lines = [headings, ["---"] + ["--:"] * (len(headings) - 1), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def goal_text(goal, rows):
    """What was wanted, what was seen, and whether that is met."""
    row, reference = rows[goal.row], rows.get(goal.reference)
    if not row.seconds or reference and not reference.seconds:
        return [goal.text, "", "", "not measured"]
    if not reference:
        return [goal.text, f"{goal.limit:.2f} s", f"{row.median:.2f} s", "met" if row.median < goal.limit else "**missed**"]
    if goal.of == "out_bytes":
        seen = row.out_bytes / reference.out_bytes
    else:
        seen = row.median / reference.median
    return [goal.text, f"{goal.limit:.3f}", f"{seen:.3f}", "met" if seen <= goal.limit else "**missed**"]


def memory_goal(groups):
    rows = [row for group in groups for row in group.rows if row.seconds and row.command.startswith("scelle")]
    if not rows:
        return []
    most = max(rows, key=lambda row: row.peak_kib)
    seen = most.peak_kib / 1024
    text = f"peak memory of scelle (most: `{most.label}`)"
    return [text, f"{MEMORY_MIB_MAX} MiB", f"{seen:.0f} MiB", "met" if seen < MEMORY_MIB_MAX else "**missed**"]


def text(facts, groups):
    """The whole file."""
    goals = [[f"{group.title}: {cells[0]}", *cells[1:]] for group in groups
             for cells in (goal_text(goal, {row.label: row for row in group.rows}) for goal in group.goals)]
    memory = memory_goal(groups)
    parts = [head(facts), "\n## Goals\n\n", table(["goal", "at most", "seen", ""], goals + [memory] * bool(memory))]
    for group in groups:
        reference = next(row for row in group.rows if row.label == group.reference)
        rows = [row_text(row, reference, group.sizes) for row in group.rows]
        headings = ["", "seconds", "ratio", "CPU s", "peak MiB"] + ["written MB"] * group.sizes
        parts += [f"\n## {group.title}\n\n", table(headings, rows)]
        commands = "".join(f"{shown(row.command)}\n" for row in group.rows if row.seconds)
        parts.append(f"\n```sh\n{commands}```\n")
    return "".join(parts)


def shown(command):
    """Without the place where results go: that is the machine's matter."""
    return re.sub(r"/\S*/(?=[\w.]+(\s|$|:))", "", command)
