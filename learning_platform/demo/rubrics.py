"""What submissions of the demo school are judged by."""

from learning_platform.tracks.actions import CriterionDraft

ENGLISH_CODE = (
    CriterionDraft("Correctness", "It does what the assignment asks for, in the odd cases too.", 10),
    CriterionDraft("Readability", "A stranger understands it: names, structure, length of functions.", 5),
    CriterionDraft("Tests", "They would notice if something broke.", 5),
)
ENGLISH_TEXT = (
    CriterionDraft("Substance", "Everything asked for is there, and true.", 10),
    CriterionDraft("Clarity", "One reading is enough.", 5),
)
RUSSIAN_CODE = (
    CriterionDraft("Правильность", "Решение делает то, что просили, и в крайних случаях тоже.", 10),
    CriterionDraft("Читаемость", "Код понятен незнакомому человеку: имена, структура, длина функций.", 5),
    CriterionDraft("Тесты", "Они заметят, если что-нибудь сломать.", 5),
)
RUSSIAN_TEXT = (
    CriterionDraft("Содержание", "Сделано всё, о чём просили.", 10),
    CriterionDraft("Аккуратность", "Приятно смотреть и легко читать.", 5),
)
