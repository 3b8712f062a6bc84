import type { IResolvable, TerraformMetaArguments } from "cdktf";

/** The attributes of a resource in Terraform's spelling, of the configuration of its generated construct. */
export type TerraformAttributes<Config> = InTerraform<Omit<Config, keyof TerraformMetaArguments>>;

type InTerraform<T> = T extends IResolvable
  ? never
  : T extends object
    ? T extends readonly unknown[]
      ? T
      : { [Name in keyof T as SnakeCase<Name>]: InTerraform<T[Name]> }
    : T;

/** `on_destroy` of `onDestroy`. */
type SnakeCase<Name> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest> & string}`
  : Name;
