"""Invitations of a list of people to tracks of the demo school with free places, as if emails had been sent."""

import secrets
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.links import Links
from learning_platform.demo.world import World
from learning_platform.people.invitations import note_opened, withdraw
from learning_platform.people.inviting import invite_roster

PEOPLE = """
olga.smirnova@example.org, Ольга Смирнова
j.rivera@example.org, J. Rivera
mia.chen@example.ogr, Mia Chen
lukas@example.org
"""
# No worker sends these: what has become of each is known already.
SENT = """
insert into emails (kind, invitation_id, state, created_at, next_try_at)
select 'invitation', id, case when email like '%.ogr' then 'failed' else 'sent' end, $2, $2
from invitations where track_id = $1 and email is not null order by id
"""
INVITATIONS = "select id from invitations where track_id = $1 and email is not null order by id"


async def invite_by_list(world: World, *, track_id: int, author_id: int, now: datetime) -> None:
    """Invite four people: one has opened the link, one address is mistyped, one invitation is withdrawn."""
    author, links = Actor(author_id), Links(secrets.token_urlsafe())
    await invite_roster(world.db, track_id=track_id, text=PEOPLE, actor=author, links=links, email_limits=None, now=now)
    await world.db.execute(SENT, track_id, now)
    opened, _, _, withdrawn = [row["id"] for row in await world.db.fetch(INVITATIONS, track_id)]
    await note_opened(world.db, invitation_id=opened, now=now)
    await withdraw(world.db, invitation_id=withdrawn, actor=author, now=now)
