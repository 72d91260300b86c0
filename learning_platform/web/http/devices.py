"""The device of a client."""

from fastapi import Request

from learning_platform.accounts.devices import Device, device_of


def device_of_client(request: Request) -> Device:
    """Return the browser and the system that a request comes from."""
    return device_of(request.headers.get("user-agent", ""))
