"""What is kept about people, column by column.

`KEPT` says of every column of every table whether it is about a person, whether their export has it (`export`), and
what becomes of it when they delete their account (`deletion`). A test compares it with the schema, with an export and
with a deletion: a new column fails it until it stands here.
"""

from learning_platform.personal_data.columns_of_accounts import ACCOUNTS
from learning_platform.personal_data.columns_of_people import PEOPLE
from learning_platform.personal_data.columns_of_questions import QUESTIONS
from learning_platform.personal_data.columns_of_reviews import REVIEWS
from learning_platform.personal_data.columns_of_tracks import TRACKS
from learning_platform.personal_data.kinds import Columns

KEPT: Columns = {**ACCOUNTS, **TRACKS, **REVIEWS, **PEOPLE, **QUESTIONS}
