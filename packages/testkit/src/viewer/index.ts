export { BundleShelf } from "./embed-bundles.js";
export { findBundles } from "./find-bundles.js";
export { limitError, limitTests } from "./limit-tests.js";
export type { EvidencePageData, PageError, PageRun, PageTest, PageWorker } from "./page-data.js";
export { readRunFolder } from "./read-run-folder.js";
export { toEvidenceHtml, createBundlePage } from "./to-html.js";
export { runToMarkdown } from "./to-markdown.js";
export { writePage } from "./write-page.js";
