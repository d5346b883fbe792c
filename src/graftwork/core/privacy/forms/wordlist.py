"""Long lists of words, written as people would write them."""


def words(text: str) -> list[str]:
    return text.split()
