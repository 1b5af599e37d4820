"""Names by which a program changes what all of it shares, or goes quiet.

Belongs here: the process's own settings, logging, waiting, and checks of security that are turned
off. Does not belong here: the environment's variables (`environment`).
"""

from quarantine.policy.rule import cwe, watch

RULES = (
    watch(
        "global-state",
        "person",
        "It changes state that the whole process shares ({what}).",
        "os.putenv os.unsetenv os.chdir os.fchdir os.umask os.nice os.setuid os.setgid "
        "warnings random.seed numpy.random.seed time.tzset sys.setrecursionlimit gc.disable "
        "gc.freeze sys.setswitchinterval sys.set_int_max_str_digits ?.setrecursionlimit "
        "sys.addaudithook sys.audit builtins.__build_class__",
        harmless="warnings.warn warnings.deprecated warnings.warn_explicit",
        in_tests=False,
        refuses="""
              import random
            + random.seed(1)
            """,
        allows="""
              import random
            + source = random.Random(1)
            """,
        link=cwe(1108),
    ),
    watch(
        "quiet-logging",
        "person",
        "It turns logging down, so failures may no longer be noticed ({what}).",
        "?.handlers.clear ?.handlers.remove ?.handlers.pop "
        "contextlib.redirect_stdout contextlib.redirect_stderr logging.disable "
        "logging.basicConfig logging.raiseExceptions ?.removeHandler logging.NullHandler "
        "logging.shutdown logging.CRITICAL",
        refuses="""
              import logging
            + logging.disable()
            """,
        allows="""
              import logging
            + log = logging.getLogger(__name__)
            """,
        link=cwe(778),
    ),
    watch(
        "quiet-logging",
        "person",
        "It turns logging or the report of errors down ({what}).",
        "?.disabled ?.propagate ?.raiseExceptions ?.excepthook ?.unraisablehook "
        "?.displayhook ?.tracebacklimit",
        stores=True,
        refuses="+ log.propagate = False",
        allows="+ was_quiet = not log.propagate",
        link=cwe(778),
    ),
    watch(
        "quiet-logging",
        "person",
        "It sets which messages are logged ({what}).",
        "?.setLevel ?.addFilter",
        by_argument=True,
        refuses="""
        - log.setLevel("INFO")
        + log.setLevel("FATAL")
        """,
        allows="""
        - log.setLevel("INFO")
        + logger.setLevel("INFO")
        """,
        link=cwe(778),
    ),
    watch(
        "waiting",
        "person",
        "It adds a wait ({what}), which often hides a fault instead of removing it.",
        "time.sleep asyncio.sleep trio.sleep anyio.sleep gevent.sleep eventlet.sleep "
        "?.sleep tenacity backoff retrying",
        refuses="""
              import time
            + time.sleep(5)
            """,
        allows="""
              import time
            - time.sleep(5)
            + time.sleep(1)
            """,
        link=cwe(362),
    ),
    watch(
        "weaker-security",
        "person",
        "It loosens a security check ({what}).",
        "ssl._create_unverified_context ssl.CERT_NONE ?._create_unverified_context "
        "?.disable_warnings urllib3.disable_warnings ?.check_hostname ?.verify_mode",
        refuses="+ context.check_hostname = False",
        allows="+ name = context.hostname",
        link=cwe(295),
    ),
)
