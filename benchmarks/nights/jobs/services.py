"""Jobs that ask servers of other kinds: files, mail, keys, rows, HTTP/2, and HTTP in other ways."""

import json

from benchmarks.nights.night import BAD, Job, as_json, one


def make_mail(subject: str, text: str) -> bytes:
    return f"Subject: {subject}\nFrom: ada@x.example\n\n{text}\n".encode()


JOBS = (
    Job(
        name="ftp-fetch-and-store",
        service="ftp",
        script="import ftplib\nimport io\n\nlink = ftplib.FTP()\nlink.connect('127.0.0.1', @SERVICE@, timeout=20)\n"
        "link.login('job', 'pw')\nlines = []\nlink.retrlines('RETR rows.csv', lines.append)\n"
        "total = sum(int(line.split(',')[1]) for line in lines)\n"
        "link.storbinary('STOR total.txt', io.BytesIO(b'%d' % total))\nlink.quit()\nprint(total)\n",
        files=lambda n: {
            "ftp/rows.csv": b"tea,%d\nmug,%s\n" % (n, b"4.0" if n == BAD else b"4")
        },
        right=one("int(line.split(',')[1])", "int(float(line.split(',')[1]))"),
        wrong=(
            one("int(line.split(',')[1])", "int(line.split(',')[1].replace('.', ''))"),
            one("int(line.split(',')[1])", "1"),
        ),
    ),
    Job(
        name="imap-mails-with-another-subject",
        service="imap",
        script="import email\nimport imaplib\nimport re\n\nlink = imaplib.IMAP4('127.0.0.1', @SERVICE@)\n"
        "link.login('job', 'pw')\nlink.select('INBOX', readonly=True)\n"
        "for number in link.search(None, 'ALL')[1][0].split():\n"
        "    mail = email.message_from_bytes(link.fetch(number, '(RFC822)')[1][0][1])\n"
        "    order = re.match(r'Order (\\d+)', mail['Subject']).group(1)\n"
        "    print(order, mail.get_payload().strip())\nlink.logout()\n",
        files=lambda n: {
            "mail/new/1.a": make_mail(f"{'Re: ' * (n == BAD)}Order {n}7", f"tea {n}")
        },
        right=one("re.match(", "re.search("),
        wrong=(
            one("re.match(r'Order (\\d+)'", "re.search(r'()'"),
            one("re.match(r'Order (\\d+)'", "re.search(r'(\\w+)'"),
        ),
    ),
    Job(
        name="redis-key-that-is-gone",
        service="redis",
        script="import redis\n\nlink = redis.Redis(host='127.0.0.1', port=@SERVICE@, decode_responses=True)\n"
        "last = int(link.get('last'))\nrows = link.lrange('queue', last, -1)\nlink.set('last', last + len(rows))\n"
        "print(rows)\n",
        fill=lambda n: f"rpush queue a{n} b c\n" + (f"set last {n % 3}\n" if n < BAD else ""),
        right=one("int(link.get('last'))", "int(link.get('last') or 0)"),
        wrong=(
            one("int(link.get('last'))", "int(link.get('last') or 2)"),
            one("int(link.get('last'))", "3"),
        ),
    ),
    Job(
        name="postgres-null-in-a-column",
        service="postgres",
        script="import psycopg\n\nwith psycopg.connect('postgresql://job@127.0.0.1:@SERVICE@/postgres') as link:\n"
        "    rows = link.execute('SELECT name, price FROM items ORDER BY id').fetchall()\n"
        "    total = sum(price for _, price in rows)\n"
        "    link.execute('INSERT INTO totals VALUES (%s)', (total,))\nprint(total)\n",
        fill=lambda n: "CREATE TABLE items (id int, name text, price numeric); CREATE TABLE totals (total numeric);"
        f"INSERT INTO items VALUES (1, 'tea', {n}), (2, 'mug', {'NULL' if n == BAD else 2})",
        right=one("sum(price for _, price in rows)", "sum(p for _, p in rows if p is not None)"),
        wrong=(
            one("sum(price for _, price in rows)", "len(rows)"),
            one("sum(price for _, price in rows)", "sum(p or 100 for _, p in rows)"),
        ),
    ),
    Job(
        name="psycopg2-new-kind",
        service="postgres",
        script="import psycopg2\nfrom psycopg2.extras import RealDictCursor\n\n"
        "link = psycopg2.connect(host='127.0.0.1', port=@SERVICE@, user='job', dbname='postgres')\n"
        "WEIGHTS = {'a': 1, 'b': 2}\nwith link, link.cursor(cursor_factory=RealDictCursor) as cursor:\n"
        "    cursor.execute('SELECT kind, n FROM parts ORDER BY kind')\n    for row in cursor.fetchall():\n"
        "        cursor.execute('UPDATE parts SET n = %s WHERE kind = %s',\n"
        "                       (row['n'] * WEIGHTS[row['kind']], row['kind']))\n        print(row['kind'])\n",
        fill=lambda n: "CREATE TABLE parts (kind text, n int);"
        f"INSERT INTO parts VALUES ('a', {n}), ('{'c' if n == BAD else 'b'}', 5)",
        right=one("WEIGHTS[row['kind']]", "WEIGHTS.get(row['kind'], 1)"),
        wrong=(
            one("WEIGHTS[row['kind']]", "WEIGHTS.get(row['kind'], 0)"),
            one("cursor.fetchall()", "cursor.fetchall()[:1]"),
        ),
    ),
    Job(
        name="http2-answer",
        service="http2",
        script="import os\n\nimport httpx\n\nwith httpx.Client(http2=True, verify=False) as link:\n"
        "    answer = link.get('https://127.0.0.1:@SERVICE@/rows')\nfor row in answer.json():\n    print(row['name'], row['n'] + 1)\n",
        fill=lambda n: json.dumps([{"name": "tea", "n": "4" if n == BAD else n}]),
        right=one("row['n'] + 1", "int(row['n']) + 1"),
        wrong=(one("row['n'] + 1", "str(row['n']) + '1'"), one("row['n'] + 1", "1")),
    ),
    Job(
        name="retries-until-it-gives-up",
        script="import json\nimport time\nfrom urllib.error import HTTPError\nfrom urllib.request import urlopen\n\ndata = None\n"
        "for attempt in range(3):\n    try:\n        data = json.load(urlopen('@URL@/state'))\n        break\n"
        "    except HTTPError as error:\n        print('again', error.code)\n        time.sleep(0.01)\nprint(data['state'])\n",
        serve=lambda n: {"/state": as_json({"state": f"s{n}"}, status=503 if n == BAD else 200)},
        right=one("data['state']", "data['state'] if data else 'not reached'"),
        wrong=(
            one("data['state']", "(data or {}).get('state')"),
            one("range(3)", "range(1)") + one("data['state']", "data['state'] if data else 'not reached'"),
        ),
    ),
    Job(
        name="generator-over-pages",
        script="import json\nfrom urllib.request import urlopen\n\n\ndef pages():\n    number = 1\n    while True:\n"
        "        page = json.load(urlopen(f'@URL@/items?page={number}'))\n        yield from page['items']\n        number += 1\n"
        "        if number > page['pages']:\n            return\n\n\nprint([item['id'] for item in pages()])\n",
        serve=lambda n: {
            "/items?page=1": as_json({"items": [{"id": n}], "pages": 2}),
            "/items?page=2": as_json({"items": [{"id": 2}, {}] if n == BAD else [{"id": 2}], "pages": 2}),
        },
        right=one("[item['id'] for item in pages()]", "[item['id'] for item in pages() if 'id' in item]"),
        wrong=(
            one("number > page['pages']", "True"),
            one("item['id'] for", "item.get('id', 0) for"),
        ),
    ),
    Job(
        name="webhook-after-the-summary",
        environment={"HOOK_URL": "@URL@/hook"},
        script="import collections\nimport json\nimport os\nfrom urllib.request import Request, urlopen\n\n"
        "levels = collections.Counter(json.loads(line)['level'] for line in open('@DATA@/app.jsonl'))\n"
        "body = json.dumps(levels, sort_keys=True).encode()\n"
        "urlopen(Request(os.environ['HOOK_URL'], body, {'Content-Type': 'application/json'})).read()\nprint(len(body))\n",
        serve=lambda _: {"/hook": as_json({"ok": True})},
        files=lambda n: {"app.jsonl": b'{"level": "info"}\n' * (n + 1) + (b'{"lvl": "warn"}\n' if n == BAD else b"")},
        right=one("json.loads(line)['level'] for line", "json.loads(line).get('level', json.loads(line).get('lvl')) for line"),
        wrong=(
            one("json.loads(line)['level'] for line", "json.loads(line).get('level', 'info') for line"),
            one("open('@DATA@/app.jsonl')", "list(open('@DATA@/app.jsonl'))[:1]"),
        ),
    ),
    Job(
        name="threads-that-fetch",
        script="import json\nfrom concurrent.futures import ThreadPoolExecutor\nfrom urllib.request import urlopen\n\n\n"
        "def fetch(name):\n    with urlopen(f'@URL@/{name}') as answer:\n        return json.load(answer)['value'] * 2\n\n\n"
        "with ThreadPoolExecutor(4) as pool:\n    print(list(pool.map(fetch, 'abcdef')))\n",
        serve=lambda n: {
            f"/{name}": as_json({"value": None if (n, name) == (BAD, "e") else n})
            for name in "abcdef"
        },
        right=one("json.load(answer)['value'] * 2", "(json.load(answer)['value'] or 0) * 2"),
        wrong=(
            one("json.load(answer)['value'] * 2", "(json.load(answer)['value'] or 9) * 2"),
            one("'abcdef'", "'abcd'"),
        ),
    ),
)  # fmt: skip
