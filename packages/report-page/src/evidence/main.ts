import { watchTheme } from "../theme.js";
import { evidencePage } from "./page.js";

watchTheme();
evidencePage();
document.documentElement.dataset["ready"] = "true";
