"""What is kept for a version is worked out once, and each function has a cache of its own."""

from __future__ import annotations

from ui.session.versioned import versioned


def test_a_version_is_worked_out_once_whatever_else_is_passed() -> None:
    asked: list[str] = []

    @versioned(most=2)
    def loud(word: str) -> str:
        asked.append(word)
        return word.upper()

    @versioned(most=2)
    def twice(word: str) -> str:
        return word * 2

    assert [loud(("a", 1), "a"), loud(("a", 1), "b"), loud(("a", 2), "c")] == ["A", "A", "C"]
    assert asked == ["a", "c"]
    assert twice(("a", 1), "a") == "aa", "not the other's"
    loud(("a", 3), "d")
    assert loud(("a", 1), "e") == "E", "the oldest was forgotten"
