"""The participants of each track of the demo school, since when they take part, and what is special about the track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from learning_platform.core.languages import Language
from learning_platform.demo import courses_en as english
from learning_platform.demo import courses_ru as russian
from learning_platform.demo.incidents import (
    Appeal,
    Cancellation,
    Extension,
    Incident,
    MoreTime,
    NextCohort,
    ReportedAnswer,
    Waiting,
)
from learning_platform.demo.queue import Queue
from learning_platform.demo.world import Way
from learning_platform.tracks.actions import TrackDraft

ALL_OF_THEM = 99


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a participant hands in and reviews, as shares of the time there is for it.

    A fourth review is done as a volunteer. Only the first `assignments` are done; `returns_first` finds the link of the
    first submission broken.
    """

    hand_in: float | None = 0.5
    reviews: tuple[float, ...] = (0.1, 0.2, 0.3)
    assignments: int = ALL_OF_THEM
    returns_first: bool = False


@dataclass(frozen=True, slots=True)
class Cohort:
    """A track and its people. The last of them enrolled `age` ago, on the hour; with the last place it began.

    `programs`: of its first assignments (programs/). `ways`: how code is handed in, by participant and position.
    `copies`: whose code is handed in instead of one's own.
    """

    draft: TrackDraft
    language: Language
    author: str
    people: Sequence[str]
    age: timedelta
    rhythms: Mapping[str, Rhythm] = field(default_factory=dict)
    incidents: Sequence[Incident] = ()
    queue: Queue | None = None
    programs: Sequence[str] = ()
    ways: Mapping[tuple[str, int], Way] = field(default_factory=dict)
    copies: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def rhythm_of(self, username: str, chance: Random) -> Rhythm:
        """Return the pace of a participant: the one that is given, or one drawn at random."""
        begins, pause = chance.uniform(0.03, 0.75), chance.uniform(0.03, 0.1)
        usual = Rhythm(chance.uniform(0.3, 0.97), (begins, begins + pause, begins + 2 * pause))
        return self.rhythms.get(username, usual)


GIVES_UP = Rhythm(0.8, assignments=1, reviews=(0.4,))
HANDS_IN_NOTHING = Rhythm(None, (0.5, 0.6, 0.7))
DILIGENT = Rhythm(0.4, (0.05, 0.1, 0.15, 0.2))
WAITS = Rhythm(None)

