import "@fontsource-variable/geist-mono";
import "@fontsource-variable/inter";
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { language, setLang } from "./i18n/index.svelte";
import { publicPage } from "./router";
import { app } from "./state.svelte";

// The last resort of a kiosk without Chinese fonts: its list of ranges is fetched once the page
// is up, and a font of a range when it is used.
addEventListener("load", () => void import("@fontsource-variable/noto-sans-sc"), { once: true });

// Without a secure origin there is no service worker, and the page needs a line to come up.
if (import.meta.env.PROD && "serviceWorker" in navigator)
  addEventListener("load", () => void navigator.serviceWorker.register("/sw.js").catch(() => {}), { once: true });

void Promise.all([setLang(language.lang), document.fonts.ready])
  .then(() => (publicPage() ? undefined : app.start()))
  .catch((e: unknown) => (app.failure = String(e)))
  .finally(() => mount(App, { target: document.getElementById("app")! }));
