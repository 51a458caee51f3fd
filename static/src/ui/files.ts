/** Files for whoever looks at the page. */

const KEPT_MS = 10_000;

/** Has the browser keep `content` as a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** A picture that needs nothing but itself, and its size in pixels. */
export interface Picture {
  svg: string;
  width: number;
  height: number;
}

/** Of a picture: what browsers take for a canvas. */
const SIDE_MAX = 16_000;
const PIXELS_MAX = 100_000_000;

export const svgFile = ({ svg }: Picture): Blob => new Blob([svg], { type: "image/svg+xml" });

/** The same picture in pixels, twice as many as on the screen where that is not too much. */
export async function pngFile({ svg, width, height }: Picture): Promise<Blob> {
  const scale = Math.min(2, SIDE_MAX / width, SIDE_MAX / height, Math.sqrt(PIXELS_MAX / (width * height)));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png"));
}
