"""Sign in with a provider: send a browser there, and learn from the answer who came back."""

from datetime import datetime
from typing import Protocol

from learning_platform.accounts.external.flows import Flow, SignedFlows
from learning_platform.accounts.external.github import GitHub
from learning_platform.accounts.external.openid import OpenIdProvider
from learning_platform.accounts.external.providers import ExternalUser, Provider
from learning_platform.accounts.external.requests import ProviderRequests
from learning_platform.accounts.rules import BadProviderAnswer, ProviderUnavailable, SignInCancelled

MAX_CODE_LENGTH = 2048
# RFC 6749, section 4.1.2.1: what the person decided, and what passes.
CANCELLED, PASSING = {"access_denied"}, {"server_error", "temporarily_unavailable"}


class Source(Protocol):
    """A provider, whatever it speaks."""

    provider: Provider

    async def authorization_url(self, flow: Flow, *, redirect_uri: str) -> str:
        """Return the address to send the browser to."""

    async def user(self, flow: Flow, *, code: str, redirect_uri: str, now: datetime) -> ExternalUser:
        """Exchange a code for who signed in."""


class ExternalSignIn:
    """The providers of this installation. It owns connections, so it must be closed."""

    def __init__(self, providers: tuple[Provider, ...], *, public_url: str, key: str) -> None:
        self.flows = SignedFlows(key)
        self._public_url = public_url
        self._requests = ProviderRequests()
        self._sources: dict[str, Source] = {each.key: self._source(each) for each in providers}

    async def authorization_url(self, flow: Flow) -> str:
        """Return the address to send the browser to. Raises ProviderUnavailable, BadProviderAnswer."""
        return await self._sources[flow.provider].authorization_url(flow, redirect_uri=self._redirect_uri(flow))

    async def user(self, flow: Flow, *, code: str, error: str, issuer: str, now: datetime) -> ExternalUser:
        """Return who came back with this answer.

        Raises SignInCancelled, SignInExpired, ProviderUnavailable, BadProviderAnswer.
        """
        source = self._sources[flow.provider]
        name = source.provider.name
        if error:
            raise _refusal_of(error)(name=name)
        # RFC 9207: an answer that names its issuer must name the right one.
        is_of_another = issuer.rstrip("/") not in {"", source.provider.issuer}
        if not code or len(code) > MAX_CODE_LENGTH or is_of_another:
            raise BadProviderAnswer(name=name)
        return await source.user(flow, code=code, redirect_uri=self._redirect_uri(flow), now=now)

    async def close(self) -> None:
        """Close every connection."""
        await self._requests.close()

    def _source(self, provider: Provider) -> Source:
        return (GitHub if provider.key == "github" else OpenIdProvider)(provider, self._requests)

    def _redirect_uri(self, flow: Flow) -> str:
        return f"{self._public_url}/sign-in/with/{flow.provider}/callback"


def _refusal_of(error: str) -> type[SignInCancelled | ProviderUnavailable | BadProviderAnswer]:
    if error in CANCELLED:
        return SignInCancelled
    return ProviderUnavailable if error in PASSING else BadProviderAnswer
