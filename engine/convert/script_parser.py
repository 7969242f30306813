"""Parse scripts in JavaScript; a statement that is not plain becomes `Other`, whole."""

from __future__ import annotations

from .script_cursor import BLOCKS, Cursor
from .script_syntax import (
    Binary,
    Call,
    Do,
    Expr,
    Function,
    If,
    Let,
    Literal,
    Member,
    Name,
    Other,
    Pattern,
    Statement,
    Store,
    Unary,
)
from .script_tokens import Token, Unreadable, text_value

_DEEPEST = 60
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_RANKS = {"||": 1, "??": 1, "&&": 2, "===": 3, "!==": 3, "==": 3, "!=": 3}
_RANKS |= {"<": 4, ">": 4, "<=": 4, ">=": 4, "in": 4, "+": 5, "-": 5}


def parse(script: str) -> list[Statement]:
    """Return the statements; raises Unreadable if the text cannot even be split into tokens."""
    parser = _Parser(script)
    found = parser.statements()
    parser.need_end()
    return found


class _Parser(Cursor):
    def statements(self) -> list[Statement]:
        """Read up to the end of the block or script."""
        found: list[Statement] = []
        while self._next.kind != "end" and self._next.text != "}":
            start = self._at
            if self._takes(";"):
                continue
            try:
                found += self._statement()
            except Unreadable:
                self._at = start
                self._skip()
                found.append(Other(self._text(start)))
        return found

    def need_end(self) -> None:
        if self._next.kind != "end":
            raise Unreadable(self._next.text)

    def _statement(self) -> list[Statement]:
        start = self._at
        if self._next.text in ("if", "try"):
            return [self._if() if self._next.text == "if" else self._try()]
        if self._next.text in ("var", "let", "const"):
            self._at += 1
            found: list[Statement] = [self._declaration(start)]
            while self._takes(","):
                found.append(self._declaration(start))
            self._end(start)
            return [one for one in found if not isinstance(one, Do)]
        expression = self._expression()
        if not self._takes("="):
            self._end(start)
            return [Do(expression, self._text(start))]
        value = self._expression()
        self._end(start)
        if isinstance(expression, Member):
            return [Store(expression, value, self._text(start))]
        if isinstance(expression, Name):
            return [Let({expression.name: None}, value, self._text(start))]
        raise Unreadable("an assignment to something else")

    def _end(self, start: int) -> None:
        is_end = self._next.text in (";", "}") or self._next.on_new_line
        if not is_end or self._at == start:
            raise Unreadable("more behind a statement")

    def _declaration(self, start: int) -> Statement:
        names = self._names() if self._next.text == "{" else {self._name(): None}
        if not self._takes("="):
            return Do(Literal(None), self._text(start))
        return Let(names, self._expression(), self._text(start))

    def _names(self) -> dict[str, str | None]:
        """Read `{a, b: c}`; the map has the key that each name takes."""
        found: dict[str, str | None] = {}
        self._need("{")
        while not self._takes("}"):
            key = self._name()
            found[self._name() if self._takes(":") else key] = key
            if not self._takes(",") and self._next.text != "}":
                raise Unreadable("a pattern with defaults")
        return found

    def _if(self) -> Statement:
        start = self._at
        self._at += 1
        self._need("(")
        condition = self._expression()
        self._need(")")
        body = self._body()
        otherwise: list[Statement] = []
        if self._takes("else"):
            otherwise = [self._if()] if self._next.text == "if" else self._body()
        return If(condition, body, otherwise, self._text(start))

    def _try(self) -> Statement:
        start = self._at
        self._at += 1
        body = self._block()
        otherwise: list[Statement] = []
        if self._takes("catch"):
            if self._next.text == "(":
                self._balanced()
            otherwise = self._block()
        if self._takes("finally"):
            body += self._block()
        return If(None, body, otherwise, self._text(start))

    def _body(self) -> list[Statement]:
        if self._next.text == "{":
            return self._block()
        found = self._statement()
        self._takes(";")
        return found

    def _block(self) -> list[Statement]:
        self._need("{")
        found = self.statements()
        self._need("}")
        return found

    def _expression(self, rank: int = 1) -> Expr:
        left = self._unary()
        while (own := _RANKS.get(self._next.text, 0)) >= rank:
            sign = self._next.text
            self._at += 1
            left = Binary(sign, left, self._expression(own + 1))
        if self._next.text in ("?", "*", "/", "%", "&", "|", "++", "--", "+=", "-="):
            raise Unreadable("an operator that is not plain")
        return left

    def _unary(self) -> Expr:
        if self._next.text in ("!", "-", "typeof"):
            sign = self._next.text
            self._at += 1
            inner = self._unary()
            is_number = isinstance(inner, Literal) and isinstance(inner.value, int | float)
            if sign == "-" and isinstance(inner, Literal) and is_number:
                return Literal(-inner.value)
            return Unary(sign, inner)
        self._takes("await")
        return self._postfix(self._primary())

    def _postfix(self, found: Expr) -> Expr:
        while True:
            if self._takes(".") or self._takes("?."):
                if self._next.text not in ("[", "("):
                    found = Member(found, self._name())
            elif self._next.text == "[":
                found = Member(found, self._key())
            elif self._next.text == "(":
                found = Call(found, self._listed("(", ")"))
            else:
                return found

    def _key(self) -> str | int:
        self._need("[")
        key = self._expression()
        self._need("]")
        if isinstance(key, Literal) and isinstance(key.value, str | int):
            return key.value
        raise Unreadable("a computed key")

    def _listed(self, opened: str, closed: str) -> list[Expr]:
        self._need(opened)
        found: list[Expr] = []
        while not self._takes(closed):
            found.append(self._expression())
            if not self._takes(",") and self._next.text != closed:
                raise Unreadable("a list that is not plain")
        return found

    def _primary(self) -> Expr:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("nested too deep")
        try:
            return self._inner_primary()
        finally:
            self._depth -= 1

    def _inner_primary(self) -> Expr:
        token = self._next
        if function := self._function():
            return function
        if token.kind == "name":
            self._at += 1
            return self._word(token)
        if token.text == "(":
            self._at += 1
            inner = self._expression()
            self._need(")")
            return inner
        if token.text == "[":
            return _literal_list(self._listed("[", "]"))
        if token.text == "{":
            return self._map()
        self._at += 1
        return _scalar(token)

    def _word(self, token: Token) -> Expr:
        if token.text == "new":
            return Call(Name("new"), [self._postfix(self._primary())])
        if token.text in _WORDS:
            return Literal(_WORDS[token.text])
        if token.text in BLOCKS or token.text in ("return", "throw", "delete"):
            raise Unreadable(token.text)
        return Name(token.text)

    def _map(self) -> Expr:
        found = {}
        self._need("{")
        while not self._takes("}"):
            token = self._next
            self._at += 1
            if token.kind not in ("name", "text", "number"):
                raise Unreadable("a computed key")
            self._need(":")
            value = self._expression()
            if not isinstance(value, Literal):
                raise Unreadable("a map that is not constant")
            found[text_value(token.text) if token.kind == "text" else token.text] = value.value
            if not self._takes(",") and self._next.text != "}":
                raise Unreadable("a map that is not plain")
        return Literal(found)

    def _function(self) -> Function | None:
        """Read a function of any spelling; None if there is only a bracket."""
        start = self._at
        starts = self._next.text in ("async", "function", "(")
        if not starts and self._tokens[min(start + 1, len(self._tokens) - 1)].text != "=>":
            return None
        self._takes("async")
        if self._takes("function"):
            if self._next.kind == "name":
                self._at += 1
            self._balanced()
            return Function(self._block())
        if self._next.text == "(":
            self._balanced()
        else:
            self._at += 1
        if not self._takes("=>"):
            self._at = start
            return None
        if self._next.text == "{":
            return Function(self._block())
        begun = self._at
        return Function([Do(self._expression(), self._text(begun))])


def _scalar(token: Token) -> Expr:
    if token.kind == "number":
        return Literal(_number(token.text))
    if token.kind == "text" or (token.kind == "template" and "${" not in token.text):
        return Literal(text_value(token.text))
    if token.kind == "pattern":
        source, _, flags = token.text[1:].rpartition("/")
        return Pattern(source, flags)
    raise Unreadable(token.text)


def _number(text: str) -> int | float:
    if text[:2].lower() == "0x":
        return int(text, 16)
    return int(text) if text.isdecimal() else float(text)


def _literal_list(items: list[Expr]) -> Literal:
    values = [item.value for item in items if isinstance(item, Literal)]
    if len(values) < len(items):
        raise Unreadable("a list that is not constant")
    return Literal(values)
