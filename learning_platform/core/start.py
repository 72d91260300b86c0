"""What keeps a process from starting, said in one sentence to the person who starts it."""


class CannotStart(Exception):
    """A set-up that cannot work: its text names what is wrong, where, and what to do; never a password."""
