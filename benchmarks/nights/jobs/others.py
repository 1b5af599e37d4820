"""Jobs that mail, speak other protocols, look at the clock, at variables, or start programs."""

from benchmarks.nights.night import BAD, Job, as_json

MAIL = """import smtplib
from email.message import EmailMessage


def send(subject, text):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "job@x.example", "ada@x.example", subject
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", @SMTP@) as link:
        link.send_message(message)


"""

JOBS = (
    Job(
        name="mail-after-the-failure",
        smtp=True,
        script=MAIL + "rows = [line.split(',') for line in open('@DATA@/rows.csv')]\n"
        "send('report', '\\n'.join(f'{name}: {int(count)}' for name, count in rows))\n",
        files=lambda n: {"rows.csv": b"tea,%d\nmug," % n + (b"n/a" if n == BAD else b"2") + b"\n"},
        right=(("{int(count)}", "{int(count) if count.strip().isdigit() else None}"),),
        wrong=(
            (("for name, count in rows)", "for name, count in rows if count.strip().isdigit())"),),
            (("{int(count)}", "0"),),
        ),
    ),
    Job(
        name="line-protocol",
        script="import socket\n\nlink = socket.create_connection(('127.0.0.1', @TCP@))\n"
        "talk = link.makefile('rw')\nvalues = []\nfor name in ('a', 'b'):\n    talk.write(f'GET {name}\\n')\n"
        "    talk.flush()\n    values.append(int(talk.readline()))\nprint(values)\n",
        replies=lambda n: {b"GET a": b"%d" % n, b"GET b": b"-" if n == BAD else b"2"},
        right=(
            (
                "values.append(int(talk.readline()))",
                "text = talk.readline().strip()\n    values.append(int(text) if text != '-' else None)",
            ),
        ),
        wrong=(
            (("int(talk.readline())", "0 * len(talk.readline())"),),
            (("('a', 'b')", "('a',)"),),
        ),
    ),
    Job(
        name="a-variable-changed",
        environment={"REGION": "north"},
        script="import json, os\nlimits = json.load(open('@DATA@/limits.json'))\n"
        "print(os.environ['REGION'], limits[os.environ['REGION']] * 2)\n",
        files=lambda n: {"limits.json": b'{"North": 5}' if n == BAD else b'{"north": %d}' % n},
        right=(
            (
                "limits[os.environ['REGION']]",
                "{k.lower(): v for k, v in limits.items()}[os.environ['REGION']]",
            ),
        ),
        wrong=(
            (("limits[os.environ['REGION']]", "limits.get(os.environ['REGION'], 0)"),),
            (("limits[os.environ['REGION']]", "1"),),
        ),
    ),
    Job(
        name="clock-and-time-zone",
        environment={"TZ": "Europe/Vienna"},
        script="import datetime, json\nfrom urllib.request import urlopen\n\n"
        "data = json.load(urlopen('@URL@/due'))\ntoday = datetime.date.today()\n"
        "due = datetime.date.fromisoformat(data['due'])\nprint(today.isoformat(), 'late' if due < today else 'in time')\n",
        serve=lambda n: {
            "/due": as_json({"due": "2020-01-02T00:00:00" if n == BAD else f"2020-01-0{n + 1}"})
        },
        right=(("fromisoformat(data['due'])", "fromisoformat(data['due'][:10])"),),
        wrong=(
            (("datetime.date.fromisoformat(data['due'])", "today"),),
            (("datetime.date.fromisoformat(data['due'])", "datetime.date.max"),),
        ),
    ),
    Job(
        name="program-that-is-started",
        script="import subprocess\n\ntext = subprocess.run(['cat', '@DATA@/disk.txt'], capture_output=True, text=True).stdout\n"
        "used = [int(line.split()[1].rstrip('%')) for line in text.splitlines()]\nprint(max(used))\n",
        files=lambda n: {
            "disk.txt": b"/ 7%d%%\n/var 12%%\n" % n + (b"/boot -\n" if n == BAD else b"")
        },
        right=(
            (
                "for line in text.splitlines()]",
                "for line in text.splitlines() if line.split()[1] != '-']",
            ),
        ),
        wrong=(
            (("text.splitlines()]", "text.splitlines()[1:2]]"),),
            (("print(max(used))", "print(0)"), ("int(line.split()[1].rstrip('%'))", "0")),
        ),
    ),
    Job(
        name="asyncio-streams",
        script="import asyncio\n\n\nasync def ask(name):\n    reader, writer = await asyncio.open_connection('127.0.0.1', @TCP@)\n"
        "    writer.write(name + b'\\n')\n    line = await reader.readline()\n    writer.close()\n    return line\n\n\n"
        "async def main():\n    for name in (b'one', b'two'):\n        print(name.decode(), float(await ask(name)))\n\n\nasyncio.run(main())\n",
        replies=lambda n: {b"one": b"1.%d" % n, b"two": b"2,5" if n == BAD else b"2.5"},
        right=(("float(await ask(name))", "float((await ask(name)).replace(b',', b'.'))"),),
        wrong=(
            (("float(await ask(name))", "float((await ask(name)).replace(b',', b''))"),),
            (("float(await ask(name))", "0.0"),),
        ),
    ),
)
