export async function selfSignedPem(names: readonly string[]): Promise<string> {
  throw new Error(`not yet ${names.length}`);
}
