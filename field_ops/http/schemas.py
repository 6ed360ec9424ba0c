"""What every schema of ours has in common."""

from pydantic import BaseModel, ConfigDict


class In(BaseModel):
    """What a client sends. Unknown fields are refused: they are a misunderstanding."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Out(BaseModel):
    """What a client gets. Built from rows with `model_validate(row, from_attributes=True)`."""

    model_config = ConfigDict(from_attributes=True)
