"""Formulas over other fields: read by a small parser of our own, checked by type, then computed.

    round(yearly / 12, 2)      if(area >= 100, "大店", "小店")      days_between(opened, signed)

What is empty makes what is reckoned from it empty, as does a division by zero; in `and`, `or`,
`not` and `if` it counts as no. Nothing here can run code, loop, or take long: a formula is short
and its tree is walked once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..errors import Invalid
from ..texts import Text
from .functions import FUNCTIONS, OPERATORS, Datum, Function, Type, TypesDiffer, kept

DEEPEST = 25
MOST_PARTS = 300

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign><=|>=|<>|!=|==|[-+*/&=<>(),])
    )""",
    re.VERBOSE,
)
COMPARISONS = {
    "=": "=",
    "==": "=",
    "<>": "<>",
    "!=": "<>",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
UNEXPECTED = Text(
    "第 {at} 个字符「{token}」放在这里看不懂", "character {at}, “{token}”, is unexpected"
)
UNFINISHED = Text("公式没有写完", "it is not finished")
TOO_DEEP = Text("嵌套太深", "it is nested too deeply")
TOO_BIG = Text("公式太长", "it is too long")
NO_FIELD = Text("没有可用的字段 {name}", "there is no field {name} that it could use")
NO_FUNCTION = Text("没有函数 {name}", "there is no function {name}")
WRONG_TYPES = Text(
    "{name} 的参数类型或个数不对", "{name} was given the wrong kind or number of values"
)
TOO_LARGE = Text("数字太大", "a number is too large")


class FormulaWrong(Invalid):
    sentence = Text("公式不对：{why}。", "The formula is not right: {why}.")


@dataclass(frozen=True, slots=True)
class Literal:
    value: Datum
    type: Type


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Node", ...]


Node = Literal | Field | Call


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be computed: what it needs, and the type of what comes out."""

    node: Node
    fields: frozenset[str]
    result: Type

    def compute(self, values: Mapping[str, Datum]) -> Datum:
        """`values` by field; None is empty. Never raises."""
        return _compute(self.node, values)


def parse(written: str) -> Node:
    """The tree of a formula. Raises FormulaWrong."""
    reader = _Reader(list(_tokens(written)))
    node = reader.expression()
    reader.end()
    if sum(1 for _ in _parts(node)) > MOST_PARTS:
        raise FormulaWrong(why=TOO_BIG)
    return node


def fields_of(node: Node) -> frozenset[str]:
    return frozenset(part.name for part in _parts(node) if isinstance(part, Field))


def checked(node: Node, types: Mapping[str, Type]) -> Formula:
    """With the types of the fields that may be used. Raises FormulaWrong."""
    return Formula(node, fields_of(node), _type_of(node, types))


def _tokens(written: str) -> Iterator[tuple[str, str, int]]:
    """(kind, token, where it stands)."""
    at, end = 0, len(written.rstrip())
    while at < end:
        found = TOKEN.match(written, at)
        if found is None:
            raise FormulaWrong(why=UNEXPECTED.filled(at=at + 1, token=written[at:].strip()[:1]))
        kind = str(found.lastgroup)
        yield kind, found[kind], found.start(kind) + 1
        at = found.end()


class _Reader:
    """Recursive descent: or, and, not, comparisons, &, + -, * /, signs, what stands alone."""

    def __init__(self, tokens: Sequence[tuple[str, str, int]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaWrong(why=TOO_DEEP)
        node = self._row(self._both, "or")
        self._depth -= 1
        return node

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._unexpected()

    def _both(self) -> Node:
        return self._row(self._negated, "and")

    def _negated(self) -> Node:
        turns = 0
        while self._take("not"):
            turns += 1
        node = self._comparison()
        for _ in range(turns):
            node = Call("not", (node,))
        return node

    def _comparison(self) -> Node:
        node = self._joined()
        token = self._peek()
        if token in COMPARISONS and self._tokens[self._at][0] == "sign":
            self._at += 1
            return Call(COMPARISONS[token], (node, self._joined()))
        return node

    def _joined(self) -> Node:
        return self._row(self._sum, "&")

    def _sum(self) -> Node:
        return self._row(self._product, "+", "-")

    def _product(self) -> Node:
        return self._row(self._signed, "*", "/")

    def _signed(self) -> Node:
        turns = 0
        while sign := self._take("-", "+"):
            turns += sign == "-"
        node = self._alone()
        return Call("negative", (node,)) if turns % 2 else node

    def _row(self, part: Callable[[], Node], *signs: str) -> Node:
        node = part()
        while sign := self._take(*signs):
            node = Call(sign, (node, part()))
        return node

    def _alone(self) -> Node:
        if self._at >= len(self._tokens):
            raise FormulaWrong(why=UNFINISHED)
        kind, sign, _ = self._tokens[self._at]
        if kind == "sign" and sign != "(":
            raise self._unexpected()
        self._at += 1
        if kind == "number":
            return _number(sign)
        if kind == "text":
            return Literal(sign[1:-1], "text")
        if sign == "(":
            node = self.expression()
            self._expect(")")
            return node
        return self._called(sign) if self._take("(") else _named(sign)

    def _called(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise FormulaWrong(why=NO_FUNCTION.filled(name=name[:40]))
        arguments: list[Node] = []
        if not self._take(")"):
            arguments.append(self.expression())
            while self._take(","):
                arguments.append(self.expression())
            self._expect(")")
        return Call(name, tuple(arguments))

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, *tokens: str) -> str:
        """The token, if it is the next one and no text in quotes."""
        if self._at < len(self._tokens) and self._tokens[self._at][1] in tokens:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._unexpected()

    def _unexpected(self) -> FormulaWrong:
        if self._at >= len(self._tokens):
            return FormulaWrong(why=UNFINISHED)
        _, token, at = self._tokens[self._at]
        return FormulaWrong(why=UNEXPECTED.filled(at=at, token=token[:20]))


def _named(name: str) -> Node:
    if name in ("yes", "no"):
        return Literal(name == "yes", "yes_no")
    return Field(name)


def _number(token: str) -> Node:
    number = kept(Decimal(token))
    if number is None:
        raise FormulaWrong(why=TOO_LARGE)
    return Literal(number, "number")


def _parts(node: Node) -> Iterator[Node]:
    """It and all below it; without recursion, for a tree may be as deep as a formula is long."""
    left = [node]
    while left:
        part = left.pop()
        yield part
        if isinstance(part, Call):
            left.extend(part.arguments)


def _type_of(node: Node, types: Mapping[str, Type]) -> Type:
    if isinstance(node, Literal):
        return node.type
    if isinstance(node, Field):
        if node.name not in types:
            raise FormulaWrong(why=NO_FIELD.filled(name=node.name))
        return types[node.name]
    given = [_type_of(one, types) for one in node.arguments]
    try:
        return _function(node.name).check(given)
    except TypesDiffer as failure:
        raise FormulaWrong(why=WRONG_TYPES.filled(name=node.name)) from failure


def _compute(node: Node, values: Mapping[str, Datum]) -> Datum:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Field):
        return values.get(node.name)
    return _function(node.name).compute([_compute(one, values) for one in node.arguments])


def _function(name: str) -> Function:
    return FUNCTIONS.get(name) or OPERATORS[name]
