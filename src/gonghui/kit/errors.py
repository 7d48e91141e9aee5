"""The exception of a refused action."""


class Refused(Exception):
    """The refusal of an action: a whole Chinese sentence with the reason and the remedy.

    A page shows it (beside ``field`` if the form has this field), the API returns it as 409, an import reports it for
    the row. The action has changed nothing.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
