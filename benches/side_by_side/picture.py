"""Two panels as SVG: throughput of hashing by file size, and of hashing, sealing and verifying by threads."""

import math

from html import escape

WIDTH, HEIGHT = 920, 400
TOP, BOTTOM = 74, 340
LEFT_PANEL, RIGHT_PANEL = (70, 440), (540, 800)
# Colours that are told apart with any sight, and that stand out on light and dark ground.
STYLE = """
  svg { font: 13px system-ui, sans-serif; } .ground { fill: #ffffff; }
  text { fill: #1f2328; } .small { font-size: 12px; } .head { font-size: 15px; font-weight: 600; }
  .soft { fill: #57606a; } .grid { stroke: #d0d7de; } .axis { stroke: #57606a; }
  .line { fill: none; stroke-width: 2; } .mark { stroke: none; }
  .a { stroke: #0969da; fill: #0969da; } .b { stroke: #bc4c00; fill: #bc4c00; } .c { stroke: #1a7f37; fill: #1a7f37; }
  .d { stroke: #6e7781; fill: #6e7781; } .line.d { stroke-dasharray: 5 4; }
  text.a, text.b, text.c, text.d { stroke: none; } .line.a, .line.b, .line.c, .line.d { fill: none; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } text { fill: #e6edf3; } .soft { fill: #9198a1; } .grid { stroke: #30363d; }
    .axis { stroke: #9198a1; } .a { stroke: #58a6ff; fill: #58a6ff; } .b { stroke: #f0883e; fill: #f0883e; }
    .c { stroke: #56d364; fill: #56d364; } .d { stroke: #9198a1; fill: #9198a1; }
  }
"""


class Panel:
    """A rectangle with a logarithmic axis across and a linear one, from 0, up."""

    def __init__(self, sides, xs, top):
        self.left, self.right = sides
        self.low, self.high = math.log2(min(xs)), math.log2(max(xs))
        self.step = nice_step(top)
        self.top = self.step * math.ceil(top / self.step)

    def x(self, value):
        return round(self.left + (math.log2(value) - self.low) / (self.high - self.low) * (self.right - self.left), 1)

    def y(self, value):
        return round(BOTTOM - value / self.top * (BOTTOM - TOP), 1)

    def frame(self, title, x_label, ticks):
        out = [f'<text class="head" x="{self.left}" y="{TOP - 36}">{title}</text>',
               f'<text class="small soft" x="{self.left}" y="{TOP - 16}">throughput, GB/s</text>']
        for n in range(round(self.top / self.step) + 1):
            value = n * self.step
            y = self.y(value)
            out.append(f'<line class="{"grid" if n else "axis"}" x1="{self.left}" x2="{self.right}" y1="{y}" y2="{y}"/>')
            out.append(f'<text class="small" x="{self.left - 8}" y="{y + 4}" text-anchor="end">{value / 1000:g}</text>')
        for value, text in ticks:
            x = self.x(value)
            out.append(f'<line class="axis" x1="{x}" x2="{x}" y1="{BOTTOM}" y2="{BOTTOM + 5}"/>')
            out.append(f'<text class="small" x="{x}" y="{BOTTOM + 20}" text-anchor="middle">{text}</text>')
        middle = (self.left + self.right) / 2
        out.append(f'<text class="soft" x="{middle}" y="{BOTTOM + 44}" text-anchor="middle">{x_label}</text>')
        return out

    def line(self, points, colour):
        places = [(self.x(x), self.y(y)) for x, y in sorted(points)]
        joined = " ".join(f"{x},{y}" for x, y in places)
        marks = [f'<circle class="mark {colour}" cx="{x}" cy="{y}" r="3"/>' for x, y in places]
        return [f'<polyline class="line {colour}" points="{joined}"/>', *marks]

    def names(self, series):
        """Beside the last points, moved apart where they would touch."""
        ends = sorted((self.y(max(points)[1]), name, colour) for name, points, colour in series)
        out, last = [], -math.inf
        for y, name, colour in ends:
            last = max(y, last + 16)
            out.append(f'<text class="small {colour}" x="{self.right + 10}" y="{last + 4}">{escape(name)}</text>')
        return out


def nice_step(top):
    """For four to eight lines of a grid."""
    base = 10 ** math.floor(math.log10(top / 4))
    return next(base * n for n in (1, 2, 5, 10) if top / (base * n) <= 8)


def size_text(value):
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value} {unit}"
        value //= 1024
    return f"{value} TiB"


def by_size(rows):
    threads = sorted({n for work, n, size, _ in rows if size and work == "hash"})
    points = lambda work, n: [(size, rate) for w, t, size, rate in rows if size and (w, t) == (work, n)]
    series = [(f"{n} thread{'s' * (n > 1)}", points("hash", n), colour) for n, colour in zip(threads, "cab")]
    return series + [("openssl", points("openssl dgst", 1), "d")]


def by_threads(rows):
    points = lambda work: [(n, rate) for w, n, size, rate in rows if not size and w == work]
    return [("hash", points("hash"), "a"), ("verify", points("verify"), "b"), ("seal", points("seal"), "c")]


def described(series):
    return "; ".join(f"{name} {min(points)[1] / 1000:.2f} to {max(points)[1] / 1000:.2f} GB/s" for name, points, _ in series)


def draw(rows):
    sizes, threads = by_size(rows), by_threads(rows)
    every = lambda series, n: [point[n] for _, points, _ in series for point in points]
    left = Panel(LEFT_PANEL, every(sizes, 0), max(every(sizes, 1)))
    right = Panel(RIGHT_PANEL, every(threads, 0), max(every(threads, 1)))
    ticks = sorted(set(every(sizes, 0)))[::2]
    body = left.frame("scelle hash, by file size", "bytes in each file", [(size, size_text(size)) for size in ticks])
    body += right.frame("Files of mixed sizes, by threads", "threads", [(n, n) for n in sorted(set(every(threads, 0)))])
    for panel, series in ((left, sizes), (right, threads)):
        for _, points, colour in series:
            body += panel.line(points, colour)
        body += panel.names(series)
    desc = (f"Left, from the smallest files to the largest: {described(sizes)} (openssl dgst, one process). "
            f"Right, from one thread to the most: {described(threads)}. Files of one size are 256 MiB together, those of mixed sizes 1 GiB, all in memory; the table is throughput.tsv.")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="title desc">\n<title id="title">Throughput of scelle by file size and by threads</title>\n'
            f'<desc id="desc">{escape(desc)}</desc>\n<style>{STYLE}</style>\n'
            f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>\n' + "\n".join(body) + "\n</svg>\n")
