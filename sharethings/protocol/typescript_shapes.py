"""How one type of a message looks in TypeScript: its type, and its decoder by name."""

from __future__ import annotations

from msgspec import inspect

_SAFE_INTEGER = 2**53 - 1


class UnknownShapeError(Exception):
    """A message uses a type for which the generator has no TypeScript; teach it there."""


class Shapes:
    """Decoders of constrained texts met so far: names by the arguments of `patterned`."""

    def __init__(self) -> None:
        self.definitions: dict[tuple[str, ...], str] = {}
        self.imports: set[str] = {"Fields", "type Decoder"}

    def text(self, kind: inspect.StrType) -> str:
        """Name the decoder of a text, defining it at its first use."""
        if kind.pattern is None and kind.max_length is None and kind.min_length is None:
            self.imports.add("text")
            return "text"
        if kind.pattern is None or kind.min_length is not None:
            raise UnknownShapeError(f"text {kind}")
        bounds = () if kind.max_length is None else (str(kind.max_length),)
        self.imports.add("patterned")
        arguments = (f"/{kind.pattern}/", *bounds)
        return self.definitions.setdefault(arguments, f"text{len(self.definitions) + 1}")

    def integer(self, kind: inspect.IntType) -> str:
        """Name the decoder of a number: any safe integer, or one of at least 0."""
        bounds = (kind.gt, kind.ge, kind.lt, kind.le, kind.multiple_of)
        if bounds == (None, None, None, None, None):
            name = "integer"
        elif bounds == (None, 0, None, _SAFE_INTEGER, None):
            name = "natural"
        else:
            raise UnknownShapeError(f"integer {kind}")
        self.imports.add(name)
        return name

    def decoder(self, kind: inspect.Type) -> str:  # noqa: PLR0911 - one return a type
        """Give the expression of the decoder of a type."""
        match kind:
            case inspect.StrType():
                return self.text(kind)
            case inspect.IntType():
                return self.integer(kind)
            case inspect.BoolType():
                name = "boolean"
            case inspect.RawType():
                name = "anything"
            case inspect.StructType():
                return f"decode{kind.cls.__name__}"
            case inspect.LiteralType():
                name = "oneOf"
                self.imports.add(name)
                return f"oneOf({', '.join(quote(str(value)) for value in kind.values)})"
            case inspect.ListType():
                self.imports.add("listOf")
                return f"listOf({self.decoder(kind.item_type)})"
            case inspect.TupleType(item_types=(first, second)):
                self.imports.add("pairOf")
                return f"pairOf({self.decoder(first)}, {self.decoder(second)})"
            case inspect.UnionType():
                self.imports.add("nullable")
                return f"nullable({self.decoder(other_than_none(kind))})"
            case _:
                raise UnknownShapeError(str(kind))
        self.imports.add(name)
        return name


def other_than_none(kind: inspect.UnionType) -> inspect.Type:
    """Give what a type is besides null; raises UnknownShapeError for any other union."""
    others = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
    if len(others) != 1:
        raise UnknownShapeError(str(kind))
    return others[0]


def quote(value: str) -> str:
    """Write a text as a TypeScript literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def type_text(kind: inspect.Type) -> str:  # noqa: PLR0911 - one return a type
    """Write a type as TypeScript; raises UnknownShapeError for one that the wire never had."""
    match kind:
        case inspect.StrType():
            return "string"
        case inspect.IntType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.RawType():
            return "unknown"
        case inspect.StructType():
            return kind.cls.__name__
        case inspect.LiteralType():
            return " | ".join(quote(str(value)) for value in kind.values)
        case inspect.ListType():
            return f"readonly {_element(type_text(kind.item_type))}[]"
        case inspect.TupleType():
            return f"readonly [{', '.join(map(type_text, kind.item_types))}]"
        case inspect.UnionType():
            other = type_text(other_than_none(kind))
            return other if other == "unknown" else f"{other} | null"
    raise UnknownShapeError(str(kind))


def _element(text: str) -> str:
    return f"({text})" if " " in text else text
