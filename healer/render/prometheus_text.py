"""Numbers in Prometheus's text format, version 0.0.4. Pure.

Belongs here: the format of https://prometheus.io/docs/instrumenting/exposition_formats/. Does not
belong here: which numbers there are (`healer.app.metrics`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Sample:
    """One number."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()
    """Names, and values of any text."""
    suffix: str = ""
    """Of a summary: `_sum` or `_count`."""


@dataclass(frozen=True)
class Family:
    """The numbers of one name."""

    name: str
    """With its unit; of a counter it ends with `_total`."""
    kind: Literal["gauge", "counter", "summary"]
    help: str
    """One sentence."""
    samples: tuple[Sample, ...]


def format_families(families: Iterable[Family]) -> str:
    """The text, with a line feed at its end; a family without numbers is only named."""
    return "".join(f"{line}\n" for family in families for line in _format_family(family))


def _format_family(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_escape(family.help, quotes=False)}"
    yield f"# TYPE {family.name} {family.kind}"
    for sample in family.samples:
        labels = ",".join(f'{name}="{_escape(value)}"' for name, value in sample.labels)
        name = family.name + sample.suffix + (f"{{{labels}}}" if labels else "")
        yield f"{name} {float(sample.value)!r}"


def _escape(text: str, *, quotes: bool = True) -> str:
    """As the format wants it; what is no text in UTF-8 is replaced."""
    plain = text.encode("utf-8", "replace").decode().replace("\\", r"\\").replace("\n", r"\n")
    return plain.replace('"', r"\"") if quotes else plain
