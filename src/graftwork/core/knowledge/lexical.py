"""The half of the index that finds words: BM25 (Robertson and Zaragoza, 2009) by tantivy, in memory.

It finds what vectors blur: numbers, part codes, names, rare words.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import tantivy

_ANALYZER = "words"
_WRITER_BYTES = 32_000_000
# Beyond these a long question gains nothing and costs time.
MOST_TERMS = 48
# A code is letters and digits held together by punctuation, such as AB-1200/7, or a run that holds both.
_CODE = re.compile(r"\w+(?:[-./_:#+]\w+)+|\w*\d\w*")
_PUNCTUATION = re.compile(r"[^\w]|_")
_CODE_BOOST = 1.0


class Entry(NamedTuple):
    number: int
    source: str
    document: str
    text: str


class Words:
    """How text becomes the terms that are compared: lower case, no accents, no stop words, stems of `language`.

    `language` is an English name such as "german"; "" leaves words as they are.
    """

    def __init__(self, language: str = "english") -> None:
        # A native library of 20 MB that only what searches needs.
        import tantivy  # noqa: PLC0415

        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        builder = builder.filter(tantivy.Filter.remove_long(60)).filter(tantivy.Filter.lowercase())
        if language:
            builder = builder.filter(tantivy.Filter.stopword(language)).filter(tantivy.Filter.stemmer(language))
        self.analyzer = builder.filter(tantivy.Filter.ascii_fold()).build()

    def terms(self, text: str) -> list[str]:
        found: list[str] = self.analyzer.analyze(text)
        return found


def codes(text: str) -> list[str]:
    """The codes of `text`, without their punctuation: KX-200, KX/200 and kx200 are one."""
    found = (_PUNCTUATION.sub("", match[0]).lower() for match in _CODE.finditer(text))
    return [code for code in found if len(code) > 1 and any(map(str.isdigit, code))]


class LexicalHalf:
    """Entries by their words. One thread may write; `searcher` gives a state that later writing does not change."""

    def __init__(self, words: Words) -> None:
        import tantivy  # noqa: PLC0415 - see `Words`

        self.words = words
        schema = tantivy.SchemaBuilder()
        schema.add_unsigned_field("number", stored=False, indexed=True, fast=True)
        schema.add_text_field("source", tokenizer_name="raw", index_option="basic")
        schema.add_text_field("document", tokenizer_name="raw", index_option="basic")
        schema.add_text_field("body", tokenizer_name=_ANALYZER, index_option="freq")
        schema.add_text_field("codes", tokenizer_name="whitespace", index_option="freq")
        self._schema = schema.build()
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer(_ANALYZER, words.analyzer)
        self._writer = self._index.writer(_WRITER_BYTES, 1)

    def add(self, entries: Iterable[Entry]) -> None:
        import tantivy  # noqa: PLC0415 - see `Words`

        for entry in entries:
            document = tantivy.Document()
            document.add_unsigned("number", entry.number)
            document.add_text("source", entry.source)
            document.add_text("document", _key(entry.source, entry.document))
            document.add_text("body", entry.text)
            document.add_text("codes", " ".join(codes(entry.text)))
            self._writer.add_document(document)

    def remove(self, source: str, document: str) -> None:
        self._writer.delete_documents_by_term("document", _key(source, document))

    def remove_source(self, source: str) -> None:
        self._writer.delete_documents_by_term("source", source)

    def commit(self) -> "LexicalSearcher":
        self._writer.commit()
        self._index.reload()
        return LexicalSearcher(self._index.searcher(), self._schema, self.words)

    def searcher(self) -> "LexicalSearcher":
        return LexicalSearcher(self._index.searcher(), self._schema, self.words)


class LexicalSearcher:
    """One state of the words. Any number of threads may search it."""

    def __init__(self, searcher: "tantivy.Searcher", schema: "tantivy.Schema", words: Words) -> None:
        self._searcher = searcher
        self._schema = schema
        self._words = words
        self._size = max(1, searcher.num_docs)

    def weights(self, query: str) -> dict[str, float]:
        """The terms of `query` with how much each tells: the inverse document frequency of BM25."""
        counted = Counter(self._words.terms(query))
        rare = {term: self._idf("body", term) for term in counted}
        return dict(sorted(rare.items(), key=lambda one: -one[1])[:MOST_TERMS])

    def weight(self, word: str) -> float:
        """The squared inverse document frequency of one word, 0 for a stop word: its share in a TF-IDF cosine."""
        return max((self._idf("body", term) for term in self._words.terms(word)), default=0.0) ** 2

    def search(self, query: str, sources: Collection[str] | None, limit: int) -> list[tuple[int, float]]:
        """Numbers and BM25 scores of the best `limit` entries, best first, of `sources` alone where given."""
        wanted = self._query(query, sources)
        if wanted is None:
            return []
        hits = self._searcher.search(wanted, limit, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return [(int(number or 0), float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]

    def _query(self, query: str, sources: Collection[str] | None) -> "tantivy.Query | None":
        from tantivy import Occur, Query  # noqa: PLC0415 - see `Words`

        counted = Counter(self._words.terms(query))
        parts = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, "body", term), float(counted[term])))
            for term in self.weights(query)
        ]
        for code in list(dict.fromkeys(codes(query)))[:MOST_TERMS]:
            term = Query.term_query(self._schema, "codes", code)
            parts.append((Occur.Should, Query.boost_query(term, _CODE_BOOST)))
        if not parts:
            return None
        words = Query.boolean_query(parts)
        if sources is None:
            return words
        allowed = [(Occur.Should, Query.term_query(self._schema, "source", source)) for source in sources]
        within = Query.const_score_query(Query.boolean_query(allowed), 0.0)
        return Query.boolean_query([(Occur.Must, words), (Occur.Must, within)])

    def _idf(self, field: str, term: str) -> float:
        count = self._searcher.doc_freq(field, term)
        return math.log(1 + (self._size - count + 0.5) / (count + 0.5)) if count <= self._size else 0.0


def coverage(weights: dict[str, float], terms: Sequence[str]) -> float:
    """The share of a query's weight whose terms occur among `terms`, 0 to 1."""
    here = frozenset(terms)
    whole = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in here) / whole if whole else 0.0


def _key(source: str, document: str) -> str:
    return f"{source}\0{document}"
