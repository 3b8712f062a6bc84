# One for each state. Each mailsni_host_files has `state_id = mailsni_state_identity.this.id`, and what issues certificates,
# a CA or an account, has `depends_on = [mailsni_state_identity.this]`.
resource "mailsni_state_identity" "this" {}
