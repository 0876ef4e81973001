import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { guides } from "./guides";
import { shell } from "./shell";

export default defineConfig({
  plugins: [svelte(), guides(), shell()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0, // the page's policy allows no data: scripts or styles
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: "index.html", sw: "src/sw.ts" },
      output: { entryFileNames: (entry) => (entry.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true }, "/basemap": "http://127.0.0.1:8080" } },
  test: { include: ["src/**/*.test.ts"], environment: "node", css: { include: /app\.css/ } },
});
