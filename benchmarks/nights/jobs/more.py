"""More jobs that fetch and write: other shapes of data, other ways of reading it."""

from benchmarks.nights.night import BAD, Answer, Edit, Job, as_json, as_text, one

NAMESPACE = ' xmlns="urn:x"'
HEAD = """import csv
import io
import json
import os
import re
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def fetch(path):
    with urlopen("@URL@" + path, timeout=20) as answer:
        return answer.read()


def save(name, text):
    os.makedirs("out", exist_ok=True)
    with open("out/" + name, "w") as file:
        file.write(text)


"""


def job(name: str, body: str, right: Edit, *wrong: Edit, serve, **more) -> Job:  # type: ignore[no-untyped-def]  # as of Job
    return Job(name=name, script=HEAD + body, serve=serve, right=right, wrong=wrong, **more)


JOBS = (
    job(
        "nested-deeper",
        'data = json.loads(fetch("/w"))\nsave("t.txt", f"{data[\'temp\'] * 1.8 + 32:.1f}\\n")\n',
        one("data['temp']", "(data['temp'] if 'temp' in data else data['main']['temp'])"),
        one("data['temp']", "data.get('temp', 0)"),
        one("data['temp']", "data.get('temp', data.get('id', 7))"),
        serve=lambda n: {
            "/w": as_json(
                {"main": {"temp": 20}, "id": 7} if n == BAD else {"temp": 20 + n, "id": 7}
            )
        },
    ),
    job(
        "number-as-text",
        'rows = json.loads(fetch("/s"))\nsave("sum.txt", str(sum(row["qty"] for row in rows)))\n',
        one('row["qty"]', 'int(row["qty"])'),
        one(
            'row["qty"] for row in rows',
            'row["qty"] for row in rows if isinstance(row["qty"], int)',
        ),
        one('row["qty"]', "1"),
        serve=lambda n: {"/s": as_json([{"qty": 3}, {"qty": "4" if n == BAD else n}])},
    ),
    job(
        "decimal-comma",
        'rows = csv.reader(io.StringIO(fetch("/p.csv").decode()), delimiter=";")\n'
        'save("p.csv", "".join(f"{name},{float(price) * 2:.2f}\\n" for name, price in rows))\n',
        one("float(price)", "float(price.replace(',', '.'))"),
        one("float(price)", "float(price.replace(',', ''))"),
        one("float(price)", "float(price.split(',')[0])"),
        serve=lambda n: {"/p.csv": as_text("tea;4,50\n" if n == BAD else f"tea;4.5{n}\n")},
    ),
    job(
        "byte-order-mark",
        'text = fetch("/b.csv").decode("utf-8")\nfor row in csv.DictReader(io.StringIO(text)):\n    print(row["id"], row["n"])\n',
        one('decode("utf-8")', 'decode("utf-8-sig")'),
        one('row["id"]', 'row.get("id")'),
        one('row["id"]', 'row["n"]'),
        serve=lambda n: {
            "/b.csv": as_text(
                "\u00ef\u00bb\u00bfid,n\n1,2\n".encode("latin-1").decode("utf-8")
                if n == BAD
                else f"id,n\n{n},2\n"
            )
        },
    ),
    job(
        "late-status-404",
        'total = 0\nfor name in ("a", "b"):\n    total += int(fetch("/" + name))\nprint(total)\n',
        (
            (
                '    total += int(fetch("/" + name))',
                '    try:\n        total += int(fetch("/" + name))\n    except HTTPError as error:\n        if error.code != 404:\n            raise\n        print(name, "is not there", file=sys.stderr)',
            ),
        ),
        one('("a", "b")', '("a", "a")'),
        one('total += int(fetch("/" + name))', "total += 1"),
        serve=lambda n: {"/a": as_text(str(n + 3))} | ({} if n == BAD else {"/b": as_text("2")}),
    ),
    job(
        "epoch-in-microseconds",
        'import datetime\nfor event in json.loads(fetch("/e")):\n'
        '    at = datetime.datetime.fromtimestamp(event["at"], datetime.timezone.utc)\n    print(at.isoformat(), event["what"])\n',
        one('event["at"], ', 'event["at"] / (10**6 if event["at"] > 1e11 else 1), '),
        one('event["at"], ', 'min(event["at"], 1700000000), '),
        one('event["at"], ', 'event["at"] % 100000, '),
        serve=lambda n: {
            "/e": as_json([{"at": (1_700_000_000 + n) * (10**6 if n == BAD else 1), "what": "x"}])
        },
    ),
    job(
        "date-form-changes",
        'import datetime\nday = datetime.datetime.strptime(json.loads(fetch("/d"))["day"], "%d/%m/%Y")\nprint(day.date().isoformat())\n',
        (
            (
                'datetime.datetime.strptime(json.loads(fetch("/d"))["day"], "%d/%m/%Y")',
                'read(json.loads(fetch("/d"))["day"])',
            ),
            (
                "import datetime\n",
                'import datetime\n\n\ndef read(text):\n    form = "%Y-%m-%d" if "-" in text else "%d/%m/%Y"\n    return datetime.datetime.strptime(text, form)\n\n\n',
            ),
        ),
        one('json.loads(fetch("/d"))["day"], "%d/%m/%Y"', '"01/02/2026", "%d/%m/%Y"'),
        one(
            'json.loads(fetch("/d"))["day"], "%d/%m/%Y"',
            'json.loads(fetch("/d"))["day"], "%Y-%d-%m"',
        ),
        serve=lambda n: {"/d": as_json({"day": "2026-03-04" if n == BAD else f"0{n + 1}/02/2026"})},
    ),
    job(
        "thousands-separator",
        'page = fetch("/page").decode()\nstock = {k: int(v) for k, v in re.findall(r"<td>(\\w+)</td><td>([^<]+)</td>", page)}\nsave("stock.json", json.dumps(stock))\n',
        one("int(v)", 'int(v.replace(",", ""))'),
        one("int(v)", 'int(v.split(",")[0])'),
        one("int(v)", "int(v) if v.isdigit() else 0"),
        serve=lambda n: {
            "/page": as_text(f"<tr><td>tea</td><td>{'1,200' if n == BAD else 900 + n}</td></tr>")
        },
    ),
    job(
        "xml-new-namespace",
        'import xml.etree.ElementTree as tree\nroot = tree.fromstring(fetch("/f.xml"))\nprint(root.find("rate").text)\n',
        one('root.find("rate")', 'root.find("{*}rate")'),
        one('root.find("rate").text', 'getattr(root.find("rate"), "text", None)'),
        one('root.find("rate").text', "root.tag"),
        serve=lambda n: {
            "/f.xml": as_text(f"<r{NAMESPACE if n == BAD else ''}><rate>1.{n}</rate></r>")
        },
    ),
    job(
        "json-lines-with-a-blank",
        'names = [json.loads(line)["name"] for line in fetch("/l").decode().split("\\n")]\nprint(*names)\n',
        one('.split("\\n")]', '.split("\\n") if line.strip()]'),
        one('.split("\\n")]', '.split("\\n")[:1]]'),
        one('json.loads(line)["name"]', "line[:3]"),
        serve=lambda n: {"/l": as_text(f'{{"name": "a{n}"}}\n{{"name": "b"}}' + "\n" * (n == BAD))},
    ),
    job(
        "delete-then-post",
        'old = json.loads(fetch("/old"))\nfor item in old:\n    urlopen(Request("@URL@/items", method="DELETE", data=str(item["id"]).encode())).read()\n'
        'urlopen(Request("@URL@/items", json.dumps({"n": len(old), "max": max(i["size"] for i in old)}).encode())).read()\n',
        one('max(i["size"] for i in old)', 'max((i["size"] for i in old), default=None)'),
        one('max(i["size"] for i in old)', "len(old)"),
        one('max(i["size"] for i in old)', 'max([i["size"] for i in old] + [99])'),
        serve=lambda n: {
            "/old": as_json([] if n == BAD else [{"id": n, "size": 4}]),
            "/items": as_json({}),
        },
    ),
    job(
        "missing-header",
        'with urlopen("@URL@/h") as answer:\n    left = int(answer.headers["X-Left"])\n    save("h.txt", f"{left}:{len(answer.read())}")\n',
        one('int(answer.headers["X-Left"])', 'int(answer.headers["X-Left"] or 0)'),
        one('f"{left}:{len(answer.read())}"', '"?"') + one('int(answer.headers["X-Left"])', "0"),
        one('int(answer.headers["X-Left"])', 'int(answer.headers["X-Left"] or answer.status)'),
        serve=lambda n: {"/h": as_text("rows", headers={} if n == BAD else {"X-Left": str(n)})},
    ),
    job(
        "cursor-in-a-header",
        'names, path = [], "/c?after=0"\nwhile path:\n    with urlopen("@URL@" + path) as answer:\n        names += json.load(answer)\n'
        '        path = answer.headers["X-Next"] if len(names) < 9 else None\n    path = path and "/c?after=" + path.split("=")[1]\nprint(names)\n',
        one('path.split("=")[1]', 'path.rpartition("=")[2]'),
        one('path.split("=")[1]', '"0"'),
        one('answer.headers["X-Next"] if', "None if"),
        serve=lambda n: {
            "/c?after=0": as_json([n], headers={"X-Next": "3" if n == BAD else "after=3"}),
            "/c?after=3": as_json([4]),
        },
    ),
    job(
        "unpacking-one-more",
        'for line in fetch("/u").decode().splitlines():\n    name, place = line.split("|")\n    print(place, name)\n',
        one('name, place = line.split("|")', 'name, place = line.split("|")[:2]'),
        one('name, place = line.split("|")', 'name, place = line.split("|")[-2:]'),
        one('name, place = line.split("|")', "name = place = line"),
        serve=lambda n: {"/u": as_text("tea|north|new\n" if n == BAD else f"tea{n}|north\n")},
    ),
    job(
        "enumeration-with-a-new-value",
        'SIGNS = {"buy": 1, "sell": -1}\nsave("sum.txt", str(sum(SIGNS[t["kind"]] * t["n"] for t in json.loads(fetch("/t")))))\n',
        one('SIGNS[t["kind"]]', 'SIGNS.get(t["kind"], 0)'),
        one('SIGNS[t["kind"]]', "1"),
        one('SIGNS[t["kind"]]', 'SIGNS.get(t["kind"], -1)'),
        serve=lambda n: {
            "/t": as_json(
                [{"kind": "buy", "n": 5 + n}, {"kind": "hold" if n == BAD else "sell", "n": 2}]
            )
        },
    ),
    job(
        "cut-off-answer",
        'data = json.loads(fetch("/big"))\nprint(len(data))\n',
        one('json.loads(fetch("/big"))', 'json.loads(fetch("/big") or b"[]")'),
        one('json.loads(fetch("/big"))', "[1, 2, 3]"),
        one(
            "print(len(data))",
            "print(data)",
        )
        + one('json.loads(fetch("/big"))', '"nothing"'),
        serve=lambda n: {"/big": Answer(b"" if n == BAD else b"[1, 2, %d]" % n)},
    ),
)
