"""Names by which a program asks about the machine, or reaches out of itself.

Belongs here: where it runs, networks, processes, threads, code and data from elsewhere, files.
Does not belong here: texts that go there (`addresses`), and the process itself
(`running_program`).
"""

from quarantine.policy.rule import cwe, watch

RULES = (
    watch(
        "sandbox-detection",
        "person",
        "It asks where it runs ({what}), so it may behave differently outside the checks.",
        "os.getuid os.geteuid os.getgid os.getegid os.getlogin os.getppid os.uname "
        "os.getresuid os.getgroups ?.getuid ?.geteuid socket.gethostname socket.getfqdn "
        "socket.if_nameindex ?.gethostname platform.node platform.uname platform.release "
        "getpass.getuser pwd sys.flags "
        "sys.warnoptions resource builtins.__debug__ sys.orig_argv psutil",
        refuses="""
              import os
            + is_root = os.getuid() == 0
            """,
        allows="""
              import sys
            + is_windows = sys.platform == "win32"
            """,
        link="https://attack.mitre.org/techniques/T1497/",
    ),
    watch(
        "network",
        "person",
        "It adds network access ({what}).",
        "socket ssl http.client http.server urllib.request urllib3 requests httpx aiohttp "
        "ftplib smtplib telnetlib imaplib poplib nntplib xmlrpc websocket websockets paramiko "
        "socketserver asyncio.open_connection asyncio.start_server webbrowser pycurl boto3 "
        "asyncio.open_unix_connection ?.urlopen ?.create_connection grpc redis pika kafka",
        harmless="socket.gaierror socket.herror ssl.PROTOCOL* requests.exceptions "
        "urllib3.exceptions aiohttp.web requests.compat requests.status_codes requests.codes "
        "requests.Response httpx.Response requests.utils requests.structures urllib3.util",
        refuses="""
              import urllib.request
            + urllib.request.urlopen(url)
            """,
        allows="""
              import urllib.parse
            + host = urllib.parse.urlsplit(url).hostname
            """,
        link=cwe(506),
    ),
    watch(
        "process-start",
        "person",
        "It starts another program or process ({what}).",
        "subprocess os.system os.popen os.exec* os.spawn* os.posix_spawn* os.fork os.forkpty "
        "os.startfile pty multiprocessing concurrent.futures.ProcessPoolExecutor commands "
        "asyncio.create_subprocess_* asyncio.subprocess ?.system ?.popen ?.Popen ?.check_output "
        "?.check_call _posixsubprocess sh pexpect fabric",
        harmless="subprocess.PIPE subprocess.STDOUT subprocess.DEVNULL "
        "subprocess.CompletedProcess subprocess.list2cmdline multiprocessing.cpu_count "
        "platform.system",
        by_argument=True,
        in_tests=False,
        refuses="""
              import subprocess
            - subprocess.run(["sync"])
            + subprocess.run(["curl"])
            """,
        allows="""
              import subprocess
            - subprocess.run(["sync"])
            + subprocess.run(["sync"], timeout=60)
            """,
        link=cwe(78),
    ),
    watch(
        "thread-start",
        "person",
        "It starts work that goes on beside the program ({what}).",
        "threading.Thread threading.Timer _thread threading._start_new_thread sched "
        "concurrent.futures.ThreadPoolExecutor asyncio.create_task asyncio.ensure_future "
        "asyncio.to_thread",
        refuses="""
              import threading
            + threading.Thread(target=print).start()
            """,
        allows="""
              import threading
            + lock = threading.Lock()
            """,
        link=cwe(362),
    ),
    watch(
        "completion-order",
        "person",
        "What comes out depends on which worker is ready first ({what}).",
        "concurrent.futures.as_completed concurrent.futures.wait asyncio.as_completed "
        "asyncio.wait ?.as_completed ?.imap_unordered",
        refuses="""
              from concurrent.futures import as_completed
            - answers = [each.result() for each in futures]
            + answers = [each.result() for each in as_completed(futures)]
            """,
        allows="""
              import concurrent.futures
            + answers = [each.result(timeout=60) for each in futures]
            """,
        link=cwe(362),
    ),
    watch(
        "dynamic-code",
        "person",
        "It runs code made at run time, or imports by a computed name ({what}).",
        "builtins.eval builtins.exec builtins.compile builtins.__import__ code codeop runpy "
        "importlib.import_module importlib.__import__ importlib.util imp types.ModuleType "
        "builtins.globals builtins.locals pkgutil.resolve_name pydoc.locate timeit cProfile "
        "profile trace typing.get_type_hints inspect.get_annotations ?.run_module ?.exec_module "
        "?.eval_code",
        harmless="importlib.metadata importlib.resources importlib.util.find_spec",
        by_argument=True,
        in_tests=False,
        refuses="""
        - total = int(text)
        + total = eval(text)
        """,
        allows="""
        + import ast
        - total = int(text)
        + total = ast.literal_eval(text)
        """,
        link=cwe(95),
    ),
    watch(
        "deserialisation",
        "person",
        "It reads a format that can run code while it is read ({what}).",
        "pickle cPickle _pickle marshal shelve dill cloudpickle joblib.load jsonpickle "
        "yaml.load yaml.load_all yaml.unsafe_load yaml.unsafe_load_all yaml.full_load "
        "yaml.Loader yaml.UnsafeLoader yaml.FullLoader torch.load pandas.read_pickle "
        "?.read_pickle numpy.lib.format",
        by_argument=True,
        harmless="pickle.dumps pickle.dump pickle.HIGHEST_PROTOCOL",
        refuses="""
              import yaml
            - rows = yaml.safe_load(text)
            + rows = yaml.load(text)
            """,
        allows="""
              import yaml
            - rows = yaml.load(text)
            + rows = yaml.safe_load(text)
            """,
        link=cwe(502),
    ),
    watch(
        "file-deletion",
        "person",
        "It deletes, moves or empties files ({what}).",
        "os.remove os.unlink os.rmdir os.removedirs os.truncate os.ftruncate shutil.rmtree "
        "shutil.move shutil.copy shutil.copy2 shutil.copyfile shutil.copytree os.rename os.replace "
        "os.renames ?.unlink ?.rmdir ?.rmtree send2trash ?.truncate os.chmod os.chown "
        "shutil.chown os.link os.symlink ?.symlink_to ?.hardlink_to",
        by_argument=True,
        in_tests=False,
        refuses="""
              import os
            + os.remove("rates.csv")
            """,
        allows="""
              import os
            + os.makedirs("out", exist_ok=True)
            """,
        link=cwe(552),
    ),
)
