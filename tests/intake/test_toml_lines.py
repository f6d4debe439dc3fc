"""The line of every key, as a person who counts lines finds it."""

import tomllib

import pytest

from intake.toml_lines import KeyPath, deepest_nesting, line_of_keys

TEXT = '''# a comment with [brackets] and "quotes
title = "a # b"
[a]
b = 1
"c.d" = { e = 1, f = [1,
  2] }
g.h = """
[not.a.table]
k = 1
"""
[[items]]
name = 'x'
[items.inner]
y = 2

[[items]]
name = 'z'  # = not a value
list = [
  { u = 1 },
  { u = 2, v = [[1], [2]] },
]
'''

LINES: dict[KeyPath, int] = {
    ("title",): 2,
    ("a",): 3,
    ("a", "b"): 4,
    ("a", "c.d"): 5,
    ("a", "c.d", "f"): 5,
    ("a", "c.d", "f", 1): 6,
    ("a", "g", "h"): 7,
    ("items", 0): 11,
    ("items", 0, "name"): 12,
    ("items", 0, "inner"): 13,
    ("items", 0, "inner", "y"): 14,
    ("items", 1): 16,
    ("items", 1, "name"): 17,
    ("items", 1, "list"): 18,
    ("items", 1, "list", 0, "u"): 19,
    ("items", 1, "list", 1): 20,
    ("items", 1, "list", 1, "v", 1): 20,
}


@pytest.mark.parametrize("path", LINES, ids=lambda path: ".".join(map(str, path)))
def test_a_key_is_found_on_its_line(path: KeyPath) -> None:
    assert line_of_keys(TEXT)[path] == LINES[path]


def test_every_key_of_the_text_is_found() -> None:
    def paths(value: object, path: KeyPath = ()) -> set[KeyPath]:
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return {path} | {found for key, child in children for found in paths(child, (*path, key))}

    assert paths(tomllib.loads(TEXT)) - {(), ("items",)} <= set(line_of_keys(TEXT)) | {("items",)}


def test_the_words_of_a_text_that_is_not_a_table_are_no_keys() -> None:
    assert ("not",) not in line_of_keys(TEXT)


def test_nesting_counts_brackets_and_dots_but_not_those_in_texts() -> None:
    assert deepest_nesting('a = "[[[["\n# {{{{\nb = [[1]]\n') == (2, 3)
    assert deepest_nesting("a.b.c = 1\n") == (2, 1)
    assert deepest_nesting("[[[[") == (4, 1)
