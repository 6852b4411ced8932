"""Tables of pandas, taken apart into arrays and lists to cross, and put together again.

pandas is imported where there is a table to put together; one that is there has imported it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from nbexaminer.values.libraries import is_one, np, whole
from nbexaminer.values.refusals import ProtocolError

KINDS = ("DataFrame", "Series", "Index", "MultiIndex")
OTHERS = ("object", "category", "string", "str", "boolean", "Int64", "Float64")


@dataclass(frozen=True)
class PandasTable:
    """A table of pandas, an index or a series, as values.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    parts : tuple
        Of a frame its columns, of a series and an index its values: an array, or a list of values
        and the name of their dtype; of an index of several levels their values.
    index : PandasTable, optional
        Of a frame and a series.
    labels : PandasTable, optional
        The names of a frame's columns.
    name : object
        Of a series or an index; of several levels, a tuple of names.
    """

    kind: str
    parts: tuple[Any, ...] = ()
    index: PandasTable | None = None
    labels: PandasTable | None = None
    name: Any = None

    def fault(self) -> str:
        """Return what is wrong with the parts of a table that came over the border, or nothing."""
        if self.kind not in KINDS or type(self.parts) is not tuple:
            return "a table of no known kind"
        inner = (self.index, self.labels)
        has = self.kind in ("DataFrame", "Series"), self.kind == "DataFrame"
        if tuple(type(one) is PandasTable for one in inner) != has:
            return "a table without its index, or with one too many"
        plain = all(type(n) in (str, int, float, type(None)) for n in _names(self.name))
        return "" if plain else "a table whose name is none"


def _names(name: Any) -> tuple[Any, ...]:
    return name if type(name) is tuple else (name,)


def holds(value: Any) -> bool:
    """Return whether a value is a table, a series or an index of pandas."""
    return is_one(value, "pandas", "DataFrame", "Series", "Index")


def taken_apart(value: Any, plain: Callable[[Any], Any]) -> PandasTable:
    """Return a table as values, without a subclass's own methods.

    Parameters
    ----------
    value : DataFrame, Series or Index
    plain : callable
        Returns a value without what cannot cross.
    """
    pandas = import_module("pandas")
    if isinstance(value, pandas.DataFrame):
        frame = pandas.DataFrame(value)
        columns = (_values(frame.iloc[:, place], plain) for place in range(frame.shape[1]))
        index = taken_apart(frame.index, plain)
        return PandasTable("DataFrame", tuple(columns), index, taken_apart(frame.columns, plain))
    if isinstance(value, pandas.Series):
        index, name = taken_apart(value.index, plain), plain(value.name)
        return PandasTable("Series", (_values(value, plain),), index, name=name)
    if isinstance(value, pandas.MultiIndex):
        levels = (_values(value.get_level_values(n), plain) for n in range(value.nlevels))
        return PandasTable("MultiIndex", tuple(levels), name=tuple(map(plain, value.names)))
    return PandasTable("Index", (_values(value, plain),), name=plain(value.name))


def _values(column: Any, plain: Callable[[Any], Any]) -> Any:
    """Return a column as an array where NumPy has its dtype, or as a list and a dtype's name."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufcmM":
        return np.array(column.to_numpy())
    items = column.astype(object).tolist()
    dtype = str(column.dtype)
    if items and all(type(item) is str for item in items):
        return (np.array(items), dtype)
    return ([plain(item) for item in items], dtype)


def put_together(table: PandasTable) -> Any:
    """Return the table that values describe.

    Raises
    ------
    ProtocolError
        If they describe none, or there is no pandas.
    """
    try:
        whole("pandas")
        return _together(import_module("pandas"), table)
    except ProtocolError:
        raise
    except Exception as error:
        raise ProtocolError(f"no table ({type(error).__name__})") from error


def _together(pandas: Any, table: PandasTable | None) -> Any:
    if table is None:
        raise ProtocolError("a table without its index")
    if table.kind == "MultiIndex":
        levels = [_column(pandas, part) for part in table.parts]
        return pandas.MultiIndex.from_arrays(levels, names=list(table.name))
    if table.kind == "Index":
        return pandas.Index(_column(pandas, table.parts[0]), name=table.name)
    index = _together(pandas, table.index)
    columns = [_column(pandas, part).set_axis(index) for part in table.parts]
    if table.kind == "Series":
        return columns[0].rename(table.name)
    frame = pandas.DataFrame(dict(enumerate(columns)), index=index)
    frame.columns = _together(pandas, table.labels)
    return frame


def _column(pandas: Any, part: Any) -> Any:
    if type(part) is not tuple:
        return pandas.Series(np.asarray(part))
    values, dtype = part
    if dtype not in OTHERS:
        raise ProtocolError(f"a column of dtype {str(dtype)[:40]}")
    items = values.tolist() if isinstance(values, np.ndarray) else values
    return pandas.Series(items, dtype=dtype)


def copied(value: Any) -> Any:
    """Return a copy."""
    return value.copy()


def bring_back(value: Any, changed: Any) -> None:
    """Give a table the content of another."""
    new = put_together(changed) if type(changed) is PandasTable else changed
    if type(new) is type(value) and hasattr(value, "_update_inplace") and not value.equals(new):
        value._update_inplace(new)
