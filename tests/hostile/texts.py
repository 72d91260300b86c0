"""Texts that are written to keep a machine busy."""

from collections.abc import Callable

# The beginnings of what lexers look for an end of, and what they try in many ways. The first is from a real attack.
UNITS = (
    *(" ", "\n", " \n", "\t", "a", "a ", " a", "a\n", "_a", "a.", "0x", "1", "\u0436", "\r"),
    *("(", "[", "{", "<", "((", "[[", "a(", "a[", "a{", "@a(", "def f(", "{{", "{%", "${", "#{", "%{"),
    *('"', "'", "`", '"\\', '"""', "'''", "\\", "\\\n", "' \\\n", "/*", "(*", "{-", "<!--", "<?", "<a ", "<<A\n", "#|"),
    *("//", "#", "--", "%", ";", "$", "@", "*", "-", "=", ":", "::", "&", "|", "^", "~", ",", "a:", "a=b\n"),
    *("begin\n", "if a ", "=begin\n", "EOF", ".. a::\n", "  a\n"),
)


def repeated(unit: str, most: int) -> str:
    """Return a text of one unit, over and over."""
    return (unit * (most // len(unit) + 1))[:most]


def code(language: str, unit: str) -> Callable[[int], str]:
    """Return texts with a block of code."""
    return lambda most: f"```{language}\n{repeated(unit, most - 20)}\n```"


def _many(pattern: str, characters: int) -> Callable[[int], str]:
    """Return texts of lines that differ in a number."""
    return lambda most: "".join(pattern.format(number) for number in range(most // characters))[:most]


def _repeating(unit: str, *, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda most: before + repeated(unit, most - len(before) - len(after)) + after


def _wide_table(most: int) -> str:
    columns = most // 8
    return ("|".join("a" * columns) + "\n" + "|".join("-" * columns) + "\n" + "|\n" * most)[:most]


def _backticks(most: int) -> str:
    return "".join("`" * count + "e" for count in range(1, int((2 * most) ** 0.5)))[:most]


# Markdown itself: nested and unfinished brackets, emphasis, links, footnotes, tables, lists, quotes; long references.
MARKDOWN: dict[str, Callable[[int], str]] = {
    "brackets": _repeating("["),
    "nested brackets": lambda most: "[" * (most // 2) + "]" * (most // 2),
    "links": _repeating("[a](b"),
    "links with angles": _repeating("[a](<b"),
    "pictures": _repeating("![a]("),
    "emphasis": _repeating("*a **a "),
    "mixed emphasis": lambda most: "a**b" * (most // 8) + "c* " * (most // 6),
    "stars and lines": _repeating("*_"),
    "struck out": _repeating("~~a"),
    "backticks": _backticks,
    "quotes": _repeating("a\n", before="> " * 2000),
    "deep quotes": _repeating(">" * 100 + "a\n"),
    "lists": _repeating("- a\n\n"),
    "deep lists": _repeating("-\t" * 9 + "a\n"),
    "tasks": _repeating("- [ ] a\n"),
    "a long table": _repeating("x|y\n", before="a|b\n-|-\n"),
    "a wide table": _wide_table,
    "tables": _repeating("|a\n|-\n"),
    "footnotes": _many("[^{0}]\n\n[^{0}]: a\n\n", 22),
    "one footnote": _repeating("[^1]", after="\n\n[^1]: a\n"),
    "footnotes in each other": _many("[^{0}]: [^1] [^2]\n\n", 24),
    "references": _repeating("[a]", before="[a]: b\n\n"),
    "a long reference": lambda most: "[a]: " + "b" * (most // 2) + "\n\n" + "[a]" * (most // 6 - 10),
    "unfinished references": _repeating("[a\n"),
    "addresses": _repeating("http://a."),
    "addresses with brackets": _repeating("http://a/("),
    "addresses in angles": _repeating("<http://a"),
    "e-mail addresses": _repeating("a@b.com,"),
    "tags": _repeating("<a "),
    "comments": _repeating("<!--"),
    "entities": _repeating("&a"),
    "headings": _repeating("# a\n"),
    "lines": _repeating("a\n"),
    "hard breaks": _repeating("a  \n"),
    "blanks": _repeating(" "),
    "quotation marks": _repeating('"'),
}
CODE: dict[str, Callable[[int], str]] = {
    "rst blanks": code("rst", " \n"),
    "autoit": code("autoit", "a "),
    "fan": code("fan", "a"),
    "easytrieve": code("easytrieve", "a"),
    "xpp": code("xpp", "a "),
    "c": code("c", "a\n"),
    "python": code("python", '"\\'),
    "many blocks": _repeating("```rst\n \n```\n"),
    "many languages": _many("```x{0}\na\n```\n", 16),
}
HOSTILE = MARKDOWN | CODE
