"""The names whose new use matters, as a table.

Belongs here: names, why they matter, and which of them are harmless. Does not belong here: how a
name is found (`names`, `module`), or shapes of code (`flow`, `shapes`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from quarantine.policy.added import added, first_argument, line_of
from quarantine.policy.files import Patch
from quarantine.policy.model import Severity
from quarantine.policy.module import Use
from quarantine.policy.rule import Hit, Rule


@dataclass(frozen=True)
class Watch:
    """Names of one kind.

    `signal` also matches `signal.alarm`; `os.exec*` matches `os.execv`; `?.f_back` matches that
    attribute of anything.
    """

    rule: str
    severity: Severity
    reason: str
    names: str
    harmless: str = ""
    """Names of the same modules that are no concern (constants, exceptions)."""
    imports: bool = False
    """An import alone is enough."""
    by_argument: bool = False
    """A changed first argument makes an existing call a new one."""
    stores: bool = False
    """Only where something is assigned to it."""
    in_tests: bool = True
    """Looked for in tests that the patch brings along, too."""


@lru_cache(maxsize=1 << 17)  # the same names come again for each rule and side
def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(_matches_one(name, pattern) for pattern in patterns)


def _matches_one(name: str, pattern: str) -> bool:
    if pattern.startswith("?."):
        return f".{name}.".find(f"{pattern[1:]}.", 1) > 0
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern or name.startswith(pattern + ".")


def _is_passive(use: Use) -> bool:
    """Exceptions, warnings and constants of a watched module do nothing by themselves."""
    last = use.name.rpartition(".")[2]
    ends = ("Error", "Exception", "Warning", "Timeout", "Expired", "error", "timeout")
    constant = last.isupper() and len(last) > 1 and use.kind != "call"
    return constant or last.endswith(ends)


def _key(watch: Watch, use: Use) -> tuple[str, str]:
    return use.name, first_argument(use) if watch.by_argument else ""


def _find(watch: Watch, patch: Patch) -> Iterator[Hit]:
    names, harmless = tuple(watch.names.split()), tuple(watch.harmless.split())

    def matters(use: Use) -> bool:
        if (use.kind == "import" and not watch.imports) or (watch.stores and use.kind != "store"):
            return False
        if not _matches(use.name, names) or (harmless and _matches(use.name, harmless)):
            return False
        return watch.severity == "reject" or not _is_passive(use)

    files = patch.python if watch.in_tests else patch.product
    found = added(files, lambda module: filter(matters, module.uses), partial(_key, watch))
    for file, use in found:
        yield Hit(file.path, line_of(use), use.name.removeprefix("builtins.").removeprefix("?."))


def _as_rule(watch: Watch) -> Rule:
    find: Callable[[Patch], Iterator[Hit]] = partial(_find, watch)
    return Rule(watch.rule, watch.severity, watch.reason, find)


WATCHES = (
    Watch(
        rule="process-exit",
        severity="reject",
        reason="It ends the process from inside ({what}), so later checks never get to run.",
        names="os._exit posix._exit nt._exit ?._exit os.abort ?.abort os.kill os.killpg ?.killpg "
        "signal.raise_signal signal.pthread_kill _thread.interrupt_main faulthandler "
        "builtins.__builtins__._exit",
        imports=True,
    ),
    Watch(
        rule="exit-hook",
        severity="person",
        reason="It installs code that runs at exit or on a signal ({what}).",
        names="atexit signal ?._run_exitfuncs threading._register_atexit weakref.finalize",
        harmless="signal.Signals signal.strsignal",
    ),
    Watch(
        rule="test-framework",
        severity="reject",
        reason="Code outside the tests reaches for the test framework ({what}).",
        names="pytest _pytest unittest pluggy nose nose2 xdist doctest hypothesis coverage mock "
        "freezegun conftest sys._called_from_test ?._called_from_test ?.pytest ?.unittest",
        imports=True,
        in_tests=False,
    ),
    Watch(
        rule="test-framework",
        severity="reject",
        reason="The new test reaches into the test framework itself ({what}).",
        names="_pytest pluggy conftest pytest.skip pytest.exit pytest.xfail pytest.importorskip "
        "pytest.mark.skip pytest.mark.skipif pytest.mark.xfail pytest.hookimpl unittest.skip* "
        "unittest.SkipTest unittest.expectedFailure pytest.Item pytest.Function pytest.Session "
        "pytest.Config pytest.TestReport pytest.CallInfo pytest.Module",
        imports=True,
    ),
    Watch(
        rule="frame-tricks",
        severity="reject",
        reason="It looks at or changes running code from inside ({what}).",
        names="sys._getframe sys._current_frames sys._getframemodulename ?._getframe "
        "?._current_frames inspect.stack inspect.currentframe inspect.getouterframes "
        "inspect.getinnerframes inspect.getframeinfo gc.get_objects gc.get_referrers "
        "gc.get_referents ?.get_referrers ?.get_objects ?.get_referents sys.settrace "
        "sys.setprofile sys.monitoring sys.gettrace sys.getprofile ?.settrace ?.setprofile "
        "?.gettrace threading.settrace threading.setprofile ?.f_back ?.f_locals ?.f_globals "
        "?.f_code ?.f_builtins ?.tb_frame ?.gi_frame ?.cr_frame ?.ag_frame ?.__code__ "
        "?.__globals__ ?.__closure__ ?.__subclasses__ ?.co_code ?.co_consts types.CodeType "
        "types.FunctionType types.FrameType builtins.__builtins__ ?.__builtins__ sys._current_exc*",
    ),
    Watch(
        rule="frame-tricks",
        severity="reject",
        reason="It looks at who called it ({what}).",
        names="traceback.extract_stack traceback.format_stack traceback.walk_stack "
        "traceback.StackSummary ?.extract_stack ?.walk_stack",
    ),
    Watch(
        rule="introspection",
        severity="person",
        reason="It reads source code or stops for a debugger or a terminal ({what}).",
        names="inspect.getsource inspect.getsourcelines inspect.getsourcefile inspect.getmodule "
        "linecache dis symtable pdb bdb builtins.breakpoint builtins.input tracemalloc",
        in_tests=False,
    ),
    Watch(
        rule="hidden-name",
        severity="person",
        reason="It reaches a name by a detour ({what}), so it cannot be checked.",
        names="?.__getattribute__ builtins.__loader__ builtins.__spec__ ?.__loader__ ?.load_module",
    ),
    Watch(
        rule="descriptor",
        severity="person",
        reason="It works on open descriptors or closes the program's streams ({what}).",
        names="os.dup os.dup2 os.close os.closerange os.write os.writev os.pwrite os.fdopen "
        "os.open os.pipe os.sendfile os.posix_fallocate sys.stdout.close sys.stderr.close "
        "sys.stdin.close sys.__stdout__ sys.__stderr__ fcntl termios tty os.openpty os.login_tty",
        in_tests=False,
    ),
    Watch(
        rule="module-table",
        severity="reject",
        reason="It changes how modules are found or replaces them ({what}).",
        names="sys.modules sys.meta_path sys.path_hooks sys.path_importer_cache ?.meta_path "
        "?.path_hooks importlib.reload importlib.machinery importlib.abc ?.reload_module",
    ),
    Watch(
        rule="native-memory",
        severity="person",
        reason="It reaches into memory or native code ({what}).",
        names="ctypes _ctypes cffi mmap",
    ),
    Watch(
        rule="import-path",
        severity="person",
        reason="It changes where modules are imported from ({what}).",
        names="sys.path sys.addsitedir site.addsitedir site pkgutil.extend_path",
        harmless="site.getusersitepackages site.getsitepackages",
        in_tests=False,
    ),
    Watch(
        rule="sandbox-detection",
        severity="person",
        reason="It asks where it runs ({what}), so it may behave differently outside the checks.",
        names="os.getuid os.geteuid os.getgid os.getegid os.getlogin os.getppid os.uname "
        "os.getresuid os.getgroups ?.getuid ?.geteuid socket.gethostname socket.getfqdn "
        "socket.if_nameindex ?.gethostname platform.node platform.uname platform.release "
        "getpass.getuser pwd sys.flags "
        "sys.warnoptions resource builtins.__debug__ sys.orig_argv psutil",
    ),
    Watch(
        rule="network",
        severity="person",
        reason="It adds network access ({what}).",
        names="socket ssl http.client http.server urllib.request urllib3 requests httpx aiohttp "
        "ftplib smtplib telnetlib imaplib poplib nntplib xmlrpc websocket websockets paramiko "
        "socketserver asyncio.open_connection asyncio.start_server webbrowser pycurl boto3 "
        "asyncio.open_unix_connection ?.urlopen ?.create_connection grpc redis pika kafka",
        harmless="socket.gaierror socket.herror ssl.PROTOCOL* requests.exceptions "
        "urllib3.exceptions aiohttp.web requests.compat requests.status_codes requests.codes "
        "requests.Response httpx.Response requests.utils requests.structures urllib3.util",
    ),
    Watch(
        rule="process-start",
        severity="person",
        reason="It starts another program or process ({what}).",
        names="subprocess os.system os.popen os.exec* os.spawn* os.posix_spawn* os.fork os.forkpty "
        "os.startfile pty multiprocessing concurrent.futures.ProcessPoolExecutor commands "
        "asyncio.create_subprocess_* asyncio.subprocess ?.system ?.popen ?.Popen ?.check_output "
        "?.check_call _posixsubprocess sh pexpect fabric",
        harmless="subprocess.PIPE subprocess.STDOUT subprocess.DEVNULL "
        "subprocess.CompletedProcess subprocess.list2cmdline multiprocessing.cpu_count",
        by_argument=True,
        in_tests=False,
    ),
    Watch(
        rule="thread-start",
        severity="person",
        reason="It starts work that goes on beside the program ({what}).",
        names="threading.Thread threading.Timer _thread threading._start_new_thread sched "
        "concurrent.futures.ThreadPoolExecutor asyncio.create_task asyncio.ensure_future "
        "asyncio.to_thread",
    ),
    Watch(
        rule="dynamic-code",
        severity="person",
        reason="It runs code made at run time, or imports by a computed name ({what}).",
        names="builtins.eval builtins.exec builtins.compile builtins.__import__ code codeop runpy "
        "importlib.import_module importlib.__import__ importlib.util imp types.ModuleType "
        "builtins.globals builtins.locals pkgutil.resolve_name pydoc.locate timeit cProfile "
        "profile trace typing.get_type_hints inspect.get_annotations ?.run_module ?.exec_module "
        "?.eval_code",
        harmless="importlib.metadata importlib.resources importlib.util.find_spec",
        by_argument=True,
        in_tests=False,
    ),
    Watch(
        rule="deserialisation",
        severity="person",
        reason="It reads a format that can run code while it is read ({what}).",
        names="pickle cPickle _pickle marshal shelve dill cloudpickle joblib.load jsonpickle "
        "yaml.load yaml.load_all yaml.unsafe_load yaml.unsafe_load_all yaml.full_load "
        "yaml.Loader yaml.UnsafeLoader yaml.FullLoader torch.load pandas.read_pickle "
        "?.read_pickle numpy.lib.format",
        by_argument=True,
        harmless="pickle.dumps pickle.dump pickle.HIGHEST_PROTOCOL",
    ),
    Watch(
        rule="file-deletion",
        severity="person",
        reason="It deletes, moves or empties files ({what}).",
        names="os.remove os.unlink os.rmdir os.removedirs os.truncate os.ftruncate shutil.rmtree "
        "shutil.move shutil.copy shutil.copy2 shutil.copyfile shutil.copytree os.rename os.replace "
        "os.renames ?.unlink ?.rmdir ?.rmtree send2trash ?.truncate os.chmod os.chown "
        "shutil.chown os.link os.symlink ?.symlink_to ?.hardlink_to",
        by_argument=True,
        in_tests=False,
    ),
    Watch(
        rule="global-state",
        severity="person",
        reason="It changes state that the whole process shares ({what}).",
        names="os.putenv os.unsetenv os.chdir os.fchdir os.umask os.nice os.setuid os.setgid "
        "warnings random.seed numpy.random.seed time.tzset sys.setrecursionlimit gc.disable "
        "gc.freeze sys.setswitchinterval sys.set_int_max_str_digits ?.setrecursionlimit "
        "sys.addaudithook sys.audit builtins.__build_class__",
        harmless="warnings.warn warnings.deprecated warnings.warn_explicit",
        in_tests=False,
    ),
    Watch(
        rule="quiet-logging",
        severity="person",
        reason="It turns logging down, so failures may no longer be noticed ({what}).",
        names="?.handlers.clear ?.handlers.remove ?.handlers.pop "
        "contextlib.redirect_stdout contextlib.redirect_stderr logging.disable "
        "logging.basicConfig logging.raiseExceptions ?.removeHandler logging.NullHandler "
        "logging.shutdown logging.CRITICAL",
    ),
    Watch(
        rule="quiet-logging",
        severity="person",
        reason="It turns logging or the report of errors down ({what}).",
        names="?.disabled ?.propagate ?.raiseExceptions ?.excepthook ?.unraisablehook "
        "?.displayhook ?.tracebacklimit",
        stores=True,
    ),
    Watch(
        rule="quiet-logging",
        severity="person",
        reason="It sets which messages are logged ({what}).",
        names="?.setLevel ?.addFilter",
        by_argument=True,
    ),
    Watch(
        rule="waiting",
        severity="person",
        reason="It adds a wait ({what}), which often hides a fault instead of removing it.",
        names="time.sleep asyncio.sleep trio.sleep anyio.sleep gevent.sleep eventlet.sleep "
        "?.sleep tenacity backoff retrying",
    ),
    Watch(
        rule="weaker-security",
        severity="person",
        reason="It loosens a security check ({what}).",
        names="ssl._create_unverified_context ssl.CERT_NONE ?._create_unverified_context "
        "?.disable_warnings urllib3.disable_warnings ?.check_hostname ?.verify_mode",
    ),
)

RULES = tuple(_as_rule(watch) for watch in WATCHES)
