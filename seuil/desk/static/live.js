// Live news of the desk: server-sent events, and a slow polling floor beneath them.
const FLOOR = 30_000;

// Calls `changed` with each event ({kind, reference, version}), and with null from time to time.
export function listen(changed) {
  setInterval(() => document.hidden || changed(null), FLOOR);
  document.addEventListener("visibilitychange", () => document.hidden || changed(null));
  if (!window.EventSource) return;
  const source = new EventSource("/api/cases/events");
  // What happened while the page loaded, or while the stream was cut, sent no event here.
  source.addEventListener("open", () => changed(null));
  source.addEventListener("case", (event) => changed(JSON.parse(event.data)));
}

// The same page as the server has it now, or null (network cut, session ended).
export async function freshPage() {
  try {
    const page = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
    const answer = await fetch(page, { headers: { "Seuil-Background": "1" } });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}
