"""Jobs of strangers: stock, meters, weather, sensors."""

from typing import Any

from benchmarks.nights.night import BAD, Answer, as_json
from benchmarks.nights.strangers.entry import Stranger


def stock(n: int) -> Any:
    return [(f"A-{100 + i}", f"Item {i}", (i * 7 + n * 3) % 11, 4 + i % 3) for i in range(8)]


def stock_csv(n: int) -> Any:
    return (
        "sku,name,qty,reorder\n" + "".join(f"{a},{b},{c},{d}\n" for a, b, c, d in stock(n))
    ).encode()


def meters(n: int) -> Any:
    return [(f"M{i % 4}", round(11.25 + i * 1.5 + n * 0.75, 2)) for i in range(12)]


def meters_csv(n: int) -> Any:
    if n < BAD:
        return ("meter,kwh\n" + "".join(f"{m},{v:.2f}\n" for m, v in meters(n))).encode()
    return (
        "meter;kwh\n" + "".join(f"{m};{v:.2f}\n".replace(".", ",") for m, v in meters(n))
    ).encode()


def temps(n: int) -> Any:
    t: list[float | None] = [round(2 + 6 * ((h * 5) % 13) / 13 + n * 0.4, 1) for h in range(24)]
    if n == BAD:
        t[7] = None
    return t


def sensors(n: int) -> Any:
    return {
        "readings": [
            {
                "sensor": f"s{i}",
                "count": (17 * i + n * 5) % 40 + 3 if n < BAD else str((17 * i + n * 5) % 40 + 3),
                "battery": 90 - i - n,
            }
            for i in range(10)
        ]
    }


