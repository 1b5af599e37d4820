"""Modules and libraries that cannot be imported.

Belongs here: the rows of this kind. Does not belong here: which modules are declared or one's own
(`healer.triage.modules`).
"""

from healer.triage.conditions import REVIEW, Condition, Rule, is_type, says, words

_REMOVED_FROM_PYTHON = words(
    """asynchat asyncore imp distutils smtpd cgi cgitb crypt nntplib pipes telnetlib uu xdrlib
    audioop imghdr sndhdr msilib nis ossaudiodev spwd chunk aifc sunau mailcap lib2to3 formatter
    parser symbol binhex macpath urllib2 urlparse ConfigParser StringIO cStringIO Queue httplib
    cPickle Tkinter thread commands __builtin__ HTMLParser cookielib xmlrpclib sets md5 sha
    UserDict SocketServer BaseHTTPServer SimpleHTTPServer SimpleXMLRPCServer htmlentitydefs
    tkMessageBox tkFileDialog copy_reg robotparser repr anydbm Cookie dummy_thread
    dummy_threading"""
)
IMPORT_RULES: tuple[Rule, ...] = (
    Rule(
        "missing declared module",
        "environment",
        is_type("ModuleNotFoundError", "ImportError")
        & Condition(lambda it: bool(it.module) and it.module in it.declared),
        "A declared dependency is not installed",
        "Install the project's dependencies.",
    ),
    Rule(
        "missing module",
        "code",
        is_type("ModuleNotFoundError")
        & Condition(lambda it: it.module not in it.own_modules | _REMOVED_FROM_PYTHON),
        "A module is neither installed nor declared: a misspelt name, or a missing dependency",
        REVIEW,
    ),
    Rule(
        "missing shared library",
        "environment",
        is_type("ImportError", "OSError", "ModuleNotFoundError")
        & says(r"cannot open shared object file|GLIBC|undefined symbol|DLL load failed"),
        "A shared library is missing or does not fit",
        "Install the library, or reinstall the package that needs it.",
    ),
)