COHORTS = (
    Cohort(
        english.COMMAND_LINE,
        "en",
        "grace.lee",
        (
            "daniel.okafor",
            "emma_w",
            "priya.nair",
            "liam.byrne",
            "alice",
            "noah-k",
            "hannah_b",
            "mei.lin",
            "theo.larsen",
        ),
        age=timedelta(days=44),
        rhythms={"alice": DILIGENT, "noah-k": GIVES_UP, "theo.larsen": HANDS_IN_NOTHING},
        incidents=(Appeal(0, "liam.byrne", is_settled=True),),
        programs=("word_count", "duplicates", "installable"),
    ),
    Cohort(
        russian.ALGORITHMS,
        "ru",
        "author",
        ("anna.petrova", "olga.morozova", "ivan_kuznetsov", "m.sokolova", "dmitry-v", "bob", "sergey_n", "e.volkova"),
        age=timedelta(days=27),
        rhythms={"bob": DILIGENT, "sergey_n": GIVES_UP},
        incidents=(Appeal(0, "e.volkova", is_settled=True),),
        programs=("lru", "metro"),
        ways={("dmitry-v", 1): "archive"},
        copies={("dmitry-v", 1): "olga.morozova"},
    ),
    # Half of the time for the reviews of the second assignment is over.
    Cohort(
        english.HTTP_APIS,
        "en",
        "author",
        (
            *("sophie.martin", "ethan.cole", "lucas.silva", "oliver.grant", "zoe_r"),
            *("alice", "jack.turner", "amara.diallo", "ben_h", "chloe.dubois"),
        ),
        age=timedelta(hours=96 + 48 + 96 + 24),
        rhythms={
            "alice": Rhythm(0.7, (0.3, 0.8, 0.9)),
            "sophie.martin": DILIGENT,
            "jack.turner": Rhythm(0.9, (0.2, 0.3, 0.4), returns_first=True),
            "ben_h": Rhythm(0.6, (0.1, 0.495, 0.7)),
            "chloe.dubois": Rhythm(0.95, (0.499, 0.6, 0.7)),
            "oliver.grant": GIVES_UP,
        },
        incidents=(
            Appeal(0, "zoe_r", is_settled=False),
            ReportedAnswer(1, "amara.diallo", at=0.9),
            NextCohort(
                ("priya.nair", "sam-p", "mei.lin", "ruth.adler"), timedelta(days=10), starts_after=timedelta(days=9)
            ),
        ),
        programs=("bookshelf", "pages"),
        ways={("lucas.silva", 1): "archive"},
        copies={("lucas.silva", 1): "ethan.cole"},
    ),
    Cohort(
        russian.REFACTORING,
        "ru",
        "n.orlova",
        (
            *("ivan_kuznetsov", "daria.belova", "gleb-t", "bob"),
            *("l.vinogradova", "artem.f", "v.egorova", "maxim_o"),
        ),
        age=timedelta(hours=96 + 50),
        rhythms={"bob": Rhythm(0.5, (0.05, 0.1, 0.2)), "gleb-t": Rhythm(0.9, (0.69, 0.8, 0.9)), "artem.f": WAITS},
        programs=("discounts", "commits"),
    ),
    # The deadline of the second assignment was moved, and is less than five hours away.
    Cohort(
        english.GIT,
        "en",
        "author",
        ("daniel.okafor", "alice", "emma_w", "ines.costa", "sam-p", "ruth.adler", "noah-k"),
        age=timedelta(hours=60 + 36 + 72 + 12 - 5),
        rhythms={
            "alice": Rhythm(0.9, assignments=1),
            "sam-p": Rhythm(0.6),
            "ines.costa": Rhythm(0.5),
            "noah-k": GIVES_UP,
        },
        incidents=(Extension(1, at=0.6, by=timedelta(hours=12)),),
        programs=("story", "culprit"),
        ways={("sam-p", 1): "private", ("ines.costa", 1): "starter"},
    ),
    Cohort(
        russian.SQL,
        "ru",
        "author",
        (
            *("pavel.lebedev", "nastya_k", "bob", "andrey.kozlov", "t.novikova"),
            *("roman_z", "yulia.pavlova", "kirill.s", "v.egorova"),
        ),
        age=timedelta(hours=120 - 17),
        rhythms={
            "bob": Rhythm(0.6),
            "t.novikova": Rhythm(0.7),
            "yulia.pavlova": Rhythm(0.85),
            "andrey.kozlov": Rhythm(0.4),
            "roman_z": WAITS,
            "kirill.s": WAITS,
        },
        incidents=(
            MoreTime(0, "kirill.s", at=0.5, by=timedelta(hours=24)),
            Waiting(("e.volkova", "dmitry-v"), after=timedelta(hours=60)),
        ),
        programs=("library",),
        ways={("t.novikova", 0): "private", ("yulia.pavlova", 0): "away", ("andrey.kozlov", 0): "starter"},
    ),
    Cohort(
        russian.GO,
        "ru",
        "n.orlova",
        ("maxim_o", "daria.belova", "gleb-t", "l.vinogradova", "artem.f", "bob"),
        age=timedelta(days=6),
        incidents=(Cancellation(timedelta(days=2)),),
        programs=("spider",),
    ),
    Cohort(
        english.RUST,
        "en",
        "grace.lee",
        ("liam.byrne", "priya.nair", "ines.costa", "ruth.adler", "hannah_b"),
        age=timedelta(hours=7),
        programs=("guess",),
    ),
    Cohort(
        russian.DOCKER,
        "ru",
        "author",
        ("ivan_kuznetsov", "olga.morozova", "maxim_o", "artem.f", "nastya_k", "dmitry-v", "kirill.s"),
        age=timedelta(hours=3),
        programs=("image",),
    ),
    Cohort(
        russian.WEB,
        "ru",
        "n.orlova",
        ("anna.petrova", "gleb-t", "l.vinogradova", "daria.belova", "roman_z"),
        age=timedelta(days=1),
        programs=("resume",),
    ),
    Cohort(
        english.TESTING,
        "en",
        "grace.lee",
        ("zoe_r", "sam-p", "theo.larsen"),
        age=timedelta(hours=20),
        queue=Queue(
            ("alice", "noah-k", "bob"),
            leaver="theo.larsen",
            leaves_after=timedelta(hours=14),
            starts_after=timedelta(days=3),
        ),
    ),
)
FAST = Cohort(english.FAST, "en", "author", ("bob", "emma_w"), age=timedelta())
