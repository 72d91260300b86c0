"""A page with texts in Markdown: a template leaves marks, the texts are formatted when the page is sent."""

import re
import secrets

from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.types import Receive, Scope, Send

from learning_platform.web.texts.formatted_text import FormattedTexts, Text


class PageTexts:
    """The texts of one page, and the marks in their places, which no user can guess and type."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self._secret = secrets.token_hex(8)

    def mark(self, text: Text) -> Markup:
        """Note a text; return the mark for its place."""
        self.texts.append(text)
        return Markup("<!--{}:{}-->").format(self._secret, len(self.texts) - 1)

    def filled(self, page: str, html: list[str]) -> str:
        """Return a page with HTML in the places of its marks."""
        parts = re.split(f"<!--{self._secret}:([0-9]+)-->", page)
        parts[1::2] = [html[int(number)] for number in parts[1::2]]
        return "".join(parts)


class PageResponse(HTMLResponse):
    """A page whose texts are formatted when it is sent."""

    def __init__(
        self, draft: str, texts: PageTexts, formatted_texts: FormattedTexts, apology: str, *, status: int
    ) -> None:
        super().__init__("", status_code=status)
        self._draft, self._texts, self._formatted_texts, self._apology = draft, texts, formatted_texts, apology

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Format the texts and send the page."""
        html = await self._formatted_texts.html(self._texts.texts, apology=self._apology)
        self.body = self.render(self._texts.filled(self._draft, html))
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)
