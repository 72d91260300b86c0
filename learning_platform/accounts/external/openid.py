"""OpenID Connect: the code flow with PKCE, and the checks of the ID token (OpenID Connect Core, section 3.1.3.7)."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import BaseModel, HttpUrl, TypeAdapter

from learning_platform.accounts.external.flows import Flow
from learning_platform.accounts.external.providers import ExternalUser, Provider, external_user
from learning_platform.accounts.external.requests import Cached, ProviderRequests, asking
from learning_platform.accounts.external.tokens import fetch_tokens, oauth_client
from learning_platform.accounts.rules import BadProviderAnswer

SCOPE = "openid profile email"
# Asymmetric ones only: `none` proves nothing, and HS256 with a public key as its secret could be made by anyone.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
ASYMMETRIC_KEYS = {"RSA", "EC", "OKP"}
LEEWAY_SECONDS = 60
DICTIONARY = TypeAdapter(dict[str, object])


class Metadata(BaseModel):
    """What a provider publishes about itself."""

    issuer: str
    authorization_endpoint: HttpUrl
    token_endpoint: HttpUrl
    jwks_uri: HttpUrl
    userinfo_endpoint: HttpUrl | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]

    def ensure_fits(self, provider: Provider) -> None:
        """Raise BadProviderAnswer if it is about another provider, or asks for requests that can be listened to."""
        addresses = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri, self.userinfo_endpoint)
        is_safe = provider.issuer.startswith("http:") or all(
            each is None or each.scheme == "https" for each in addresses
        )
        if self.issuer.rstrip("/") != provider.issuer or not is_safe:
            raise BadProviderAnswer(name=provider.name)


class OpenIdProvider:
    """A provider that publishes its metadata and signs ID tokens."""

    def __init__(self, provider: Provider, requests: ProviderRequests) -> None:
        self.provider = provider
        self._requests = requests
        self._metadata = Cached(self._fetch_metadata)
        self._keys = Cached(self._fetch_keys)

    async def authorization_url(self, flow: Flow, *, redirect_uri: str) -> str:
        """Return the address to send the browser to. Raises ProviderUnavailable, BadProviderAnswer."""
        metadata = await self._metadata.get()
        url, _ = self._client(metadata, redirect_uri).create_authorization_url(
            str(metadata.authorization_endpoint),
            state=flow.state,
            nonce=flow.nonce,
            code_verifier=flow.verifier,
            **({"prompt": "login"} if flow.is_again else {}),
        )
        return str(url)

    async def user(self, flow: Flow, *, code: str, redirect_uri: str, now: datetime) -> ExternalUser:
        """Exchange a code for who signed in. Raises ProviderUnavailable, BadProviderAnswer, SignInExpired."""
        metadata = await self._metadata.get()
        async with asking(self.provider):
            client = self._client(metadata, redirect_uri)
            tokens = await fetch_tokens(client, str(metadata.token_endpoint), code=code, verifier=flow.verifier)
            claims = await self._verified(tokens, metadata, nonce=flow.nonce, now=now)
            if "email" not in claims and metadata.userinfo_endpoint is not None:
                claims |= await self._user_info(str(metadata.userinfo_endpoint), tokens, subject=claims["sub"])
        return external_user(
            self.provider,
            subject=claims["sub"],
            email=claims.get("email"),
            is_email_verified=claims.get("email_verified"),
            names=(claims.get("preferred_username"), claims.get("nickname")),
        )

    def _client(self, metadata: Metadata, redirect_uri: str) -> AsyncOAuth2Client:
        methods = metadata.token_endpoint_auth_methods_supported
        is_basic = "client_secret_basic" in methods or "client_secret_post" not in methods
        method = "client_secret_basic" if is_basic else "client_secret_post"
        return oauth_client(
            self.provider, self._requests, scope=SCOPE, redirect_uri=redirect_uri, token_endpoint_auth_method=method
        )

    async def _verified(
        self, tokens: Mapping[str, object], metadata: Metadata, *, nonce: str, now: datetime
    ) -> dict[str, object]:
        """Return the claims of the ID token once everything about it has been checked."""
        decode = partial(
            jwt.decode, str(tokens["id_token"]), registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        )
        try:
            token = decode(key=await self._keys.get())
        except InvalidKeyIdError:
            # The provider has changed its keys since they were fetched.
            token = decode(key=await self._keys.get(is_outdated=True))
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": metadata.issuer},
                "aud": {"essential": True, "value": self.provider.client_id},
            },
            {"nonce": nonce, "client_id": self.provider.client_id, "access_token": tokens.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        return dict(claims)

    async def _user_info(self, url: str, tokens: Mapping[str, object], *, subject: object) -> dict[str, object]:
        found = DICTIONARY.validate_python(await self._requests.get_json(url, token=str(tokens["access_token"])))
        # Section 5.3.4: otherwise it may be about another person.
        if found.get("sub") != subject:
            raise BadProviderAnswer(name=self.provider.name)
        return found

    async def _fetch_metadata(self) -> Metadata:
        async with asking(self.provider):
            document = await self._requests.get_json(f"{self.provider.issuer}/.well-known/openid-configuration")
            metadata = Metadata.model_validate(document)
            metadata.ensure_fits(self.provider)
            return metadata

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        async with asking(self.provider):
            document = DICTIONARY.validate_python(await self._requests.get_json(str(metadata.jwks_uri)))
            keys = TypeAdapter(list[dict[str, str | list[str]]]).validate_python(document["keys"])
            return KeySet.import_key_set({"keys": [key for key in keys if key.get("kty") in ASYMMETRIC_KEYS]})
