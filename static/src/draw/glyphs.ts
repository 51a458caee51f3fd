/** The signs that ring and space-time diagram share: message shapes, plus and minus, bursts, arrow heads. */

import type { MessageChannels } from "../model/channels.ts";
import type { MessageShape } from "../model/types.ts";
import type { Theme } from "./theme.ts";

export interface Glyph {
  x: number;
  y: number;
  /** Half its width. */
  size: number;
  shape: MessageShape;
  fill: string;
  stroke: string;
}

export interface GlyphStyle {
  faint: boolean;
  /** Of the way, in radians: triangles point along it. */
  angle: number;
  /** It does not move: held, or at a paused host. */
  waiting: boolean;
  /** A duplicate has a second outline. */
  copy: boolean;
}

export function trace(pen: CanvasRenderingContext2D, shape: MessageShape, x: number, y: number, size: number, angle: number): void {
  pen.beginPath();
  switch (shape) {
    case "circle":
      pen.arc(x, y, size, 0, 2 * Math.PI);
      break;
    case "square": {
      const s = size * 0.88;
      pen.rect(x - s, y - s, s * 2, s * 2);
      break;
    }
    case "diamond": {
      const s = size * 1.22;
      pen.moveTo(x, y - s);
      pen.lineTo(x + s, y);
      pen.lineTo(x, y + s);
      pen.lineTo(x - s, y);
      pen.closePath();
      break;
    }
    case "triangle": {
      const s = size * 1.3;
      for (const turn of [0, 2.25, -2.25]) pen.lineTo(x + s * Math.cos(angle + turn), y + s * Math.sin(angle + turn));
      pen.closePath();
      break;
    }
  }
}

export function glyph(pen: CanvasRenderingContext2D, at: Glyph, channels: MessageChannels, colours: Theme, style: GlyphStyle): void {
  const { x, y, size } = at;
  pen.globalAlpha = style.faint ? 0.62 : 1;
  if (style.copy) {
    trace(pen, at.shape, x, y, size + 4, style.angle);
    pen.strokeStyle = at.stroke;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
  trace(pen, at.shape, x, y, size, style.angle);
  pen.fillStyle = at.fill;
  pen.strokeStyle = at.stroke;
  pen.lineWidth = style.faint ? 2 : 3.2;
  if (style.waiting) pen.setLineDash([3, 2.5]);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
  if (channels.reply !== null) sign(pen, x, y, size * 0.55, channels.reply, channels.hue === null ? colours.ink : colours.termInk);
  pen.globalAlpha = 1;
}

function sign(pen: CanvasRenderingContext2D, x: number, y: number, half: number, plus: boolean, colour: string): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 2.8;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(x - half, y);
  pen.lineTo(x + half, y);
  if (plus) {
    pen.moveTo(x, y - half);
    pen.lineTo(x, y + half);
  }
  pen.stroke();
  pen.lineCap = "butt";
}

/** A message bursts; `age` 0..1. Rays and a cross, so that it is not told by colour alone. */
export function burst(pen: CanvasRenderingContext2D, x: number, y: number, size: number, age: number, colour: string, tone: string): void {
  if (age > 1) return;
  const grown = size * (0.7 + 1.1 * Math.sqrt(age));
  pen.globalAlpha = 1 - age * age;
  pen.strokeStyle = colour;
  pen.lineWidth = 2.6;
  pen.beginPath();
  for (let i = 0; i < 8; i++) {
    const angle = (Math.PI / 4) * i + Math.PI / 8;
    pen.moveTo(x + Math.cos(angle) * grown * 0.62, y + Math.sin(angle) * grown * 0.62);
    pen.lineTo(x + Math.cos(angle) * grown, y + Math.sin(angle) * grown);
  }
  pen.stroke();
  cross(pen, x, y, size * 0.36, tone, 3);
  pen.globalAlpha = 1;
}

export function cross(pen: CanvasRenderingContext2D, x: number, y: number, half: number, colour: string, width: number): void {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(x - half, y - half);
  pen.lineTo(x + half, y + half);
  pen.moveTo(x + half, y - half);
  pen.lineTo(x - half, y + half);
  pen.stroke();
}

export function arrowHead(pen: CanvasRenderingContext2D, x: number, y: number, angle: number, size: number): void {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - size * Math.cos(angle - 0.42), y - size * Math.sin(angle - 0.42));
  pen.lineTo(x - size * Math.cos(angle + 0.42), y - size * Math.sin(angle + 0.42));
  pen.closePath();
  pen.fill();
}
