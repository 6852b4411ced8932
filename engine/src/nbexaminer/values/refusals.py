"""What can be wrong with a message of the border."""


class ProtocolError(Exception):
    """What came is no message of this border; the text says why."""


class ClosedError(ProtocolError):
    """The other side is gone."""


class SlowError(ProtocolError):
    """The other side did not answer in time."""
