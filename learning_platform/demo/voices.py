"""What the people of the demo school write: to reviewers, about others' work, in their diaries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from learning_platform.core.languages import Language

Tone = Literal["glad", "measured", "severe"]


@dataclass(frozen=True, slots=True)
class Voice:
    """What is said in one language. `about` is by name of criterion, for scores below the maximum."""

    with_submission: Sequence[str]
    overall: Mapping[Tone, Sequence[str]]
    about: Mapping[str, Sequence[str]]
    returned: str
    diary: Sequence[str]
    notes: Sequence[str]


ENGLISH = Voice(
    with_submission=(
        "No dependencies. The README says how to run the tests.",
        "The README says how to run it. I am least sure about the error messages.",
        "Works on my Linux machine; I could not try Windows.",
        "I ran out of time for the last point, the rest should be complete.",
        "Please be strict about names, I want to get better at them.",
        "Start with the tests: they say what I had in mind.",
    ),
    overall={
        "glad": (
            "A pleasure to read. I learnt something from nearly every function, thank you!",
            "Does everything asked for and nothing more. I tried empty input, a huge file and a broken one: all fine.",
            "The README alone is worth reading. I would merge this as it is.",
            "Clear, small, tested. The only thing I would add is an example of the output in the README.",
        ),
        "measured": (
            "Good work that does what it should. My comments are in the code; the first one matters most.",
            "I got it running in a minute, thanks to the README. Some corners are untested (see the criteria).",
            "Solid. What I missed is a word about *why* it is built this way; the code says only how.",
            "Right answers for ordinary input. With unusual input it is easy to break, see my comments.",
        ),
        "severe": (
            "I had to guess how to start it. What I read looks like a good beginning, please do not give up on it.",
            "The happy path works; nothing else does. Try it with an empty file, then with two files.",
            "This looks unfinished: two of the four points are not there yet. I would do the tests first next time.",
        ),
    },
    about={
        "Correctness": (
            "Empty input is not handled.",
            "One case of the task is missing, see my comment in the code.",
            "Errors are noticed, but the user does not learn what to do.",
            "Right for the example in the task; a larger one shows a mistake.",
        ),
        "Readability": (
            "Some names could say more.",
            "One function does three things.",
            "A word on why it is built this way would help.",
        ),
        "Tests": (
            "Only the happy path is tested.",
            "I changed a condition and every test still passed.",
            "A test of the odd cases is missing.",
        ),
        "Substance": (
            "Two of the five ways out are missing.",
            "`git reset --hard` is given without a warning.",
            "I could not find where `bisect run` was used.",
        ),
        "Clarity": ("I had to read it twice.", "Screenshots of text cannot be copied.", "A table would help."),
    },
    returned="The link answers with 404; perhaps the repository is private?",
    diary=(
        "Spent an hour on encodings. `open(..., errors='replace')` hides the problem, reading bytes solves it.",
        "First version works. Tomorrow: tests *before* changing anything else.",
        "Reading three other solutions taught me more than writing mine. Each one was structured differently.",
        "Note to myself: `pathlib.Path.walk` exists since 3.12, no need for `os.walk`.",
        "Got stuck on the third point, slept, solved it in ten minutes.",
        "My reviewers all said the same about names. Fair enough. Renamed everything, it reads better now.",
        "Measured instead of guessing. It was not where I thought.\n\n```\nbefore  2.41 s\nafter   0.18 s\n```",
    ),
    notes=(
        "It took me about four hours, half of them for the tests.",
        "Two evenings. I would begin with the tests next time.",
        "The longest part was deciding what to leave out.",
        "I wrote this twice; the second version is half as long.",
        "About five hours, with many breaks.",
        "Not done: everything that the task does not ask for.",
        "One morning, without looking anything up.",
        "I learnt most from getting it wrong first.",
        "An afternoon, and an evening for this page.",
        "Three hours. Questions are welcome at the lines.",
    ),
)
RUSSIAN = Voice(
    with_submission=(
        "Как запустить, написано в README.",
        "Больше всего сомневаюсь в обработке ошибок, посмотрите, пожалуйста, внимательнее.",
        "На последний пункт не хватило времени, остальное готово.",
        "Тесты идут секунд пять, это нормально: там много данных.",
        "Буду рад замечаниям по именам.",
    ),
    overall={
        "glad": (
            "Отличная работа, читается как книга. Забрал себе идею с генератором данных.",
            "Всё по заданию и ничего лишнего. Проверила пустой ввод и очень большой файл — работает.",
            "Понятные коммиты, понятные тесты. Придраться не к чему.",
            "Особенно понравился README: через две минуты всё уже запущено.",
        ),
        "measured": (
            "Хорошее решение. Главную функцию стоит разбить на три — сейчас она делает всё сразу.",
            "Задание выполнено, но крайние случаи не проверены. Подробности — по критериям.",
            "Работает правильно. Не хватает пары слов о том, *почему* сделано именно так.",
            "Всё запустилось с первого раза. Имена переменных мешают читать, остальное хорошо.",
        ),
        "severe": (
            "Не запустилось по инструкции: в README нет ни слова о зависимостях. По коду видно, что идея верная, "
            "доведите до конца!",
            "Работает только на примере из задания. Попробуйте пустой файл и файл с одной строкой.",
            "Половины пунктов пока нет. В следующий раз лучше начать с тестов, тогда видно, что осталось.",
        ),
    },
    about={
        "Правильность": (
            "Пустой ввод не учтён.",
            "Одного случая из задания не хватает, подробности — в коде.",
            "Ошибка замечена, но что делать дальше, не сказано.",
            "На примере из задания верно, на большем видна ошибка.",
        ),
        "Читаемость": (
            "Некоторые имена могли бы говорить больше.",
            "Одна функция делает три дела.",
            "Не хватает пары слов о том, почему так.",
        ),
        "Тесты": (
            "Проверен только простой случай.",
            "Убрал проверку границы — тесты этого не заметили.",
            "Не хватает теста на крайний случай.",
        ),
        "Содержание": ("Двух пунктов не хватает.", "Не нашёл версию для печати."),
        "Аккуратность": ("Отступы прыгают.", "На узком экране текст обрезан."),
    },
    returned="Ссылка отвечает 404: возможно, репозиторий закрыт.",
    diary=(
        "Три часа искал ошибку, а перепутал индексы. Записываю, чтобы не повторить.",
        "Первая версия готова. Завтра сначала тесты, потом всё остальное.",
        "Посмотрела три чужих решения — и поняла, как можно было вдвое короче.",
        "Оказывается, `explain (analyze, buffers)` показывает и чтение с диска. Очень помогло.",
        "Проверяющие в один голос сказали про имена. Справедливо, переименовала.",
        "Замерил, а не угадал: тормозило совсем не там.\n\n```\nбыло   3,1 с\nстало  0,2 с\n```",
        "Застрял на последнем пункте, лёг спать, утром решил за десять минут.",
    ),
    notes=(
        "Ушло часа четыре, половина — на тесты.",
        "Два вечера. В следующий раз начну с тестов.",
        "Дольше всего решал, чего не делать.",
        "Вторая версия вдвое короче первой.",
        "Часов пять, с перерывами.",
        "Не сделано: всё, о чём не просили.",
        "Одно утро, без подсказок.",
        "Больше всего дала первая, неудачная попытка.",
        "День на решение и вечер на эту страницу.",
        "Три часа. Буду рад вопросам прямо у строк.",
    ),
)
VOICES: Mapping[Language, Voice] = {"en": ENGLISH, "ru": RUSSIAN}


def tone_of(share: float) -> Tone:
    """Return how a reviewer sounds who gives this share of full marks."""
    if share >= 0.9:
        return "glad"
    return "measured" if share >= 0.6 else "severe"
