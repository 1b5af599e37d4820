"""A trial as one HTML page that needs nothing else: two plots, the scripts, every case.

Belongs here: markup, every text of it escaped. Does not belong here: the words (`trial`).
"""

from collections.abc import Iterator, Sequence
from html import escape

from healer.render.trial import ENDS, SCRIPT_HEADER, case_line, day_of, script_row, summary
from healer.render.trial_report import CaseEnd, ScriptTrial, TrialCase, TrialReport

WIDTH, BAR, LABEL = 860, 22, 300
TALL = 160
COLOURS = {
    "right": "#2e7d32", "compared": "#81c784", "differs": "#c62828", "waits": "#f9a825",
    "nothing": "#9e9e9e", "unusable": "#e0e0e0",
}  # fmt: skip  # what a part of a bar stands for
_LEGEND = {
    "right": "would have merged, as the person's fix",
    "compared": "would have merged, not compared",
    "differs": "would have merged, otherwise",
    "waits": ENDS["waits"],
    "nothing": ENDS["nothing"],
}
_DOTS: dict[CaseEnd, str] = {
    "merged": "right", "waits": "waits", "nothing": "nothing", "unusable": "unusable",
}  # fmt: skip
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; width: 100%; font-size: 13px } td, th { text-align: left;
padding: .25em .6em; border-bottom: 1px solid #8884; vertical-align: top }
pre { overflow-x: auto; background: #8881; padding: .6em; font-size: 12px }
summary { cursor: pointer }
svg { width: 100%; height: auto } svg text { font-size: 12px; fill: currentColor }
:root { color-scheme: light dark }
"""


def trial_page(report: TrialReport, name: str) -> str:
    """The page of the repository `name`."""
    lines = "".join(f"<p>{escape(line)}.</p>" for line in summary(report))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>healer trial: {escape(name)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>Trial of {escape(name)}</h1>"
        f"<p>{escape(report.target)} at {escape(report.tip[:12])}, drafters: "
        f"{escape(report.drafter)}, healer {escape(report.version)}.</p>{lines}"
        f"<h2>By script</h2>{_bars(report.scripts)}{_table(report.scripts)}"
        f"<h2>Over time</h2>{_timeline(report.usable)}"
        f"<h2>Every case</h2>{''.join(map(_case, report.cases))}</body></html>\n"
    )


def _bars(scripts: Sequence[ScriptTrial]) -> str:
    """One bar for each script, as long as it has usable cases."""
    most = max((script.cases for script in scripts), default=0)
    rows = [script for script in scripts if script.cases]
    if not most:
        return "<p>No case could be replayed.</p>"
    scale, parts = (WIDTH - LABEL) / most, []
    for line, script in enumerate(rows):
        top, x = line * (BAR + 6), float(LABEL)
        label = f'<text x="0" y="{top + 15}">{escape(script.script[-44:])}</text>'
        parts.append(label)
        for key, count in _parts(script):
            parts.append(
                f'<rect x="{x:.1f}" y="{top}" width="{count * scale:.1f}" height="{BAR}" '
                f'fill="{COLOURS[key]}"><title>{count} {escape(_LEGEND[key])}</title></rect>'
            )
            x += count * scale
    return f"{_svg(len(rows) * (BAR + 6), parts, 'Outcomes by script')}<p>{_legend()}</p>"


def _parts(script: ScriptTrial) -> Iterator[tuple[str, int]]:
    rest = script.merged - script.right - script.differing
    counts = {
        "right": script.right, "compared": rest, "differs": script.differing,
        "waits": script.waiting, "nothing": script.nothing,
    }  # fmt: skip
    return ((key, count) for key, count in counts.items() if count)


def _legend() -> str:
    return " ".join(
        f'<span style="color:{COLOURS[key]}">&#9632;</span> {escape(text)}'
        for key, text in _LEGEND.items()
    )


def _timeline(cases: Sequence[TrialCase]) -> str:
    """A dot for each case: when it was, and how long its repair took."""
    if not cases:
        return "<p>No case could be replayed.</p>"
    first, last = min(case.at for case in cases), max(case.at for case in cases)
    slowest = max(case.seconds for case in cases) or 1.0
    dots = [
        f'<circle cx="{40 + (case.at - first) / max(1, last - first) * (WIDTH - 60):.1f}" '
        f'cy="{TALL - 25 - case.seconds / slowest * (TALL - 40):.1f}" r="5" '
        f'fill="{_colour(case)}"><title>{escape(case_line(case))}</title></circle>'
        for case in cases
    ]
    axis = [
        f'<line x1="30" x2="{WIDTH}" y1="{TALL - 20}" y2="{TALL - 20}" stroke="#888"/>',
        f'<text x="30" y="{TALL - 4}">{day_of(first)}</text>',
        f'<text x="{WIDTH}" y="{TALL - 4}" text-anchor="end">{day_of(last)}</text>',
        f'<text x="0" y="12">{slowest:.0f} s</text>',
    ]
    return _svg(TALL, [*axis, *dots], "Seconds of each repair over time")


def _colour(case: TrialCase) -> str:
    if case.end == "merged" and case.likeness and case.likeness.kind in ("differs", "unknown"):
        return COLOURS["differs" if case.likeness.kind == "differs" else "compared"]
    return COLOURS[_DOTS[case.end]]


def _svg(height: int, parts: Sequence[str], label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _table(scripts: Sequence[ScriptTrial]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in SCRIPT_HEADER)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in script_row(script))}</tr>"
        for script in scripts
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def _case(case: TrialCase) -> str:
    diffs = "".join(
        f"<p>{title}</p><pre>{escape(diff)}</pre>"
        for title, diff in (("healer's", case.diff), ("the person's", case.person_diff))
        if diff
    )
    return (
        f"<details><summary>{escape(case_line(case))}</summary>"
        f"<p>{escape(case.subject)}</p><p>{escape(case.reason)}</p>{diffs}</details>"
    )
