"""A small convolutional network over words: what the n-grams' linear model cannot hear.

Words come as spaCy's vectors, which know that two words are near, beside short vectors learned
here; filters over one to five words in a row, their highest answers, and one hidden layer. It
is trained with TensorFlow, which Rasa brings, and serves with NumPy alone, in well under a
millisecond. Alone it is worse than the linear model; added to it, the two miss less than either.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seuil.assistant.word_vectors import WordVectors, load_vectors
from seuil.urgency import fold, normalise

_TOKEN = re.compile(r"[^\W_]+|[?!.,]")
LONGEST = 160
SEED = 0


def tokens(text: str) -> list[str]:
    """Return the first words and marks of ``text``, in lower case."""
    return _TOKEN.findall(normalise(text).lower())[:LONGEST]


@dataclass
class WordNetwork:
    """``outputs`` scores a text. Sizes are those that measured best: docs/pipeline.md."""

    outputs: int
    spacy_size: int = 64
    learned_size: int = 32
    buckets: int = 1 << 15
    filters: int = 64
    widths: tuple[int, ...] = (1, 2, 3, 5)
    hidden: int = 96
    epochs: int = 4
    batch: int = 128
    rate: float = 3e-3
    vectors: WordVectors | None = None
    seen: frozenset[int] = frozenset()
    learned: NDArray[np.float32] | None = None
    convolutions: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = field(
        default_factory=list
    )
    dense: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = field(default_factory=list)

    def fit(self, texts: Sequence[str], labels: NDArray[Any]) -> WordNetwork:
        """Train on ``texts`` and ``labels`` of shape (texts, outputs), true or false."""
        import tensorflow as tf

        tf.keras.utils.set_random_seed(SEED)
        self.vectors = load_vectors(self.spacy_size)
        words = [tokens(text) for text in texts]
        counts = Counter(self._bucket(word) for message in words for word in set(message))
        # A word met once teaches its message by heart, and nothing else.
        self.seen = frozenset(bucket for bucket, count in counts.items() if count > 1)
        rows, buckets = self._places(words)
        truth = labels.astype(np.float32)
        model = _build(tf, self)
        optimiser = tf.keras.optimizers.Adam(self.rate)

        @tf.function(
            input_signature=[
                tf.TensorSpec([None, None], tf.int32),
                tf.TensorSpec([None, None], tf.int32),
                tf.TensorSpec([None, self.outputs], tf.float32),
            ]
        )
        def step(some_rows: Any, some_buckets: Any, expected: Any) -> None:
            with tf.GradientTape() as tape:
                given = model([some_rows, some_buckets], training=True)
                loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(expected, given))
            weights = model.trainable_variables
            # TensorFlow's own `zip` knows no `strict`.
            optimiser.apply_gradients(zip(tape.gradient(loss, weights), weights))  # noqa: B905

        lengths = np.array([len(message) for message in words])
        for chosen in self._batches(lengths):
            longest = max(int(lengths[chosen].max()), max(self.widths))
            step(rows[chosen, :longest], buckets[chosen, :longest], truth[chosen])
        self._keep(model)
        return self

    def scores(self, text: str) -> NDArray[np.float32]:
        """Return the score of each output, a logit, of shape (outputs,)."""
        assert self.vectors is not None and self.learned is not None
        words = tokens(text)
        if not words:
            return np.zeros(self.outputs, dtype=np.float32)
        rows, buckets = self._places([words], len(words))
        known = (rows[0] > 0) | (buckets[0] > 0)
        vectors = np.hstack([self.vectors.table[rows[0]], self.learned[buckets[0]]])
        answers = []
        for width, (kernel, bias) in zip(self.widths, self.convolutions, strict=True):
            before = (width - 1) // 2
            padded = np.pad(vectors, ((before, width - 1 - before), (0, 0)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=0)
            # A window is (size, width): the kernel follows.
            flat = windows.reshape(len(words), -1) @ kernel + bias
            answers.append((np.maximum(flat, 0) * known[:, None]).max(axis=0))
        (first, first_bias), (last, last_bias) = self.dense
        hidden = np.maximum(np.concatenate(answers) @ first + first_bias, 0)
        result: NDArray[np.float32] = hidden @ last + last_bias
        return result

    def _bucket(self, word: str) -> int:
        return 1 + zlib.crc32(fold(word).encode()) % (self.buckets - 1)

    def _places(
        self, messages: Sequence[Sequence[str]], longest: int = LONGEST
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return each word's row among spaCy's vectors and among the learned ones; 0 is none."""
        assert self.vectors is not None
        rows = np.zeros((len(messages), longest), dtype=np.int32)
        buckets = np.zeros((len(messages), longest), dtype=np.int32)
        found: dict[str, tuple[int, int]] = {}
        for index, message in enumerate(messages):
            for place, word in enumerate(message):
                if word not in found:
                    bucket = self._bucket(word)
                    found[word] = (self.vectors.row(word), bucket if bucket in self.seen else 0)
                rows[index, place], buckets[index, place] = found[word]
        return rows, buckets

    def _batches(self, lengths: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the batches of all epochs: shuffled, messages of like length together."""
        chance = np.random.default_rng(SEED)
        near = self.batch * 20
        everything = []
        for _ in range(self.epochs):
            order = chance.permutation(len(lengths))
            batches = []
            for start in range(0, len(order), near):
                alike = order[start : start + near]
                alike = alike[np.argsort(lengths[alike], kind="stable")]
                batches += [alike[i : i + self.batch] for i in range(0, len(alike), self.batch)]
            chance.shuffle(batches)
            everything += batches
        return everything

    def _keep(self, model: Any) -> None:
        """Keep the trained weights as plain arrays."""
        self.learned = model.learned.numpy()
        self.convolutions = [
            # From (width, size, filters) to the order of a window laid flat: size, then width.
            (kernel.transpose(1, 0, 2).reshape(-1, self.filters), bias)
            for kernel, bias in (layer.get_weights() for layer in model.filters)
        ]
        self.dense = [tuple(layer.get_weights()) for layer in (model.hidden, model.last)]


def _build(tf: Any, network: WordNetwork) -> Any:
    """Return the untrained network in TensorFlow; the first learned vector stays unused."""
    keras = tf.keras
    base: Any = keras.Model
    assert network.vectors is not None
    given = tf.constant(network.vectors.table)

    class Network(base):
        def __init__(self) -> None:
            super().__init__()
            self.learned = self.add_weight(
                name="learned",
                shape=(network.buckets, network.learned_size),
                initializer=keras.initializers.RandomUniform(-0.05, 0.05),
            )
            self.filters = [
                keras.layers.Conv1D(network.filters, width, padding="same", activation="relu")
                for width in network.widths
            ]
            self.hidden = keras.layers.Dense(network.hidden, activation="relu")
            self.last = keras.layers.Dense(network.outputs)

        def call(self, places: Any, training: bool = False) -> Any:
            rows, buckets = places
            known = tf.cast((rows > 0) | (buckets > 0), tf.float32)[..., None]
            own = tf.gather(self.learned, buckets) * tf.cast(buckets > 0, tf.float32)[..., None]
            vectors = tf.concat([tf.gather(given, rows), own], -1)
            if training:
                # Whole directions, then whole words, are hidden.
                shape = [tf.shape(rows)[0], 1, network.spacy_size + network.learned_size]
                vectors = tf.nn.dropout(vectors, 0.3, noise_shape=shape)
                kept = tf.random.uniform(tf.shape(rows)) > 0.1
                vectors *= tf.cast(kept, tf.float32)[..., None]
            answers = [tf.reduce_max(layer(vectors) * known, 1) for layer in self.filters]
            joined = tf.concat(answers, -1)
            if training:
                joined = tf.nn.dropout(joined, 0.5)
            hidden = self.hidden(joined)
            if training:
                hidden = tf.nn.dropout(hidden, 0.3)
            return self.last(hidden)

    return Network()
