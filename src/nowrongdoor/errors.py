"""What can go wrong that is not bad data, sorted by what the caller does next.

Trouble
├── Stop      a person must act; the text says what and how          (exit 1)
│   └── Usage a setting, a source file or an argument is wrong       (exit 2)
└── Retry     later it may work; `after` is what the server asked for
"""


class Trouble(Exception):  # noqa: N818 - the tree is named by what the caller does, not by "Error"
    """Root of the tree; never raised itself. Texts never hold a person's data."""

    def __init__(self, cause: str, cure: str = "") -> None:
        super().__init__(cause)
        self.cause, self.cure = cause, cure

    def __str__(self) -> str:
        return f"{self.cause}   {self.cure}" if self.cure else self.cause


class Stop(Trouble):
    """A person must act."""


class Usage(Stop):
    """Settings, a source file or arguments are wrong: the text names the key and the cure."""


class Retry(Trouble):
    """It may work later. `after`: seconds the other side asked us to wait, None where it did not say."""

    def __init__(self, cause: str, cure: str = "", *, after: float | None = None) -> None:
        super().__init__(cause, cure)
        self.after = after
