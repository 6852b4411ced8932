// Search as Sphinx has it, but for three things: a hit leads to the section that holds the words, a Chinese term finds
// what its English one finds, and the book's own text comes before the reference of its code.
(() => {
  const { places, chapters } = SECTIONS;
  const [words, terms] = [SECTIONS.words, SECTIONS.terms].map((each) => new Map(Object.entries(each)));
  const { _performSearch: perform, performTermsSearch: performTerms } = Search;
  const REFERENCE = "book/api";
  const DEFINITION = "#term-"; // comes after the chapters that explain what it defines

  // A section's worth for a word of the query: that it has it, then that its title does, then how often.
  function count(worth, word, page) {
    const found = words.has(word) ? [word] : [...words.keys()].filter((each) => word.length > 2 && each.includes(word));
    const here = new Map();
    for (const each of found) {
      const list = words.get(each);
      for (let i = 0; i < list.length; i += 2) {
        const [of, , title] = places[list[i]];
        if (of === page)
          here.set(list[i], Math.min(999, (here.get(list[i]) ?? 0) + list[i + 1]) + (title.toLowerCase().includes(word) ? 1e3 : 0));
      }
    }
    here.forEach((value, place) => worth.set(place, (worth.get(place) ?? 0) + 1e6 + value));
  }

  function place(hit, searched) {
    const [page, title, , ...rest] = hit;
    const worth = new Map();
    searched.forEach((word) => count(worth, word, page));
    const inside = [...worth].filter(([each]) => places[each][1] !== "").sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    if (inside.length === 0) return hit;
    const [, anchor, name] = places[inside[0][0]];
    return [page, `${title} > ${name}`, `#${anchor}`, ...rest];
  }

  // A run of Chinese characters: a term, else a part of terms, else one that holds terms.
  function meanings(run) {
    if (terms.has(run)) return terms.get(run);
    const wider = [...terms.keys()].filter((term) => term.includes(run));
    const narrower = [...terms.keys()].filter((term) => run.includes(term)).sort((a, b) => b.length - a.length);
    return [...wider, ...narrower.slice(0, 1)].flatMap((term) => terms.get(term));
  }

  function translations(query) {
    const runs = query.match(/\p{Script=Han}+/gu) ?? [];
    return runs.reduce(
      (made, run) => made.flatMap((text) => meanings(run).map((name) => text.replace(run, ` ${name} `))),
      runs.length ? [query] : [],
    );
  }

  // Sphinx names a chapter's own title twice, once with its number.
  const whole = ([, title, anchor]) => anchor === "" && title.includes(" > ");
  const named = (result) => (whole(result) ? result.with(1, result[1].split(" > ")[0]) : result);

  function unique(results) {
    const best = new Map(results.map((result) => [result[0] + result[2], result])); // the last is the best
    return results.filter((result) => best.get(result[0] + result[2]) === result);
  }

  Search.performTermsSearch = (searched, ...rest) => performTerms(searched, ...rest).map((hit) => place(hit, searched));
  Search._performSearch = (query, ...parsed) => {
    const translated = translations(query).flatMap((text) => perform(...Search._parseQuery(text)));
    return unique([...perform(query, ...parsed), ...translated].sort(_orderResultsByScoreThenName)).map(named);
  };
  Scorer.score = (result) => {
    const [page, , anchor, , score] = result;
    if (page.startsWith(REFERENCE)) return score - 100;
    if (anchor.startsWith(DEFINITION)) return score / 1000;
    return score + (chapters.includes(page) ? 2 : 0) + (whole(result) ? 3 : 0);
  };
})();
