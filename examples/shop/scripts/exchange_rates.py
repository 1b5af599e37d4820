"""Fetches the day's exchange rates and writes them to data/rates.csv. It has no test."""

import csv
import json
import sys
import urllib.request
from pathlib import Path

OUT = Path("data/rates.csv")


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)["rates"]


def write(rates):
    with OUT.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["currency", "rate", "day"])
        for entry in rates:
            writer.writerow([entry["currency"], f"{entry['rate']:.4f}", entry["day"]])


if __name__ == "__main__":
    rates = fetch(sys.argv[1])
    write(rates)
    print(f"wrote {len(rates)} rates to {OUT}")
