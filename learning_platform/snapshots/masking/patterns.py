"""What is hidden without being known: e-mail addresses, home folders, copyright and author lines, owners in links.

Every pattern takes time in proportion to a text: what may repeat is bounded, and begins at the edge of a word.
"""

import re
from collections.abc import Iterator, Sequence

from learning_platform.snapshots.masking.prose import Span

# Where a line begins, or what stands for one. `\0` stands for code, `\ufffc` for what is hidden already.
START = r"(?:^|(?<=[\0\"'`>]))[^\w\r\n\0\"\ufffc]{0,10}"
REST = r"[ \t]{0,20}[*_<(\[]{0,3}(?P<hidden>[^\W_][^\r\n\0\"]{0,300})"
# The rest of a line ends where its comment, text or element ends.
END = re.compile(r"[ \t\])},;]{0,10}(?:\*/|-->|'''|</|\\[nr])|[ \t\])},;]+$")
DOMAIN = r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}"
# `git@host:owner/…` is a link and no address.
EMAIL = re.compile(rf"(?<![\w.+%-])(?!git@)(?P<hidden>[\w.+%-]{{1,200}}(?:@|%40|&#64;|\\u0040){DOMAIN})(?![\w-])")
HOMES = [
    re.compile(r"(?<![\w.:])/(?:home|Users|export/home)/(?P<hidden>[^\\/\s\"'<>:|?*,;)\]}`\0]+)"),
    re.compile(r"file:///?(?:home|Users)/(?P<hidden>[^\\/\s\"'<>:|?*,;)\]}`\0]+)"),
    re.compile(r"%2F(?:home|Users)%2F(?P<hidden>[^%\\/\s\"'<>:|?*,;)\]}`\0]+)"),
    # Windows allows spaces in a name; without a separator behind it, the name ends where a word ends.
    re.compile(
        r"(?i:(?:\b[a-z]:|/[a-z])[\\/]{1,4}(?:Users|Documents and Settings|Пользователи)[\\/]{1,4})"
        r"(?P<hidden>[^\\/:*?\"'<>|\r\n\0]{1,60}(?=[\\/])|[^\\/:*?\"'<>|\s\0]+)"
    ),
]
YEARS = r"(?:\d{4}(?:[ \t]*,[ \t]*\d{4}|[ \t]*[-–—][ \t]*(?:\d{2,4}|present|н\.?\s?в\.?))*[ \t,]*)"
# What follows the years begins with no further digit.
HOLDER = REST.replace(r"[^\W_]", r"[^\W\d_]", 1)
SIGN = r"(?:\([cс]\)|©|&copy;)"
WORD = r"(?:copyright|copyleft|авторские права|все права защищены)"
COPYRIGHTS = [
    re.compile(rf"(?i)(?<!\w){WORD}[ \t:]*(?:{SIGN}[ \t:]*{YEARS}?|{YEARS})[ \t]*(?:by[ \t]+)?{HOLDER}"),
    re.compile(rf"(?i)(?<![\w)]){SIGN}[ \t]*{YEARS}?{HOLDER}"),
    re.compile(rf"(?im){START}{WORD}[ \t]*:?[ \t]+(?:by[ \t]+)?(?!holder|owner|notice|law|and|\d|[(©&]){HOLDER}"),
]
ROLES = (
    r"authors?|maintainers?|contributors?|developers?|students?|created by|written by|made by|developed by|done by"
    r"|coded by|автор(?:ы|ка)?|выполнил[аи]?|студент(?:ка|ы)?|разработал[аи]?|разработчик|подготовил[аи]?|сделал[аи]?"
    r"|работу выполнил[аи]?|ф\.?и\.?о\.?"
)
AUTHORS = [
    re.compile(rf"(?i)[@\\]authors?\b[ \t:]*\{{?{REST}"),
    re.compile(rf"(?im){START}(?:{ROLES})(?:\(\w{{1,3}}\))?[ \t*_]*[:=][ \t*_]*[\[(]?{REST}"),
    re.compile(rf"(?im){START}(?:created|written|made|developed|coded) by[ \t]+{REST}"),
    re.compile(rf"(?i)\b(?:signed-off|co-authored|reviewed|tested)-by:{REST}"),
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
    re.compile(rf"(?i)(?<![\w-])(?:{FORGES})[/:](?:sponsors/|users/|groups/|orgs/)?@?{PAGES}{OWNER}"),
    re.compile(rf"(?i)(?<![\w-])(?:{SERVICES})/?{OWNER}"),
    re.compile(r"(?i)\bgit@[\w.-]{1,100}:(?P<hidden>[\w.~-]{1,100})(?=/)"),
    re.compile(r"(?i)[\"'](?:github|gitlab|bitbucket|gist):(?P<hidden>[\w.-]{1,100})(?=/)"),
    re.compile(r"(?i)(?<![\w.-])(?P<hidden>[\w-]{1,60})\.(?:github|gitlab)\.io\b"),
]
ALWAYS = [EMAIL, *HOMES, *COPYRIGHTS, *AUTHORS]


def spans_of_patterns(prose: str) -> Iterator[Span]:
    """Yield what is hidden in prose whatever the terms are."""
    yield from _hidden(ALWAYS, prose)


def spans_of_links(prose: str) -> Iterator[Span]:
    """Yield the owners of repositories and pages in links. In texts of a program they may be needed to run it."""
    yield from _hidden(LINKS, prose)


def _hidden(patterns: Sequence[re.Pattern[str]], prose: str) -> Iterator[Span]:
    for pattern in patterns:
        for match in pattern.finditer(prose):
            ending = END.search(match["hidden"], 1)
            start, end = match.span("hidden")
            yield start, end if ending is None else start + ending.start()
