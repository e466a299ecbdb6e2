"""A learner's own folder of notebooks: copied, brought up to date, set back, exported, opened."""


class WorkError(Exception):
    """What a learner asked for cannot be done; the message says why, and what to do."""
