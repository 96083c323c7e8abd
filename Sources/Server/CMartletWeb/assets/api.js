// The Prometheus HTTP API of this origin.

import { sampleValue } from "./matrix.js";

/** An answer that is not the one wanted, with what to do about it. */
export class APIError extends Error {
    /** @param {string} message @param {string} remedy @param {number} status 0 when nothing answered */
    constructor(message, remedy, status) {
        super(message);
        this.name = "APIError";
        this.remedy = remedy;
        this.status = status;
    }
}

/** Where the API is: beside this page, whatever path a proxy has put before it. */
export const base = new URL(".", document.baseURI).href.replace(/[?#].*$/, "");

const TIMEOUT_MS = 30_000;

let skewMs = 0;

/** The server's clock in Unix seconds, which may differ from this machine's.
 * @returns {number} */
export function now() {
    return (Date.now() + skewMs) / 1000;
}

/** @param {Response} response */
function noteClock(response) {
    const date = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(date)) return;
    // The header has whole seconds and the answer took a moment: only a real difference counts.
    const difference = date + 500 - Date.now();
    skewMs = Math.abs(difference) > 2000 ? difference : 0;
}

/** @param {number} status @returns {string} */
function remedyFor(status) {
    if (status === 401 || status === 403) return "sign in, or ask for the right to read";
    if (status === 404) return "this server is older than this page, or a proxy rewrites the path: reload the page";
    if (status === 422 || status === 400) return "correct the expression";
    if (status === 429 || status === 503) return "the server is busy or starting: the page tries again by itself";
    return "look at the server's log; the page tries again by itself";
}

/** @typedef {{data: any, warnings: string[], infos: string[]}} Answer */

/** Asks, and gives the `data` of a good answer.
 * @param {string} path without the leading slash @param {Record<string, string|number>} [parameters]
 * @param {AbortSignal} [signal] @returns {Promise<Answer>} */
export async function get(path, parameters = {}, signal) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) query.append(name, String(value));
    const text = query.toString();
    const controller = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => { isLate = true; controller.abort(); }, TIMEOUT_MS);
    const stop = () => controller.abort();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
        // A long expression would not fit a request line.
        const isLong = text.length > 4000;
        let response;
        try {
            response = await fetch(`${base}${path}${text && !isLong ? `?${text}` : ""}`, {
                signal: controller.signal,
                headers: { Accept: "application/json" },
                cache: "no-store",
                ...(isLong ? { method: "POST", body: query } : {}),
            });
        } catch (error) {
            if (signal?.aborted) throw error;
            const what = isLate ? `no answer from ${location.host} within ${TIMEOUT_MS / 1000} s` : `cannot reach ${location.host}`;
            throw new APIError(what, "check that martlet serve is still running there; the page tries again by itself", 0);
        }
        noteClock(response);
        let body;
        try {
            body = await response.json();
        } catch (error) {
            if (signal?.aborted) throw error;
            throw new APIError(`${path} answered ${response.status} and no JSON`, remedyFor(response.status), response.status);
        }
        if (!response.ok || body.status !== "success") {
            throw new APIError(String(body.error ?? `${path} answered ${response.status}`), remedyFor(response.status), response.status);
        }
        return { data: body.data, warnings: body.warnings ?? [], infos: body.infos ?? [] };
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
    }
}

/** Asks for JSON without Prometheus' envelope, whatever the answer's status.
 * @param {string} path @param {AbortSignal} [signal] @returns {Promise<{status: number, body: any}>} */
export async function plain(path, signal) {
    let response;
    try {
        response = await fetch(`${base}${path}`, { signal, headers: { Accept: "application/json" }, cache: "no-store" });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new APIError(`cannot reach ${location.host}`, "check that martlet serve is still running there", 0);
    }
    noteClock(response);
    try {
        return { status: response.status, body: await response.json() };
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new APIError(`${path} answered ${response.status} and no JSON`, remedyFor(response.status), response.status);
    }
}

/** Asks the interface of traces, whose failures come as a list.
 * @param {string} path @param {[string, string][]} [parameters] @param {AbortSignal} [signal]
 * @param {"json"|"text"} [form] @returns {Promise<any>} */
export async function traces(path, parameters = [], signal, form = "json") {
    const text = new URLSearchParams(parameters).toString();
    let response;
    try {
        response = await fetch(`${base}${path}${text ? `?${text}` : ""}`, { signal, headers: { Accept: "application/json" }, cache: "no-store" });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new APIError(`cannot reach ${location.host}`, "check that martlet serve is still running there; the page tries again by itself", 0);
    }
    noteClock(response);
    try {
        if (response.ok) return form === "text" ? await response.text() : await response.json();
        const body = await response.json();
        const message = body.errors?.[0]?.msg ?? body.error;
        throw new APIError(String(message ?? `${path} answered ${response.status}`), remedyFor(response.status), response.status);
    } catch (error) {
        if (signal?.aborted || error instanceof APIError) throw error;
        throw new APIError(`${path} answered ${response.status} and no JSON`, remedyFor(response.status), response.status);
    }
}

/** Changes something: a JSON body for Alertmanager's API, parameters for our own.
 * @param {string} method @param {string} path @param {any} [body] an object, or `URLSearchParams` for a form */
export async function send(method, path, body) {
    const isForm = body instanceof URLSearchParams;
    let response;
    try {
        response = await fetch(`${base}${path}`, {
            method, headers: { Accept: "application/json", ...(body && !isForm ? { "Content-Type": "application/json" } : {}) },
            ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
        });
    } catch {
        throw new APIError(`cannot reach ${location.host}`, "check that martlet serve is still running there", 0);
    }
    const text = await response.text();
    let answer = null;
    try {
        answer = text ? JSON.parse(text) : null;
    } catch {
        // Some good answers have no body.
    }
    if (!response.ok) {
        const message = typeof answer === "string" ? answer : answer?.error;
        throw new APIError(String(message ?? `${path} answered ${response.status}`), remedyFor(response.status), response.status);
    }
    return answer;
}

/** @param {string} query @param {number|null} time @param {AbortSignal} [signal] */
export function instant(query, time, signal) {
    return get("api/v1/query", time === null ? { query } : { query, time }, signal);
}

/** @param {string} query @param {number} start @param {number} end @param {number} step @param {AbortSignal} [signal] */
export function range(query, start, end, step, signal) {
    return get("api/v1/query_range", { query, start, end, step }, signal);
}

/** An instant vector as label sets and numbers; other results give nothing.
 * @param {any} data @returns {{labels: Record<string, string>, value: number}[]} */
export function vector(data) {
    if (data?.resultType !== "vector") return [];
    return data.result.filter((/** @type {any} */ item) => item.value)
        .map((/** @type {any} */ item) => ({ labels: item.metric, value: sampleValue(item.value[1]) }));
}
