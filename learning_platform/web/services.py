"""What a running process holds: opened at start, closed at the end, passed to what needs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from learning_platform.accounts.external.providers import Provider, providers_of
from learning_platform.accounts.links import Links
from learning_platform.accounts.passwords import Passwords
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.revocations import Revocations
from learning_platform.accounts.sign_in import SignIn
from learning_platform.accounts.tokens import AccessTokens, SessionTokens
from learning_platform.attempts.email_facts import current_facts
from learning_platform.core.clock import Clock
from learning_platform.core.database import Database
from learning_platform.core.database_setup import open_database
from learning_platform.core.notifier import Notifier
from learning_platform.core.settings import Settings, signing_key
from learning_platform.core.supervisor import Supervisor
from learning_platform.core.turns import Turns
from learning_platform.core.workers import Workers
from learning_platform.health import HealthMonitor
from learning_platform.people.invitation_mail import find_invitation
from learning_platform.reviews.shown_code import ShownTexts
from learning_platform.scheduler import Scheduler, cleaner, fetcher
from learning_platform.snapshots.archives import MEMORY_BYTES as MEMORY_OF_ARCHIVES
from learning_platform.snapshots.archives import MODULES as MODULES_OF_ARCHIVES
from learning_platform.snapshots.fetcher import Fetcher
from learning_platform.snapshots.git.kept import KeptRepositories
from learning_platform.snapshots.git.repositories import remove_leftovers
from learning_platform.snapshots.git.turns import PushTurns
from learning_platform.web.live.delivery import Sockets
from learning_platform.web.live.unread import UnreadCounts
from learning_platform.web.texts.formatted_text import MODULES, FormattedTexts
from learning_platform.web.texts.highlighted_code import HighlightedCode
from learning_platform.web.texts.parsed_notebooks import ParsedNotebooks

if TYPE_CHECKING:
    from learning_platform.accounts.external.sign_in import ExternalSignIn
    from learning_platform.notifications.mail.worker import MailWorker

# Workers import it before their first task, too.
MASKING = "learning_platform.snapshots.masking.tasks"
NOTEBOOKS = "learning_platform.snapshots.notebooks"
# Reading an archive takes a process a second at most, unless it is an attack.
ARCHIVE_READERS = 2
# Each may have an archive of the largest size on disk.
MAX_UPLOADS = 50


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one process that live as long as it does."""

    settings: Settings
    clock: Clock
    database: Database
    tokens: AccessTokens
    session_tokens: SessionTokens
    passwords: Passwords
    sign_in: SignIn
    external_sign_in: "ExternalSignIn | None"
    revocations: Revocations
    sockets: Sockets
    unread_counts: UnreadCounts
    notifier: Notifier
    scheduler: Scheduler
    links: Links
    limits: RateLimits
    pushes: PushTurns
    clones: KeptRepositories
    workers: Workers
    archive_readers: Workers
    uploads: Turns
    formatted_texts: FormattedTexts
    shown_texts: ShownTexts
    highlighted_code: HighlightedCode
    notebooks: ParsedNotebooks
    mail_worker: "MailWorker | None"
    fetcher: Fetcher
    background: Supervisor
    vital_signs: HealthMonitor

    @property
    def refresh_lifetime(self) -> timedelta:
        """Return how long a session lives without being used."""
        return timedelta(days=self.settings.refresh_token_days)

    @property
    def providers(self) -> tuple[Provider, ...]:
        """Return the providers that people can sign in with."""
        return providers_of(self.settings)

    @property
    def sends_mail(self) -> bool:
        """Say whether emails go out at all."""
        return self.mail_worker is not None


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock) -> AsyncIterator[Services]:
    """Start everything a web process needs; stop it in the reverse order."""
    async with AsyncExitStack() as stack:
        background = Supervisor(clock)
        database = await stack.enter_async_context(open_database(settings, background))
        await asyncio.to_thread(remove_leftovers)
        services = _build(settings, clock, database, background)
        _subscribe(services)
        stack.callback(services.passwords.close)
        stack.callback(services.clones.close)
        if services.external_sign_in is not None:
            stack.push_async_callback(services.external_sign_in.close)
        stack.push_async_callback(services.workers.close)
        stack.push_async_callback(services.archive_readers.close)
        stack.push_async_callback(services.formatted_texts.close)
        stack.push_async_callback(services.highlighted_code.close)
        stack.push_async_callback(services.notebooks.close)
        await services.revocations.load()
        stack.callback(services.vital_signs.close)
        stack.push_async_callback(services.background.stop)
        _start_background(services)
        yield services


