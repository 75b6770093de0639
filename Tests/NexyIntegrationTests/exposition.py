"""What /metrics says, read as Prometheus reads it, and not more kindly.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format, version 0.0.4)
"""

import math
import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?P<value>(?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
SAMPLE = re.compile(rf"(?P<name>{NAME})(?:\{{(?P<labels>.*)\}})? (?P<value>\S+)")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN")
ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}


@dataclass
class Family:
    """One metric with all its series."""

    name: str
    help: str
    kind: str = ""
    # By sample name and labels, in the order of the page.
    samples: dict[tuple[str, frozenset], float] = field(default_factory=dict)

    def series(self, suffix: str) -> dict[frozenset, float]:
        return {labels: value for (name, labels), value in self.samples.items() if name == self.name + suffix}


@dataclass
class Exposition:
    families: dict[str, Family]

    def value(self, name: str, **labels: str) -> float:
        """A series' value; 0 where it has none yet. A histogram's parts are named as on the page."""
        return self._samples.get((name, frozenset(labels.items())), 0)

    def by(self, name: str) -> dict[tuple[str, ...], float]:
        """Every value of a metric by its labels' values, in the order of the labels' names."""
        return {
            tuple(value for _, value in sorted(labels)): number
            for (sample, labels), number in self._samples.items()
            if sample == name
        }

    @property
    def _samples(self) -> dict[tuple[str, frozenset], float]:
        return {key: value for family in self.families.values() for key, value in family.samples.items()}


def parse(text: str) -> Exposition:
    """Reads a page, or fails where it is not of the format."""
    assert text.endswith("\n"), "the last line has no newline"
    families: dict[str, Family] = {}
    family: Family | None = None
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            name, _, words = line.removeprefix("# HELP ").partition(" ")
            assert re.fullmatch(NAME, name) and words and name not in families, f"not a HELP line: {line!r}"
            assert not re.search(r"\\[^\\n]", words), f"an unknown escape: {line!r}"
            family = families[name] = Family(name, words)
        elif line.startswith("# TYPE "):
            name, _, kind = line.removeprefix("# TYPE ").partition(" ")
            assert family and name == family.name and not family.kind, f"a TYPE line without its HELP: {line!r}"
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped"), line
            family.kind = kind
        else:
            assert family and family.kind, f"a sample before its HELP and TYPE: {line!r}"
            _add(line, family)
    for found in families.values():
        _check(found)
    return Exposition(families)


def _add(line: str, family: Family) -> None:
    found = SAMPLE.fullmatch(line)
    assert found, f"not a sample: {line!r}"
    names = [family.name + suffix for suffix in SUFFIXES.get(family.kind, ("",))]
    assert found["name"] in names, f"a sample of another family than {family.name}: {line!r}"
    assert NUMBER.fullmatch(found["value"]), f"not a number: {line!r}"
    labels = _labels(found["labels"] or "", line)
    key = (found["name"], frozenset(labels.items()))
    assert key not in family.samples, f"a series comes twice: {line!r}"
    family.samples[key] = float(found["value"].replace("Inf", "inf"))


def _labels(text: str, line: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = LABEL.match(text, at)
        assert found and found["name"] not in labels, f"not labels: {line!r}"
        labels[found["name"]] = re.sub(r'\\[\\"n]', lambda escape: ESCAPES[escape[0]], found["value"])
        at = found.end()
    return labels


def _check(family: Family) -> None:
    assert family.kind, f"{family.name} has no TYPE"
    if family.kind == "counter":
        assert family.name.endswith("_total"), f"a counter that is not called one: {family.name}"
        assert all(value >= 0 and math.isfinite(value) for value in family.samples.values()), family
    if family.kind == "histogram":
        _check_histogram(family)


def _check_histogram(family: Family) -> None:
    """Buckets are cumulative, the last is +Inf and is the count."""
    rows: dict[frozenset, list[tuple[float, float]]] = {}
    for labels, value in family.series("_bucket").items():
        bound = dict(labels)["le"].replace("Inf", "inf")
        rows.setdefault(labels - {("le", dict(labels)["le"])}, []).append((float(bound), value))
    counts, sums = family.series("_count"), family.series("_sum")
    assert rows.keys() == counts.keys() == sums.keys(), f"{family.name} lacks a bucket, a sum or a count"
    for labels, buckets in rows.items():
        assert buckets == sorted(buckets), f"{family.name} {set(labels)} is not in order: {buckets}"
        values = [value for _, value in buckets]
        assert values == sorted(values), f"{family.name} {set(labels)} is not cumulative: {buckets}"
        assert buckets[-1] == (math.inf, counts[labels]), f"{family.name} {set(labels)}: {buckets}, {counts[labels]}"