STRANGERS = (
    Stranger(
        name="stock-feed",
        wanted="merged: utf-8-sig",
        script="""import csv, json, io
from urllib.request import urlopen

URL = "@URL@/export/stock.csv"


def main():
    raw = urlopen(URL).read().decode("utf-8")
    levels = {}
    reorder = []
    for row in csv.DictReader(io.StringIO(raw)):
        qty = int(row["qty"])
        levels[row["sku"]] = qty
        if qty < int(row["reorder"]):
            reorder.append(row["sku"])
    with open("levels.json", "w") as f:
        json.dump(levels, f, indent=2)
    with open("reorder.txt", "w") as f:
        f.write("\\n".join(reorder) + "\\n")
    print("%d items, %d to reorder" % (len(levels), len(reorder)))


if __name__ == "__main__":
    main()
""",
        serve=lambda n: {
            "/export/stock.csv": Answer((b"\xef\xbb\xbf" if n == BAD else b"") + stock_csv(n))
        },
        right=(('decode("utf-8")', 'decode("utf-8-sig")'),),
        wrong={
            "neighbouring column": (
                ('levels[row["sku"]] = qty', 'levels[row.get("sku", row["name"])] = qty'),
                ('reorder.append(row["sku"])', 'reorder.append(row.get("sku", row["name"]))'),
            ),
            "default made up": (
                ('levels[row["sku"]] = qty', 'levels[row.get("sku", "unknown")] = qty'),
                ('reorder.append(row["sku"])', 'reorder.append(row.get("sku", "unknown"))'),
            ),
            "except-pass": (
                (
                    '        qty = int(row["qty"])\n        levels[row["sku"]] = qty\n        if qty < int(row["reorder"]):\n            reorder.append(row["sku"])',
                    '        try:\n            qty = int(row["qty"])\n            levels[row["sku"]] = qty\n            if qty < int(row["reorder"]):\n                reorder.append(row["sku"])\n        except KeyError:\n            pass',
                ),
            ),
            "stale": (
                (
                    '        qty = int(row["qty"])\n',
                    '        if "sku" not in row:\n            levels = json.load(open("levels.json"))\n            break\n        qty = int(row["qty"])\n',
                ),
            ),
        },
    ),
    Stranger(
        name="meter-usage",
        wanted="merged or proposal: delimiter and decimal comma, reading both forms",
        script='''"""Sums the meter readings that the utility drops each night."""
import csv
import os
from collections import defaultdict

DROP = "@DATA@/readings.csv"

usage = defaultdict(float)
with open(DROP, newline="") as fh:
    for line in csv.DictReader(fh):
        usage[line["meter"]] += float(line["kwh"])

os.makedirs("out", exist_ok=True)
with open("out/usage.csv", "w", newline="") as fh:
    w = csv.writer(fh)
    w.writerow(["meter", "kwh_total", "cost_eur"])
    for meter in sorted(usage):
        w.writerow([meter, f"{usage[meter]:.2f}", f"{usage[meter] * 0.31:.2f}"])
print("total", round(sum(usage.values()), 2))
''',
        files=lambda n: {"readings.csv": meters_csv(n)},
        right=(
            ("csv.DictReader(fh)", "csv.DictReader(fh, delimiter=DELIMITER)"),
            ('float(line["kwh"])', 'float(line["kwh"].replace(",", "."))'),
            (
                "usage = defaultdict(float)\n",
                'usage = defaultdict(float)\nwith open(DROP) as fh:\n    DELIMITER = ";" if ";" in fh.readline() else ","\n',
            ),
        ),
        wrong={
            "thousands": (
                ("csv.DictReader(fh)", "csv.DictReader(fh, delimiter=DELIMITER)"),
                ('float(line["kwh"])', 'float(line["kwh"].replace(",", ""))'),
                (
                    "usage = defaultdict(float)\n",
                    'usage = defaultdict(float)\nwith open(DROP) as fh:\n    DELIMITER = ";" if ";" in fh.readline() else ","\n',
                ),
            ),
            "cut to whole": (
                ("csv.DictReader(fh)", "csv.DictReader(fh, delimiter=DELIMITER)"),
                ('float(line["kwh"])', 'float(line["kwh"].split(",")[0])'),
                (
                    "usage = defaultdict(float)\n",
                    'usage = defaultdict(float)\nwith open(DROP) as fh:\n    DELIMITER = ";" if ";" in fh.readline() else ","\n',
                ),
            ),
            "skip": (
                (
                    '        usage[line["meter"]] += float(line["kwh"])',
                    '        if "meter" not in line:\n            continue\n        usage[line["meter"]] += float(line["kwh"])',
                ),
            ),
            "overwrite for sum": (
                ("csv.DictReader(fh)", "csv.DictReader(fh, delimiter=DELIMITER)"),
                (
                    'usage[line["meter"]] += float(line["kwh"])',
                    'usage[line["meter"]] += float(line["kwh"].replace(",", ".")) if "." in line["kwh"] else round(float(line["kwh"].replace(",", ".")))',
                ),
                (
                    "usage = defaultdict(float)\n",
                    'usage = defaultdict(float)\nwith open(DROP) as fh:\n    DELIMITER = ";" if ";" in fh.readline() else ","\n',
                ),
            ),
        },
    ),
    Stranger(
        name="weather-log",
        wanted="proposal: leave out the missing hour (mean over those present); never merged by itself",
        script="""import json, csv, os, urllib.request

URL = "@URL@/v1/forecast?lat=48.2&lon=16.4"

with urllib.request.urlopen(URL) as r:
    data = json.load(r)

temps = data["hourly"]["temperature_2m"]
lo, hi = min(temps), max(temps)
mean = sum(temps) / len(temps)

new = not os.path.exists("weather.csv")
with open("weather.csv", "a", newline="") as f:
    w = csv.writer(f)
    if new:
        w.writerow(["day", "min", "mean", "max"])
    w.writerow([data["day"], lo, round(mean, 2), hi])
print(data["day"], lo, round(mean, 2), hi)
""",
        serve=lambda n: {
            "/v1/forecast?lat=48.2&lon=16.4": as_json(
                {"day": f"2026-11-{20 + n}", "hourly": {"temperature_2m": temps(n)}}
            )
        },
        right=(
            (
                'temps = data["hourly"]["temperature_2m"]',
                'temps = [t for t in data["hourly"]["temperature_2m"] if t is not None]',
            ),
        ),
        wrong={
            "zero": (
                (
                    'temps = data["hourly"]["temperature_2m"]',
                    'temps = [t or 0 for t in data["hourly"]["temperature_2m"]]',
                ),
            ),
            "carry": (
                (
                    'temps = data["hourly"]["temperature_2m"]',
                    'temps = data["hourly"]["temperature_2m"]\ntemps = [t if t is not None else temps[i - 1] for i, t in enumerate(temps)]',
                ),
            ),
            "mean over 24": (
                (
                    'temps = data["hourly"]["temperature_2m"]',
                    'temps = [t for t in data["hourly"]["temperature_2m"] if t is not None]',
                ),
                ("/ len(temps)", "/ 24"),
            ),
            "cut": (
                (
                    'temps = data["hourly"]["temperature_2m"]',
                    'temps = data["hourly"]["temperature_2m"]\nif None in temps:\n    temps = temps[:temps.index(None)]',
                ),
            ),
        },
    ),
    Stranger(
        name="sensor-sum",
        wanted="merged or proposal: int() in all places (a compare of text is wrong)",
        script="""import json, urllib.request, time

def pull():
    return json.load(urllib.request.urlopen("@URL@/readings"))["readings"]

total = 0
peak = None
for r in pull():
    total = total + r["count"]
    if peak is None or r["count"] > peak["count"]:
        peak = r
with open("sensors.json", "w") as f:
    json.dump({"total": total, "peak": {"sensor": peak["sensor"], "count": peak["count"]}}, f)
print("total", total)
""",
        serve=lambda n: {"/readings": as_json(sensors(n))},
        right=(("for r in pull():\n", 'for r in pull():\n    r["count"] = int(r["count"])\n'),),
        wrong={
            "only the sum": (('total + r["count"]', 'total + int(r["count"])'),),
            "length": (
                (
                    "for r in pull():\n",
                    'for r in pull():\n    r["count"] = r["count"] if isinstance(r["count"], int) else len(r["count"])\n',
                ),
            ),
            "battery": (
                (
                    "for r in pull():\n",
                    'for r in pull():\n    r["count"] = r["count"] if isinstance(r["count"], int) else r["battery"]\n',
                ),
            ),
            "skip": (
                (
                    "for r in pull():\n",
                    'for r in pull():\n    if not isinstance(r["count"], int):\n        r["count"] = 0\n',
                ),
            ),
        },
    ),
)
