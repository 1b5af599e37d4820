"""What a patch newly looks at is told by what it is; what the file looked at before is not."""

import pytest

from quarantine.policy.rules.new_names import unlisted_names
from quarantine.policy.rules.surroundings import new_surroundings, own_names, stream_kinds
from tests.quarantine.policy.examples import is_refused, whats


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("import time; x = time.time()", "the clock: time.time"),
        ("import os; x = os.listdir()", "a folder's contents: os.listdir"),
        ("import os; x = os.getpid()", "its process: os.getpid"),
        ("import os; x = os.cpu_count()", "the machine: os.cpu_count"),
        ("x = log.handlers", "the log's handlers and levels: handlers"),
        ("x = hash(name)", "chance: hash"),
        ("x = open('a').read()", "a file that it did not read before: open"),
        ("x = moment.astimezone()", "the time zone: astimezone"),
        ("x = path.stat()", "a file's size, dates or owner: stat"),
    ],
)
def test_a_new_look_is_named_by_what_it_looks_at(line: str, what: str) -> None:
    assert what in whats(new_surroundings, "\n".join(f"+ {part}" for part in line.split("; ")))


@pytest.mark.parametrize(
    ("base", "line"),
    [
        ("import time\nx = time.time()", "y = time.monotonic()"),
        ("import os\nx = os.listdir()", "y = os.scandir()"),
        ("x = open('a')", "y = path.read_text()"),
        ("import toml\nx = toml.load('a')", "y = open('a')"),
        ("import random\nx = random.choice(a)", "y = random.sample(a, 3)"),
        ("", "y = moment.astimezone(zone)"),
        ("", "y = table.stat(1)"),
        ("", "y.handlers = []"),
    ],
)
def test_a_file_that_looked_there_before_may_look_again(base: str, line: str) -> None:
    text = "\n".join([*(f"  {one}" for one in base.split("\n") if one), f"+ {line}"])
    assert not is_refused(new_surroundings, text)


def test_a_hash_is_of_use_in_a_hash() -> None:
    method = "  class Row:\n+     def __hash__(self):\n+         return hash(self.name)"
    assert not is_refused(new_surroundings, method)


def test_where_the_base_does_not_parse_added_lines_count() -> None:
    text = "- x = (\n  import time\n  y = time.time()\n+ x = 1"
    assert not is_refused(new_surroundings, text)
    assert is_refused(new_surroundings, text + "\n+ z = time.time()")


PLAIN = [
    "ROOT = Path(__file__).parent", "ROOT = Path(__file__).resolve().parents[1] / 'data'",
    "ROOT = os.path.dirname(os.path.abspath(__file__))", "x = open(Path(__file__).parent / 'a')",
    "x = (HERE / 'a.csv').exists()", "x = load(HERE / 'a.csv')", "x = open(f'{HERE}/a.csv')",
    "x = str(HERE / 'a.csv')", "log = logging.getLogger(__name__)", "app = Flask(__name__)",
]  # fmt: skip


LOOKS = [
    "x = len(__file__)", "x = 'job' in Path(__file__).parts", "x = Path(__file__).name",
    "x = str(HERE).startswith('/job')", "x = HERE.name", "x = HERE == other", "x = HERE.stem",
    "x = __name__", "x = __name__ == 'scripts.job'", "x = len(__name__)", "x = __spec__",
    "x = __file__ + 'a'", "x = __package__",
]  # fmt: skip


@pytest.mark.parametrize("line", PLAIN)
def test_a_path_that_leads_to_a_file_is_plain(line: str) -> None:
    assert not is_refused(own_names, f"  HERE = Path(__file__).parent\n+ {line}")


@pytest.mark.parametrize("line", LOOKS)
def test_what_a_program_is_called_or_where_it_lies_is_told(line: str) -> None:
    assert is_refused(own_names, f"  HERE = Path(__file__).parent\n+ {line}")


def test_the_programs_entry_asks_for_its_name() -> None:
    assert not is_refused(own_names, '+ if __name__ == "__main__":\n+     main()')


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x = type(sys.stdout)", True), ("x = isinstance(sys.stderr, Row)", True),
        ("x = repr(sys.stdin)", True), ("x = sys.stdout.encoding", True),
        ("x = sys.stdin.name", True), ("print(1, file=sys.stderr)", False),
        ("json.dump(rows, sys.stdout)", False), ("sys.stdout.write('a')", False),
        ("out = out or sys.stdout", False), ("sys.stdout.flush()", False),
        ("x = sys.stdin.read()", False), ("x = type(stdout)", False),
    ],
)  # fmt: skip
def test_a_stream_is_written_to_and_not_looked_at(line: str, told: bool) -> None:
    assert is_refused(stream_kinds, f"  import json, sys\n+ {line}") == told


@pytest.mark.parametrize(
    ("base", "line"),
    [
        ("x = time.time()", "import time"), ("x = random.choice(a)", "import random"),
        ("x = datetime.now()", "from datetime import datetime"),
        ("x = time()", "from time import time"),
        ("x = select.poll()", "import select"), ("x = os.path.getsize(a)", "import os"),
    ],
)  # fmt: skip
def test_what_the_base_only_forgot_to_import_is_not_new(base: str, line: str) -> None:
    for rule in (new_surroundings, unlisted_names):
        assert not is_refused(rule, f"+ {line}\n  {base}")


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        ("x = total()", "import time\n+ total = time.time"),
        ("x = total()", "from time import time as total"),
        ("x = time.time()", "import time\n+ y = time.tzname"),
        ("total = 1", "from time import time"),
    ],
)
def test_what_another_name_hides_or_more_than_was_asked_for_is(base: str, lines: str) -> None:
    assert is_refused(new_surroundings, f"+ {lines}\n  {base}")
