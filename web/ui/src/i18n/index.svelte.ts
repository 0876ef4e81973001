import type { Strings } from "./zh";

export type Lang = "zh" | "en";

const stored = localStorage.getItem("lang");
export const language = $state<{ lang: Lang }>({
  lang: stored === "en" || stored === "zh" ? stored : navigator.language.startsWith("zh") ? "zh" : "en",
});

/** each language is fetched by those who read it; the service worker keeps both */
const books: Record<Lang, () => Promise<Strings>> = {
  zh: () => import("./zh").then((m) => m.zh),
  en: () => import("./en").then((m) => m.en),
};
let words = $state.raw<Partial<Strings>>({});

let chosen: Lang = language.lang;

/** setLang shows another language, the last one chosen; where its words cannot be had, it stays
 * as it is. */
export async function setLang(lang: Lang): Promise<void> {
  chosen = lang;
  const book = await books[lang]().catch(() => undefined);
  if (book === undefined || chosen !== lang) return; // meanwhile another one was chosen
  words = book;
  language.lang = lang;
  localStorage.setItem("lang", lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

/** t returns a string of the current language with {0}, {1} … filled in. */
export function t(key: keyof Strings, ...args: (string | number)[]): string {
  return (words[key] ?? key).replace(/\{(\d)\}/g, (_, i: string) => String(args[Number(i)] ?? ""));
}

/** word is t for a key that is made at run time; a name without words stands for itself. */
export function word(key: string, ...args: (string | number)[]): string {
  return key in words ? t(key as keyof Strings, ...args) : key;
}

/** name picks the name of the current language. */
export function name(x: { name_zh: string; name_en: string }): string {
  return language.lang === "zh" ? x.name_zh : x.name_en;
}
