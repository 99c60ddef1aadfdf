"""Rows of tokens as one sparse matrix that can be changed row by row, and its product with what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Dense = npt.NDArray[np.float32]
_EMPTY = (np.zeros(0, np.int32), np.zeros(0, np.float32))


class TokenRows:
    """One row of {token: value} each; `is_weighted` weighs rare tokens more and brings rows to length 1."""

    def __init__(self, *, is_weighted: bool) -> None:
        self._is_weighted = is_weighted
        self._columns: dict[str, int] = {}
        self._rows: list[tuple[npt.NDArray[np.int32], Dense]] = []
        self._built: Any = None
        self._rarity: Dense = np.zeros(0, np.float32)

    def set(self, row: int, counts: Mapping[str, float] | None) -> None:
        """Write one row; None empties it."""
        while row >= len(self._rows):
            self._rows.append(_EMPTY)
        columns = self._columns
        given = counts or {}
        found = [columns.setdefault(token, len(columns)) for token in given]
        self._rows[row] = np.array(found, np.int32), np.array(list(given.values()), np.float32)
        self._built = None

    def matrix(self) -> Any:
        """The rows, transposed: (tokens, rows), compressed by token."""
        if self._built is None:
            self._build()
        return self._built

    def asked(self, queries: Sequence[Mapping[str, float]]) -> Any:
        """Queries as a sparse matrix over the same tokens; tokens that no row has are dropped."""
        self.matrix()
        indices: list[int] = []
        values: list[float] = []
        starts = [0]
        for query in queries:
            known = [(at, value) for token, value in query.items() if (at := self._columns.get(token)) is not None]
            indices += [at for at, _ in known]
            values += [value for _, value in known]
            starts.append(len(indices))
        shape = (len(queries), len(self._columns))
        asked = sparse.csr_matrix((np.array(values, np.float32), np.array(indices, np.int32), starts), shape)
        return self._normal(asked) if self._is_weighted else asked

    def products(self, queries: Sequence[Mapping[str, float]], out: Dense | None = None) -> Dense:
        """(queries, rows): the products of each query with each row; written to `out` where it is given."""
        found = self.asked(queries) @ self.matrix()
        return np.asarray(found.toarray() if out is None else found.toarray(out=out), np.float32)

    def _build(self) -> None:
        lengths = [len(columns) for columns, _ in self._rows]
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        columns = np.concatenate([columns for columns, _ in self._rows] or [_EMPTY[0]])
        values = np.concatenate([values for _, values in self._rows] or [_EMPTY[1]])
        shape = (len(self._rows), len(self._columns))
        rows = sparse.csr_matrix((values, columns, starts), shape)
        seen = np.bincount(columns, minlength=len(self._columns)).astype(np.float32)
        self._rarity = np.log1p(len(self._rows) / np.maximum(seen, 1)).astype(np.float32)
        self._built = (self._normal(rows) if self._is_weighted else rows).T.tocsr()

    def _normal(self, rows: Any) -> Any:
        weighted = rows.multiply(self._rarity).tocsr()
        length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        return (sparse.diags((1 / np.maximum(length, 1e-9)).astype(np.float32)) @ weighted).tocsr()
