"""Jobs that fetch: JSON, CSV and pages, with and without TLS, in the ways that servers answer."""

from benchmarks.nights.night import BAD, Answer, Job, as_json, as_text

GET = """import json
import os
from urllib.request import Request, urlopen


def get(path):
    with urlopen("@URL@" + path) as answer:
        return json.load(answer)


"""
RATES = [("EUR", 1.0), ("USD", 1.08), ("CHF", 0.95)]


def write_csv(rows: str) -> str:
    return f"""import csv
os.makedirs("out", exist_ok=True)
with open("out/rows.csv", "w", newline="") as file:
    writer = csv.writer(file)
    for row in {rows}:
        writer.writerow(row)
"""


JOBS = (
    Job(
        name="renamed-field",
        script=GET
        + 'rates = get("/rates")["rates"]\n'
        + write_csv('[(row["currency"], row["rate"]) for row in rates]')
        + 'print(len(rates), "rates")\n',
        serve=lambda n: {
            "/rates": as_json(
                {
                    "rates": [
                        {"currency" if n < BAD else "code": c, "rate": r + n / 100, "unit": "x"}
                        for c, r in RATES
                    ]
                }
            )
        },
        right=(('row["currency"]', 'row.get("currency") or row["code"]'),),
        wrong=(
            (('row["currency"]', 'row.get("currency")'),),
            (('row["currency"]', 'row["unit"]'),),
        ),
    ),
    Job(
        name="null-value",
        script=GET
        + 'total = 0\nfor row in get("/orders"):\n    total += row["amount"] * row["count"]\n'
        + 'os.makedirs("out", exist_ok=True)\nopen("out/total.txt", "w").write(f"{total:.2f}\\n")\n',
        serve=lambda n: {
            "/orders": as_json(
                [{"amount": 2.5 + n, "count": 2}, {"amount": None if n == BAD else 4, "count": 1}]
            )
        },
        right=(('row["amount"] * row["count"]', '(row["amount"] or 0) * row["count"]'),),
        wrong=(
            (('    total += row["amount"] * row["count"]', "    total += 1"),),
            (('row["amount"] * row["count"]', '(row["amount"] or 1) * row["count"]'),),
        ),
    ),
    Job(
        name="paging-ends-otherwise",
        script=GET
        + 'names, page = [], "/users?page=1"\nwhile page:\n    answer = get(page)\n'
        + '    names += [user["name"] for user in answer["users"]]\n    page = answer["next"]\n'
        + 'print("\\n".join(names))\n',
        serve=lambda n: {
            "/users?page=1": as_json({"users": [{"name": f"ada{n}"}], "next": "/users?page=2"}),
            "/users?page=2": as_json(
                {"users": [{"name": "bob"}]} | ({} if n == BAD else {"next": None})
            ),
        },
        right=(('answer["next"]', 'answer.get("next")'),),
        wrong=(
            (('answer["next"]', "None"),),
            (('+= [user["name"]', '= [user["name"]'), ('answer["next"]', 'answer.get("next")')),
        ),
    ),
    Job(
        name="gzip-chunked-csv",
        script=GET.replace("json", "csv, io", 1)
        + 'import gzip\nrequest = Request("@URL@/stock.csv", headers={"Accept-Encoding": "gzip"})\n'
        + "with urlopen(request) as answer:\n    text = gzip.decompress(answer.read()).decode()\n"
        + 'for row in csv.DictReader(io.StringIO(text)):\n    print(row["sku"], int(row["count"]))\n',
        serve=lambda n: {
            "/stock.csv": as_text(
                "sku,count\na1," + ("1 200" if n == BAD else f"{n}") + "\nb2,7\n",
                gzip=True,
                chunked=True,
            )
        },
        right=(('int(row["count"])', 'int(row["count"].replace(" ", ""))'),),
        wrong=(
            (('int(row["count"])', 'int(row["count"].split()[0])'),),
            (('int(row["count"])', 'row["count"]'),),
        ),
    ),
    Job(
        name="redirect",
        script=GET + 'data = get("/old")\nprint(sum(data["values"]) / len(data["values"]))\n',
        serve=lambda n: {
            "/old": Answer(status=302, headers={"Location": "@URL@/new"}),
            "/new": as_json({"values": [] if n == BAD else [n, 2, 3]}),
        },
        right=(
            (
                'print(sum(data["values"]) / len(data["values"]))',
                'print(sum(data["values"]) / len(data["values"]) if data["values"] else "no values")',
            ),
        ),
        wrong=(
            (('/ len(data["values"])', '/ max(1, len(data["values"]))'),),
            (('len(data["values"])', "1"),),
        ),
    ),
    Job(
        name="tls-post-after",
        tls=True,
        script=GET
        + 'rows = get("/rows")\nbody = json.dumps({"ids": [int(row["id"]) for row in rows]}).encode()\n'
        + 'urlopen(Request("@URL@/done", body, method="POST")).read()\nprint("sent")\n',
        serve=lambda n: {
            "/rows": as_json([{"id": "1"}, {"id": "A-7" if n == BAD else str(n)}]),
            "/done": as_json({"ok": True}),
        },
        right=(('int(row["id"])', 'int(row["id"].split("-")[-1])'),),
        wrong=(
            (
                (
                    'int(row["id"]) for row in rows',
                    'int(row["id"]) for row in rows if row["id"].isdigit()',
                ),
            ),
            (('[int(row["id"]) for row in rows]', "[]"),),
        ),
    ),
    Job(
        name="requests-session-tls",
        tls=True,
        script="import requests\n\nsession = requests.Session()\nsession.headers['Authorization'] = 'Bearer t0ken-of-the-night-1'\n"
        "prices = session.get('@URL@/prices', params={'day': 'today'}).json()\n"
        "for item in prices['items']:\n    print(item['name'], item['price']['amount'])\n",
        serve=lambda n: {
            "/prices": as_json(
                {"items": [{"name": "tea", "price": 4.5 if n == BAD else {"amount": 4.5 + n}}]},
                gzip=True,
            )
        },
        right=(
            (
                "item['price']['amount']",
                "item['price']['amount'] if isinstance(item['price'], dict) else item['price']",
            ),
        ),
        wrong=(
            (("item['price']['amount']", "0.0"),),
            (("item['price']['amount']", "item['name']"),),
        ),
    ),
    Job(
        name="page-without-the-element",
        script="import re\nfrom urllib.request import urlopen\n\npage = urlopen('@URL@/').read().decode()\n"
        "price = re.search(r'<b class=\"price\">([^<]+)</b>', page).group(1)\nprint(price)\n",
        serve=lambda n: {
            "/": as_text(
                f'<p>tea <{"i" if n == BAD else "b"} class="price">4.{n}</{"i" if n == BAD else "b"}></p>'
            )
        },
        right=(('<b class="price">([^<]+)</b>', '<[bi] class="price">([^<]+)</'),),
        wrong=(
            (("page).group(1)", "page) or ''"),),
            (('<b class="price">([^<]+)</b>', "<p>([^<]+)<"),),
        ),
    ),
    Job(
        name="envelope-around-a-list",
        script=GET + 'for item in get("/items"):\n    print(item["name"])\n',
        serve=lambda n: {
            "/items": as_json(
                {"items": [{"name": "a"}, {"name": "b"}]} if n == BAD else [{"name": f"a{n}"}]
            )
        },
        right=(
            (
                "json.load(answer)",
                "json.load(answer)\n\n\ndef unwrap(data):\n    return data if isinstance(data, list) else data['items']",
            ),
            ('in get("/items"):', 'in unwrap(get("/items")):'),
        ),
        wrong=(
            (('print(item["name"])', "print(item)"),),
            (('in get("/items"):', 'in get("/items")["items"][:1]:'),),
        ),
    ),
    Job(
        name="a-second-request-that-only-good-nights-made",
        script=GET
        + 'user = get("/user")\nname = user["name"].strip()\nnotes = get("/notes")\n'
        + "print(name, len(notes))\n",
        serve=lambda n: {
            "/user": as_json({"name": None if n == BAD else f"ada{n}", "login": "ada"}),
            "/notes": as_json([1, 2, 3]),
        },
        right=(('user["name"].strip()', '(user["name"] or user["login"]).strip()'),),
        wrong=(
            (('user["name"].strip()', '"None"'),),
            (('user["name"].strip()', 'str(user["name"]).strip()'),),
        ),
    ),
)
