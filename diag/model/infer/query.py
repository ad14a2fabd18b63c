"""What is asked of all judged modules while one of them is judged; its result rests on the answers."""

from typing import Literal, NamedTuple

About = Literal[
    "read",  # where an attribute of this name is read
    "bound",  # where an attribute of this name is assigned, or defined in a class
    "called",  # where something of this name is called
    "word",  # where the name stands as a word
    "text",  # where these characters stand
]


class Query(NamedTuple):
    """A question and the name that it is about."""

    about: About
    name: str
