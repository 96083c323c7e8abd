// The view of traces: searching, one trace, two of them side by side, the map of services, where the time went.

import { mountSearch } from "./tracesearch.js";
import { mountTrace } from "./tracepage.js";
import { mountTracePaths } from "./tracepaths.js";
import { mountServiceMap } from "./servicemap.js";
import { mountTracePair } from "./tracepair.js";
import { mountTraceSets } from "./tracesets.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./app.js").Mounted} Mounted */

const PAGES = /** @type {Record<string, (root: HTMLElement, context: Context) => Mounted>} */ ({
    map: mountServiceMap, paths: mountTracePaths, sets: mountTraceSets,
});

/** Which page a state shows, and of what.
 * @param {import("./state.js").State} state @returns {[string, (root: HTMLElement, context: Context) => Mounted]} */
function page(state) {
    if (state.trace && state.other) return [`pair ${state.trace} ${state.other}`, mountTracePair];
    if (state.trace) return [`trace ${state.trace}`, mountTrace];
    return Object.hasOwn(PAGES, state.part) ? [state.part, PAGES[state.part]] : ["search", mountSearch];
}

/** @param {HTMLElement} root @param {Context} context @returns {Mounted} */
export function mountTraces(root, context) {
    let [key, mount] = page(context.state);
    let inner = mount(root, context);
    return {
        get every() { return inner.every; },
        get isStill() { return inner.isStill === true; },
        refresh: (signal) => inner.refresh(signal),
        update() {
            const [nextKey, nextMount] = page(context.state);
            if (nextKey === key) {
                inner.update();
                return;
            }
            inner.destroy();
            root.textContent = "";
            [key, mount] = [nextKey, nextMount];
            inner = mount(root, context);
        },
        destroy() { inner.destroy(); },
    };
}
