"""Where each key of a TOML text stands: `tomllib` checks and reads the text but forgets the lines."""

import re
import tomllib
from collections.abc import Iterator

KeyPath = tuple[str | int, ...]
Token = tuple[str, str, int]

_TOKENS = re.compile(
    r'(?P<string>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<comment>#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{},=.])|(?P<bare>[^\s\[\]{},=.#\"']+)|(?P<other>[\"'])",
    re.DOTALL,
)


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for found in _TOKENS.finditer(text):
        kind, word = str(found.lastgroup), found.group()
        if kind != "comment":
            yield ("mark" if kind == "newline" else kind), word, line
        line += word.count("\n")


def _unquoted(key: str) -> str:
    """A quoted key as `tomllib` reads it, its escapes resolved."""
    return str(tomllib.loads(f"key = {key}")["key"]) if "\\" in key else key[1:-1]


def deepest_nesting(text: str) -> tuple[int, int]:
    """The deepest nesting of brackets and dotted keys in any text, and its line."""
    depth = dots = deepest = deepest_line = 0
    for kind, word, line in _tokens(text):
        if kind == "mark":
            depth = max(0, depth + (word in "[{") - (word in "]}"))
            dots = dots + 1 if word == "." else 0 if word in "\n=,]}" else dots
        if depth + dots > deepest:
            deepest, deepest_line = depth + dots, line
    return deepest, deepest_line


def line_of_keys(text: str) -> dict[KeyPath, int]:
    """The line of every table, key and array item of a valid TOML text, by its path."""
    return _Walk(text).lines


class _Walk:
    """One pass over the tokens of a text that `tomllib` has already accepted."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._items: dict[KeyPath, int] = {}
        self.lines: dict[KeyPath, int] = {}
        table: KeyPath = ()
        while self._at < len(self._tokens):
            word = self._word()
            if word == "\n":
                self._at += 1
            elif word == "[":
                table = self._header()
            else:
                self._pair(table)

    def _word(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else "\n"

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _note(self, path: KeyPath, line: int) -> None:
        self.lines.setdefault(path, line)

    def _key(self) -> tuple[list[str], int]:
        parts, line = [], self._tokens[self._at][2]
        while self._word() not in ("=", "]"):
            kind, word, _ = self._take()
            if kind != "mark":
                parts.append(_unquoted(word) if kind == "string" else word)
        return parts, line

    def _header(self) -> KeyPath:
        self._take()
        many = self._word() == "["
        if many:
            self._take()
        parts, line = self._key()
        for _ in range(2 if many else 1):
            self._take()
        path: KeyPath = ()
        for part in parts:
            path = self._latest((*path, part))
            self._note(path, line)
        if many:
            bare = (*self._latest(tuple(parts[:-1])), parts[-1])
            self._items[bare] = self._items.get(bare, -1) + 1
            path = (*bare, self._items[bare])
            self._note(path, line)
        return path

    def _latest(self, path: KeyPath) -> KeyPath:
        return (*path, self._items[path]) if path in self._items else path

    def _pair(self, table: KeyPath) -> None:
        parts, line = self._key()
        self._take()
        path = table
        for part in parts:
            path = (*path, part)
            self._note(path, line)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        opening = self._word()
        if opening in ("[", "{"):
            self._take()
            self._list(path) if opening == "[" else self._inline_table(path)
        else:
            while self._word() not in ("\n", ",", "]", "}"):
                self._take()

    def _list(self, path: KeyPath) -> None:
        index = 0
        while self._word() != "]":
            if self._word() in ("\n", ","):
                self._take()
                continue
            self._note((*path, index), self._tokens[self._at][2])
            self._value((*path, index))
            index += 1
        self._take()

    def _inline_table(self, path: KeyPath) -> None:
        while self._word() != "}":
            if self._word() in ("\n", ","):
                self._take()
            else:
                self._pair(path)
        self._take()
