// A plugin for Vite: it tells the service worker what the shell of the hospital's page is made of.
import type { Plugin } from "vite";

/** what the page needs to come up and to ask for blood; maps and consoles need a line */
const NEEDED = /^(index\.html|assets\/.*\.svg|assets\/(inter|geist-mono)-latin-wght-.*\.woff2)$/;
const NOT = /^assets\/(map|camera|reader|guides|Guides|Dispatcher|maplibre|noto)/;
const CODE = /^assets\/.*\.(js|css)$/;

/** digest is a revision of what has no version in its name. */
async function digest(content: string | Uint8Array): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...sum.subarray(0, 8)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export function shell(): Plugin {
  return {
    name: "shell",
    enforce: "post",
    async generateBundle(_, bundle) {
      const sw = bundle["sw.js"];
      if (sw?.type !== "chunk") throw new Error("there is no sw.js");
      const names = Object.keys(bundle).filter((n) => NEEDED.test(n) || (CODE.test(n) && !NOT.test(n)));
      if (!names.includes("index.html")) throw new Error("the shell has no page");
      const list = names.sort().map(async (name) => {
        const file = bundle[name]!;
        const hashed = name.startsWith("assets/");
        return {
          url: `/${name}`,
          revision: hashed ? null : await digest(file.type === "asset" ? file.source : file.code),
        };
      });
      sw.code = `const SHELL = ${JSON.stringify(await Promise.all(list))};\n${sw.code}`;
    },
  };
}
