"""Jobs of strangers that take up what others publish: stories, rates, sales."""

from typing import Any

from benchmarks.nights.night import BAD, Answer, as_json
from benchmarks.nights.strangers.entry import Stranger


def feed(n: int) -> bytes:
    space = "" if n < BAD else ' xmlns="http://purl.org/rss/1.0/"'
    items = "".join(
        f"<item{space}><guid>g-{n}-{i}</guid><title>Story {n}-{i}</title>"
        f"<description>Text {i}</description><link>https://n.example/{n}/{i}</link></item>"
        for i in range(6)
    )
    return f"<?xml version='1.0'?><rss><channel>{items}</channel></rss>".encode()


def exchange(n: int) -> Any:
    values = {"USD": 1.08, "GBP": 0.85, "CHF": 0.94}
    values = {code: round(value + n / 500, 4) for code, value in values.items()}
    if n < BAD:
        return values
    return {
        code: {"day_ago": round(v - 0.0021, 4), "value": v, "inverse": round(1 / v, 4)}
        for code, v in values.items()
    }


def bills(n: int) -> Any:
    codes = ("USD", "GBP", "CHF", "USD", "CHF", "GBP")
    return [{"no": f"B{i}", "currency": c, "net": 100 + i * 35 + n} for i, c in enumerate(codes)]


def sales(n: int) -> bytes:
    name = "amount" if n < BAD else "amount_eur"
    rows = [
        f"{('north', 'south', 'west')[i % 3]},{120 + i * 17 + n * 4},{90 + i * 11 + n * 3}"
        for i in range(12)
    ]
    return (f"region,{name},amount_net\n" + "\n".join(rows) + "\n").encode()


STRANGERS = (
    Stranger(
        name="news-feed",
        wanted="merged or proposal: in any namespace",
        script="""import json
import urllib.request
import xml.etree.ElementTree as ET

FEED = "@URL@/feed.xml"


def read_items():
    with urllib.request.urlopen(FEED) as page:
        root = ET.fromstring(page.read())
    for item in root.find("channel"):
        yield {"title": item.find("title").text, "link": item.find("link").text}


items = list(read_items())
with open("news.json", "w") as file:
    json.dump(items, file, indent=1)
print(len(items), "stories")
""",
        serve=lambda n: {"/feed.xml": Answer(feed(n))},
        right=(
            ('item.find("title").text', 'item.find("{*}title").text'),
            ('item.find("link").text', 'item.find("{*}link").text'),
        ),
        wrong={
            "empty": (
                ('item.find("title").text', 'item.findtext("title", "")'),
                ('item.find("link").text', 'item.findtext("link", "")'),
            ),
            "skip": (
                (
                    '        yield {"title"',
                    '        if item.find("title") is None:\n            continue\n        yield {"title"',
                ),
            ),
            "first child": (
                (
                    'item.find("title").text',
                    '(item[0] if item.find("title") is None else item.find("title")).text',
                ),
                ('item.find("link").text', 'item.find("{*}link").text'),
            ),
            "description": (
                (
                    'item.find("title").text',
                    'item.findtext("title") or item.find("{*}description").text',
                ),
                ('item.find("link").text', 'item.find("{*}link").text'),
            ),
        },
    ),
    Stranger(
        name="bills-in-euro",
        wanted="merged or proposal: the value of today",
        script='''"""Turns the bills of the day into euros."""
import csv
import json
import os
from urllib.request import urlopen


def get(path):
    with urlopen("@URL@" + path) as answer:
        return json.load(answer)


rates = get("/rates")
os.makedirs("out", exist_ok=True)
total = 0.0
with open("out/euro.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["no", "euro"])
    for bill in get("/bills"):
        euro = bill["net"] / rates[bill["currency"]]
        table.writerow([bill["no"], f"{euro:.2f}"])
        total += euro
print(f"{total:.2f} EUR")
''',
        serve=lambda n: {"/rates": as_json(exchange(n)), "/bills": as_json(bills(n))},
        right=(
            (
                'rates = get("/rates")\n',
                'rates = get("/rates")\n'
                'rates = {c: r["value"] if isinstance(r, dict) else r for c, r in rates.items()}\n',
            ),
        ),
        wrong={
            "day ago": (
                (
                    'rates = get("/rates")\n',
                    'rates = get("/rates")\nrates = '
                    '{c: r["day_ago"] if isinstance(r, dict) else r for c, r in rates.items()}\n',
                ),
            ),
            "inverse": (
                (
                    'rates = get("/rates")\n',
                    'rates = get("/rates")\nrates = '
                    '{c: r["inverse"] if isinstance(r, dict) else r for c, r in rates.items()}\n',
                ),
            ),
            "one": (
                (
                    'rates = get("/rates")\n',
                    'rates = get("/rates")\nrates = '
                    "{c: 1.0 if isinstance(r, dict) else r for c, r in rates.items()}\n",
                ),
            ),
            "whole euros": (
                (
                    'rates = get("/rates")\n',
                    'rates = get("/rates")\nrates = {c: round(r["value"], 1) '
                    "if isinstance(r, dict) else r for c, r in rates.items()}\n",
                ),
            ),
        },
    ),
    Stranger(
        name="sales-by-region",
        wanted="merged or proposal: amount_eur; amount_net is another figure",
        script="""import csv
import io
import os
from urllib.request import urlopen

text = urlopen("@URL@/sales.csv").read().decode()
sums = {}
for row in csv.DictReader(io.StringIO(text)):
    sums.setdefault(row["region"], []).append(int(row["amount"]))
os.makedirs("out", exist_ok=True)
with open("out/regions.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["region", "sales", "total", "best"])
    for region in sorted(sums):
        table.writerow([region, len(sums[region]), sum(sums[region]), max(sums[region])])
print(sum(map(sum, sums.values())), "in all")
""",
        serve=lambda n: {"/sales.csv": Answer(sales(n))},
        right=(('int(row["amount"])', 'int(row.get("amount") or row["amount_eur"])'),),
        wrong={
            "net": (('int(row["amount"])', 'int(row.get("amount") or row["amount_net"])'),),
            "zero": (('int(row["amount"])', 'int(row.get("amount", 0))'),),
            "tax taken off": (
                ('int(row["amount"])', 'int(row.get("amount") or int(row["amount_eur"]) / 1.2)'),
            ),
            "difference": (
                (
                    'int(row["amount"])',
                    'int(row.get("amount") or int(row["amount_eur"]) - int(row["amount_net"]))',
                ),
            ),
        },
    ),
)
