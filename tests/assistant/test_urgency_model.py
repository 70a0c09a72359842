"""The learned reading of urgency: its short ways give what the libraries give."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from seuil.assistant.ngram_scorer import NgramScorer
from seuil.assistant.urgency_model import (
    ASKED_OR_ALARMED,
    FALSE_ALARMS,
    UrgencyModel,
    _thresholds,
    parts_of,
)
from seuil.assistant.word_network import WordNetwork
from seuil.assistant.word_vectors import load_vectors

TEXTS = ["je dors dehors", "je dors chez moi", "mon loyer est cher", "le loyer est en retard"] * 3
LABELS = np.array([[True, False], [False, False], [False, True], [False, True]] * 3)


def test_the_scorer_gives_what_scikit_learn_gives():
    vectorizers = [
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
    ]
    features = FeatureUnion([(str(i), v) for i, v in enumerate(vectorizers)])
    matrix = features.fit_transform(TEXTS)
    model = LogisticRegression(solver="liblinear").fit(matrix, LABELS[:, 0])
    scorer = NgramScorer(vectorizers, model.coef_.T.astype(np.float32))

    for text in ("je dors dehors dehors", "un mot jamais vu", ""):
        expected = model.decision_function(features.transform([text]))[0] - model.intercept_[0]
        assert scorer.scores(text)[0] == pytest.approx(expected, abs=1e-5)


def test_a_scorer_refuses_weights_that_are_not_its_vectors():
    vectorizer = TfidfVectorizer(sublinear_tf=True).fit(TEXTS)
    weights = np.zeros((len(vectorizer.vocabulary_) + 1, 1), dtype=np.float32)

    with pytest.raises(ValueError, match="rows of weights"):
        NgramScorer([vectorizer], weights)
    with pytest.raises(ValueError, match="sublinear"):
        NgramScorer([TfidfVectorizer().fit(TEXTS)], weights)


@pytest.fixture(scope="module")
def network() -> WordNetwork:
    return WordNetwork(outputs=2, epochs=30, batch=6, rate=1e-2).fit(TEXTS, LABELS)


def test_the_network_learns_and_is_kept_whole(network):
    again = pickle.loads(pickle.dumps(network))

    for text, labels in zip(TEXTS[:4], LABELS[:4], strict=True):
        assert ((again.scores(text) > 0) == labels).all(), text
    assert (again.scores("") == 0).all()


def test_the_network_hears_a_word_that_is_only_near_those_learned(network):
    assert network.scores("je dors dehors")[0] > network.scores("je mange du pain")[0]


def test_vectors_are_found_with_and_without_accents_and_nowhere_else():
    vectors = load_vectors(8)

    assert vectors.row("voiture") > 0
    assert vectors.row("hébergé") > 0
    assert vectors.row("heberge") > 0
    assert vectors.row("xqzxqz") == 0
    assert (vectors.table[0] == 0).all()


def test_thresholds_keep_to_the_shares_that_may_be_alarmed_or_asked_in_vain():
    scores = [index / 1000 for index in range(1000)]
    by_rule = ["yes" if index % 50 == 0 else "no" for index in range(1000)]

    sure, unsure, enough = _thresholds(list(zip(scores, by_rule, strict=True)))

    alarmed = sum(score >= sure for score in scores)
    asked = sum(
        score >= unsure or rule == "yes" for score, rule in zip(scores, by_rule, strict=True)
    )
    assert alarmed <= FALSE_ALARMS * 1000
    assert asked <= ASKED_OR_ALARMED * 1000
    assert enough <= unsure <= sure


def test_a_suspicion_of_the_patterns_lowers_what_is_enough_to_ask():
    model = UrgencyModel(thresholds={"homeless": (0.9, 0.5, 0.1)})

    assert model.decide("homeless", 0.95) == "yes"
    assert model.decide("homeless", 0.3) == "no"
    assert model.decide("homeless", 0.3, by_rule="suspected") == "suspected"
    assert model.decide("homeless", 0.05, by_rule="suspected") == "no"


def test_a_story_is_read_whole_and_sentence_by_sentence():
    story = "Je travaille à Lyon depuis mai. Je dors dans ma voiture. Merci."

    parts = parts_of(story)

    assert parts[0] == story
    assert "Je dors dans ma voiture." in [part.strip() for part in parts[1:]]
