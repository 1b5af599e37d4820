"""Jobs that read and write workbooks, archives, databases in a file, and much at once."""

import gzip
import io
import json
import tarfile
import zipfile

from benchmarks.nights.night import BAD, Job, one

_SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)
_BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_LINK = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}"/></Relationships>'
)
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)


def make_workbook(name: str, rows: list[list[str]]) -> bytes:
    """An xlsx with one sheet of text."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{v}</t></is></c>' for v in row) + "</row>"
        for row in rows
    )
    return make_zip(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _LINK.format(kind="officeDocument", target="xl/workbook.xml"),
            "xl/workbook.xml": _BOOK.format(name=name),
            "xl/_rels/workbook.xml.rels": _LINK.format(
                kind="worksheet", target="worksheets/sheet1.xml"
            ),
            "xl/worksheets/sheet1.xml": _SHEET.format(rows=cells),
        }
    )


def make_zip(members: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file.getvalue()


def make_tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in members.items():
            fact = tarfile.TarInfo(name)
            fact.size = len(data)
            archive.addfile(fact, io.BytesIO(data))
    return file.getvalue()


def make_large(night: int) -> bytes:
    """9 MB of lines; the last of the bad night is none."""
    body = b"".join(b"%08d,%d,some words to fill the line\n" % (i, i % 97) for i in range(225_000))
    return body + (b"total\n" if night == BAD else b"00225000,%d,x\n" % night)


JOBS = (
    Job(
        name="workbook-with-another-sheet",
        script="import csv\n\nimport openpyxl\n\nbook = openpyxl.load_workbook('@DATA@/prices.xlsx', data_only=True)\n"
        "sheet = book['Prices']\nwith open('prices.csv', 'w', newline='') as file:\n"
        "    csv.writer(file).writerows(sheet.iter_rows(values_only=True))\n",
        files=lambda n: {
            "prices.xlsx": make_workbook(
                "Prices 2026" if n == BAD else "Prices", [["name", "price"], ["tea", str(n)]]
            )
        },
        right=one("book['Prices']", "next(s for s in book if s.title.startswith('Prices'))"),
        wrong=(
            one("book['Prices']", "book.create_sheet('Prices')"),
            one("sheet.iter_rows(", "book.active.iter_rows(max_row=1, ")
            + one("book['Prices']", "book"),
        ),
    ),
    Job(
        name="workbook-that-is-written",
        script="import openpyxl\n\nbook = openpyxl.Workbook()\nfor line in open('@DATA@/rows.csv'):\n"
        "    name, price = line.split(',')\n    book.active.append([name, float(price)])\nbook.save('@DATA@/rows.xlsx')\n"
        "print(book.active.max_row)\n",
        files=lambda n: {"rows.csv": b"tea,%d\n" % n + (b"mug\n" if n == BAD else b"")},
        right=one("line.split(',')", "line.strip().split(',') if ',' in line else (line, 'nan')"),
        wrong=(
            one("    name, price = line.split(',')", "    name, price = line[:3], 1"),
            one("open('@DATA@/rows.csv')", "()"),
        ),
        is_deterministic=False,
    ),
    Job(
        name="zip-with-a-folder-in-it",
        script="import io\nimport json\nimport zipfile\n\nwith zipfile.ZipFile('@DATA@/drop.zip') as archive:\n"
        "    for name in archive.namelist():\n        document = json.loads(archive.read(name))\n"
        "        print(name, document['n'])\n",
        files=lambda n: {
            "drop.zip": make_zip(
                {"a.json": json.dumps({"n": n})} | ({"b/": "", "b/c.json": '{"n": 3}'} if n == BAD else {})
            )
        },
        right=one("in archive.namelist():", "in archive.namelist():\n        if name.endswith('/'):\n            continue"),
        wrong=(
            one("archive.namelist()", "archive.namelist()[:1]"),
            one("json.loads(archive.read(name))", "{'n': 0}"),
        ),
    ),
    Job(
        name="tar-of-logs",
        script="import tarfile\n\nwith tarfile.open('@DATA@/logs.tgz') as archive:\n"
        "    for member in archive:\n        text = archive.extractfile(member).read().decode()\n"
        "        print(member.name, len(text.splitlines()), text.split()[0])\n",
        files=lambda n: {
            "logs.tgz": make_tar({"a.log": b"one\n" * n + b"x\n", "b.log": b"" if n == BAD else b"y\n"})
        },
        right=one("text.split()[0]", "(text.split() or ['-'])[0]"),
        wrong=(
            one("in archive:", "in list(archive)[:1]:"),
            one("text.split()[0]", "(text.split() or ['x'])[0]"),
        ),
    ),
    Job(
        name="rotated-and-gzipped-log",
        script="import glob\nimport gzip\nimport logging\nimport logging.handlers\nimport re\n\n"
        "handler = logging.handlers.RotatingFileHandler('@DATA@/own.log', maxBytes=60, backupCount=2)\n"
        "log = logging.getLogger('job')\nlog.addHandler(handler)\nlog.setLevel('INFO')\n"
        "for path in sorted(glob.glob('@DATA@/access.log*')):\n"
        "    opener = gzip.open if path.endswith('.gz') else open\n    with opener(path, 'rt') as lines:\n"
        "        hits = [int(re.search(r'\" (\\d+)$', line)[1]) for line in lines]\n"
        "    log.info('%s: %s', path.rpartition('/')[2], hits)\nprint('ok')\n",
        files=lambda n: {
            "access.log": b'"GET /" %d\n' % n + (b'"-" -\n' if n == BAD else b""),
            "access.log.1.gz": gzip.compress(b'"GET /old" 7\n', mtime=0),
        },
        right=one("for line in lines]", "for line in lines if line.rstrip()[-1:].isdigit()]"),
        wrong=(
            one("for line in lines]", "for line in list(lines)[:0]]"),
            one("[int(re.search(r'\" (\\d+)$', line)[1]) for line in lines]", "len(list(lines))"),
        ),
    ),
    Job(
        name="large-file",
        script="total = 0\nwith open('@DATA@/large.csv') as file:\n    for line in file:\n        total += int(line.split(',')[1])\nprint(total)\n",
        files=lambda n: {"large.csv": make_large(n)},
        right=one("int(line.split(',')[1])", "int(line.split(',')[1]) if ',' in line else 0"),
        wrong=(
            one("int(line.split(',')[1])", "1"),
            one("int(line.split(',')[1])", "int(line.split(',')[1]) if ',' in line else 5"),
        ),
    ),
    Job(
        name="shelf-between-nights",
        script="import shelve\n\nwith shelve.open('@DATA@/seen') as seen:\n    for line in open('@DATA@/ids.txt'):\n"
        "        number = int(line)\n        if str(number) not in seen:\n            print('new', number)\n            seen[str(number)] = True\n",
        files=lambda n: {"ids.txt": b"".join(b"%d\n" % i for i in range(n + 2)) + (b"x7\n" if n == BAD else b"")},
        right=one("int(line)", "int(line.strip().lstrip('x'))"),
        wrong=(one("int(line)", "int(line.replace('x7', '0'))"), one("int(line)", "len(line)")),
    ),
    Job(
        name="sqlite-that-another-program-writes",
        script="import sqlite3\n\nimport fill  # stands for the program that writes it\n\nlink = sqlite3.connect('file:@DATA@/app.db?mode=ro', uri=True)\n"
        "link.row_factory = sqlite3.Row\nfor row in link.execute('select * from events order by id'):\n    print(row['id'], row['at'][:10])\n",
        tree={
            "fill.py": "import os, sqlite3\nlines = open('@DATA@/events.txt').read().split()\n"
            "link = sqlite3.connect('@DATA@/app.db')\nlink.execute('drop table if exists events')\n"
            "link.execute('create table events (id integer, at text)')\n"
            "link.executemany('insert into events values (?, ?)', [(i, t if t != 'null' else None) for i, t in enumerate(lines)])\nlink.commit()\nlink.close()\n"
        },
        files=lambda n: {"events.txt": b"2026-01-0%dT00:00 %s" % (n + 1, b"null" if n == BAD else b"2026-02-02T01:00")},
        right=one("row['at'][:10]", "(row['at'] or '-')[:10]"),
        wrong=(one("row['at'][:10]", "str(row['at'])[:10]"), one("order by id", "where at is not null")),
    ),
    Job(
        name="backups-that-grow-old",
        script="import os\nimport re\n\nnames = sorted(os.listdir('@DATA@/backups'))\nsizes = {n: os.path.getsize(f'@DATA@/backups/{n}') for n in names}\n"
        "days = [re.fullmatch(r'db-(\\d+)\\.dump', name)[1] for name in names]\nfor name, day in zip(names, days):\n"
        "    if int(day) < max(map(int, days)) - 2:\n        print('removes', name, sizes[name])\n        os.remove(f'@DATA@/backups/{name}')\n"
        "print(sum(sizes.values()))\n",
        files=lambda n: {
            f"backups/db-{i}.dump": b"x" * (100 + n + i) for i in range(n, n + 3)
        } | ({"backups/db-7.dump.part": b"y"} if n == BAD else {}),
        right=one("os.listdir('@DATA@/backups'))", "os.listdir('@DATA@/backups'))\nnames = [n for n in names if n.endswith('.dump')]"),
        wrong=(
            one("os.listdir('@DATA@/backups'))", "os.listdir('@DATA@/backups'))[:0]") + one("max(map(int, days))", "9"),
            one("os.listdir('@DATA@/backups'))", "os.listdir('@DATA@/backups'))[:1]"),
        ),
    ),
    Job(
        name="umask-and-temporary-files",
        script="import os\nimport shutil\nimport tempfile\n\nos.umask(0o077)\nwith tempfile.NamedTemporaryFile('w', delete=False) as file:\n"
        "    for line in open('@DATA@/in.txt'):\n        key, value = line.split('=')\n        file.write(f'{value.strip()}\\n')\n"
        "with tempfile.TemporaryDirectory() as folder:\n    shutil.copy(file.name, folder)\n    size = len(os.listdir(folder))\n"
        "shutil.move(file.name, '@DATA@/values.txt')\nprint(size, oct(os.stat('@DATA@/values.txt').st_mode))\n",
        files=lambda n: {"in.txt": b"a=%d\n" % n + (b"b=x=y\n" if n == BAD else b"")},
        right=one("line.split('=')", "line.split('=', 1)"),
        wrong=(
            one("line.split('=')", "line.split('=')[:2]"),
            one("line.split('=')", "line.rsplit('=', 1)"),
        ),
    ),
)  # fmt: skip
