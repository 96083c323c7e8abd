// Series colours: Okabe and Ito's eight, moved in lightness until each stands out from its background by 3:1 and from the
// others for people with protanopia and deuteranopia.

export const PALETTES = {
    light: ["#1a80e0", "#c38508", "#00614a", "#c571a9", "#a44511", "#134267", "#403900", "#7d7472"],
    dark: ["#3b8fd9", "#f0b51c", "#14c494", "#e3b0d0", "#e0702a", "#7fd0fb", "#f0ea86", "#948b88"],
};

/** Label values with a colour of their own, so that they look the same on every panel.
 * @type {Record<string, number>} */
const FIXED = {
    user: 0, system: 1, iowait: 4, nice: 2, irq: 3, softirq: 6, steal: 5,
    "1m": 0, "5m": 1, "15m": 2,
    used: 0, cached: 2, buffers: 3, free: 7, slab: 1, reclaimable: 1, reserved: 1,
};

/** @param {string} text @returns {number} */
function hash(text) {
    let h = 2166136261;
    for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 16777619) >>> 0;
    return h;
}

/** A slot of the palette for each name: the same name gets the same one wherever no other name of its panel holds it.
 * @param {string[]} names @returns {number[]} */
export function colorSlots(names) {
    const size = PALETTES.light.length;
    const taken = new Set();
    const slots = /** @type {Map<string, number>} */ (new Map());
    const place = (/** @type {string} */ name, /** @type {number} */ wanted) => {
        let slot = wanted;
        for (let tries = 0; taken.has(slot) && tries < size; tries += 1) slot = (slot + 1) % size;
        taken.add(slot);
        if (taken.size === size) taken.clear();
        slots.set(name, slot);
    };
    for (const name of new Set(names)) if (Object.hasOwn(FIXED, name)) place(name, FIXED[name]);
    // Grey, the last, is for when all others are taken.
    for (const name of [...new Set(names)].sort()) if (!slots.has(name)) place(name, hash(name) % (size - 1));
    return names.map((name) => slots.get(name) ?? 0);
}
