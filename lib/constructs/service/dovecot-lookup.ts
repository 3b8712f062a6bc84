import type { LocalNameBlock } from "../../shared/dovecot/local-name-block";
import { type ChosenBlock, LocalNameBlocks } from "../../shared/dovecot/local-name-blocks";
import type { DovecotDialect } from "./dovecot-dialect";
import type { DovecotFiles } from "./dovecot-files";
import { Lookup, type ServedCertificate, type ServedCertificates } from "./served-certificate";

/**
 * Finds the block that a version of Dovecot selects for a name, among the blocks of this library and the
 * others.
 */
export class DovecotLookup {
  private readonly others: LocalNameBlocks;

  /** @param others the blocks that this library does not write */
  constructor(
    private readonly dialect: DovecotDialect,
    private readonly files: DovecotFiles,
    others: readonly LocalNameBlock[],
  ) {
    this.others = new LocalNameBlocks(dialect.blocks, others);
  }

  lookup(name: string, certificates: ServedCertificates): Lookup {
    const { version, refusedNames } = this.dialect;
    if (refusedNames?.test(name))
      return Lookup.refusal(`Dovecot ${version} answers what cannot be a host name with alert 112`);
    const folded = name.toLowerCase();
    const declared = certificates.declaredFor(folded);
    const ours = folded.startsWith("*") ? undefined : declared;
    const other = this.others.isEmpty
      ? undefined
      : this.others.chosen(folded, ours && this.blockOf(folded, ours));
    if (other !== undefined)
      return this.otherLookup(other, declared ?? this.declaredWith(other, certificates));
    if (ours === undefined) return Lookup.byDefault(this.reason(name));
    return Lookup.found(ours, `local_name ${folded} in ${this.files.snippetOf(ours.name)}`);
  }

  private blockOf(name: string, { names }: ServedCertificate): readonly string[] {
    return this.dialect.blockOf(name, exactNames(names));
  }

  private otherLookup(
    { names, certificate, reason }: ChosenBlock,
    declared: ServedCertificate | undefined,
  ): Lookup {
    const entry = `local_name ${names.length === 1 ? names[0] : `"${names.join(" ")}"`}`;
    const isDeclared = declared !== undefined && certificate === this.files.pemOf(declared.name);
    return isDeclared
      ? Lookup.found(declared, `${entry}, which is unmanaged`)
      : Lookup.other(certificate, entry, reason);
  }

  /** The declared certificate whose PEM a block names. */
  private declaredWith(block: ChosenBlock, certificates: ServedCertificates): ServedCertificate | undefined {
    // Few blocks name such a PEM: for the others the certificates, of which there may be thousands, are not gone through.
    if (!block.certificate.startsWith(`${this.files.home}/`)) return undefined;
    return certificates.all.find(({ name }) => this.files.pemOf(name) === block.certificate);
  }

  private reason(name: string): string {
    return name.endsWith(".")
      ? "Dovecot takes a trailing dot for a part of the name"
      : `no local_name block in ${this.files.snippets} has ${name}`;
  }
}

/** The names of a certificate that Dovecot has entries for: all but wildcards. */
export function exactNames(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith("*"));
}
