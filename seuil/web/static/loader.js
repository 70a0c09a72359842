// What one script tag puts on a site: a button. The chat itself comes with the first click.
// Served as /widget.js after one line: const SEUIL = {module, css, panel, label, failed}.
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const host = document.createElement("seuil-widget");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; --rem: 16px; }
    .launcher { position: fixed; right: 16px; bottom: 16px; z-index: 2147483000; min-height: 48px;
      padding: 8px 20px; border: 2px solid #fff; border-radius: 24px; background: #1d5652; color: #fff;
      font: 600 16px/1.25 system-ui, sans-serif; cursor: pointer; box-shadow: 0 2px 12px rgb(0 0 0 / 25%); }
    .launcher:focus-visible { outline: 3px solid #23282a; outline-offset: 2px; box-shadow: 0 0 0 6px #f4c26b; }
    .launcher[aria-expanded="true"] { display: none; }
    @media print { .launcher { display: none; } }
  `);
  root.adoptedStyleSheets = [sheet];
  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.className = "launcher";
  launcher.lang = "fr";
  launcher.textContent = SEUIL.label;
  launcher.setAttribute("aria-expanded", "false");
  root.append(launcher);

  let panel = null;
  launcher.addEventListener("click", async () => {
    try {
      panel ??= import(origin + SEUIL.module).then((module) => module.build(root, origin, SEUIL, launcher));
      const built = await panel;
      if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
      built.open();
    } catch {
      // A site's policy or a cut network: the full page is always there.
      panel = null;
      location.assign(`${origin}/assistant`);
    }
  });
  const place = () => document.body.append(host);
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
})();
