"""Jobs that lean on processes, chance, time zone, locale, home, and where they are started."""

import json

from benchmarks.nights.night import BAD, Job, one

JOBS = (
    Job(
        name="pool-of-processes",
        script="import glob\nimport multiprocessing\n\n\ndef count(path):\n    with open(path) as file:\n"
        "        return path.rpartition('/')[2], sum(int(line) for line in file)\n\n\n"
        "if __name__ == '__main__':\n    with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "        for name, total in pool.map(count, sorted(glob.glob('@DATA@/parts/*'))):\n            print(name, total)\n",
        files=lambda n: {
            "parts/a": b"%d\n" % n, "parts/b": b"2\nnull\n" if n == BAD else b"2\n"
        },
        right=one("for line in file)", "for line in file if line.strip() != 'null')"),
        wrong=(
            one("int(line) for line in file", "1 for line in file"),
            one("sorted(glob.glob('@DATA@/parts/*'))", "sorted(glob.glob('@DATA@/parts/*'))[:1]"),
        ),
    ),
    Job(
        name="asyncio-gather-and-a-program",
        script="import asyncio\n\n\nasync def read(name):\n    reader, writer = await asyncio.open_connection('127.0.0.1', @TCP@)\n"
        "    writer.write(name + b'\\n')\n    line = await reader.readline()\n    writer.close()\n    return float(line)\n\n\n"
        "async def main():\n    values = await asyncio.gather(read(b'a'), read(b'b'))\n"
        "    process = await asyncio.create_subprocess_exec('cat', '@DATA@/unit.txt', stdout=asyncio.subprocess.PIPE)\n"
        "    unit, _ = await process.communicate()\n    print(values, unit.decode().strip())\n\n\nasyncio.run(main())\n",
        files=lambda _: {"unit.txt": b"kg\n"},
        replies=lambda n: {b"a": b"%d" % n, b"b": b"n/a" if n == BAD else b"2"},
        right=one("return float(line)", "return float(line) if line.strip() != b'n/a' else None"),
        wrong=(
            one("return float(line)", "return float(line.replace(b'n/a', b'0'))"),
            one("return float(line)", "return 1.0"),
        ),
    ),
    Job(
        name="time-zone-of-a-customer",
        environment={"TZ": "America/New_York"},
        script="import datetime\nimport json\nfrom zoneinfo import ZoneInfo\n\nfor customer in json.load(open('@DATA@/customers.json')):\n"
        "    zone = ZoneInfo(customer['zone'])\n    start = datetime.datetime(2026, 3, 29, 2, 30, tzinfo=zone)\n"
        "    print(customer['id'], start.astimezone().isoformat())\n",
        files=lambda n: {
            "customers.json": json.dumps(
                [{"id": n, "zone": "Europe/Vienna"}, {"id": 9, "zone": "Europe/Wien" if n == BAD else "Asia/Tokyo"}]
            ).encode()
        },
        right=one("ZoneInfo(customer['zone'])", "ZoneInfo(customer['zone'].replace('Wien', 'Vienna'))"),
        wrong=(
            one("ZoneInfo(customer['zone'])", "ZoneInfo('UTC')"),
            one("ZoneInfo(customer['zone'])", "ZoneInfo('Asia/Tokyo')"),
        ),
    ),
    Job(
        name="random-sample",
        script="import random\n\nrows = open('@DATA@/rows.txt').read().split()\nfor row in random.sample(rows, 3):\n"
        "    name, price = row.split(';')\n    print(name, price, random.randint(1, 10**9))\n",
        files=lambda n: {
            "rows.txt": b"\n".join(
                b"a%d;%d" % (i, n) + (b";new" if n == BAD and i else b"") for i in range(60)
            )
        },
        right=one("row.split(';')", "row.split(';')[:2]"),
        wrong=(
            one("row.split(';')", "row.split(';')[::-1][:2]"),
            one("random.sample(rows, 3)", "rows[:3]") + one("row.split(';')", "row.split(';')[:2]"),
        ),
    ),
    Job(
        name="identifiers-of-a-run",
        script="import json\nimport os\nimport uuid\n\nrun = uuid.uuid4()\nrows = [line.split() for line in open('@DATA@/rows.txt')]\n"
        "os.makedirs('out', exist_ok=True)\nwith open(f'out/{run.hex[:8]}.json', 'w') as file:\n"
        "    json.dump({'run': str(run), 'rows': {name: int(count) for name, count in rows}}, file)\nprint(run)\n",
        files=lambda n: {"rows.txt": b"tea %d\n" % n + (b"\n" if n == BAD else b"")},
        right=one("for line in open('@DATA@/rows.txt')]", "for line in open('@DATA@/rows.txt') if line.strip()]"),
        wrong=(
            one("[line.split() for line in open('@DATA@/rows.txt')]", "[]"),
            one("[line.split() for line in open('@DATA@/rows.txt')]", "[['tea', '99']]"),
        ),
    ),
    Job(
        name="numpy-bootstrap",
        script="import numpy\n\nvalues = numpy.loadtxt('@DATA@/values.txt')\ndraw = numpy.random.default_rng().choice(values, 5)\n"
        "old = numpy.random.rand()\nprint(draw.tolist(), old)\n",
        files=lambda n: {"values.txt": b"1\n2\n%d\n" % n + (b"none\n" if n == BAD else b"")},
        right=one("numpy.loadtxt('@DATA@/values.txt')", "numpy.genfromtxt('@DATA@/values.txt')"),
        wrong=(
            one("numpy.loadtxt('@DATA@/values.txt')", "numpy.zeros(3)"),
            one("numpy.loadtxt('@DATA@/values.txt')", "numpy.loadtxt('@DATA@/values.txt', max_rows=1, ndmin=1)"),
        ),
    ),
    Job(
        name="order-of-a-set",
        script="names = {line.strip() for line in open('@DATA@/names.txt')}\nfor name in names:\n"
        "    first, last = name.split()\n    print(last, first)\n",
        files=lambda n: {
            "names.txt": b"".join(
                b"first%d last%d\n" % (i, n) if n < BAD or i % 2 else b"single%d\n" % i for i in range(16)
            )
        },
        right=one("first, last = name.split()", "first, last = (name.split() + [''])[:2]"),
        wrong=(
            one("    first, last = name.split()\n    print(last, first)", "    print(name)"),
            one("in names:\n", "in [n for n in names if ' ' in n]:\n"),
        ),
    ),
    Job(
        name="pipeline-of-a-shell",
        script="import subprocess\n\nline = \"cut -d' ' -f1 @DATA@/access.log | sort | uniq -c | sort -rn\"\n"
        "text = subprocess.check_output(line, shell=True, text=True)\nfor row in text.splitlines():\n"
        "    count, host = row.split()\n    print(host, int(count))\n",
        files=lambda n: {
            "access.log": b"ann /\n" * (n + 2) + b"bob /\n" + (b" /x\n" if n == BAD else b"")
        },
        right=one("count, host = row.split()", "count, host = (row.split() + ['-'])[:2]"),
        wrong=(
            one("text.splitlines()", "text.splitlines()[:1]"),
            one("count, host = row.split()", "count, host = 1, row.split()[0]"),
        ),
    ),
    Job(
        name="step-in-another-python",
        tree={"step.py": "import sys\nfor line in open(sys.argv[1]):\n    print(line.strip().upper())\n"},
        script="import subprocess\nimport sys\n\ndone = subprocess.run([sys.executable, 'step.py', '@DATA@/in.txt'],\n"
        "                      capture_output=True, text=True, check=True)\n"
        "for line in done.stdout.splitlines():\n    name, count = line.split()\n    print(name, count)\n",
        files=lambda n: {"in.txt": b"tea %d\n" % n + (b"mug\n" if n == BAD else b"")},
        right=one("line.split()", "(line.split() + ['0'])[:2]"),
        wrong=(
            one("line.split()", "(line.split() + ['1'])[:2]"),
            one("done.stdout.splitlines()", "done.stdout.splitlines()[:1]"),
        ),
    ),
    Job(
        name="locale-of-cron",
        environment={"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        script="import json\nimport locale\n\nlocale.setlocale(locale.LC_ALL, '')\n"
        "for name in json.load(open('@DATA@/names.json', encoding='utf-8')):\n    print(name)\n",
        files=lambda n: {"names.json": json.dumps([f"Ann{n}", "Zoë" if n == BAD else "Zoe"]).encode()},
        right=one("print(name)", "print(name.encode('ascii', 'xmlcharrefreplace').decode())"),
        wrong=(
            one("print(name)", "print(name.encode('ascii', 'ignore').decode())"),
            one("print(name)", "print(len(name))"),
        ),
    ),
    Job(
        name="rows-on-stdin",
        stdin=lambda n: b'{"n": %d}\n' % n + (b"# end\n" if n == BAD else b""),
        script="import json\nimport sys\n\ntotal = 0\nfor line in sys.stdin:\n    total += json.loads(line)['n']\nprint(total)\n",
        right=one("in sys.stdin:", "in sys.stdin:\n    if line.startswith('#'):\n        continue"),
        wrong=(
            one("in sys.stdin:", "in []:"),
            one("json.loads(line)['n']", "1"),
        ),
    ),
    Job(
        name="settings-in-an-env-file",
        script="settings = {}\nfor line in open('@DATA@/.env'):\n    if '=' in line:\n        name, _, value = line.strip().partition('=')\n"
        "        settings[name] = value\nlimit = int(settings['LIMIT'])\nprint('limit', limit, settings['REGION'])\n",
        files=lambda n: {
            ".env": b"# of the job\nAPI_TOKEN=tok-93jf02kd83hf\nREGION=eu-west\nLIMIT="
            + (b"50 # rows" if n == BAD else b"%d" % (40 + n)) + b"\n"
        },
        right=one("int(settings['LIMIT'])", "int(settings['LIMIT'].split()[0])"),
        wrong=(
            one("int(settings['LIMIT'])", "0"),
            one("int(settings['LIMIT'])", "len(settings)"),
        ),
    ),
    Job(
        name="configuration-at-home",
        environment={"HOME": "@DATA@/home"},
        script="import json\nimport os\nimport pathlib\n\nplace = pathlib.Path(os.environ.get('XDG_CONFIG_HOME') or pathlib.Path.home() / '.config')\n"
        "config = json.loads((place / 'report' / 'config.json').read_text())\n"
        "print(config['title'], sum(config['weights'].values()))\n",
        files=lambda n: {
            "home/.config/report/config.json": json.dumps(
                {"title": f"t{n}", "weights": [1, 2] if n == BAD else {"a": n}}
            ).encode()
        },
        right=one(
            "sum(config['weights'].values())",
            "sum(config['weights'].values() if isinstance(config['weights'], dict) else config['weights'])",
        ),
        wrong=(
            one("sum(config['weights'].values())", "len(config['weights'])"),
            one("sum(config['weights'].values())", "0"),
        ),
    ),
    Job(
        name="relative-to-the-script-from-the-root",
        cwd="/",
        script_word="@REPO@/job.py",
        tree={"conf/names.txt": "tea\nmug\n"},
        script="import os\nimport pathlib\n\nhere = pathlib.Path(__file__).resolve().parent\n"
        "names = (here / 'conf' / 'names.txt').read_text().split()\ncounts = pathlib.Path('@DATA@/counts').read_text().split()\n"
        "os.makedirs(here / 'out', exist_ok=True)\nwith open(here / 'out' / 'sum.txt', 'w') as file:\n"
        "    for index, name in enumerate(names):\n        print(name, counts[index], os.getcwd(), file=file)\n",
        files=lambda n: {"counts": b"1" if n == BAD else b"1 %d" % n},
        right=one("counts[index]", "counts[index] if index < len(counts) else '-'"),
        wrong=(
            one("enumerate(names)", "enumerate(names[:1])"),
            one("counts[index]", "counts[0]"),
        ),
    ),
)  # fmt: skip
