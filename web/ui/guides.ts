// A plugin for Vite: the guides of docs/, rendered when the page is built. "virtual:guides/en" is a
// list of all in English, "virtual:guides/zh" in Chinese.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Marked, type Tokens } from "marked";
import type { Plugin } from "vite";
import type { Guide } from "./src/guides/guide";

const DOCS = resolve(dirname(fileURLToPath(import.meta.url)), "../../docs");
/** in the order in which people need them */
const NAMES = [
  "first-day",
  "dispatcher",
  "hospital",
  "flight-control",
  "quality",
  "operator",
  "devices",
  "integrator",
  "live-feed",
  "security",
];
const VIRTUAL = "virtual:guides/";

/** slug is what a heading is called in an address, as the pages of the repository call it. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

const escaped = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** target is where a link leads within the page; what the page does not have, it names only. */
function target(href: string): string | undefined {
  const [, file, anchor = ""] = /^(?:\.\.\/)?([a-z-]+)\.md(#.*)?$/.exec(href) ?? [];
  if (file !== undefined && NAMES.includes(file)) return `/help/${file}${anchor}`;
  if (/^(?:\.\.\/)+web\/api\.yaml$/.test(href)) return "/api.yaml";
  return href.startsWith("#") || /^https?:/.test(href) ? href : undefined;
}

/** render makes a guide of its text; pictures are kept as numbers of a list. */
function render(name: string, file: string, pictures: string[]): Guide {
  const guide: Guide = { name, title: "", html: "", sections: [] };
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ tokens, text, depth }: Tokens.Heading) {
        return `<h${depth} id="${slug(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const to = target(href);
        const words = this.parser.parseInline(tokens);
        return to === undefined ? words : `<a href="${escaped(to)}">${words}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        const path = resolve(dirname(file), href);
        if (!pictures.includes(path)) pictures.push(path);
        return `<img alt="${escaped(text)}" loading="lazy" data-picture="${pictures.indexOf(path)}">`;
      },
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text), // the guides have none
    },
  });
  const text = readFileSync(file, "utf8");
  // What is wider than the page is moved by keys too.
  guide.html = marked
    .parse(text, { async: false })
    .replaceAll("<pre>", '<pre tabindex="0">')
    .replaceAll("<table>", '<div class="wide" tabindex="0"><table>')
    .replaceAll("</table>", "</table></div>");
  for (const token of marked.lexer(text)) {
    if (token.type === "heading" && token["depth"] === 1) guide.title = token["text"] as string;
    if (token.type === "heading")
      guide.sections.push({ id: slug(token["text"] as string), title: token["text"] as string, text: "" });
    else if (guide.sections.length > 0) guide.sections.at(-1)!.text += `${token.raw}\n`;
  }
  return guide;
}

/** lostLinks are those that lead to no heading. */
function lostLinks(of: Guide, all: readonly Guide[]): string[] {
  return [...of.html.matchAll(/href="(?:\/help\/([a-z-]+))?#([^"]+)"/g)]
    .filter(([, name = of.name, at]) => !all.some((g) => g.name === name && g.sections.some((s) => s.id === at)))
    .map(([link]) => `${of.title}: ${link} leads to no heading`);
}

export function guides(): Plugin {
  return {
    name: "guides",
    resolveId: (id) => (id.startsWith(VIRTUAL) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${VIRTUAL}`)) return undefined;
      const lang = id.slice(VIRTUAL.length + 1);
      const pictures: string[] = [];
      const list = NAMES.map((name) => {
        const file = resolve(DOCS, lang === "en" ? "" : lang, `${name}.md`);
        this.addWatchFile(file);
        return render(name, file, pictures);
      });
      const [lost] = list.flatMap((g) => lostLinks(g, list));
      if (lost !== undefined) this.error(lost);
      const imports = pictures.map((path, i) => `import p${i} from ${JSON.stringify(`${path}?url`)};`).join("\n");
      return `${imports}
const pictures = [${pictures.map((_, i) => `p${i}`).join(", ")}];
const list = ${JSON.stringify(list)};
export default list.map((g) => ({ ...g, html: g.html.replace(/data-picture="(\\d+)"/g, (_, i) => \`src="\${pictures[i]}"\`) }));
`;
    },
  };
}
