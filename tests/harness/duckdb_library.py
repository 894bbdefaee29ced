"""DuckDB's shared library, asked through its C API: a DuckDB that is not livedata's."""
import ctypes
import pathlib
import re

from npm_client import cache_folder

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Result(ctypes.Structure):
    _fields_ = [("columns", ctypes.c_uint64), ("rows", ctypes.c_uint64), ("changed", ctypes.c_uint64),
                ("column_data", ctypes.c_void_p), ("error", ctypes.c_char_p), ("internal", ctypes.c_void_p)]


class DuckDB:
    """A database in memory. Use as a context manager."""

    def __init__(self):
        version = re.search(r"DUCKDB_VERSION ([\d.]+)", (ROOT / "cmake/Dependencies.cmake").read_text()).group(1)
        self.library = ctypes.CDLL(str(cache_folder() / f"duckdb-{version}" / "prebuilt" / "libduckdb.so"))
        self.library.duckdb_value_varchar.restype = ctypes.c_void_p
        self.library.duckdb_value_varchar.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64]
        self.library.duckdb_result_error.restype = ctypes.c_char_p
        self.library.duckdb_free.argtypes = [ctypes.c_void_p]
        self.database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        assert self.library.duckdb_open(None, ctypes.byref(self.database)) == 0
        assert self.library.duckdb_connect(self.database, ctypes.byref(self.connection)) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.duckdb_disconnect(ctypes.byref(self.connection))
        self.library.duckdb_close(ctypes.byref(self.database))

    def rows(self, query):
        """Each row a list of texts, None for NULL."""
        result = Result()
        state = self.library.duckdb_query(self.connection, query.encode(), ctypes.byref(result))
        try:
            if state != 0:
                raise RuntimeError(self.library.duckdb_result_error(ctypes.byref(result)).decode())
            rows, columns = self.library.duckdb_row_count(ctypes.byref(result)), self.library.duckdb_column_count(ctypes.byref(result))
            return [[self._text(result, column, row) for column in range(columns)] for row in range(rows)]
        finally:
            self.library.duckdb_destroy_result(ctypes.byref(result))

    def _text(self, result, column, row):
        value = self.library.duckdb_value_varchar(ctypes.byref(result), column, row)
        if not value:
            return None
        text = ctypes.string_at(value).decode()
        self.library.duckdb_free(value)
        return text
