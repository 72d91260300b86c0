"""What a user wants by mail."""

from typing import Annotated

from pydantic import Field

from learning_platform.notifications.mail.preferences import MailDelivery
from learning_platform.notifications.messages import WORDINGS, NotificationType
from learning_platform.web.schemas.common import Input, Output

Hour = Annotated[int, Field(ge=0, le=23)]
Types = Annotated[list[NotificationType], Field(max_length=len(WORDINGS), examples=[["deadline_warning"]])]


class MailSettings(Output):
    """What you want by mail. All messages are in the inbox, too. Hours are those of your time zone."""

    delivery: MailDelivery = Field(description="Each message in an email of its own, a daily digest, or no emails.")
    digest_hour: int = Field(description="The hour of the daily digest, 0 to 23.")
    quiet_from: int | None = Field(description="The hour at which the quiet hours begin, or null.")
    quiet_until: int | None = Field(description="The hour at which the quiet hours end, or null.")
    types: list[NotificationType] = Field(description="The types that you also get by email.")


class MailChange(Input):
    """The fields to change; omitted fields keep their values. Null switches the quiet hours off."""

    delivery: MailDelivery = "single"
    digest_hour: Hour = 9
    quiet_from: Hour | None = None
    quiet_until: Hour | None = None
    types: Types = Field(default_factory=list)
