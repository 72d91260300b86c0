"""The exchange of a code for tokens (RFC 6749, section 4.1.3), the same for every provider."""

from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from pydantic import TypeAdapter

from learning_platform.accounts.external.providers import Provider
from learning_platform.accounts.external.requests import MAX_SECONDS, ProviderRequests
from learning_platform.accounts.rules import SignInExpired

# A code that was used before, or is too old; the second is GitHub's word for it.
EXPIRED_CODE = {"invalid_grant", "bad_verification_code"}
TOKENS = TypeAdapter(dict[str, Any])


def oauth_client(
    provider: Provider, requests: ProviderRequests, *, scope: str, redirect_uri: str, token_endpoint_auth_method: str
) -> AsyncOAuth2Client:
    """Return a client of a provider. It shares connections with all others, so it is not closed."""
    return AsyncOAuth2Client(
        provider.client_id,
        provider.client_secret,
        scope=scope,
        redirect_uri=redirect_uri,
        token_endpoint_auth_method=token_endpoint_auth_method,
        code_challenge_method="S256",
        transport=requests.transport,
        timeout=MAX_SECONDS,
    )


async def fetch_tokens(client: AsyncOAuth2Client, url: str, *, code: str, verifier: str) -> dict[str, Any]:
    """Exchange a code for tokens. Raises SignInExpired, or whatever the answer leads to."""
    try:
        return TOKENS.validate_python(await client.fetch_token(url, code=code, code_verifier=verifier))
    except AuthlibBaseError as error:
        if error.error in EXPIRED_CODE:
            raise SignInExpired from error
        raise
