"""Draw what share had done something over time, as an SVG without scripts.

name + seconds at which each had done it -> a curve from the first to the last
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path

_WIDTH, _HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 24, 48
_COLOURS = ("#0b6e4f", "#1f4e9c", "#7a3e9d", "#b3541e")
_POINTS_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What a chart shows, in words, and which times are marked in it.

    Attributes:
        title: what is shown.
        under: what the times are since.
        times_s: those that are written on the axis, from its start to its end.
        mark_s: the one that a line marks.
        mark: what that is.

    """

    title: str
    under: str
    times_s: Sequence[float]
    mark_s: float
    mark: str

    def x(self, time_s: float) -> float:
        """Return where a time lies: evenly from zero, else by its logarithm."""
        first_s, last_s = self.times_s[0], self.times_s[-1]
        clipped = min(max(time_s, first_s), last_s)
        if first_s == 0:
            share = clipped / last_s
        else:
            share = log10(clipped / first_s) / log10(last_s / first_s)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def draw(curves: Mapping[str, Sequence[float]], path: Path, axis: Axis) -> None:
    """Write the chart of some curves, each of arrivals in seconds."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
            ' role="img" font-family="sans-serif" font-size="12">'
        ),
        f"<title>{axis.title}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_axes(axis),
    ]
    for place, (name, arrivals) in enumerate(curves.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        parts += [
            (
                f'<polyline fill="none" stroke="{colour}" stroke-width="2"'
                f' points="{_points(sorted(arrivals), axis)}"/>'
            ),
            (
                f'<text x="{_LEFT + 12}" y="{_TOP + 18 + 18 * place}" fill="{colour}">'
                f"{name}</text>"
            ),
        ]
    path.write_text("\n".join([*parts, "</svg>", ""]), "utf-8")


def _axes(axis: Axis) -> list[str]:
    bottom = _HEIGHT - _BOTTOM
    lines = []
    for share in (0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        lines += [
            (
                f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
                ' stroke="#dddddd"/>'
            ),
            (
                f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}'
                "</text>"
            ),
        ]
    for time_s in axis.times_s:
        x = axis.x(time_s)
        lines += [
            (
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"'
                ' stroke="#eeeeee"/>'
            ),
            (
                f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{time_s:g} s'
                "</text>"
            ),
        ]
    x = axis.x(axis.mark_s)
    lines += [
        (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"'
            ' stroke="#888888" stroke-dasharray="4 4"/>'
        ),
        (f'<text x="{x + 4:.1f}" y="{_TOP + 14}" fill="#555555">{axis.mark}</text>'),
        (f'<text x="{_LEFT}" y="{_HEIGHT - 8}">{axis.under}</text>'),
    ]
    return lines


def _points(arrivals: Sequence[float], axis: Axis) -> str:
    count = len(arrivals)
    some = sorted({*range(0, count, max(1, count // _POINTS_MAX)), count - 1})
    return " ".join(
        f"{axis.x(arrivals[place]):.1f},{_y((place + 1) / count):.1f}" for place in some
    )


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
