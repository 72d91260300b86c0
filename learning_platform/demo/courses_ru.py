"""The Russian tracks of the demo school."""

from learning_platform.demo.rubrics import RUSSIAN_CODE, RUSSIAN_TEXT
from learning_platform.tracks.actions import AssignmentDraft, TrackDraft
from learning_platform.tracks.details import Details

ALGORITHMS = TrackDraft(
    title="Алгоритмы: разминка",
    description="""\
Две классические задачи, которые стоит один раз решить самому, а потом посмотреть, как их решили другие.

Язык любой. Главное — чтобы решение было понятно без объяснений автора.
""",
    details=Details("ru", "beginner", ["алгоритмы", "python"], 5),
    required_participants=8,
    review_hours=48,
    iteration_hours=48,
    criteria=RUSSIAN_CODE,
    assignments=[
        AssignmentDraft(
            "Кэш LRU",
            """\
Напишите кэш, который помнит последние *n* обращений.

- `get` и `put` за O(1)
- свой двусвязный список или готовая структура языка — на ваш выбор, но объясните его
- тесты на вытеснение, на повторную запись того же ключа и на кэш размера 1
""",
            72,
        ),
        AssignmentDraft(
            "Кратчайший путь",
            """\
Карта метро — граф. Найдите самый быстрый маршрут между двумя станциями.

1. Прочитайте граф из файла: `станция; станция; минуты`.
2. Выведите маршрут и время.
3. Если пути нет, скажите об этом по-человечески.

Сравните поиск в ширину и алгоритм Дейкстры: когда хватает первого?
""",
            96,
        ),
    ],
)
SQL = TrackDraft(
    title="SQL, который читают",
    description="""\
Запросы, которые можно прочитать через год: от `join` до оконных функций. Подойдёт любая СУБД, проще всего PostgreSQL.
""",
    details=Details("ru", "intermediate", ["sql", "базы данных"], 4),
    required_participants=9,
    review_hours=48,
    criteria=RUSSIAN_CODE,
    assignments=[
        AssignmentDraft(
            "Библиотека",
            """\
Спроектируйте таблицы для библиотеки: книги, экземпляры, читатели, выдачи.

- Ограничения (`check`, `unique`, внешние ключи) не дают записать бессмыслицу.
- Пять запросов, которые нужны библиотекарю каждый день.

```sql
-- Кто держит книгу дольше месяца?
select reader, title, taken_on from …
```

В README — схема и почему она такая.
""",
            120,
        ),
        AssignmentDraft(
            "Окна и рейтинги",
            "Десять самых читаемых книг каждого месяца и их место месяцем раньше. Без подзапросов в `select`.",
            96,
        ),
        AssignmentDraft(
            "Почему так медленно",
            "Миллион строк в таблицах: найдите самый медленный запрос и ускорьте его. Покажите `explain analyze`.",
            96,
        ),
    ],
)
REFACTORING = TrackDraft(
    title="Код, который не страшно менять",
    description="Рефакторинг маленькими шагами. Берём некрасивый, но работающий код и не ломаем его.",
    details=Details("ru", "advanced", ["рефакторинг", "тестирование"], 6),
    required_participants=8,
    review_hours=72,
    criteria=RUSSIAN_CODE,
    assignments=[
        AssignmentDraft(
            "Сначала тесты",
            """\
В заготовке — `price.py`: цена заказа в лавке. Он некрасивый, но работает уже восемь лет.

Не меняя кода, напишите тесты, которые ловят **любое** изменение поведения. Покажите покрытие.
""",
            96,
        ),
        AssignmentDraft(
            "Двадцать коммитов",
            "Теперь меняйте. Не меньше двадцати коммитов, после каждого тесты зелёные. Сообщения говорят «зачем».",
            96,
        ),
    ],
)
WEB = TrackDraft(
    title="Вёрстка без магии",
    description="HTML и CSS, которым не нужен фреймворк: сетки, контейнерные запросы, тёмная тема, доступность.",
    details=Details("ru", "beginner", ["html", "css", "вёрстка"], 5),
    required_participants=12,
    review_hours=48,
    criteria=RUSSIAN_TEXT,
    assignments=[
        AssignmentDraft("Резюме", "Одна страница, которая хорошо читается на телефоне и на бумаге.", 72),
        AssignmentDraft("Форма", "Регистрация, которую можно пройти с клавиатуры и с программой чтения с экрана.", 72),
        AssignmentDraft("Тёмная тема", "Без мигания при загрузке и с контрастом не ниже 4,5.", 48),
    ],
)
DOCKER = TrackDraft(
    title="Docker на практике",
    description="Образы, которые собираются быстро, весят мало и не работают от имени root.",
    details=Details("ru", "intermediate", ["docker", "devops"], 4),
    required_participants=8,
    review_hours=48,
    criteria=RUSSIAN_CODE,
    assignments=[
        AssignmentDraft("Первый образ", "Соберите образ своего проекта в два этапа. Сколько он весил до и после?", 72),
        AssignmentDraft(
            "Compose", "Приложение, база данных и миграции поднимаются одной командой на чистой машине.", 96
        ),
    ],
)
GO = TrackDraft(
    title="Go: конкурентность",
    description="Горутины, каналы и контексты. Автор заболел, трек отменён; он вернётся весной.",
    details=Details("ru", "advanced", ["go", "конкурентность"], 8),
    required_participants=6,
    review_hours=48,
    criteria=RUSSIAN_CODE,
    assignments=[
        AssignmentDraft("Паук", "Обойдите сайт десятью горутинами и не скачайте ни одной страницы дважды.", 96),
        AssignmentDraft("Ограничитель", "Не больше ста запросов в секунду, с отменой через `context`.", 96),
    ],
)
