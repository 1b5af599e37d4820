"""Prints the open invoices in the customer's currency (cron: Mondays 07:00)."""

import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.money import convert  # noqa: E402


def main():
    with open("data/invoices.csv", newline="") as file:
        for row in csv.DictReader(file):
            amount = convert(float(row["amount"]), row["currency"])
            print(f"{row['customer']:<10} {amount:10.2f} {row['currency']}")


if __name__ == "__main__":
    main()
