// Opens every report in a folder and looks for what must not be: requests, scripts, violations of accessibility, overflow.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [folder, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
const wrong = [];
const pages = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
for (const name of pages) {
  const page = await browser.newPage({ viewport: { width: 800, height: 1120 } });
  const say = (what) => wrong.push(`${name}: ${what}`);
  page.on("request", (it) => it.url().endsWith(name) || say(`asked for ${it.url()}`));
  page.on("dialog", (it) => { say(`a script ran: ${it.message()}`); it.dismiss(); });
  page.on("console", (it) => say(`console: ${it.text()}`));
  await page.goto(`file://${join(folder, name)}`);
  if (await page.locator("script, iframe, object, embed, link, img, base, form").count()) say("an element that it must not have");
  for (const width of [800, 360]) {
    await page.setViewportSize({ width, height: 1120 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0 && width === 800) say(`${over} pixels wider than a window of ${width}`);
  }
  await page.setViewportSize({ width: 800, height: 1120 });
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const it of found.violations) say(`${it.id}: ${it.help} (${it.nodes.length}, ${it.nodes[0].target})`);
  if (pictures && /^(emergency\.(en|ar|zh|vi)|damaged\.en)\./.test(name)) {
    await page.screenshot({ path: join(pictures, name.replace("html", "jpg")), type: "jpeg", quality: 55 });
  }
  await page.close();
}
await browser.close();
for (const line of wrong) console.error(`error: ${line}`);
console.log(`${pages.length} pages looked at, ${wrong.length} findings`);
process.exit(wrong.length || pages.length !== 28 ? 1 : 0);
