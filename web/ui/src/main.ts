import "@fontsource-variable/geist-mono";
import "@fontsource-variable/inter";
import "@fontsource-variable/noto-sans-sc"; // last resort of a kiosk without Chinese fonts; fetched by range when used
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { language, setLang } from "./i18n/index.svelte";
import { app } from "./state.svelte";

setLang(language.lang);
void document.fonts.ready
  .then(() => app.start())
  .catch((e: unknown) => (app.failure = String(e)))
  .finally(() => mount(App, { target: document.getElementById("app")! }));
