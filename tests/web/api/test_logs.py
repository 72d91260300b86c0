"""No token, password or e-mail address in any log line, whatever is logged how loudly."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from learning_platform.web.app import create_app
from tests.conftest import test_settings
from tests.people import HandClock
from tests.web.api.live import serving

PASSWORD = "correct-horse-battery-staple"


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_a_session_from_its_beginning_to_its_end_leaves_no_secret_in_the_log(
    database_url: str, clock: HandClock, capfd: pytest.CaptureFixture[str], log_format: str
) -> None:
    app = create_app(test_settings(database_url, log_level="debug", log_format=log_format), clock)
    async with app.router.lifespan_context(app):
        secrets = await _live_a_little(app)
    logged = "".join(capfd.readouterr())
    assert "/ws/…" in logged, "the address of the socket was logged, without its token"
    assert [secret for secret in secrets if secret in logged] == []


async def _live_a_little(app: FastAPI) -> list[str]:
    """Do what involves secrets, also with mistakes; return the secrets."""
    account = {"username": "zelda", "email": "zelda@castle.example", "password": PASSWORD}
    async with (
        serving(app, log_level="debug") as server,
        AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client,
    ):
        await client.post("/register", json=account)
        await client.post("/register", json=account)
        await client.post("/register", json={**account, "email": "zelda@castle.example "})
        pair = (await client.post("/token", data={"username": "zelda", "password": PASSWORD})).json()
        await client.post("/token", data={"username": account["email"], "password": "wrong-" + PASSWORD})
        headers = {"Authorization": f"Bearer {pair['access_token']}"}
        await client.get("/me", headers=headers)
        renewed = (await client.post("/token/refresh", json={"refresh_token": pair["refresh_token"]})).json()
        await client.post("/token/refresh", json={"refresh_token": pair["refresh_token"]})
        async with server.listening(renewed["access_token"]) as listener:
            await listener.closed_with()
        async with server.listening("not-a-token-but-secret") as listener:
            await listener.closed_with()
    tokens = [each[name] for each in (pair, renewed) for name in ("access_token", "refresh_token")]
    return [*tokens, "not-a-token-but-secret", PASSWORD, account["email"]]
