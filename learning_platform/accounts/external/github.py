"""GitHub, which is no OpenID Connect provider: OAuth 2.0, then its own API says who signed in."""

from datetime import datetime
from urllib.parse import urlsplit

from authlib.integrations.httpx_client import AsyncOAuth2Client
from pydantic import BaseModel, Field, TypeAdapter

from learning_platform.accounts.external.flows import Flow
from learning_platform.accounts.external.providers import ExternalUser, Provider, external_user
from learning_platform.accounts.external.requests import ProviderRequests, asking
from learning_platform.accounts.external.tokens import fetch_tokens, oauth_client

SCOPE = "read:user user:email"


class GitHubUser(BaseModel):
    """The user that a token belongs to."""

    id: int = Field(ge=1)
    login: str


class GitHubEmail(BaseModel):
    """An address of a user."""

    email: str
    primary: bool
    verified: bool


class GitHub:
    """GitHub, or a GitHub Enterprise Server."""

    def __init__(self, provider: Provider, requests: ProviderRequests) -> None:
        self.provider = provider
        self._requests = requests
        scheme, host = urlsplit(provider.issuer)[:2]
        # https://docs.github.com/enterprise-server/rest: an installation of one's own has no host for its API.
        self._api = "https://api.github.com" if host == "github.com" else f"{scheme}://{host}/api/v3"

    async def authorization_url(self, flow: Flow, *, redirect_uri: str) -> str:
        """Return the address to send the browser to."""
        url, _ = self._client(redirect_uri).create_authorization_url(
            f"{self.provider.issuer}/login/oauth/authorize", state=flow.state, code_verifier=flow.verifier
        )
        return str(url)

    async def user(self, flow: Flow, *, code: str, redirect_uri: str, now: datetime) -> ExternalUser:  # noqa: ARG002  # Only ID tokens have a time.
        """Exchange a code for who signed in. Raises ProviderUnavailable, BadProviderAnswer, SignInExpired."""
        async with asking(self.provider):
            url = f"{self.provider.issuer}/login/oauth/access_token"
            tokens = await fetch_tokens(self._client(redirect_uri), url, code=code, verifier=flow.verifier)
            token = str(tokens["access_token"])
            user = GitHubUser.model_validate(await self._requests.get_json(f"{self._api}/user", token=token))
            emails = TypeAdapter(list[GitHubEmail]).validate_python(
                await self._requests.get_json(f"{self._api}/user/emails", token=token)
            )
        email = next((each.email for each in emails if each.primary and each.verified), None)
        return external_user(
            self.provider, subject=str(user.id), email=email, is_email_verified=True, names=(user.login,)
        )

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return oauth_client(
            self.provider,
            self._requests,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            token_endpoint_auth_method="client_secret_post",
        )
