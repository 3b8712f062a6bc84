import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const IMAGES = resolve(__dirname, "../../docs/images");

/**
 * Expects that the docs have a picture of a page as it is now, as far as its size tells. `npm run images` writes it.
 *
 * @param name of the file in `docs/images`
 */
export async function expectPicture(page: Page, name: string): Promise<void> {
  const file = resolve(IMAGES, name);
  const picture = await page.screenshot();
  if (process.env.MAIL_SNI_WRITE_IMAGES) writeFileSync(file, picture);
  const [of, kept] = [picture, readFileSync(file)].map(sizeOfPng);
  expect(kept).toEqual(of);
}

/** Of its header (https://www.w3.org/TR/png-3/#11IHDR). */
function sizeOfPng(png: Buffer): { readonly width: number; readonly height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
