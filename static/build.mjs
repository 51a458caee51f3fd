// Bundles the page: src/ -> dist/.
//
//   node build.mjs                         once, minified
//   node build.mjs --watch                 again after every change, readable
//   node build.mjs --tests FROM TO         FROM/**/*.test.ts(x) -> TO, for `node --test`
//   node build.mjs --plain TO              every source by itself as JavaScript, for `make translations`
//
// Every name in dist/ ends in a hash of its content, so a browser may keep a file for ever. dist/manifest.json maps the
// plain name to the hashed one ("room.js": "room-4XK2QJ7A.js"); `server.paths.asset` reads it.
//
// Entry points: src/<page>.ts(x) for each page in PAGES; src/css/app.css, or where there is none every file of src/css in
// the order of ORDER and then by name, as one style sheet; everything in src/assets as it is.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, "src");
const dist = join(here, "dist");

const PAGES = ["room", "gallery"];
const ORDER = ["tokens.css", "base.css", "stage.css", "panels.css"];

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome110", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  logLevel: "warning",
};

/** The files below a folder whose names pass `wanted`, sorted, so that a build does not depend on the disk's order. */
function filesBelow(folder, wanted) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => wanted(name) && statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => join(folder, name));
}

function pageEntries() {
  const entries = [];
  for (const page of PAGES) {
    const found = [`${page}.ts`, `${page}.tsx`].map((name) => join(src, name)).find((path) => existsSync(path));
    if (found) entries.push({ in: found, out: page });
  }
  return entries;
}

/** "app.css" of the page, made up of the sheets in src/css when nobody wrote one. */
function styleSheet() {
  const folder = join(src, "css");
  const rank = (path) => (ORDER.includes(basename(path)) ? ORDER.indexOf(basename(path)) : ORDER.length);
  return {
    name: "style-sheet",
    setup(build) {
      build.onResolve({ filter: /^page:styles$/ }, () => ({ path: "app.css", namespace: "page" }));
      build.onLoad({ filter: /.*/, namespace: "page" }, () => {
        const sheets = filesBelow(folder, (name) => name.endsWith(".css")).sort((a, b) => rank(a) - rank(b));
        const contents = sheets.map((path) => `@import "./${relative(folder, path).split(sep).join("/")}";`).join("\n");
        return { contents, loader: "css", resolveDir: folder, watchDirs: [folder], watchFiles: sheets };
      });
    },
  };
}

function entryPoints() {
  const entries = pageEntries();
  const sheets = filesBelow(join(src, "css"), (name) => name.endsWith(".css"));
  if (sheets.length > 0) {
    const app = join(src, "css", "app.css");
    entries.push({ in: existsSync(app) ? app : "page:styles", out: "app" });
  }
  return entries;
}

/** Plain name -> hashed name, from what esbuild says that it wrote. */
function manifestOf(outputs) {
  const manifest = {};
  for (const [path, output] of Object.entries(outputs)) {
    const name = relative(dist, resolve(here, path)).split(sep).join("/");
    if (name.endsWith(".map") || name.startsWith("part-") || !output.entryPoint) continue;
    manifest[name.replace(/-[A-Z0-9]{8}(\.[a-z0-9]+)$/, "$1")] = name;
  }
  return Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes the manifest last and in one step, and only then removes what no longer belongs to the page. */
function publish() {
  const loaders = { ".svg": "copy", ".png": "copy", ".ico": "copy", ".webp": "copy", ".woff2": "copy", ".webmanifest": "copy" };
  let own = {};
  const plugin = {
    name: "manifest",
    setup(build) {
      build.onEnd((result) => {
        if (result.errors.length > 0 || !result.metafile) return;
        own = result.metafile.outputs;
        const manifest = manifestOf(own);
        mkdirSync(dist, { recursive: true });
        writeFileSync(join(dist, "manifest.json.new"), `${JSON.stringify(manifest, null, 2)}\n`);
        renameSync(join(dist, "manifest.json.new"), join(dist, "manifest.json"));
        const kept = new Set(Object.keys(own).map((path) => resolve(here, path)));
        kept.add(join(dist, "manifest.json"));
        for (const path of filesBelow(dist, () => true)) if (!kept.has(path)) rmSync(path);
      });
    },
  };
  return { loaders, plugin };
}

async function buildPage(watch) {
  const entries = entryPoints();
  if (entries.length === 0) throw new Error(`nothing to build: ${src} has no page`);
  const assets = filesBelow(join(src, "assets"), () => true);
  entries.push(...assets.map((path) => ({ in: path, out: basename(path).replace(/\.[^.]+$/, "") })));
  const { loaders, plugin } = publish();
  const context = await esbuild.context({
    ...common,
    entryPoints: entries,
    outdir: dist,
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    splitting: true,
    minify: !watch,
    sourcemap: "linked",
    legalComments: "linked",
    metafile: true,
    loader: loaders,
    plugins: [styleSheet(), plugin],
    define: { "process.env.NODE_ENV": watch ? '"development"' : '"production"' },
  });
  if (watch) {
    await context.watch();
    console.log("Watching src/ (Ctrl-C ends it)");
    return;
  }
  // Without `dispose` esbuild's own process, and so this one, would stay.
  const { metafile } = await context.rebuild().finally(() => context.dispose());
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (/\.(js|css)$/.test(path)) console.log(`${relative(here, resolve(here, path))}  ${(output.bytes / 1000).toFixed(1)} kB`);
  }
}

/** Bundles every test by itself, with readable names, so that a failure points at a line of the source. */
async function buildTests(from, to) {
  const tests = filesBelow(resolve(from), (name) => /\.test\.tsx?$/.test(name));
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  await esbuild.build({
    ...common,
    entryPoints: tests,
    outbase: resolve(from),
    outdir: resolve(to),
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node20",
    nodePaths: [join(here, "node_modules")],
    sourcemap: "inline",
    define: { "process.env.NODE_ENV": '"development"' },
  });
}

/** The page's own files as plain JavaScript, one by one, with the names and the strings that they have. */
async function plain(to) {
  const files = filesBelow(src, (name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"));
  const { bundle, ...options } = common;
  await esbuild.build({ ...options, entryPoints: files, outbase: src, outdir: resolve(to), target: "es2022" });
}

const [mode, ...rest] = process.argv.slice(2);
try {
  if (mode === "--tests") {
    if (rest.length !== 2) throw new Error("--tests takes two folders: where the tests are, and where to put them");
    await buildTests(rest[0], rest[1]);
  } else if (mode === "--plain") {
    if (rest.length !== 1) throw new Error("--plain takes the folder to write to");
    await plain(rest[0]);
  } else if (mode === undefined || mode === "--watch") {
    await buildPage(mode === "--watch");
  } else {
    throw new Error(`unknown argument ${mode}`);
  }
} catch (error) {
  // esbuild has told its own errors already.
  if (!error.errors) console.error(`build.mjs: ${error.message}`);
  process.exitCode = 1;
}
