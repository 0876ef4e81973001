import type { AdminStrings } from "./admin.zh";
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
/** pages of administration have words of their own, fetched with the first of them */
const adminBooks: Record<Lang, () => Promise<AdminStrings>> = {
  zh: () => import("./admin.zh").then((m) => m.adminZh),
  en: () => import("./admin.en").then((m) => m.adminEn),
};
type Words = Strings & AdminStrings;
let words = $state.raw<Partial<Words>>({});
let admin = false;

let chosen: Lang = language.lang;

/** setLang shows another language, the last one chosen; where its words cannot be had, it stays
 * as it is. */
export async function setLang(lang: Lang): Promise<void> {
  chosen = lang;
  const book = await bookOf(lang).catch(() => undefined);
  if (book === undefined || chosen !== lang) return; // meanwhile another one was chosen
  words = book;
  language.lang = lang;
  localStorage.setItem("lang", lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

async function bookOf(lang: Lang): Promise<Partial<Words>> {
  if (!admin) return books[lang]();
  const [own, more] = await Promise.all([books[lang](), adminBooks[lang]()]);
  return { ...own, ...more };
}

/** withAdminWords adds the words of administration, now and in every language chosen from now on. */
export async function withAdminWords(): Promise<void> {
  await adminBooks[chosen](); // so that a failure is told
  admin = true;
  await setLang(chosen);
}

/** t returns a string of the current language with {0}, {1} … filled in. */
export function t(key: keyof Words, ...args: (string | number)[]): string {
  return (words[key] ?? key).replace(/\{(\d)\}/g, (_, i: string) => String(args[Number(i)] ?? ""));
}

/** word is t for a key that is made at run time; a name without words stands for itself. */
export function word(key: string, ...args: (string | number)[]): string {
  return key in words ? t(key as keyof Words, ...args) : key;
}

/** name picks the name of the current language. */
export function name(x: { name_zh: string; name_en: string }): string {
  return language.lang === "zh" ? x.name_zh : x.name_en;
}
