"""Writes the day's sales by product to out/daily_sales.json (cron: 06:00)."""

import csv
import json
from pathlib import Path

FIELDS = ("product", "quantity", "unit_price")


def read_sales(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, fieldnames=FIELDS))[1:]


def revenue(rows):
    totals = {}
    for row in rows:
        amount = int(row["quantity"]) * float(row["unitprice"])
        totals[row["product"]] = totals.get(row["product"], 0.0) + amount
    return totals


def main():
    totals = revenue(read_sales("data/sales.csv"))
    Path("out").mkdir(exist_ok=True)
    Path("out/daily_sales.json").write_text(json.dumps(totals, indent=2))
    for product, total in sorted(totals.items()):
        print(f"{product:<10} {total:10.2f}")


if __name__ == "__main__":
    main()
