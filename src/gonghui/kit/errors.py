"""The one exception by which an action says no."""


class Refused(Exception):
    """An action's refusal: a whole Chinese sentence that says what is wrong and the way out.

    A page shows it (beside ``field`` where a form has that field), the API answers it as 409, an import row reports it.
    Nothing was changed when it is raised.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
