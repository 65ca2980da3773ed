"""Draw how an order reached gates over time, as an SVG without scripts.

name + seconds at which each gate acknowledged -> a step curve on a logarithmic axis
"""

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path

_WIDTH, _HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 24, 48
_FIRST_S, _LAST_S = 0.01, 100.0
_COLOURS = ("#0b6e4f", "#1f4e9c", "#b3541e")
_POINTS_MAX = 200
_TARGET_S = 5.0


def draw(curves: Mapping[str, Sequence[float]], path: Path) -> None:
    """Write the chart of some curves, each of arrivals in seconds."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
            ' role="img" font-family="sans-serif" font-size="12">'
        ),
        (
            "<title>Share of gates that acknowledged an order, by time since it was"
            " issued</title>"
        ),
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_axes(),
    ]
    for place, (name, arrivals) in enumerate(curves.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        parts += [
            (
                f'<polyline fill="none" stroke="{colour}" stroke-width="2"'
                f' points="{_points(sorted(arrivals))}"/>'
            ),
            (
                f'<text x="{_LEFT + 12}" y="{_TOP + 18 + 18 * place}" fill="{colour}">'
                f"{name}</text>"
            ),
        ]
    path.write_text("\n".join([*parts, "</svg>", ""]), "utf-8")


def _axes() -> list[str]:
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
    for time_s in (0.01, 0.1, 1.0, 10.0, 100.0):
        x = _x(time_s)
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
    x = _x(_TARGET_S)
    lines += [
        (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"'
            ' stroke="#888888" stroke-dasharray="4 4"/>'
        ),
        (
            f'<text x="{x + 4:.1f}" y="{_TOP + 14}" fill="#555555">'
            f"target {_TARGET_S:g} s</text>"
        ),
        (
            f'<text x="{_LEFT}" y="{_HEIGHT - 8}">seconds since the order was issued'
            " (logarithmic)</text>"
        ),
    ]
    return lines


def _points(arrivals: Sequence[float]) -> str:
    count = len(arrivals)
    some = sorted({*range(0, count, max(1, count // _POINTS_MAX)), count - 1})
    return " ".join(
        f"{_x(arrivals[place]):.1f},{_y((place + 1) / count):.1f}" for place in some
    )


def _x(time_s: float) -> float:
    clipped = min(max(time_s, _FIRST_S), _LAST_S)
    share = log10(clipped / _FIRST_S) / log10(_LAST_S / _FIRST_S)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
