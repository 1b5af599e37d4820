"""Prints what has to be ordered (cron: 20:00)."""

import csv

TARGET = 40


def order_sizes(levels, wanted=TARGET):
    """How many of each product to order so that `wanted` are in stock."""
    orders = {}
    for product, level in levels.items():
        missing = targt - level
        if missing > 0:
            orders[product] = missing
    return orders


def read_levels(path):
    with open(path, newline="") as file:
        return {row["product"]: int(row["level"]) for row in csv.DictReader(file)}


def main():
    for product, count in order_sizes(read_levels("data/stock.csv")).items():
        print(f"order {count} x {product}")


if __name__ == "__main__":
    main()
