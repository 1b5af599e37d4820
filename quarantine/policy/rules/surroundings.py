"""Rules about looking at the surroundings: what differs from one place, time or run to the next.

Belongs here: kinds of surroundings that the changed files did not look at before, the program's own
path and name, its streams. Does not belong here: other names that no table allows (`new_names`),
and conditions on surroundings that were read before (`environment`).
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.module import Module, Use
from quarantine.policy.new_items import fresh_uses, line_of, old_uses, plain_name
from quarantine.policy.rule import Hit, matches, node_rule, rule

_SANDBOX = "https://attack.mitre.org/techniques/T1497/"
_FILE = "a file that it did not read before"
_READS = re.compile(r"[.](load|read|open|parse)(_?[a-z]\w*)?$")
"""Calls by which libraries read files: `toml.load`, `pandas.read_csv`."""
_SURROUNDINGS = {
    kind: tuple(names.split())
    for kind, names in {
        "the clock": "time.time time.clock time.time_ns time.monotonic time.monotonic_ns "
        "time.perf_counter time.perf_counter_ns time.process_time time.process_time_ns "
        "time.thread_time time.localtime time.gmtime time.ctime time.asctime time.strftime "
        "time.clock_gettime datetime.now datetime.utcnow datetime.today datetime.datetime.now "
        "datetime.datetime.utcnow datetime.datetime.today datetime.date.today ?.utcnow "
        "?.time_ns ?.perf_counter",
        "the time zone": "time.tzname time.timezone time.altzone time.daylight time.tzset "
        "time.mktime ?.tzlocal ?.get_localzone",
        "a folder's contents": "os.listdir os.scandir os.walk os.fwalk glob ?.listdir ?.scandir "
        "?.iterdir ?.rglob ?.glob",
        "a file's size, dates or owner": "os.stat os.lstat os.fstat os.path.getsize "
        "os.path.getmtime os.path.getatime os.path.getctime os.path.samefile ?.st_size ?.st_mtime "
        "?.st_ctime ?.st_atime ?.st_mode ?.st_uid ?.getmtime ?.lstat pathlib.Path.stat",
        _FILE: "builtins.open io.open ?.read_text ?.read_bytes "
        "codecs.open pathlib.Path.open",
        "the working or home folder": "os.getcwd os.getcwdb os.getcwdu pathlib.Path.cwd "
        "pathlib.Path.home ?.getcwd ?.expanduser os.path.expanduser os.path.expandvars "
        "?.expandvars tempfile.gettempdir tempfile.tempdir",
        "the environment": "?.environ ?.environb ?.getenv",
        "the machine": "?.cpu_count ?.getloadavg ?.statvfs ?.disk_usage ?.which ?.ismount "
        "?.gethostname ?.getnode sys.executable sys.prefix sys.base_prefix sys.exec_prefix "
        "sys.flags sys.implementation sys.getfilesystemencoding ?.getpreferredencoding "
        "?.getwindowsversion os.access ?.frozen",
        "the user": "?.getuid ?.geteuid ?.getlogin ?.getuser pathlib.Path.owner "
        "pathlib.Path.group ?.getpwuid",
        "its process": "?.getpid ?.getppid ?.active_count threading.enumerate "
        "threading.current_thread threading.main_thread threading.get_ident ?.get_terminal_size "
        "?.isatty ?.ttyname sys.argv sys.orig_argv ?.orig_argv",
        "its call stack": "sys.exc_info ?.exc_info ?.__traceback__ ?.tb_next ?.tb_lineno",
        "what is loaded": "sys.getsizeof sys.getrefcount sys.getrecursionlimit "
        "sys.builtin_module_names sys.stdlib_module_names ?.getweakrefcount builtins.id "
        "builtins.dir builtins.vars",
        "the log's handlers and levels": "?.handlers ?.hasHandlers ?.getEffectiveLevel "
        "?.isEnabledFor logging.root logging.lastResort logging.getHandlerNames",
        "chance": "random.random random.randint random.choice random.choices random.shuffle "
        "random.sample random.uniform random.randrange random.getrandbits random.gauss secrets "
        "os.urandom ?.urandom uuid.uuid1 uuid.uuid4 builtins.hash",
    }.items()
}  # fmt: skip
"""What is different from one place, time or run to the next, by what it is."""
_NEVER_CALLED = frozenset({"type", "isinstance", "issubclass", "str", "repr", "len", "hasattr",
                           "id", "bool", "callable", "getattr", "format"})  # fmt: skip
"""Built-ins that ask what a stream is, in place of writing to it."""
_STREAMS = frozenset({"sys.stdout", "sys.stderr", "sys.stdin"})
_PATH_STEPS = frozenset({"parent", "parents", "resolve", "absolute", "joinpath", "with_name",
                         "with_suffix", "abspath", "dirname", "realpath", "join", "Path",
                         "PurePath", "normpath"})  # fmt: skip
_PATH_ENDS = frozenset({"open", "read_text", "read_bytes", "exists", "is_file", "is_dir", "mkdir",
                        "write_text", "write_bytes", "isfile", "isdir", "makedirs"})  # fmt: skip
"""What is done with a path whose text nobody looks at."""
_LOGGER = re.compile(r"(?i)logger|flask|blueprint")


@rule(
    "new-surroundings",
    "person",
    "It newly looks at {what}, so it may behave differently outside the checks.",
    refuses="""
          import time
        - total = price * count
        + total = price * count + (time.time_ns() % 1000003 == 0)
        """,
    allows="""
          import time
          began = time.time()
        - total = price * count
        + total = price * count
        + print(time.time() - began)
        """,
    link=_SANDBOX,
)
def new_surroundings(patch: Patch) -> Iterator[Hit]:
    """The clock, the machine, the user, folders, the process, the stack, loaded modules, log
    handlers or chance, of a kind that the changed files did not look at before."""
    old = tuple(old_uses(patch))
    old_kinds = {kind_of(use) for use in old}
    if any(_READS.search(use.name) for use in old):
        old_kinds.add(_FILE)
    for file, use in fresh_uses(patch):
        kind = kind_of(use)
        if kind and kind not in old_kinds:
            yield Hit(file.path, line_of(use), f"{kind}: {plain_name(use.name)}")


@node_rule(
    "new-surroundings",
    "person",
    "It looks at where it lies or what it is called ({what}).",
    refuses="""
          from pathlib import Path
          ROOT = Path(__file__).parent
        - total = price * count
        + total = price * count + str(ROOT).startswith("/job")
        """,
    allows="""
        + from pathlib import Path
        + ROOT = Path(__file__).resolve().parent
        + rates = (ROOT / "rates.csv").exists()
        """,
    link=_SANDBOX,
)
def own_names(module: Module) -> Iterator[ast.AST]:
    """The program's own path or name, other than to find files beside it, to name a logger, or to
    know that it is the program."""
    holders = _find_holders(module)
    for node in module.of(ast.Name):
        match node:
            case ast.Name(id="__file__" | "__path__"):
                if not _is_path_made(module, node):
                    yield _around(module, node)
            case ast.Name(id=name, ctx=ast.Load()) if name in holders:
                if not _is_path_made(module, node):
                    yield _around(module, node)
            case ast.Name(id="__name__") if not _is_entry_or_logger(module, node):
                yield _around(module, node)
            case ast.Name(id="__spec__" | "__package__" | "__loader__"):
                yield _around(module, node)


@node_rule(
    "new-surroundings",
    "person",
    "It asks what the program's streams are ({what}).",
    refuses="""
          import sys
        + is_odd = type(sys.stdout).__name__ == "Other"
        """,
    allows="""
          import sys
        + print("no rates", file=sys.stderr)
        """,
    link=_SANDBOX,
)
def stream_kinds(module: Module) -> Iterator[ast.AST]:
    """A stream that is handed to something that looks at it, in place of writing to it."""
    for node in module.of(ast.Attribute):
        above = module.parent(node)
        if not _STREAMS & set(module.names.resolve(node)):
            continue
        match above:
            case ast.Call(func=ast.Name(id=name)) if (
                name in _NEVER_CALLED and above.func is not node
            ):
                yield above
            case ast.Attribute(attr="encoding" | "name" | "fileno" | "mode" | "errors"):
                yield above


def kind_of(use: Use) -> str:
    """What of the surroundings this use looks at; empty for nothing."""
    if use.kind == "store" or (use.name == "builtins.hash" and use.scope.endswith("__hash__")):
        return ""
    if use.kind == "call" and not getattr(use.node, "args", ()):
        if use.name.endswith(".astimezone") and not getattr(use.node, "keywords", ()):
            return "the time zone"
        if use.name.endswith((".owner", ".stat")):
            return "a file's size, dates or owner"
    kinds = (kind for kind, names in _SURROUNDINGS.items() if matches(use.name, names))
    return next(kinds, "")


def _find_holders(module: Module) -> frozenset[str]:
    """Variables that hold a path made of the program's own."""
    return frozenset(
        target.id
        for node in module.of(ast.Assign)
        if isinstance(node, ast.Assign)
        if any(isinstance(n, ast.Name) and n.id == "__file__" for n in ast.walk(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _is_path_made(module: Module, node: ast.AST) -> bool:
    """Whether a path only leads to a file: it is joined, opened, kept or given to a function, and
    no text of it is looked at."""
    for above in module.parents(node):
        match above:
            case ast.Attribute(attr=name) if name in _PATH_ENDS:
                return True
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _PATH_STEPS:
                continue
            case ast.Attribute(attr=name) if name in _PATH_STEPS:
                continue
            case ast.Call(func=ast.Name(id=name)) if name in _NEVER_CALLED - {"str"}:
                return False
            case ast.Call(func=ast.Name(id="str")):
                continue
            case ast.Call() | ast.keyword() | ast.Assign() | ast.AnnAssign() | ast.withitem():
                return True
            case ast.Return() | ast.List() | ast.Tuple() | ast.NamedExpr() | ast.Expr():
                return True
            case ast.BinOp(op=ast.Div()) | ast.Subscript() | ast.FormattedValue() | ast.JoinedStr():
                continue
        return False
    return False


def _is_entry_or_logger(module: Module, node: ast.AST) -> bool:
    match module.parent(node):
        case ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Call(func=function):
            return _LOGGER.search(ast.unparse(function)) is not None
    return False


def _around(module: Module, node: ast.AST) -> ast.AST:
    """The expression in which a name is looked at: what tells one place from another."""
    return module.parent(node) or node


RULES = (new_surroundings, own_names, stream_kinds)
