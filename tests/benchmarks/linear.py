"""What the whole pipeline costs for files of a thousand to ten million rows; a plot in var/.

Wall time and processor time of the worker for each size, in one run. What a city sends in several
files because one may not be longer is handed in as several files here. The exponent k of
"seconds ~ rows^k" is the slope of least squares through the logarithms, over the sizes of which
the rows, and not the start, are the cost.
"""

from __future__ import annotations

import math
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.benchmarks import pipeline
from tests.benchmarks.measure import Figure, Size, stopwatch
from tests.benchmarks.record import PLOT

SIZES: dict[Size, tuple[int, ...]] = {
    "quick": (1_000, 10_000, 100_000),
    "normal": (1_000, 10_000, 100_000, 1_000_000),
    "full": (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
}
#: Below this the start of a contribution costs more than its rows.
COUNTS_FROM = 10_000
WIDTH, HEIGHT, MARGIN = 640, 420, 70


@dataclass(frozen=True)
class Cost:
    """Seconds for a number of rows: by the clock, and of this process and those it started."""

    rows: int
    wall: float
    processor: float


def run(size: Size) -> list[Figure]:
    from django.conf import settings

    from contributions.quality import engine
    from tests.contributions.seoul import published

    engine.warm()
    published(tolerance="1")
    begin, costs = 0, []
    for rows in (100, *SIZES[size]):
        costs.append(_cost(rows, begin))
        begin += rows
    # The first was for what is loaded once.
    costs = costs[1:]
    target = Path(settings.VAR_DIR) / PLOT
    target.write_text(plot(costs), encoding="utf-8")
    counted = [each for each in costs if each.rows >= COUNTS_FROM]
    by_clock = exponent([(each.rows, each.wall) for each in counted])
    by_processor = exponent([(each.rows, each.processor) for each in counted])
    named = f"{counted[0].rows:,} to {counted[-1].rows:,} rows"
    return [
        *(Figure(f"the whole pipeline, {each.rows:,} rows", each.wall, "s") for each in costs),
        Figure(f"seconds grow with rows to the power of (clock, {named})", by_clock, "", goal="1"),
        Figure(
            f"seconds grow with rows to the power of (worker's processor; plot in {target.name})",
            by_processor,
            "",
            goal="1",
        ),
    ]


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of least squares through the logarithms of (rows, seconds)."""
    xs = [math.log(rows) for rows, _seconds in points]
    ys = [math.log(seconds) for _rows, seconds in points]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    above = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return above / sum((x - x_mean) ** 2 for x in xs)


def _cost(rows: int, begin: int) -> Cost:
    from contributions.decode.result import DEFAULT
    from contributions.models import State
    from contributions.pipeline.stages import check
    from tests.cast import mina
    from tests.contributions.seoul import handed_in

    wall = processor = 0.0
    for start in range(begin, begin + rows, DEFAULT.rows_max):
        part = min(DEFAULT.rows_max, begin + rows - start)
        data = pipeline.csv(part, start)
        before = _processor()
        with stopwatch() as elapsed:
            made = check(handed_in(mina(), data).id)
        wall += elapsed.seconds
        processor += _processor() - before
        assert (made.state, made.accepted) == (State.ACCEPTED, part), made.reason_rule
    return Cost(rows, wall, processor)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def plot(costs: Sequence[Cost]) -> str:
    """Seconds over rows, both by powers of ten, as SVG; the dashed line is cost equal per row."""
    seconds = [value for each in costs for value in (each.wall, each.processor)]
    low_x, high_x = (math.log10(costs[at].rows) for at in (0, -1))
    low_y, high_y = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))

    def at(rows: float, value: float) -> tuple[float, float]:
        x = (math.log10(rows) - low_x) / (high_x - low_x)
        y = (math.log10(value) - low_y) / (high_y - low_y)
        return MARGIN + x * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN)

    drawn = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for power in range(low_y, high_y + 1):
        (left, y), (right, _y) = at(costs[0].rows, 10.0**power), at(costs[-1].rows, 10.0**power)
        drawn.append(f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" stroke="#ddd"/>')
        drawn.append(_text(left - 8, y + 4, f"{10.0**power:g} s", "end"))
    for each in costs:
        x, _y = at(each.rows, 10.0**low_y)
        drawn.append(_text(x, HEIGHT - MARGIN + 20, f"{each.rows:,}", "middle"))
    last = costs[-1]
    even = [(rows, last.wall * rows / last.rows) for rows in (costs[0].rows, last.rows)]
    drawn += _line([at(*p) for p in even if p[1] >= 10.0**low_y], "#999", "5 4")
    for name, colour, values in (
        ("clock", "#0b5cad", [(each.rows, each.wall) for each in costs]),
        ("worker's processor", "#b3420f", [(each.rows, each.processor) for each in costs]),
    ):
        points = [at(*point) for point in values]
        drawn += _line(points, colour)
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]
        shift = -12 if name == "clock" else 20
        drawn.append(_text(points[-1][0], points[-1][1] + shift, name, "end", colour))
    drawn.append(_text(WIDTH / 2, HEIGHT - 16, "rows", "middle"))
    drawn.append(_text(WIDTH / 2, 28, "A file from handed in to accepted", "middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="13">{"".join(drawn)}</svg>\n'
    )


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str = "") -> list[str]:
    return [
        f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{colour}" stroke-width="2" '
        f'fill="none" stroke-dasharray="{dashes or "none"}"/>'
        for (x, y), (to_x, to_y) in pairwise(points)
    ]


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
