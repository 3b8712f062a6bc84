# One for each state. Set `state_id = mailsni_state_identity.this.id` in each mailsni_host_files, and
# `depends_on = [mailsni_state_identity.this]` in each CA and ACME account.
resource "mailsni_state_identity" "this" {}
