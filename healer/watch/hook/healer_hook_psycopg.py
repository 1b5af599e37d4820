"""How psycopg, version 3, is looked on at: methods of its connections and cursors.

Runs inside the job, under Python 3.8 and later. Belongs here: psycopg alone
(`healer_hook_databases` has the rest).
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

    def wrap(self) -> None:
        """From now on each cursor notes what it is asked."""
        module = self.module
        for name in ("Cursor", "ClientCursor", "RawCursor"):
            kind = getattr(module, name, None)
            if kind is not None and "execute" in kind.__dict__:
                self._wrap_cursor(kind)
        kind = module.AsyncCursor
        self._wrap_async_cursor(kind)
        for name in ("ServerCursor", "AsyncServerCursor"):
            self._wrap_gap(getattr(module, name), "execute", "cursors on the server")
        for kind in (module.Cursor, module.AsyncCursor):
            self._wrap_gap(kind, "copy", "COPY")
            self._wrap_gap(kind, "stream", "stream")
        for kind in (module.Connection, module.AsyncConnection):
            self._wrap_connect(kind, module)
        module.connect = module.Connection.connect

    def _wrap_gap(self, kind: Any, name: str, what: str) -> None:
        real = getattr(kind, name)

        def method(*args: Any, **options: Any) -> Any:
            self.databases.note_gap(what)
            return real(*args, **options)

        setattr(kind, name, self.databases.take_name(method, real))

    def _wrap_connect(self, kind: Any, module: Any) -> None:
        real = kind.connect.__func__
        parse = module.conninfo.conninfo_to_dict

        def begin(link: Any) -> Any:
            info = link.info
            tls = bool(getattr(link.pgconn, "ssl_in_use", False))
            self.databases.note_begin(link, info.host, info.port, tls, info.parameter_status)
            return link

        def connect(cls: Any, conninfo: str = "", **options: Any) -> Any:
            try:
                return begin(real(cls, conninfo, **options))
            except Exception as error:
                self.databases.note_refusal(parse(conninfo, **_choose_words(options)), error)
                error.__traceback__ = None
                raise

        async def connect_async(cls: Any, conninfo: str = "", **options: Any) -> Any:
            try:
                return begin(await real(cls, conninfo, **options))
            except Exception as error:
                self.databases.note_refusal(parse(conninfo, **_choose_words(options)), error)
                error.__traceback__ = None
                raise

        method = connect_async if kind is module.AsyncConnection else connect
        kind.connect = classmethod(self.databases.take_name(method, real))

    def _wrap_cursor(self, kind: Any) -> None:
        for name in ("execute", "executemany"):
            if name in kind.__dict__:
                setattr(kind, name, self._make_looking(kind.__dict__[name]))

    def _make_looking(self, real: Any) -> Any:
        many = real.__name__ == "executemany"

        def method(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
            try:
                answer = real(cursor, query, params, **options)
            except Exception as error:
                self._note_safely(cursor, query, params, many, error)
                error.__traceback__ = None
                raise
            self._note_safely(cursor, query, params, many, None)
            return answer

        return self.databases.take_name(method, real)

    def _wrap_async_cursor(self, kind: Any) -> None:
        def make(real: Any) -> Any:
            many = real.__name__ == "executemany"

            async def method(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
                try:
                    answer = await real(cursor, query, params, **options)
                except Exception as error:
                    self._note_safely(cursor, query, params, many, error)
                    error.__traceback__ = None
                    raise
                self._note_safely(cursor, query, params, many, None)
                return answer

            return self.databases.take_name(method, real)

        for name in ("execute", "executemany"):
            setattr(kind, name, make(kind.__dict__[name]))

    def _note_safely(self, cursor: Any, query: Any, params: Any, many: bool, error: Any) -> None:
        try:
            if many and (error is not None or not isinstance(params, (list, tuple))):
                self.databases.note_gap("executemany")
                return
            result = cursor.pgresult if error is None else None
            if len(getattr(cursor, "_results", ())) > 1:
                self.databases.note_gap("several results")
                return
            tag = (result.command_status or b"").decode() if result is not None else ""
            answer = (
                ((), ()) if many or result is None else _read_pq(result, self.databases.most_cells)
            )
            number = self.databases.numbers.get(id(cursor.connection), 0)
            for values in params if many else [params]:
                words = self._convert(cursor, query, values)
                self.databases.note(number, *words, error, tag, answer)
        except Exception:
            self.databases.stumble()

    @staticmethod
    def _convert(cursor: Any, query: Any, params: Any) -> Any:
        """(statement, parameters with their formats) as libpq sends them."""
        statement = cursor._convert_query(query, params)
        values = list(statement.params or ())
        formats = [int(each) for each in statement.formats or [0] * len(values)]
        return statement.query, list(zip(values, formats))


def _read_pq(result: Any, most_cells: int) -> Any:
    """(columns, rows) of a `psycopg.pq.PGresult`; None where it is too large."""
    width, height = result.nfields, result.ntuples
    if width * height > most_cells:
        return None
    columns = [
        (result.fname(i), result.ftable(i), result.ftablecol(i), result.ftype(i),
         result.fsize(i), result.fmod(i), result.fformat(i))
        for i in range(width)
    ]  # fmt: skip
    rows = []
    for row in range(height):
        values = [result.get_value(row, column) for column in range(width)]
        rows.append([None if value is None else bytes(value) for value in values])
    return columns, rows


def _choose_words(options: Any) -> Any:
    """Of the arguments of `connect`, those that libpq takes."""
    return {k: v for k, v in options.items() if isinstance(v, (str, int)) and k != "autocommit"}
