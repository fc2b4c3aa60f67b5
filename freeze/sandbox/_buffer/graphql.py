"""As much of GraphQL as a client of Buffer needs: documents are read and checked, and answers cut to what was asked.

Left out, because no client here sends them: directives, default values, subscriptions, and checking variables by type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\.\.\.|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[{}()\[\]:!$=]')
_BETWEEN = re.compile(r"[\s,]+|#[^\n]*")
MOST_ALIASES = 30


class Invalid(ValueError):
    """A document that is not GraphQL, or asks for what is not there."""


@dataclass
class Node:
    """One selected field, or (with `on`) the fields of an inline fragment."""

    name: str
    alias: str = ""
    on: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)


@dataclass
class Operation:
    """What a document asks for: "query" or "mutation", and its root fields."""

    kind: str
    nodes: list[Node]


def parse(text: str, variables: Mapping[str, Any]) -> Operation:
    """The one operation of a document, its fragments put in. Raises Invalid."""
    reader = _Reader(text, variables)
    operation: Operation | None = None
    while reader.tokens:
        word = reader.peek()
        if word == "fragment":
            reader.fragment()
            continue
        if operation is not None:
            raise Invalid("Must provide operation name if query contains multiple operations.")
        operation = reader.operation()
    if operation is None:
        raise Invalid("Syntax Error: Unexpected <EOF>.")
    nodes = [reader.filled(n) for n in operation.nodes]
    if reader.aliases > MOST_ALIASES:
        raise Invalid(f"Query exceeds the maximum of {MOST_ALIASES} aliases.")
    return Operation(operation.kind, nodes)


def project(node: Node, value: Any, is_a: Callable[[str, str], bool]) -> Any:
    """`value` cut to what `node` selects; `is_a(type, wanted)` says whether a fragment applies. Raises Invalid."""
    if value is None:
        return None
    if isinstance(value, str | int | float | bool):
        if node.nodes:
            raise Invalid(f'Field "{node.name}" must not have a selection since it has no subfields.')
        return value
    if isinstance(value, list):
        return [project(node, v, is_a) for v in value]
    if not node.nodes:
        raise Invalid(f'Field "{node.name}" must have a selection of subfields.')
    out: dict[str, Any] = {}
    for n in node.nodes:
        if n.on:
            if is_a(str(value["__typename"]), n.on):
                out |= project(Node(node.name, nodes=n.nodes), value, is_a)
        elif n.name not in value:
            raise Invalid(f'Cannot query field "{n.name}" on type "{value.get("__typename", node.name)}".')
        else:
            out[n.alias or n.name] = project(n, value[n.name], is_a)
    return out


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self.tokens: list[str] = []
        at = 0
        while at < len(text):
            if between := _BETWEEN.match(text, at):
                at = between.end()
            elif token := _TOKEN.match(text, at):
                self.tokens.append(token[0])
                at = token.end()
            else:
                raise Invalid(f"Syntax Error: Unexpected character {text[at]!r}.")
        self.tokens.reverse()
        self.variables = variables
        self.fragments: dict[str, Node] = {}
        self.aliases = 0

    def peek(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def take(self, wanted: str = "") -> str:
        token = self.tokens.pop() if self.tokens else ""
        if not token or (wanted and token != wanted):
            raise Invalid(f"Syntax Error: Expected {wanted or 'a token'}, found {token or '<EOF>'}.")
        return token

    def operation(self) -> Operation:
        kind = "query"
        if self.peek() != "{":
            kind = self.take()
            if kind not in ("query", "mutation"):
                raise Invalid(f"Syntax Error: Unexpected Name {kind!r}.")
            if self.peek() not in ("{", "("):
                self.take()
            if self.peek() == "(":
                while self.take() != ")":
                    pass
        return Operation(kind, self.selection())

    def fragment(self) -> None:
        self.take("fragment")
        name = self.take()
        self.take("on")
        on = self.take()
        self.fragments[name] = Node("", on=on, nodes=self.selection())

    def selection(self) -> list[Node]:
        self.take("{")
        nodes = []
        while self.peek() != "}":
            nodes.append(self.selected())
        self.take("}")
        if not nodes:
            raise Invalid("Syntax Error: Expected Name, found }.")
        return nodes

    def selected(self) -> Node:
        name = self.take()
        if name == "...":
            if self.peek() != "on":
                return Node("...", alias=self.take())
            self.take("on")
            return Node("", on=self.take(), nodes=self.selection())
        alias = ""
        if self.peek() == ":":
            self.take()
            alias, name = name, self.take()
            self.aliases += 1
        args: dict[str, Any] = {}
        if self.peek() == "(":
            self.take()
            while self.peek() != ")":
                key = self.take()
                self.take(":")
                args[key] = self.value()
            self.take(")")
        return Node(name, alias, args=args, nodes=self.selection() if self.peek() == "{" else [])

    def value(self) -> Any:
        word = self.take()
        if word == "$":
            return self.variables.get(self.take())
        if word == "[":
            found = []
            while self.peek() != "]":
                found.append(self.value())
            self.take("]")
            return found
        if word == "{":
            fields = {}
            while self.peek() != "}":
                key = self.take()
                self.take(":")
                fields[key] = self.value()
            self.take("}")
            return fields
        if word.startswith('"'):
            return re.sub(r"\\(.)", r"\1", word[1:-1])
        if re.fullmatch(r"-?\d+", word):
            return int(word)
        return {"true": True, "false": False, "null": None}.get(word, word)

    def filled(self, node: Node) -> Node:
        if node.name == "...":
            if node.alias not in self.fragments:
                raise Invalid(f'Unknown fragment "{node.alias}".')
            node = self.fragments[node.alias]
        return Node(node.name, node.alias, node.on, node.args, [self.filled(n) for n in node.nodes])
