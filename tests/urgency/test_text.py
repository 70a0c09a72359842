"""Text made regular: what people type becomes words that can be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seuil.urgency.text import fold, normalise, sentences, tokenise, words

# what is typed → what is kept
NORMALISED = [
    ("AIDEEEEZ moi!!!!", "AIDEZ moi!"),
    ("moi,mon mari", "moi, mon mari"),
    ("CDI/CDD", "CDI / CDD"),
    ("3,5 pièces au 12/03/2024", "3,5 pièces au 12/03/2024"),
    ("https://exemple.fr/page", "https://exemple.fr / page"),
    ("j’ai  peur", "j'ai peur"),
    ("j\u00a0ai\u202fpeur\u200b", "j ai peur"),
    ("\u202eil me frappe\u202c", "il me frappe"),
    ("mоn mаri mе frаppe", "mon mari me frappe"),
    ("𝓶𝓸𝓷 𝓶𝓪𝓻𝓲", "mon mari"),
    ("ｊｅ ｄｏｒｓ ｄｅｈｏｒｓ", "je dors dehors"),
    ("on dort dehors.Aidez moi", "on dort dehors. Aidez moi"),
    ("ça va ……", "ça va ..."),
    ("m\u0327\u0315\u0300on mari", "mon mari"),
    ("Привет, как дела", "Привет, как дела"),
    ("😭😭🔪", "😭😭🔪"),
]

# what is typed → the plain words
SPELT_OUT = [
    ("jsuis a la rue", "je suis a la rue"),
    ("chui dehor", "je suis dehors"),
    ("jdors ds ma voiture", "je dors dans ma voiture"),
    ("jsé pa ou dormir", "je sais pas ou dormir"),
    ("g pa d'endroit", "je ai pas de endroit"),
    ("jé pu rien", "je ai pu rien"),
    ("cé grave", "ce est grave"),
    ("psk il é violent", "parce que il est violent"),
    ("kelkun ke je connai", "quelqu'un que je connai"),
    ("2main tt le monde dehors", "demain tout le monde dehors"),
    ("qu'il m'a frappée", "que il me a frappee"),
    ("j ai un enfant d 1 an", "je ai un enfant de 1 an"),
    ("Mme X, SDF depuis hier", "madame x , sans domicile fixe depuis hier"),
]


@pytest.mark.parametrize(("typed", "kept"), NORMALISED)
def test_normalise(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@pytest.mark.parametrize(("typed", "plain"), SPELT_OUT)
def test_words_are_spelt_out(typed: str, plain: str) -> None:
    assert " ".join(words(typed)) == plain


def test_fold_drops_case_and_accents() -> None:
    assert fold("MA SŒUR A ÉTÉ FRAPPÉE") == "ma soeur a ete frappee"


def test_tokens_keep_emojis_and_sentence_ends() -> None:
    assert tokenise("Il est là 🔪. Aidez-moi !") == [
        "il",
        "est",
        "la",
        "🔪",
        ".",
        "aidez",
        "moi",
        ".",
    ]


def test_sentences() -> None:
    assert sentences("Il crie. J'ai peur !\nVenez") == ["Il crie.", "J'ai peur !", "Venez"]


NASTY = st.text(
    alphabet=st.sampled_from(list("aaéΑе \u0301,;/.…!\n\r\u200b’'w1A\ufe0fﬁ①")), max_size=12
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), NASTY))
def test_normalise_is_idempotent_and_words_never_raise(typed: str) -> None:
    assert normalise(normalise(typed)) == normalise(typed)
    assert all(words(typed))
