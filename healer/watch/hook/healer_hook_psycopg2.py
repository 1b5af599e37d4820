"""How psycopg2 is looked on at: its connections and cursors are of subclasses that note.

Runs inside the job, under Python 3.8 and later. psycopg2's own types cannot be changed, as they are
written in C; it takes others as factories. What it was told is read from libpq, which it holds on
to until the next statement. Belongs here: psycopg2 alone (`healer_hook_databases` has the rest).
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from typing import Any


class Driver:
    """Looks on at the module."""

    def __init__(self, databases: Any, module: Any) -> None:
        self.databases = databases
        self.module = module
        self.kinds = {}  # type: dict[Any, Any]
        """The subclass of each factory."""
        self.libpq = None  # type: Any

    def wrap(self) -> None:
        """From now on each connection notes what it is asked."""
        module = self.module
        real = module._connect

        def _connect(dsn: Any, connection_factory: Any = None, **options: Any) -> Any:
            kind = connection_factory or module.extensions.connection
            looking = kind
            if isinstance(kind, type) and not options.get("async") and not options.get("async_"):
                looking = self._connection_kind(kind, module)
            else:
                self.databases.note_gap("asynchronous")
            try:
                link = real(dsn, connection_factory=looking, **options)
            except Exception as error:
                self.databases.note_refusal(module.extensions.parse_dsn(dsn), error)
                error.__traceback__ = None
                raise
            words = link.get_dsn_parameters()
            info = getattr(link, "info", None)
            host = getattr(info, "host", None) or words.get("host")
            tls = bool(getattr(info, "ssl_in_use", False))
            self.databases.note_begin(link, host, words.get("port"), tls, link.get_parameter_status)
            return link

        module._connect = self.databases.take_name(_connect, real)

    def _connection_kind(self, kind: Any, module: Any) -> Any:
        if kind in self.kinds:
            return self.kinds[kind]
        note_gap, choose = self.databases.note_gap, self._cursor_kind

        def cursor(self: Any, *args: Any, **options: Any) -> Any:
            words = dict(zip(("name", "cursor_factory", "scrollable", "withhold"), args))
            words.update(options)
            factory = words.get("cursor_factory") or self.cursor_factory
            factory = factory or module.extensions.cursor
            if words.get("name") is not None:
                note_gap("cursors on the server")
            elif isinstance(factory, type):
                words["cursor_factory"] = choose(factory)
            return kind.cursor(self, **words)

        looking = type(kind.__name__, (kind,), {"cursor": cursor, "__module__": kind.__module__})
        looking.__qualname__ = kind.__qualname__
        self.kinds[kind] = looking
        return looking

    def _cursor_kind(self, kind: Any) -> Any:
        if kind in self.kinds:
            return self.kinds[kind]

        def execute(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
            return self._look_on(cursor, kind.execute, (query, *args), options)

        def callproc(cursor: Any, *args: Any, **options: Any) -> Any:
            return self._look_on(cursor, kind.callproc, args, options)

        def executemany(cursor: Any, query: Any, rows: Any) -> Any:
            if not isinstance(rows, (list, tuple)):
                self.databases.note_gap("executemany")
                return kind.executemany(cursor, query, rows)
            answer = kind.executemany(cursor, query, rows)
            for row in rows:
                self._note_safely(cursor, cursor.mogrify(query, row), None, "INSERT 0 1")
            return answer

        methods = {"execute": execute, "callproc": callproc, "executemany": executemany}
        for name in ("copy_from", "copy_to", "copy_expert"):
            methods[name] = self._make_gap(getattr(kind, name))
        for name, method in methods.items():
            self.databases.take_name(method, getattr(kind, name))
        looking = type(kind.__name__, (kind,), {**methods, "__module__": kind.__module__})
        looking.__qualname__ = kind.__qualname__
        self.kinds[kind] = looking
        return looking

    def _make_gap(self, call: Any) -> Any:
        def copy(*args: Any, **options: Any) -> Any:
            self.databases.note_gap("COPY")
            return call(*args, **options)

        return copy

    def _look_on(self, cursor: Any, call: Any, args: Any, options: Any) -> Any:
        try:
            answer = call(cursor, *args, **options)
        except Exception as error:
            self._note_safely(cursor, cursor.query, error, "")
            error.__traceback__ = None
            raise
        self._note_safely(cursor, cursor.query, None, cursor.statusmessage)
        return answer

    def _note_safely(self, cursor: Any, query: Any, error: Any, tag: Any) -> None:
        try:
            pointer = None if error is not None else cursor.pgresult_ptr
            number = self.databases.numbers.get(id(cursor.connection), 0)
            if query is not None:
                self.databases.note(number, query, None, error, tag, self._read_result(pointer))
        except Exception:
            self.databases.stumble()

    def _read_result(self, pointer: Any) -> Any:
        """(columns, rows) of a result that libpq holds; None where it is too large."""
        if not pointer:
            return (), ()
        pq = self.libpq = self.libpq or _open_libpq()
        width, height = pq.PQnfields(pointer), pq.PQntuples(pointer)
        columns = [
            (pq.PQfname(pointer, i), pq.PQftable(pointer, i), pq.PQftablecol(pointer, i),
             pq.PQftype(pointer, i), pq.PQfsize(pointer, i), pq.PQfmod(pointer, i),
             pq.PQfformat(pointer, i))
            for i in range(width)
        ]  # fmt: skip
        if width * height > self.databases.most_cells:
            return None
        from ctypes import string_at

        def read(row: int, column: int) -> Any:
            if pq.PQgetisnull(pointer, row, column):
                return None
            size = pq.PQgetlength(pointer, row, column)
            return string_at(pq.PQgetvalue(pointer, row, column), size)

        return columns, [[read(row, column) for column in range(width)] for row in range(height)]


def _open_libpq() -> Any:
    """The libpq that this process has loaded, by its path in the map of its memory."""
    import ctypes

    with open("/proc/self/maps") as maps:
        path = next(line.split(None, 5)[5].strip() for line in maps if "libpq" in line)
    pq = ctypes.CDLL(path)
    for name in ("PQnfields", "PQntuples"):
        getattr(pq, name).argtypes = [ctypes.c_void_p]
    for name in ("PQftable", "PQftype"):
        getattr(pq, name).restype = ctypes.c_uint
    for name in ("PQfname", "PQftable", "PQftablecol", "PQftype", "PQfsize", "PQfmod", "PQfformat"):
        getattr(pq, name).argtypes = [ctypes.c_void_p, ctypes.c_int]
    for name in ("PQgetisnull", "PQgetlength", "PQgetvalue"):
        getattr(pq, name).argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    pq.PQfname.restype = ctypes.c_char_p
    pq.PQgetvalue.restype = ctypes.c_void_p
    return pq
