/**
 * The messages of `tfplugin6.proto` as protobufjs decodes them: with the names of the definition, and every
 * field present with its zero value, except messages, which are null if absent. Messages to be sent may omit
 * fields.
 */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

export interface RawState {
  readonly json?: Uint8Array;
  readonly flatmap?: Readonly<Record<string, string>>;
}

export const Severity = { ERROR: 1, WARNING: 2 } as const;

export interface DiagnosticMessage {
  readonly severity: number;
  readonly summary: string;
  readonly detail: string;
  readonly attribute?: AttributePathMessage;
}

export interface AttributePathMessage {
  readonly steps: readonly AttributePathStep[];
}

export type AttributePathStep =
  | { readonly attribute_name: string }
  | { readonly element_key_string: string }
  | { readonly element_key_int: number };

export const StringKind = { PLAIN: 0, MARKDOWN: 1 } as const;
export const NestingMode = { SINGLE: 1, LIST: 2, MAP: 4 } as const;

export interface SchemaMessage {
  readonly version: number;
  readonly block: {
    readonly attributes: readonly AttributeMessage[];
    readonly description?: string;
    readonly description_kind?: number;
  };
}

export interface AttributeMessage {
  readonly name: string;
  /** JSON. */
  readonly type?: Uint8Array;
  readonly nested_type?: { readonly attributes: readonly AttributeMessage[]; readonly nesting: number };
  readonly description: string;
  readonly description_kind: number;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly sensitive: boolean;
  readonly write_only: boolean;
}

export interface IdentitySchemaMessage {
  readonly version: number;
  readonly identity_attributes: readonly {
    readonly name: string;
    /** JSON. */
    readonly type: Uint8Array;
    readonly required_for_import: boolean;
    readonly optional_for_import: boolean;
    readonly description: string;
  }[];
}

export interface IdentityData {
  readonly identity_data?: DynamicValue | null;
}

interface Diagnosed {
  readonly diagnostics: readonly DiagnosticMessage[];
}

interface ClientCapable {
  readonly client_capabilities?: { readonly write_only_attributes_allowed?: boolean } | null;
}

type Value = DynamicValue | null | undefined;
type Empty = Record<string, never>;

/** The calls of the service `tfplugin6.Provider`: request and response of each. */
export interface Calls {
  GetProviderSchema: {
    request: Empty;
    response: Diagnosed & {
      readonly provider?: SchemaMessage;
      readonly resource_schemas?: Readonly<Record<string, SchemaMessage>>;
      readonly data_source_schemas?: Readonly<Record<string, SchemaMessage>>;
      readonly server_capabilities?: {
        readonly plan_destroy: boolean;
        readonly get_provider_schema_optional: boolean;
        readonly move_resource_state: boolean;
      };
    };
  };
  GetResourceIdentitySchemas: {
    request: Empty;
    response: Diagnosed & { readonly identity_schemas?: Readonly<Record<string, IdentitySchemaMessage>> };
  };
  UpgradeResourceIdentity: {
    request: {
      readonly type_name: string;
      readonly version: number;
      readonly raw_identity?: RawState | null;
    };
    response: Diagnosed & { readonly upgraded_identity?: IdentityData };
  };
  MoveResourceState: {
    request: {
      readonly source_provider_address: string;
      readonly source_type_name: string;
      readonly source_schema_version: number;
      readonly source_state?: RawState | null;
      readonly target_type_name: string;
    };
    response: Diagnosed & {
      readonly target_state?: DynamicValue;
      readonly target_private?: Uint8Array;
      readonly target_identity?: IdentityData;
    };
  };
  ValidateProviderConfig: { request: { readonly config?: Value }; response: Diagnosed };
  ValidateResourceConfig: {
    request: { readonly type_name: string; readonly config?: Value } & ClientCapable;
    response: Diagnosed;
  };
  ValidateDataResourceConfig: {
    request: { readonly type_name: string; readonly config?: Value };
    response: Diagnosed;
  };
  UpgradeResourceState: {
    request: { readonly type_name: string; readonly version: number; readonly raw_state?: RawState | null };
    response: Diagnosed & { readonly upgraded_state?: DynamicValue };
  };
  ConfigureProvider: {
    request: { readonly terraform_version: string; readonly config?: Value };
    response: Diagnosed;
  };
  ReadResource: {
    request: {
      readonly type_name: string;
      readonly current_state?: Value;
      readonly private?: Uint8Array;
      readonly current_identity?: IdentityData | null;
    };
    response: Diagnosed & {
      readonly new_state?: DynamicValue;
      readonly private?: Uint8Array;
      readonly new_identity?: IdentityData;
    };
  };
  PlanResourceChange: {
    request: {
      readonly type_name: string;
      readonly prior_state?: Value;
      readonly proposed_new_state?: Value;
      readonly config?: Value;
      readonly prior_private?: Uint8Array;
      readonly prior_identity?: IdentityData | null;
    };
    response: Diagnosed & {
      readonly planned_state?: DynamicValue;
      readonly requires_replace?: readonly AttributePathMessage[];
      readonly planned_private?: Uint8Array;
      readonly planned_identity?: IdentityData;
    };
  };
  ApplyResourceChange: {
    request: {
      readonly type_name: string;
      readonly prior_state?: Value;
      readonly planned_state?: Value;
      readonly config?: Value;
      readonly planned_private?: Uint8Array;
      readonly planned_identity?: IdentityData | null;
    };
    response: Diagnosed & {
      readonly new_state?: DynamicValue;
      readonly private?: Uint8Array;
      readonly new_identity?: IdentityData;
    };
  };
  ImportResourceState: {
    request: { readonly type_name: string; readonly id: string; readonly identity?: IdentityData | null };
    response: Diagnosed & {
      readonly imported_resources?: readonly {
        readonly type_name: string;
        readonly state: DynamicValue;
        readonly private?: Uint8Array;
        readonly identity?: IdentityData;
      }[];
    };
  };
  ReadDataSource: {
    request: { readonly type_name: string; readonly config?: Value };
    response: Diagnosed & { readonly state?: DynamicValue };
  };
  StopProvider: { request: Empty; response: { readonly Error: string } };
}
