// The page's pulse: asks again every few seconds, rests while nobody looks, and says how things stand.

/** @typedef {"live"|"paused"|"still"|"loading"|"offline"} Pulse */

export class Live {
    #timer = 0;
    #turn = 0;
    #isPaused = false;
    /** @type {() => boolean} */
    #still = () => false;
    /** @type {() => number} */
    #every = () => 5;
    /** @type {(signal: AbortSignal) => Promise<void>} */
    #refresh = async () => {};
    #controller = new AbortController();
    /** @type {(pulse: Pulse, error: Error|null) => void} */
    #report;

    /** @param {(pulse: Pulse, error: Error|null) => void} report */
    constructor(report) {
        this.#report = report;
        document.addEventListener("visibilitychange", () => {
            clearTimeout(this.#timer);
            if (!document.hidden) this.#begin();
        });
    }

    get isPaused() {
        return this.#isPaused;
    }

    /** Starts afresh with a view's own refresh; what the last one still had under way is dropped.
     * @param {(signal: AbortSignal) => Promise<void>} refresh @param {() => number} every seconds until the next
     * @param {() => boolean} still whether there is no need to ask again, as for a fixed stretch of time */
    watch(refresh, every, still) {
        this.#refresh = refresh;
        this.#every = every;
        this.#still = still;
        this.#run(true);
    }

    /** @param {boolean} paused */
    setPaused(paused) {
        this.#isPaused = paused;
        this.#begin();
    }

    /** Asks now, whatever the pulse. */
    now() {
        this.#run(true);
    }

    #begin() {
        if (this.#isPaused || this.#still()) {
            clearTimeout(this.#timer);
            this.#report(this.#isPaused ? "paused" : "still", null);
        } else {
            this.#run(false);
        }
    }

    /** @param {boolean} isFirst */
    async #run(isFirst) {
        clearTimeout(this.#timer);
        this.#controller.abort();
        this.#controller = new AbortController();
        const { signal } = this.#controller;
        this.#turn += 1;
        const turn = this.#turn;
        if (isFirst) this.#report(this.#isPaused ? "paused" : this.#still() ? "still" : "loading", null);
        let error = null;
        try {
            await this.#refresh(signal);
        } catch (caught) {
            if (signal.aborted) return;
            error = caught instanceof Error ? caught : new Error(String(caught));
        }
        if (turn !== this.#turn) return;
        this.#report(error ? "offline" : this.#isPaused ? "paused" : this.#still() ? "still" : "live", error);
        const rests = (this.#isPaused || this.#still()) && !error;
        if (!rests && !document.hidden) this.#timer = window.setTimeout(() => this.#run(false), this.#every() * 1000);
    }
}
