// The search in the guides.
import MiniSearch from "minisearch";
import type { Guide } from "./guide";

export interface Found {
  guide: string;
  section: string;
  title: string;
  /** where the words stand, in a line */
  excerpt: string;
}

const MOST = 12;
const AROUND = 60; // characters

/** words are those of a text in its language: Chinese has no spaces between them. */
export function words(text: string, lang: string): string[] {
  const parts = new Intl.Segmenter(lang, { granularity: "word" }).segment(text);
  return [...parts].filter((p) => p.isWordLike).map((p) => p.segment);
}

/** plain is Markdown without its marks. */
const plain = (text: string): string =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*`|#>]/g, "")
    .replace(/\s+/g, " ")
    .trim();

/** searcher finds sections by their words, the best first. */
export function searcher(guides: readonly Guide[], lang: string): (query: string) => Found[] {
  const sections = guides.flatMap((g) =>
    g.sections.map((s) => ({
      id: `${g.name}#${s.id}`,
      guide: g.name,
      section: s.id,
      title: s.title === g.title ? g.title : `${g.title}: ${s.title}`,
      text: plain(s.text),
    })),
  );
  const byID = new Map(sections.map((s) => [s.id, s]));
  const index = new MiniSearch({
    fields: ["title", "text"],
    tokenize: (text) => words(text, lang),
    searchOptions: { prefix: true, fuzzy: 0.2, boost: { title: 3 }, combineWith: "AND" },
  });
  index.addAll(sections);
  return (query) =>
    index
      .search(query)
      .flatMap((hit): Found[] => {
        const s = byID.get(hit.id as string)!;
        const at = Math.max(
          0,
          ...hit.terms
            .map((term) => s.text.toLowerCase().indexOf(term))
            .filter((i) => i >= 0)
            .slice(0, 1),
        );
        const from = Math.max(0, at - AROUND);
        const excerpt = `${from > 0 ? "…" : ""}${s.text.slice(from, at + 2 * AROUND)}…`;
        return [{ guide: s.guide, section: s.section, title: s.title, excerpt }];
      })
      .slice(0, MOST);
}
