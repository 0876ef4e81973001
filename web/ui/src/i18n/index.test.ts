import { expect, it, vi } from "vitest";

// Of two languages chosen one after the other, the last one is shown, though the words of the
// first came later.
it("shows the language that was chosen last", async () => {
  vi.stubGlobal("localStorage", { getItem: () => "en", setItem: () => {} });
  vi.stubGlobal("document", { documentElement: {} });
  let comes = (): void => {};
  const late = new Promise<void>((resolve) => (comes = resolve));
  vi.doMock("./zh", async () => {
    await late;
    return { zh: { close: "关闭" } };
  });
  vi.doMock("./en", () => ({ en: { close: "Close" } }));
  const { language, setLang, t } = await import("./index.svelte");
  const first = setLang("zh");
  await setLang("en");
  comes();
  await first;
  expect([language.lang, t("close")]).toEqual(["en", "Close"]);
});
