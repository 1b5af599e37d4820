"""Jobs that read and write files, inside the repository and outside, and SQLite."""

from benchmarks.nights.night import BAD, Job

JOBS = (
    Job(
        name="csv-outside-new-header",
        script="import csv\nimport os\n\nos.makedirs('@DATA@/out', exist_ok=True)\n"
        "with open('@DATA@/in.csv', newline='') as source, open('@DATA@/out/net.csv', 'w') as result:\n"
        "    for row in csv.DictReader(source):\n"
        "        print(row['id'], float(row['gross']) / 1.2, sep=',', file=result)\n",
        files=lambda n: {
            "in.csv": b"id," + (b"total" if n == BAD else b"gross") + b"\n1,%d\n2,24\n" % (n + 12)
        },
        right=(("row['gross']", "row.get('gross') or row['total']"),),
        wrong=(
            (("float(row['gross'])", "float(row.get('gross', 0))"),),
            (("row['gross']", "row['id']"),),
        ),
    ),
    Job(
        name="state-file-kept-between-nights",
        script="import json\nimport os\n\nSTATE = 'state/last.json'\nlast = 0\nif os.path.exists(STATE):\n"
        "    last = json.load(open(STATE))['last']\n"
        "ids = [int(line) for line in open('@DATA@/ids.txt')]\nnew = [i for i in ids if i > last]\n"
        "os.makedirs('state', exist_ok=True)\nwith open(STATE + '.new', 'w') as file:\n"
        "    json.dump({'last': max(ids)}, file)\nos.replace(STATE + '.new', STATE)\nprint(new)\n",
        files=lambda n: {
            "ids.txt": b"".join(b"%d\n" % i for i in range(n + 2)) + (b"\n" if n == BAD else b"")
        },
        right=(
            (
                "for line in open('@DATA@/ids.txt')]",
                "for line in open('@DATA@/ids.txt') if line.strip()]",
            ),
        ),
        wrong=(
            (("[int(line) for line in open('@DATA@/ids.txt')]", "[0]"),),
            (("int(line) for", "int(line.strip() or 99) for"),),
        ),
    ),
    Job(
        name="missing-file",
        script="total = 0\nfor name in ('north', 'south'):\n"
        "    with open(f'@DATA@/{name}.txt') as file:\n        total += sum(map(int, file))\n"
        "with open('@DATA@/total.txt', 'w') as file:\n    file.write(f'{total}\\n')\n",
        files=lambda n: {"north.txt": b"1\n2\n", "south.txt": None if n == BAD else b"%d\n" % n},
        right=(
            (
                "for name in ('north', 'south'):\n",
                "import os\nfor name in ('north', 'south'):\n"
                "    if not os.path.exists(f'@DATA@/{name}.txt'):\n        continue\n",
            ),
        ),
        wrong=((("('north', 'south')", "('north', 'north')"),), (("('north', 'south')", "()"),)),
    ),
    Job(
        name="append-to-a-log",
        script="import re\nlines = open('@DATA@/access.log', encoding='utf-8').read().splitlines()\n"
        "hits = [re.match(r'(\\S+) (\\d+)', line).group(2) for line in lines]\n"
        "with open('out.log', 'a') as file:\n    file.write(' '.join(hits) + '\\n')\n",
        files=lambda n: {
            "access.log": b"a 1\nb %d\n" % n + ("ä fünf\n".encode() if n == BAD else b"")
        },
        right=(("for line in lines]", "for line in lines if re.match(r'\\S+ \\d', line)]"),),
        wrong=((("lines]", "lines[:1]]"),), (("for line in lines]", "for line in lines[:-2]]"),)),
    ),
    Job(
        name="glob-of-inputs-that-are-moved",
        script="import glob\nimport os\n\nos.makedirs('@DATA@/done', exist_ok=True)\n"
        "for path in sorted(glob.glob('@DATA@/inbox/*.txt')):\n    name, count = open(path).read().split(';')\n"
        "    print(name, int(count))\n    os.rename(path, path.replace('/inbox/', '/done/'))\n",
        files=lambda n: {f"inbox/{n}.txt": b"tea;3;x" if n == BAD else b"tea;%d" % n},
        right=(("read().split(';')", "read().split(';')[:2]"),),
        wrong=(
            (("name, count = open(path).read().split(';')", "name, count = 'tea', 0"),),
            (("read().split(';')", "read().split(';')[::2]"), ("int(count)", "count")),
        ),
    ),
    Job(
        name="latin-1-in-utf-8",
        script="with open('@DATA@/names.txt', encoding='utf-8') as file:\n    names = file.read().split()\n"
        "with open('out.txt', 'w', encoding='utf-8') as file:\n    file.write(','.join(sorted(names)))\n",
        files=lambda n: {"names.txt": "Jürgen Åsa".encode("latin-1" if n == BAD else "utf-8")},
        right=(
            (
                "with open('@DATA@/names.txt', encoding='utf-8') as file:\n    names = file.read().split()",
                "data = open('@DATA@/names.txt', 'rb').read()\ntry:\n    names = data.decode('utf-8').split()\n"
                "except UnicodeDecodeError:\n    names = data.decode('latin-1').split()",
            ),
        ),
        wrong=(
            (
                (
                    "@DATA@/names.txt', encoding='utf-8'",
                    "@DATA@/names.txt', encoding='utf-8', errors='ignore'",
                ),
            ),
            (
                (
                    "@DATA@/names.txt', encoding='utf-8'",
                    "@DATA@/names.txt', encoding='utf-8', errors='replace'",
                ),
            ),
        ),
    ),
    Job(
        name="sqlite-null",
        script="import csv\nimport sqlite3\n\nlink = sqlite3.connect('@DATA@/shop.db')\n"
        "link.execute('create table if not exists sales (name text, amount real)')\n"
        "for row in csv.reader(open('@DATA@/new.csv')):\n"
        "    link.execute('insert into sales values (?, ?)', (row[0], float(row[1])))\n"
        "link.commit()\nprint(link.execute('select count(*), sum(amount) from sales').fetchone())\n",
        files=lambda n: {"new.csv": b"tea,%d\n" % n + (b"mug,\n" if n == BAD else b"")},
        right=(("float(row[1])", "float(row[1]) if row[1] else None"),),
        wrong=(
            (("float(row[1])", "float(row[1] or 0)"),),
            (
                (
                    "for row in csv.reader(open('@DATA@/new.csv')):",
                    "for row in list(csv.reader(open('@DATA@/new.csv')))[:0]:",
                ),
            ),
        ),
    ),
    Job(
        name="configuration-outside",
        script="import configparser\n\nparser = configparser.ConfigParser()\nparser.read('@DATA@/job.ini')\n"
        "limit = int(parser['job']['limit'])\nprint([n for n in range(10) if n < limit])\n",
        files=lambda n: {
            "job.ini": b"[job]\nlimit = " + (b"4 rows" if n == BAD else b"%d" % n) + b"\n"
        },
        right=(("int(parser['job']['limit'])", "int(parser['job']['limit'].split()[0])"),),
        wrong=((("int(parser['job']['limit'])", "99"),), (("int(parser['job']['limit'])", "0"),)),
    ),
)
