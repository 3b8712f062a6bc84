/** The first version, of both Terraform and OpenTofu, with write-only attributes. */
export const OLDEST_ENGINE = "1.11.0";
