"""Jobs of strangers whose upstream began to answer in pages, while the list was long enough for it.

The first page alone holds as many rows as nights have had, so that no count gives it away.
"""

from typing import Any

from benchmarks.nights.night import BAD, Answer, as_json
from benchmarks.nights.strangers.entry import Stranger

PAGE = 20


def orders(n: int) -> list[dict[str, Any]]:
    """17 to 23 a night; on the bad one 27."""
    count = 27 if n == BAD else (17, 23, 19, 22, 21)[n]
    return [{"order": f"O-{n}{i:02}", "amount": 10 + (i * 7 + n * 3) % 40} for i in range(count)]


def serve_orders(n: int) -> dict[str, Answer]:
    rows = orders(n)
    if n < BAD:
        return {"/orders": as_json(rows)}
    first = {"data": rows[:PAGE], "next_cursor": "bz0yMA==", "has_more": True}
    return {
        "/orders": as_json(first),
        "/orders?cursor=bz0yMA%3D%3D": as_json(
            {"data": rows[PAGE:], "next_cursor": None, "has_more": False}
        ),
    }


def stock(n: int) -> list[dict[str, Any]]:
    return [{"sku": f"S-{i}", "stock": 40 + (i * 11 + n * 5) % 30} for i in range(30)]


def serve_stock(n: int) -> dict[str, Answer]:
    rows = stock(n)
    if n < BAD:
        return {"/stock": as_json(rows)}
    link = {"Link": '<@URL@/stock?page=2>; rel="next"'}
    return {"/stock": as_json(rows[:PAGE], headers=link), "/stock?page=2": as_json(rows[PAGE:])}


ORDERS = """import csv
import json
from urllib.request import urlopen

with urlopen("@URL@/orders", timeout=20) as answer:
    orders = json.load(answer)
with open("orders.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["order", "amount"])
    for order in orders:
        writer.writerow([order["order"], order["amount"]])
"""
LOAD = "    orders = json.load(answer)\n"
STOCK = """import csv
import json
from urllib.request import urlopen

WATCHED = ["S-2", "S-9", "S-17", "S-24"]

with urlopen("@URL@/stock", timeout=20) as answer:
    rows = json.load(answer)
stock = {row["sku"]: row["stock"] for row in rows}
with open("watched.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["sku", "stock"])
    for sku in WATCHED:
        writer.writerow([sku, stock[sku]])
"""
NEXT = 'answer.headers["Link"].split(">")[0][1:]'
STRANGERS = (
    Stranger(
        name="orders-by-cursor",
        wanted="proposal: all pages, by the cursor; never the first alone",
        script=ORDERS,
        serve=serve_orders,
        right=(
            (
                LOAD,
                LOAD + "while isinstance(orders, dict):\n"
                '    place = "@URL@/orders?cursor=" + orders["next_cursor"].replace("=", "%3D")\n'
                "    with urlopen(place, timeout=20) as answer:\n"
                "        page = json.load(answer)\n"
                '    page["data"] = orders["data"] + page["data"]\n'
                '    orders = page if page["has_more"] else page["data"]\n',
            ),
        ),
        wrong={
            "first page": ((LOAD, LOAD + '    orders = orders["data"]\n'),),
            "first or list": (
                (
                    LOAD,
                    LOAD + '    if isinstance(orders, dict):\n        orders = orders["data"]\n',
                ),
            ),
            "get": (
                (LOAD, LOAD + '    orders = getattr(orders, "get", {}.get)("data", orders)\n'),
            ),
            "last first": (
                (
                    LOAD,
                    LOAD + "    if isinstance(orders, dict):\n"
                    '        orders = orders["data"][::-1]\n',
                ),
            ),
        },
    ),
    Stranger(
        name="stock-by-link",
        wanted="proposal: all pages, by the header; never without the missing item, or with 0",
        script=STOCK,
        serve=serve_stock,
        right=(
            (
                'stock = {row["sku"]',
                'while "next" in (answer.headers["Link"] or ""):\n'
                f"    with urlopen({NEXT}, timeout=20) as answer:\n"
                "        rows += json.load(answer)\n"
                'stock = {row["sku"]',
            ),
        ),
        wrong={
            "none in stock": (("stock[sku]]", "stock.get(sku, 0)]"),),
            "left out": (
                ("    for sku in WATCHED:\n", "    for sku in set(WATCHED) & {*stock}:\n"),
            ),
            "empty": (("stock[sku]]", 'stock.get(sku, "")]'),),
            "average": (("stock[sku]]", "stock.get(sku, sum(stock.values()) // len(stock))]"),),
        },
    ),
)
