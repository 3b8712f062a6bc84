/** A new name: a symbolic link with a target, or another name for a staged file. */
export interface NewName {
  /** Relative to where the archive is unpacked, as is `of`. */
  readonly path: string;
  readonly link:
    | { readonly kind: "symbolic"; readonly target: string }
    | { readonly kind: "hard"; readonly of: string };
}

/**
 * A tar archive (POSIX.1-1988, ustar) that contains only links, so that one process on a host makes them all.
 * Each appears whole, by one system call, and none replaces an existing name.
 */
export function linkArchive(names: readonly NewName[]): Buffer {
  return Buffer.concat([...names.map(header), END]);
}

/** Whether the name fits the format. */
export function fitsArchive({ path, link }: NewName): boolean {
  return fits(path) && fits(link.kind === "hard" ? link.of : link.target);
}

const BLOCK_BYTES = 512;
const END = Buffer.alloc(2 * BLOCK_BYTES);
const MOST_NAME_BYTES = 100;

function fits(name: string): boolean {
  return Buffer.byteLength(name) <= MOST_NAME_BYTES;
}

/** The offsets of fields. */
const OFFSET = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  time: 136,
  sum: 148,
  type: 156,
  of: 157,
  magic: 257,
};

function header({ path, link }: NewName): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(path, OFFSET.name);
  block.write("0000777\0", OFFSET.mode);
  block.write("0000000\0", OFFSET.uid);
  block.write("0000000\0", OFFSET.gid);
  block.write("00000000000\0", OFFSET.size);
  block.write("00000000000\0", OFFSET.time);
  block.write(link.kind === "hard" ? "1" : "2", OFFSET.type);
  block.write(link.kind === "hard" ? link.of : link.target, OFFSET.of);
  block.write("ustar\x0000", OFFSET.magic);
  // The checksum is computed over the block with blanks in its own field.
  block.fill(" ", OFFSET.sum, OFFSET.type);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, OFFSET.sum);
  return block;
}
