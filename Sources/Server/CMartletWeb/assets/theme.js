// Runs before the first paint: the stored choice of light or dark, or else the system's.
"use strict";
(() => {
    let choice = "auto";
    try {
        choice = localStorage.getItem("martlet.theme") || "auto";
    } catch {
        // No storage: the system's scheme it is.
    }
    const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