def _start_background(services: Services) -> None:
    background = services.background
    background.start("listener", services.notifier.listen)
    background.start("revocations", services.revocations.keep_fresh)
    background.start("notifications", services.sockets.deliver_announcements)
    background.start("unread counts", services.unread_counts.run)
    if services.settings.scheduler == "on":
        background.start("scheduler", services.scheduler.run)
        background.start("cleaning", cleaner(services.database, services.settings, services.clock).run)
        if services.mail_worker is not None:
            background.start("mail", services.mail_worker.run)
        if services.settings.fetcher == "on":
            background.start("fetcher", services.fetcher.run)


def _build(settings: Settings, clock: Clock, database: Database, background: Supervisor) -> Services:
    key = signing_key(settings)
    tokens = _access_tokens(settings, key)
    passwords = Passwords(queue=settings.password_queue)
    limits = RateLimits.of(settings, secret=key)
    revocations = Revocations(database, tokens, clock)
    sockets = Sockets(database, revocations)
    scheduler = Scheduler(database, clock)
    workers = Workers(size=settings.format_processes, modules=(*MODULES, MASKING, NOTEBOOKS))
    links, notifier = Links(key), Notifier(database.url)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        tokens=tokens,
        session_tokens=SessionTokens(key),
        passwords=passwords,
        sign_in=SignIn(database, passwords, limits),
        external_sign_in=_external_sign_in(settings, key),
        revocations=revocations,
        sockets=sockets,
        unread_counts=UnreadCounts(database, sockets),
        notifier=notifier,
        scheduler=scheduler,
        links=links,
        limits=limits,
        pushes=PushTurns(),
        clones=KeptRepositories(),
        workers=workers,
        archive_readers=Workers(size=ARCHIVE_READERS, modules=MODULES_OF_ARCHIVES, memory_bytes=MEMORY_OF_ARCHIVES),
        uploads=Turns(MAX_UPLOADS),
        formatted_texts=FormattedTexts(workers),
        shown_texts=ShownTexts(workers),
        highlighted_code=HighlightedCode(workers),
        notebooks=ParsedNotebooks(workers),
        mail_worker=_mail_worker(settings, database, links, clock),
        fetcher=fetcher(database, settings, clock),
        background=background,
        vital_signs=HealthMonitor(database, scheduler, notifier),
    )


def _access_tokens(settings: Settings, key: str) -> AccessTokens:
    # No token outlives its session: what is known of a session that was ended goes when the session expires.
    lifetime = timedelta(minutes=settings.access_token_minutes)
    return AccessTokens(key, min(lifetime, timedelta(days=settings.refresh_token_days)))


def _subscribe(services: Services) -> None:
    """Call each part when the database reports something for it, and after every reconnection."""
    notifier, sockets, revocations = services.notifier, services.sockets, services.revocations
    notifier.on("announced", sockets.announced)
    notifier.on("read", services.unread_counts.reported)
    notifier.on("scheduled", services.scheduler.wake)
    notifier.on("revoked", revocations.refresh)
    if services.mail_worker is not None:
        services.mail_worker.listen_to(notifier)
    services.fetcher.listen_to(notifier)
    for resume in (sockets.catch_up, services.unread_counts.catch_up, services.scheduler.wake, revocations.refresh):
        notifier.on_reconnect(resume)
    revocations.on_change = sockets.close_revoked


def _mail_worker(settings: Settings, database: Database, links: Links, clock: Clock) -> "MailWorker | None":
    """Return a mail worker where mail is to go out; elsewhere its code is not even loaded."""
    if settings.smtp_url is None:
        return None
    from learning_platform.notifications.mail.worker import MailWorker

    return MailWorker(database, settings, links, clock, current_facts=current_facts, find_invitation=find_invitation)


def _external_sign_in(settings: Settings, key: str) -> "ExternalSignIn | None":
    """Return the providers to sign in with; where there are none, their code is not even loaded."""
    providers = providers_of(settings)
    if not providers:
        return None
    from learning_platform.accounts.external.sign_in import ExternalSignIn

    return ExternalSignIn(providers, public_url=settings.public_url, key=key)
