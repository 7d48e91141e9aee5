"""The one exception with which an action refuses."""


class Refused(Exception):
    """An action's refusal: a whole Chinese sentence with the reason and the remedy.

    A page shows it (beside ``field`` where a form has that field), the API answers it as 409, an import row reports it.
    Nothing was changed when it is raised.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
