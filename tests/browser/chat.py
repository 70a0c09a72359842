"""A person at the chat: what they type and press, what they see."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Chat:
    """The employee's chat in a page with scripts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = page.locator("[data-text]")

    def ready(self) -> Chat:
        """Wait until nothing is on its way."""
        expect(self.page.locator(".message.from-assistant").first).to_be_visible()
        return self.idle()

    def idle(self) -> Chat:
        expect(self.page.locator("[data-waiting]")).to_be_hidden()
        return self

    def says(self, words: str) -> Chat:
        """Type and press Enter, then wait for the answer."""
        self.text.fill(words)
        self.text.press("Enter")
        return self.idle()

    def presses(self, title: str) -> Chat:
        """Press the choice that begins with `title`, of the last question that offers it."""
        self.page.locator("button.choice", has_text=title).last.click()
        return self.idle()

    def card(self, kind: str) -> Locator:
        return self.page.locator(f".card.{kind}").last

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message")

    def transcript(self) -> list[str]:
        """Return every bubble's text, in order."""
        return self.page.locator(".message .bubble").all_inner_texts()

    def heard(self) -> str:
        """Return what the live regions hold: what a screen reader was just told."""
        return "\n".join(self.page.locator("[data-live] p, [data-urgent] p").all_inner_texts())

    def told_everything(self) -> Chat:
        """Tell a situation that is open to the support, in one message."""
        return self.says(
            "Je suis en CDI dans une entreprise privée de 45 salariés, j'habite à Lille (59) et"
            " j'ai un loyer impayé, je voudrais être accompagné"
        )
