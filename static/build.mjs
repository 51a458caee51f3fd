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
// Entry points: src/<page>.ts(x) for each page in PAGES; the style sheets of SHEETS, made up of files of src/css;
// everything in src/assets as it is.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, "src");
const dist = join(here, "dist");

const PAGES = ["room", "side", "compare", "explore", "handout", "gallery", "link", "embed", "recordings"];
const PICTURES = [".svg", ".png", ".ico", ".webp", ".woff2", ".webmanifest"];

// A room's first picture needs `room`; `late` comes with what is drawn after it (src/ui/lazy.tsx).
const SHEETS = {
  app: ["tokens", "base", "forms", "gallery", "poster"],
  room: ["tokens", "base", "stage", "panels", "setup"],
  late: ["forms", "logs", "details", "branches", "print"],
  side: ["side"],
  embed: ["embed", "poster"],
  compare: ["compare"],
  explore: ["explore"],
  handout: ["tokens", "handout"],
  recordings: ["recordings"],
};

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

/** The sheets of SHEETS, each as if somebody had written it: imports of its parts, in their order. */
function styleSheets() {
  const folder = join(src, "css");
  return {
    name: "style-sheets",
    setup(build) {
      build.onResolve({ filter: /^page:styles-/ }, ({ path }) => ({ path: path.slice("page:styles-".length), namespace: "page" }));
      build.onLoad({ filter: /.*/, namespace: "page" }, ({ path }) => {
        const parts = SHEETS[path].map((part) => join(folder, `${part}.css`));
        const contents = SHEETS[path].map((part) => `@import "./${part}.css";`).join("\n");
        return { contents, loader: "css", resolveDir: folder, watchFiles: parts };
      });
    },
  };
}

function otherEntries() {
  const sheets = Object.keys(SHEETS).map((sheet) => ({ in: `page:styles-${sheet}`, out: sheet }));
  const assets = filesBelow(join(src, "assets"), () => true);
  return [...sheets, ...assets.map((path) => ({ in: path, out: basename(path).replace(/\.[^.]+$/, "") }))];
}

/** The server speaks WebSocket and nothing else, so that the client's other transports would never be called. */
function webSocketAlone() {
  return {
    name: "websocket-alone",
    setup(build) {
      const others = /engine\.io-client[\\/]build[\\/]esm[\\/]transports[\\/](?:polling[^\\/]*|webtransport)\.js$/;
      const contents = "export const XHR = undefined, Fetch = undefined, WT = undefined;";
      build.onLoad({ filter: others }, () => ({ contents, loader: "js" }));
    },
  };
}

/** The parts of what the page `plain` fetches later ("room.soon.0.js"), which it brings before it imports them (src/ui/bringing.ts). */
function lateParts(plain, own, outputs) {
  const late = {};
  for (const { path } of own.flatMap((path) => outputs[path].imports).filter(({ kind }) => kind === "dynamic-import")) {
    const { entryPoint, imports } = outputs[path];
    const parts = [path, ...imports.filter(({ kind, path: part }) => kind === "import-statement" && !own.includes(part)).map(({ path: part }) => part)];
    parts.forEach((part, index) => (late[plain.replace(/js$/, `${basename(entryPoint).replace(/\.tsx?$/, "")}.${index}.js`)] = part));
  }
  return late;
}

/** Plain name -> hashed name, from what esbuild says that it wrote; the room's own part is "part.js". */
function manifestOf(outputs) {
  const nameOf = (path) => relative(dist, resolve(here, path)).split(sep).join("/");
  const manifest = {};
  for (const [path, output] of Object.entries(outputs)) {
    const name = nameOf(path);
    if (name.endsWith(".map") || name.startsWith("part-") || !output.entryPoint) continue;
    const plain = name.replace(/-[A-Z0-9]{8}(\.[a-z0-9]+)$/, "$1");
    manifest[plain] = name;
    const parts = output.imports.filter(({ kind }) => kind === "import-statement");
    if (parts.length > 1) throw new Error(`${plain} is in ${parts.length} parts: src/ui/soon.ts and later.ts have to import what it does`);
    for (const [part, file] of Object.entries(lateParts(plain, [path, ...parts.map((each) => each.path)], outputs))) manifest[part] = nameOf(file);
    // Only a room asks for its part beforehand.
    for (const part of plain === "room.js" ? parts : []) manifest["part.js"] = nameOf(part.path);
  }
  return Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes the manifest last and in one step, and only then removes what no longer belongs to the page. */
function publish(outputs) {
  const manifest = manifestOf(outputs);
  writeFileSync(join(dist, "manifest.json.new"), `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(join(dist, "manifest.json.new"), join(dist, "manifest.json"));
  const kept = new Set(Object.keys(outputs).map((path) => resolve(here, path)));
  kept.add(join(dist, "manifest.json"));
  for (const path of filesBelow(dist, () => true)) if (!kept.has(path)) rmSync(path);
}

/** One build for each script, which shares nothing with another, and one for sheets and pictures; published together. */
async function buildPage(watch) {
  const scripts = pageEntries();
  if (scripts.length === 0) throw new Error(`nothing to build: ${src} has no page`);
  const builds = [...scripts.map((script) => [script]), otherEntries()];
  const loader = Object.fromEntries(PICTURES.map((ending) => [ending, "copy"]));
  const written = new Map();
  const contexts = await Promise.all(builds.map((entryPoints, index) => {
    const publishing = {
      name: "publishing",
      setup(build) {
        build.onEnd(({ errors, metafile }) => {
          if (errors.length > 0 || !metafile) return;
          written.set(index, metafile.outputs);
          if (written.size === builds.length) publish(Object.assign({}, ...written.values()));
        });
      },
    };
    return esbuild.context({
      ...common,
      entryPoints,
      outdir: dist,
      entryNames: "[name]-[hash]",
      chunkNames: "part-[hash]",
      assetNames: "[name]-[hash]",
      splitting: true,
      minify: !watch,
      sourcemap: "linked",
      legalComments: "linked",
      metafile: true,
      loader,
      plugins: [styleSheets(), webSocketAlone(), publishing],
      define: { "process.env.NODE_ENV": watch ? '"development"' : '"production"' },
    });
  }));
  if (watch) {
    await Promise.all(contexts.map((context) => context.watch()));
    console.log("Watching src/ (Ctrl-C ends it)");
    return;
  }
  // Without `dispose` esbuild's own process, and so this one, would stay.
  await Promise.all(contexts.map((context) => context.rebuild())).finally(() => Promise.all(contexts.map((context) => context.dispose())));
  for (const [path, { bytes }] of [...written.values()].flatMap((outputs) => Object.entries(outputs))) {
    if (/\.(js|css)$/.test(path)) console.log(`${relative(here, resolve(here, path))}  ${(bytes / 1000).toFixed(1)} kB`);
  }
}

/** Node loads this package as it is: what it needs of Node's own cannot be bundled into a module. */
function besideTests(name, file) {
  return {
    name: "beside-tests",
    setup(build) {
      const path = pathToFileURL(join(here, "node_modules", name, file)).href;
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path, external: true }));
    },
  };
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
    plugins: [besideTests("socket.io-client", "build/esm/index.js")],
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
