"""What a User-Agent says of a browser and its system, in words. Pure: a few rules, and unknown is None.

The header is not stored, only these words: they are enough to recognise a device.
"""

from dataclasses import dataclass

MAX_LENGTH = 1000
# By a part of the header, the first that is found: browsers also name those that they are compatible with.
BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("git/", "git"),
    ("python-", "Python"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """The names of a browser (or program) and of a system; None: unknown."""

    browser: str | None
    system: str | None


UNKNOWN_DEVICE = Device(None, None)


def device_of(user_agent: str) -> Device:
    """Return what a User-Agent says."""
    said = user_agent[:MAX_LENGTH]
    return Device(_first(BROWSERS, said), _first(SYSTEMS, said))


def _first(rules: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((name for part, name in rules if part in said), None)
