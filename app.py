"""`uvicorn app:app`: the service, with its settings from the environment."""

import sys

from learning_platform.core.settings import Settings, load_settings
from learning_platform.core.start import EXIT_CODE, CannotStart
from learning_platform.web.app import create_app


def settings_or_exit() -> Settings:
    """Return the settings; end the process with a sentence if they will not do."""
    try:
        return load_settings()
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(EXIT_CODE)


app = create_app(settings_or_exit(), ends_process=True)
