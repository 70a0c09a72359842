"""`/regles` can be followed by hand: how a verdict comes out, which document, since when."""

from __future__ import annotations

from html import unescape


async def page_of(gateway, address: str, status: int = 200) -> str:
    answer = await gateway.get(address)
    assert answer.status == status
    return unescape(await answer.text()).replace("\u00a0", " ").replace("’", "'")


async def test_the_page_says_what_an_untold_fact_is(gateway):
    text = await page_of(gateway, "/regles")

    assert "Comment la réponse en sort" in text
    assert "Ce qui n'a pas été dit n'est ni oui ni non." in text


async def test_a_document_that_no_longer_applies_is_not_called_in_force(gateway):
    today = await page_of(gateway, "/regles")
    then = await page_of(gateway, "/regles?date=2019-06-01")

    assert "en vigueur du 19 décembre 2018 au 14 juin 2022" in today
    assert "en vigueur du 19 décembre 2018 au 14 juin 2022" not in then
    assert "<code>ASD-2022</code> <cite>" in today


async def test_a_day_before_the_first_document_is_refused_in_plain_words(gateway):
    for address in ("/regles?date=2017-01-01", "/regles/changements?de=hier"):
        text = await page_of(gateway, address, 422)

        assert "Choisissez un jour à partir du 19 décembre 2018." in text
        assert "as_of" not in text
