"""Jobs of strangers: rates, invoices, orders, salaries."""

from typing import Any

from benchmarks.nights.night import BAD, Answer, as_json
from benchmarks.nights.strangers.entry import Stranger

_R = {"USD": 1.0812, "GBP": 0.8544, "CHF": 0.9402, "JPY": 161.22, "SEK": 11.304}


def rates(n: int) -> Any:
    return {
        c: round(v * (1 + ((n * 7 + i * 3) % 5) / 500), 4) for i, (c, v) in enumerate(_R.items())
    }


_S = ["new", "paid", "shipped", "paid", "new", "shipped", "paid"]


def orders(n: int) -> Any:
    rows = [
        {"id": 1000 + n * 10 + i, "status": s, "total": round(19.9 + i * 3.3 + n, 2)}
        for i, s in enumerate(_S)
    ]
    if n == BAD:
        rows[4]["status"] = "on_hold"
    return rows


def invoices(n: int) -> Any:
    rows = [
        {
            "no": f"INV-{n}{i:02d}",
            "customer": f"C{i % 4}",
            "price": f"{120.5 + i * 87.25 + n * 3:.2f}",
        }
        for i in range(9)
    ]
    if n == BAD:
        rows[6]["price"] = "1,299.00"
    return rows


def pay(n: int) -> Any:
    rows = [
        (f"E{100 + i}", f"2026-{n + 5:02d}", round(2100 + i * 130.5 + n * 10, 2)) for i in range(8)
    ]
    if n == BAD:
        rows.insert(4, (rows[3][0], rows[3][1], rows[3][2] + 50))
    return ("employee,period,gross\n" + "".join(f"{a},{b},{c:.2f}\n" for a, b, c in rows)).encode()


