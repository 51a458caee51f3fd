/** The menu is in the window and beside what it is about, wherever on the ring that stands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { menuPlace, sheetPlace } from "../../../static/src/model/menuplace.ts";

const MENU = { width: 260, height: 420 };
const node = (x: number, y: number) => ({ left: x - 55, top: y - 55, right: x + 55, bottom: y + 75 });

test("a menu covers no part of its node, and stays in the window, at every place of the window", () => {
  for (const window of [{ width: 1366, height: 768 }, { width: 1024, height: 768 }, { width: 800, height: 460 }, { width: 730, height: 330 }]) {
    for (let x = 60; x <= window.width - 60; x += 40) {
      for (let y = 60; y <= window.height - 80; y += 40) {
        const about = node(x, y);
        const { left, top, height } = menuPlace(MENU, { x, y }, about, window);
        const label = `${x},${y} in ${window.width}x${window.height}`;
        assert.ok(left >= 0 && top >= 0 && left + MENU.width <= window.width && top + height <= window.height, `${label}: in the window`);
        assert.ok(height <= MENU.height && height >= 120, `${label}: ${height} high`);
        assert.ok(left >= about.right || left + MENU.width <= about.left || top >= about.bottom || top + height <= about.top, `${label}: beside the node`);
      }
    }
  }
});

test("a menu that covers nothing opens where it was asked for", () => {
  assert.deepEqual(menuPlace(MENU, { x: 700, y: 100 }, node(300, 300), { width: 1366, height: 768 }), { left: 700, top: 100, height: 420 });
  assert.deepEqual(menuPlace(MENU, { x: 1300, y: 700 }, null, { width: 1366, height: 768 }), { left: 1098, top: 340, height: 420 });
});

test("a sheet goes to the top where it would cover its node at the bottom, and is lower where neither has room", () => {
  const phone = { width: 390, height: 844 };
  assert.deepEqual(sheetPlace(420, node(195, 200), phone), { side: "bottom", height: 420 });
  assert.deepEqual(sheetPlace(420, node(195, 600), phone), { side: "top", height: 420 });
  assert.deepEqual(sheetPlace(600, node(195, 400), phone), { side: "bottom", height: 353 });
  assert.deepEqual(sheetPlace(420, node(195, -400), phone), { side: "bottom", height: 420 }, "what is scrolled away is not covered");
});
