"""Search in English and Chinese: a run of Chinese characters is indexed, and asked for, in pairs.

Chinese has no spaces, so Sphinx's English index would hold whole phrases, and find a term only
where it stands alone. With pairs a term is found in any phrase, and a single character by itself.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.search import languages
from sphinx.search.en import SearchEnglish

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
SPLITTER = """
function splitQuery(query) {
  const words = query.split(/[^\\p{Letter}\\p{Number}_\\p{Emoji_Presentation}]+/gu);
  return words.flatMap((word) => word.match(/[HAN]+|[^HAN]+/g) || []).flatMap((run) => {
    if (!/[HAN]/.test(run) || run.length < 2) return [run];
    return Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2));
  });
}
""".replace("HAN", HAN)


class EnglishAndChinese(SearchEnglish):
    """English as Sphinx has it; Chinese in single characters and overlapping pairs."""

    js_splitter_code = SPLITTER

    def split(self, input: str) -> list[str]:
        """Return the words of English, and the characters and pairs of Chinese."""
        runs = (
            run for word in super().split(input) for run in re.findall(f"[{HAN}]+|[^{HAN}]+", word)
        )
        return [part for run in runs for part in parts(run)]


def parts(run: str) -> list[str]:
    """Return a word by itself, or a run of Chinese characters with its pairs.

    Examples
    --------
    >>> parts("kernel"), parts("感受野")
    (['kernel'], ['感', '受', '野', '感受', '受野'])
    """
    if not re.match(f"[{HAN}]", run):
        return [run]
    return [*run, *(run[i : i + 2] for i in range(len(run) - 1))]


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    languages["en"] = EnglishAndChinese
    return {"parallel_read_safe": True, "parallel_write_safe": True}