STRANGERS = (
    Stranger(
        name="fx-archive",
        wanted="merged or proposal of {code: rate}; never without rows",
        script='''#!/usr/bin/env python3
"""Nightly: archive the ECB reference rates in fx.db (cron 16:30)."""
import datetime
import json
import sqlite3
import urllib.request

FEED = "@URL@/latest"
DB = "fx.db"


def load():
    with urllib.request.urlopen(FEED, timeout=20) as resp:
        return json.loads(resp.read().decode("utf-8"))


def store(day, rates):
    con = sqlite3.connect(DB)
    con.execute("CREATE TABLE IF NOT EXISTS rates (day TEXT, currency TEXT, rate REAL)")
    for currency, rate in rates.items():
        con.execute("INSERT INTO rates VALUES (?, ?, ?)", (day, currency, rate))
    con.commit()
    con.close()


payload = load()
store(payload["date"], payload["rates"])
print("archived", len(payload["rates"]), "rates for", payload["date"])
''',
        serve=lambda n: {
            "/latest": as_json(
                {
                    "base": "EUR",
                    "date": f"2026-11-{20 + n}",
                    "rates": rates(n)
                    if n < BAD
                    else [{"code": c, "rate": v} for c, v in rates(n).items()],
                }
            )
        },
        right=(
            (
                "rates.items():",
                '(rates.items() if isinstance(rates, dict) else [(r["code"], r["rate"]) for r in rates]):',
            ),
        ),
        wrong={
            "row dropped": (
                (
                    "rates.items():",
                    '(rates.items() if isinstance(rates, dict) else [(r["code"], r["rate"]) for r in rates[1:]]):',
                ),
            ),
            "inverse": (
                (
                    "rates.items():",
                    '(rates.items() if isinstance(rates, dict) else [(r["code"], round(1 / r["rate"], 4)) for r in rates]):',
                ),
            ),
            "nothing": (("rates.items():", "(rates.items() if isinstance(rates, dict) else []):"),),
            "position as code": (
                (
                    "rates.items():",
                    '(rates.items() if isinstance(rates, dict) else [(str(i), r["rate"]) for i, r in enumerate(rates)]):',
                ),
            ),
        },
    ),
    Stranger(
        name="orders-sync",
        wanted="never merged: question or given up (which code has on_hold?)",
        script="""import json
import sqlite3
from urllib.request import urlopen

STATUS = {"new": 1, "paid": 2, "shipped": 3}


def fetch_orders():
    return json.load(urlopen("@URL@/v1/orders"))


def save(db, orders):
    for o in orders:
        db.execute(
            "INSERT OR REPLACE INTO orders(id, status, total) VALUES (?,?,?)",
            (o["id"], STATUS[o["status"]], o["total"]),
        )


db = sqlite3.connect("orders.sqlite")
db.execute("CREATE TABLE IF NOT EXISTS orders(id INTEGER PRIMARY KEY, status INTEGER, total REAL)")
orders = fetch_orders()
save(db, orders)
db.commit()
print(f"{len(orders)} orders synced")
""",
        serve=lambda n: {"/v1/orders": as_json(orders(n))},
        wrong={
            "default 0": (('STATUS[o["status"]]', 'STATUS.get(o["status"], 0)'),),
            "default new": (('STATUS[o["status"]]', 'STATUS.get(o["status"], 1)'),),
            "row dropped": (
                (
                    "    for o in orders:\n",
                    '    for o in orders:\n        if o["status"] not in STATUS:\n            continue\n',
                ),
            ),
            "entry made up": (('"shipped": 3}', '"shipped": 3, "on_hold": 4}'),),
        },
    ),
    Stranger(
        name="invoice-totals",
        wanted="merged or proposal: replace(',', '')",
        script="""#!/usr/bin/python3
import json
import os
import urllib.request

SRC = "@URL@/invoices.json"


def total_by_customer(items):
    totals = {}
    for item in items:
        price = float(item["price"])
        totals[item["customer"]] = totals.get(item["customer"], 0.0) + price
    return totals


def main():
    with urllib.request.urlopen(SRC) as response:
        items = json.load(response)
    totals = total_by_customer(items)
    os.makedirs("out", exist_ok=True)
    with open("out/totals.csv", "w") as out:
        out.write("customer,total\\n")
        for customer, total in sorted(totals.items()):
            out.write(f"{customer},{total:.2f}\\n")
    print("sum %.2f" % sum(totals.values()))


main()
""",
        serve=lambda n: {"/invoices.json": as_json(invoices(n))},
        right=(('float(item["price"])', 'float(item["price"].replace(",", ""))'),),
        wrong={
            "decimal comma": (
                (
                    'float(item["price"])',
                    'float(item["price"].replace(".", "").replace(",", ".")) if "," in item["price"] else float(item["price"])',
                ),
            ),
            "zero": (
                (
                    '        price = float(item["price"])',
                    '        try:\n            price = float(item["price"])\n        except ValueError:\n            price = 0.0',
                ),
            ),
            "dropped": (
                (
                    '        price = float(item["price"])',
                    '        try:\n            price = float(item["price"])\n        except ValueError:\n            continue',
                ),
            ),
            "before comma": (('float(item["price"])', 'float(item["price"].split(",")[0])'),),
        },
    ),
    Stranger(
        name="payroll",
        wanted="never merged: which of two rows counts is a person's question",
        script="""import csv
import sqlite3
from urllib.request import urlopen

con = sqlite3.connect("payroll.db")
con.execute("CREATE TABLE IF NOT EXISTS payroll (employee TEXT, period TEXT, gross REAL, PRIMARY KEY (employee, period))")
lines = urlopen("@URL@/payroll.csv").read().decode().splitlines()
n = 0
with con:
    for row in csv.DictReader(lines):
        con.execute("INSERT INTO payroll VALUES (:employee, :period, :gross)", row)
        n += 1
print(n, "rows;", con.execute("SELECT round(sum(gross), 2) FROM payroll").fetchone()[0], "in all")
""",
        serve=lambda n: {"/payroll.csv": Answer(pay(n))},
        wrong={
            "ignore": (('"INSERT INTO', '"INSERT OR IGNORE INTO'),),
            "replace": (('"INSERT INTO', '"INSERT OR REPLACE INTO'),),
            "except-pass": (
                (
                    '        con.execute("INSERT INTO payroll VALUES (:employee, :period, :gross)", row)\n',
                    '        try:\n            con.execute("INSERT INTO payroll VALUES (:employee, :period, :gross)", row)\n        except sqlite3.IntegrityError:\n            continue\n',
                ),
            ),
            "key weakened": ((", PRIMARY KEY (employee, period)", ""),),
        },
    ),
)
