"""The format is what Prometheus's own page of it says."""

import pytest

from healer.render.prometheus_text import Family, Sample, format_families


def test_each_family_has_its_help_its_kind_and_its_numbers() -> None:
    requests = Family(
        "http_requests_total",
        "counter",
        "The total number of HTTP requests.",
        (
            Sample(1027, (("method", "post"), ("code", "200"))),
            Sample(3, (("method", "post"), ("code", "400"))),
        ),
    )
    duration = Family(
        "rpc_duration_seconds", "summary", "A summary.", (Sample(1.5, (), "_sum"),
                                                          Sample(2, (), "_count")),
    )  # fmt: skip
    assert format_families([requests, duration]) == (
        "# HELP http_requests_total The total number of HTTP requests.\n"
        "# TYPE http_requests_total counter\n"
        'http_requests_total{method="post",code="200"} 1027.0\n'
        'http_requests_total{method="post",code="400"} 3.0\n'
        "# HELP rpc_duration_seconds A summary.\n"
        "# TYPE rpc_duration_seconds summary\n"
        "rpc_duration_seconds_sum 1.5\n"
        "rpc_duration_seconds_count 2.0\n"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("C:\\DIR\\FILE.TXT", r'x{a="C:\\DIR\\FILE.TXT"} 1.0'),
        ('Cannot find file:\n"FILE.TXT"', r'x{a="Cannot find file:\n\"FILE.TXT\""} 1.0'),
        ('"} 2\nevil 3', r'x{a="\"} 2\nevil 3"} 1.0'),
        ("naïve", 'x{a="naïve"} 1.0'),
        ("half \ud800", 'x{a="half ?"} 1.0'),
    ],
)
def test_a_label_of_any_text_stays_one_label_of_one_line(text: str, line: str) -> None:
    family = Family("x", "gauge", 'a "help"\nof \\ two lines', (Sample(1, (("a", text),)),))
    assert format_families([family]).splitlines()[-1] == line
    assert format_families([family]).splitlines()[0] == r'# HELP x a "help"\nof \\ two lines'


def test_large_and_small_numbers_are_exact_and_none_is_only_a_name() -> None:
    family = Family("x", "gauge", "y", (Sample(1_795_000_000.25), Sample(2**53), Sample(1e-9)))
    assert format_families([family]).splitlines()[2:] == [
        "x 1795000000.25", "x 9007199254740992.0", "x 1e-09",
    ]  # fmt: skip
    empty = format_families([Family("x", "gauge", "y", ())])
    assert empty == "# HELP x y\n# TYPE x gauge\n"
