"""What is hidden without being known: e-mail addresses, home folders, copyright and author lines, owners in links.

Every pattern takes time in proportion to a text: what may repeat is bounded, and begins at the edge of a word. Most
texts have none of the words that it needs, and are not searched: that halves the time for all that is hidden.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from learning_platform.snapshots.masking.prose import Span


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is searched for in texts that have one of `words`, in lower case: nothing is found without one."""

    words: tuple[str, ...]
    expression: re.Pattern[str]

    def finditer(self, text: str, folded: str) -> Iterator[re.Match[str]]:
        """Yield what is found in a text, given also as `folded` returns it."""
        return self.expression.finditer(text) if any(word in folded for word in self.words) else iter(())


# Where a line begins, or what stands for one. `\0` stands for code, `\ufffc` for what is hidden already.
START = r"(?:^|(?<=[\0\"'`>]))[^\w\r\n\0\"\ufffc]{0,10}"
REST = r"[ \t]{0,20}[*_<(\[]{0,3}(?P<hidden>[^\W_][^\r\n\0\"]{0,300})"
# The rest of a line ends where its comment, text or element ends.
END = re.compile(r"[ \t\])},;]{0,10}(?:\*/|-->|'''|</|\\[nr])|[ \t\])},;]+$")
DOMAIN = r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}"
# `git@host:owner/…` is a link and no address.
EMAIL = Pattern(
    ("@", "%40", "&#64;", r"\u0040"),
    re.compile(rf"(?<![\w.+%-])(?!git@)(?P<hidden>[\w.+%-]{{1,200}}(?:@|%40|&#64;|\\u0040){DOMAIN})(?![\w-])"),
)
HOMES = [
    Pattern(
        ("home/", "users/"),
        re.compile(r"(?<![\w.:])/(?:home|Users|export/home)/(?P<hidden>[^\\/\s\"'<>:|?*,;)\]}`\0]+)"),
    ),
    Pattern(("file://",), re.compile(r"file:///?(?:home|Users)/(?P<hidden>[^\\/\s\"'<>:|?*,;)\]}`\0]+)")),
    Pattern(("%2f",), re.compile(r"%2F(?:home|Users)%2F(?P<hidden>[^%\\/\s\"'<>:|?*,;)\]}`\0]+)")),
    # Windows allows spaces in a name; without a separator behind it, the name ends where a word ends.
    Pattern(
        ("users", "documents and settings", "пользователи"),
        re.compile(
            r"(?i:(?:\b[a-z]:|/[a-z])[\\/]{1,4}(?:Users|Documents and Settings|Пользователи)[\\/]{1,4})"
            r"(?P<hidden>[^\\/:*?\"'<>|\r\n\0]{1,60}(?=[\\/])|[^\\/:*?\"'<>|\s\0]+)"
        ),
    ),
]
YEARS = r"(?:\d{4}(?:[ \t]*,[ \t]*\d{4}|[ \t]*[-–—][ \t]*(?:\d{2,4}|present|н\.?\s?в\.?))*[ \t,]*)"
# What follows the years begins with no further digit.
HOLDER = REST.replace(r"[^\W_]", r"[^\W\d_]", 1)
SIGN = r"(?:\([cс]\)|©|&copy;)"
WORD = r"(?:copyright|copyleft|авторские права|все права защищены)"
RIGHTS = ("copyright", "copyleft", "авторские права", "все права защищены")
COPYRIGHTS = [
    Pattern(
        RIGHTS,
        re.compile(rf"(?i)(?<!\w){WORD}[ \t:]*(?:{SIGN}[ \t:]*{YEARS}?|{YEARS})[ \t]*(?:by[ \t]+)?{HOLDER}"),
    ),
    Pattern(("(c)", "(с)", "©", "&copy;"), re.compile(rf"(?i)(?<![\w)]){SIGN}[ \t]*{YEARS}?{HOLDER}")),
    Pattern(
        RIGHTS,
        re.compile(rf"(?im){START}{WORD}[ \t]*:?[ \t]+(?:by[ \t]+)?(?!holder|owner|notice|law|and|\d|[(©&]){HOLDER}"),
    ),
]
ROLES = (
    r"authors?|maintainers?|contributors?|developers?|students?|created by|written by|made by|developed by|done by"
    r"|coded by|автор(?:ы|ка)?|выполнил[аи]?|студент(?:ка|ы)?|разработал[аи]?|разработчик|подготовил[аи]?|сделал[аи]?"
    r"|работу выполнил[аи]?|ф\.?и\.?о\.?"
)
# What every role has one of.
IN_ROLES = (
    *("author", "maintainer", "contributor", "developer", "student", "d by", "written by", "made by", "done by"),
    *("автор", "выполнил", "студент", "разработал", "разработчик", "подготовил", "сделал", "ф.", "фи"),
)
AUTHORS = [
    Pattern(("author",), re.compile(rf"(?i)[@\\]authors?\b[ \t:]*\{{?{REST}")),
    Pattern(IN_ROLES, re.compile(rf"(?im){START}(?:{ROLES})(?:\(\w{{1,3}}\))?[ \t*_]*[:=][ \t*_]*[\[(]?{REST}")),
    Pattern(
        ("created by", "written by", "made by", "developed by", "coded by"),
        re.compile(rf"(?im){START}(?:created|written|made|developed|coded) by[ \t]+{REST}"),
    ),
    Pattern(("-by:",), re.compile(rf"(?i)\b(?:signed-off|co-authored|reviewed|tested)-by:{REST}")),
]
OWNER = r"(?P<hidden>[\w.~%-]{1,100})"
FORGES = (
    r"(?:github|gitlab|gitee|gitea)\.com|bitbucket\.(?:org|com)|codeberg\.org|gitverse\.ru|gitflic\.ru/project"
    r"|raw\.githubusercontent\.com|gist\.github\.com|github\.dev|(?:git\.)?sr\.ht|hub\.docker\.com/[ru]"
    r"|kaggle\.com|huggingface\.co|replit\.com|codepen\.io|codesandbox\.io|t\.me|vk\.com|linkedin\.com/in"
    r"|avatars\.githubusercontent\.com/u|opencollective\.com|patreon\.com|buymeacoffee\.com|ko-fi\.com|boosty\.to"
)
SERVICES = (
    r"api\.github\.com/(?:repos|users)|codecov\.io/gh|coveralls\.io/repos/github|circleci\.com/gh|travis-ci\.(?:com|org)"
    r"|(?:cdn\.)?jsdelivr\.net/gh|mybinder\.org/v2/gh|colab\.research\.google\.com/github|app\.netlify\.com/sites"
    r"|(?:img\.)?shields\.io/(?:github|gitlab)(?:/[\w-]{1,40}){1,3}?(?=/[\w.%-]+/[\w.%-]+(?:[?/.\s)\"]|$))"
    r"|(?:img\.)?shields\.io/(?:github/(?:followers|sponsors))|github-readme-stats\.vercel\.app/api\?username="
)
# Parts of an address that lead to no person.
PAGES = r"(?!(?:features|topics|apps|marketplace|sponsors|orgs|explore|settings|login|about|search|share)\b)"
LINKS = [
    Pattern(
        (".co", ".org", ".ru", ".dev", "sr.ht", ".io", "t.me", ".to"),
        re.compile(rf"(?i)(?<![\w-])(?:{FORGES})[/:](?:sponsors/|users/|groups/|orgs/)?@?{PAGES}{OWNER}"),
    ),
    Pattern((".com", ".io", ".org", ".net", ".app"), re.compile(rf"(?i)(?<![\w-])(?:{SERVICES})/?{OWNER}")),
    Pattern(("git@",), re.compile(r"(?i)\bgit@[\w.-]{1,100}:(?P<hidden>[\w.~-]{1,100})(?=/)")),
    Pattern(
        ("github:", "gitlab:", "bitbucket:", "gist:"),
        re.compile(r"(?i)[\"'](?:github|gitlab|bitbucket|gist):(?P<hidden>[\w.-]{1,100})(?=/)"),
    ),
    Pattern(
        (".github.io", ".gitlab.io"), re.compile(r"(?i)(?<![\w.-])(?P<hidden>[\w-]{1,60})\.(?:github|gitlab)\.io\b")
    ),
]
ALWAYS = [EMAIL, *HOMES, *COPYRIGHTS, *AUTHORS]


def spans_of_patterns(prose: str) -> Iterator[Span]:
    """Yield what is hidden in prose whatever the terms are."""
    yield from _hidden(ALWAYS, prose)


def spans_of_links(prose: str) -> Iterator[Span]:
    """Yield the owners of repositories and pages in links. In texts of a program they may be needed to run it."""
    yield from _hidden(LINKS, prose)


def folded(text: str) -> str:
    """Return a text in lower case as expressions that ignore case compare it: for them, `\u0131` is an `i` as well."""
    return text.casefold().replace("\u0131", "i")


def _hidden(patterns: Sequence[Pattern], prose: str) -> Iterator[Span]:
    in_lower_case = folded(prose)
    for pattern in patterns:
        for match in pattern.finditer(prose, in_lower_case):
            ending = END.search(match["hidden"], 1)
            start, end = match.span("hidden")
            yield start, end if ending is None else start + ending.start()
