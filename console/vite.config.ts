import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const BRAIN_URL = "http://127.0.0.1:8080";

export default defineConfig(({ command }) => {
  if (command === "build") {
    // Built from within a test run, which sets it to "test", React would come in its slow form.
    process.env.NODE_ENV = "production";
  }
  return {
    root: import.meta.dirname,
    plugins: [react()],
    build: {
      outDir: resolve(import.meta.dirname, "../dist/console"),
      emptyOutDir: true,
      target: "es2022",
      // The brain's content policy allows scripts of its own origin only, so nothing is inlined.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: ["index.html", "report.html"].map((page) => resolve(import.meta.dirname, page)),
      },
    },
    server: {
      proxy: { "/v1": { target: BRAIN_URL } },
    },
  };
});
