import { defineConfig } from "@playwright/test";

export default defineConfig({ testMatch: "*.spec.mjs", reporter: "line" });
