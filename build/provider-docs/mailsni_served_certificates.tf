# The same value from each resource makes the engine read them first. It has to be a local value: a data source that names
# resources itself has to wait for the apply whenever one of them changes.
locals {
  mx1 = one(toset([
    mailsni_host_files.base.host,
    mailsni_host_files.example_org.host,
  ]))
}

data "mailsni_served_certificates" "mx1" {
  host = local.mx1
}

# A check warns; it fails neither plans nor applies.
check "mx1_serves_its_certificates" {
  assert {
    condition     = data.mailsni_served_certificates.mx1.mismatch_count == 0
    error_message = join("\n", data.mailsni_served_certificates.mx1.mismatches[*].message)
  }
  assert {
    condition     = data.mailsni_served_certificates.mx1.status != "unreachable"
    error_message = "mx1 was not asked: ${coalesce(data.mailsni_served_certificates.mx1.reason, "-")}"
  }
}
