import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import { dehydratedErrors, type MailSniError } from "../../shared/errors";
import type { HostBlock } from "../../shared/provider-block/blocks";
import { sha256 } from "../../shared/sha256";
import { logicalId } from "../bindings/addresses";
import { StackMoves } from "../bindings/stack-moves";
import { StackRemovals } from "../bindings/stack-removals";
import type { HostContent } from "../service/host-content";
import type { HostPart, IHostDelivery, IssuingOnHost } from "./host-delivery";
import { type HostFilesContent, hostFilesContent, unlessEmpty } from "./host-files";
import { HostFilesResource } from "./host-files-resource";
import { HostJobResource } from "./host-job-resource";
import { HostOrder } from "./host-order";
import type { HostResource } from "./host-resource";
import { partId } from "./part-id";
import { type RenewalSetup, renewalContent, renewalTexts } from "./renewal/renewal-content";
import { RenewalFiles } from "./renewal/renewal-files";
import { readRenewalProgram } from "./renewal/renewal-program";
import { RenewalRows } from "./renewal/renewal-rows";
import { RENEWAL_SERVICE, renewalCommands } from "./renewal/renewal-service";
import { serviceBlock } from "./service-block";

/** The host on which a renewal program runs. */
export interface RenewalHost {
  readonly host: Construct & { readonly name: string };
  readonly stateId: string;
  /** The host's name at the last deploy. */
  readonly renamedFrom: string;
  readonly stateDirectory: string;
  /** Whether other hosts wait for this one. */
  readonly canary: boolean;
}

/**
 * Declares what issues a host's certificates on the host itself: one `mailsni_host_files` with the program, its rules and its
 * timer, and one `mailsni_host_job` that runs it when they change. Keys and certificates are in neither.
 */
export class HostRenewal implements IHostDelivery {
  /** The program and what it reads. */
  public readonly files: HostFilesResource;
  /** The run after a change. */
  public readonly job: HostJobResource;
  private readonly paths: RenewalFiles;
  private readonly rows: RenewalRows;
  private readonly setup: RenewalSetup;

  /** @throws MailSniError `DEHYDRATED_FIELD`, `DEHYDRATED_VALUE`, `HOST_PROGRAM_NOT_BUILT`, `PATH_INVALID` */
  constructor(
    scope: Construct,
    private readonly place: RenewalHost,
    private readonly issuing: IssuingOnHost,
  ) {
    const { host, stateDirectory } = place;
    const { directory, workDirectory = `${stateDirectory}/dehydrated` } = issuing;
    this.paths = new RenewalFiles(directory, workDirectory);
    this.rows = new RenewalRows(this.paths);
    const program = readRenewalProgram(host.node.tryGetContext("mail-sni:host-directory"));
    if (issuing.services.some(({ name }) => name === RENEWAL_SERVICE))
      throw dehydratedErrors.serviceName(host.name);
    this.setup = { ...issuing, program, stateDirectory, host: host.name };
    // What the table cannot carry of the services is refused where the issuer is declared.
    this.texts();
    this.files = this.declareFiles(scope);
    this.job = this.declareJob(scope);
  }

  /**
   * Adds a part with a certificate. If another issuer has issued it so far, the state forgets that part's resource, and its files
   * are presented until the program replaces them.
   */
  public deliver(scope: Construct, part: HostPart, contents: ReadonlyMap<string, HostContent>): void {
    if (part.kind === "base") return;
    this.rows.add(part.kind, part.certificate, contents);
    const { host, renamedFrom, canary } = this.place;
    StackRemovals.of(scope).add(this.files.terraformResourceType, partId(part, renamedFrom));
    HostOrder.of(host).add(part, canary ? this.job : this.files, canary);
  }

  public issueOnHost(scope: Construct): never {
    throw this.twice(scope);
  }

  /** The error of a second issuer for the same host. */
  public twice(other: Construct): MailSniError {
    const path = this.files.node.scope?.node.path ?? "";
    return dehydratedErrors.twice(this.place.host.name, path, other.node.path);
  }

  /** A host's entry in the provider block, with the program as a service. */
  public blockWithService(block: HostBlock): HostBlock {
    const commands = renewalCommands(this.paths);
    const service = serviceBlock({ commands, endpoints: [] });
    return { ...block, services: { ...block.services, [RENEWAL_SERVICE]: service } };
  }

  private declareFiles(scope: Construct): HostFilesResource {
    const { host, stateId } = this.place;
    const content = (kind: keyof HostFilesContent) =>
      // An IResolvable, because rows are added later and cdktf would change the case of keys.
      Lazy.anyValue({ produce: () => unlessEmpty<unknown>(this.content()[kind]) }) as never;
    const resource = new HostFilesResource(scope, "files", {
      host: host.name,
      state_id: stateId,
      directories: content("directories"),
      files: content("files"),
      links: content("links"),
      claims_on_host: this.issuing.onDestroy,
    });
    return this.addressed(resource);
  }

  private declareJob(scope: Construct): HostJobResource {
    const resource = new HostJobResource(scope, "job", {
      host: this.place.host.name,
      command: [this.paths.program, "run"],
      trigger: Lazy.stringValue({ produce: () => sha256(JSON.stringify(this.texts())) }),
      result_file: this.paths.result,
      // An IResolvable, as above.
      certificates: Lazy.anyValue({ produce: () => unlessEmpty<unknown>(this.rows.presented) }) as never,
    });
    resource.dependOn(this.files);
    return this.addressed(resource);
  }

  private addressed<R extends HostResource>(resource: R): R {
    const { host, renamedFrom } = this.place;
    const id = logicalId.dehydrated(host.name);
    resource.overrideLogicalId(id);
    if (renamedFrom !== host.name)
      StackMoves.of(resource).add(resource.terraformResourceType, logicalId.dehydrated(renamedFrom), id);
    return resource;
  }

  private texts() {
    return renewalTexts(this.setup, this.rows, this.paths);
  }

  private content(): HostFilesContent {
    const content = renewalContent(this.setup, this.texts(), this.paths);
    return hostFilesContent(new Map([[RENEWAL_SERVICE, content]]));
  }
}
