"""What users wrote, as part of a page: in its own direction, and with its language where that is not the page's.

Screen readers choose a voice by the language, browsers the direction by the script. The language of a text is guessed
by its script, which distinguishes the languages of the platform, though not all others.
"""

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from learning_platform.core.languages import Language, language_by_script
from learning_platform.web.pages.kit.viewer import Viewer


@pass_context
def written(context: Context, text: str) -> Markup:
    """Show a short text within a sentence, whose direction it does not change."""
    return isolated(text, language_attribute(context, text))


def isolated(html: str, attribute: Markup) -> Markup:
    """Return HTML, or a text that is escaped, apart from what stands around it."""
    return Markup("<bdi{}>{}</bdi>").format(attribute, html)


def blocks(html: Markup, attribute: Markup) -> Markup:
    """Return paragraphs in the direction of the first; the style sheet lets each of them have its own."""
    return Markup('<div class="written" dir="auto"{}>{}</div>').format(attribute, html)


def language_attribute(context: Context, text: str) -> Markup:
    """Return the attribute that names the language of a text, if it has to be named."""
    viewer: Viewer = context["viewer"]
    language: Language | None = language_by_script(text)
    return Markup("") if language in (None, viewer.language) else Markup(' lang="{}"').format(language)
