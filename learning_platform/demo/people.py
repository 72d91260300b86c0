"""The users of the demo school."""

from dataclasses import dataclass

from learning_platform.accounts.tokens import Role
from learning_platform.core.languages import Language

EMAIL_DOMAIN = "school.example"


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account."""

    username: str
    locale: Language
    time_zone: str
    role: Role = "user"

    @property
    def email(self) -> str:
        """Return an address that no person can have (RFC 2606)."""
        return f"{self.username}@{EMAIL_DOMAIN}"


def _people(locale: Language, time_zone: str, *usernames: str) -> tuple[Person, ...]:
    return tuple(Person(username, locale, time_zone) for username in usernames)


# Those one signs in as to look around, and what there is to see.
SIGN_INS = {
    "alice": "takes part in English: a deadline in a few hours, reviews to do, a finished track",
    "bob": "takes part in Russian: handed in and waiting, reviews done, a finished track",
    "author": "has created tracks: hand-in and reviews under way, an appeal to settle",
    "admin": "may do everything",
}
PEOPLE: tuple[Person, ...] = (
    Person("alice", "en", "Europe/London"),
    Person("bob", "ru", "Europe/Moscow"),
    Person("author", "ru", "Europe/Moscow", "author"),
    Person("admin", "en", "UTC", "admin"),
    Person("grace.lee", "en", "America/New_York", "author"),
    Person("n.orlova", "ru", "Europe/Moscow", "author"),
    *_people("ru", "Europe/Moscow", "anna.petrova", "ivan_kuznetsov", "m.sokolova", "dmitry-v", "olga.morozova"),
    *_people("ru", "Europe/Samara", "sergey_n", "e.volkova", "pavel.lebedev", "nastya_k"),
    *_people("ru", "Asia/Yekaterinburg", "andrey.kozlov", "t.novikova", "roman_z", "yulia.pavlova"),
    *_people("ru", "Asia/Novosibirsk", "kirill.s", "v.egorova", "maxim_o"),
    *_people("ru", "Asia/Vladivostok", "daria.belova", "gleb-t", "l.vinogradova", "artem.f"),
    *_people("en", "Europe/London", "daniel.okafor", "emma_w", "liam.byrne", "oliver.grant", "jack.turner"),
    *_people("en", "Europe/Paris", "sophie.martin", "chloe.dubois", "ines.costa", "theo.larsen", "ruth.adler"),
    *_people("en", "America/New_York", "noah-k", "ethan.cole", "zoe_r", "sam-p", "hannah_b"),
    *_people("en", "America/Sao_Paulo", "lucas.silva"),
    *_people("en", "Asia/Kolkata", "priya.nair"),
    *_people("en", "Asia/Singapore", "mei.lin", "ben_h", "amara.diallo"),
)
