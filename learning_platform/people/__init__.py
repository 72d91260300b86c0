"""The people of a track: its staff, invitations to it, removal from it, and handing it over."""
