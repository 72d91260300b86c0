"""`uvicorn app:app`: the service, with its settings from the environment."""

from learning_platform.core.settings import Settings
from learning_platform.web.app import create_app

app = create_app(Settings())
